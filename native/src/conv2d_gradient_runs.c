/* conv2d_gradient_runs.c - the weight gradient of a convolution with few input channels, seen from the input: a pixel of it,
 * times the run of the output gradient that its window covers in a row, is the gradient of a whole row of the window, read
 * backwards. With a horizontal stride of 1 that run is memory without gaps, so that vectors are full with few channels on
 * both sides, and nothing is copied for each pixel.
 *
 * A slab is some rows of output of one image: its rows of the gradient are copied with zeros beside them, and what they see
 * of the image is laid out column by column, where the rows of a window lie side by side. The sums of a chunk are row of the
 * window x input channel by column, read backwards, x output channel. */
#include "conv2d_gradient.h"

#include "context.h"
#include "memory.h"
#include "platform.h"
#include "threads.h"

#include <stddef.h>
#include <string.h>

#define SLAB_BYTES (24 << 10) /* of rows of the gradient: half of a first-level cache */
#define MOST_SLAB_ROWS 64
#define MOST_CHUNKS 16
#define MOST_WIDTH 1024 /* of the input: rows are not cut */

static int64_t divide_up(int64_t value, int64_t divisor)
{
    return (value + divisor - 1) / divisor;
}

static int64_t aligned(int64_t elements)
{
    const int64_t line = CNN_ALIGNMENT / (int64_t)sizeof(float);
    return divide_up(elements, line) * line;
}

/* Elements of a copied row of the output gradient. */
static int64_t row_elements(const cnn_conv2d_plan *plan)
{
    return ((int64_t)plan->horizontal.input + plan->horizontal.window - 1) * plan->desc.output_channels;
}

/* Elements from a column of the image to the next. */
static int64_t column_step(const cnn_conv2d_plan *plan, const cnn_gradient_cut *cut)
{
    return cut->slab_rows * plan->desc.input_channels;
}

int cnn_conv2d_gradient_runs_fit(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    return plan->desc.groups == 1 && h->stride == 1 && (h->dilation == 1 || h->window == 1) &&
           (v->dilation == 1 || v->window == 1) && h->input <= MOST_WIDTH;
}

void cnn_conv2d_gradient_runs_cut(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t lanes = plan->kernels->lanes, bytes = sizeof(float);
    *cut = (cnn_gradient_cut){.form = CNN_GRADIENT_RUNS,
                              .vertical = *v,
                              .horizontal = *h,
                              .batch = plan->desc.batch,
                              .positions = plan->taps * plan->group_inputs};
    cut->run = h->window * (int64_t)plan->desc.output_channels;
    cut->lines = v->window * (int64_t)plan->desc.input_channels;
    cut->run_parts = divide_up(cut->run, plan->kernels->outer_columns);
    cut->output_parts = divide_up(cut->lines, plan->kernels->outer_rows);
    cut->items = cut->run_parts * cut->output_parts;
    int64_t rows = SLAB_BYTES / (row_elements(plan) * bytes);
    rows = rows < 1 ? 1 : rows > MOST_SLAB_ROWS ? MOST_SLAB_ROWS : rows;
    rows = divide_up(v->output, divide_up(v->output, rows));
    cut->slab_segments = rows;
    cut->slabs = cut->batch * divide_up(v->output, rows);
    cut->slab_rows = (rows - 1) * v->stride + v->window;
    cut->chunks = cut->slabs < MOST_CHUNKS ? cut->slabs : MOST_CHUNKS;
    cut->thread_bytes = (aligned(rows * row_elements(plan) + lanes) + aligned(h->input * column_step(plan, cut))) * bytes +
                        aligned(2 * rows * (int64_t)sizeof(float *) / bytes) * bytes;
}

/* What a thread works with. */
typedef struct slab {
    float *rows;    /* of the output gradient, with zeros beside them */
    float *columns; /* of the image: column x row x channel */
    const float **row_pointers;
    const float **column_pointers;
    int64_t count; /* rows of output */
} slab;

static slab open_slab(const cnn_gradient_work *work, int32_t thread)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t rows = work->cut.slab_segments, elements = aligned(rows * row_elements(plan) + plan->kernels->lanes);
    void *room = cnn_conv2d_gradient_room(work, thread);
    slab made = {.rows = room};
    made.columns = made.rows + elements;
    room = made.columns + aligned(plan->horizontal.input * column_step(plan, &work->cut));
    made.row_pointers = room;
    made.column_pointers = made.row_pointers + rows;
    memset(made.rows, 0, (size_t)elements * sizeof(float));
    return made;
}

/* Copies the rows y..y + count - 1 of the output gradient of an image; what lies beside them is zero already. */
static void copy_rows(const cnn_gradient_work *work, const slab *into, int64_t image, int64_t y)
{
    const cnn_axis *v = &work->plan->vertical, *h = &work->plan->horizontal;
    const int64_t channels = work->plan->desc.output_channels, beside = (int64_t)h->window - 1 - h->padding_before;
    const int64_t before = beside > 0 ? beside : 0, skipped = before - beside;
    const int64_t room = (int64_t)h->input + h->window - 1 - before, there = h->output - skipped;
    const int64_t copied = there < room ? there : room;
    const float *source = work->output_gradient + ((image * v->output + y) * h->output + skipped) * channels;
    for (int64_t i = 0; i < into->count; i++) {
        float *row = into->rows + i * row_elements(work->plan);
        into->row_pointers[i] = row;
        if (copied > 0)
            memcpy(row + before * channels, source + i * h->output * channels, (size_t)(copied * channels) * sizeof *row);
    }
}

/* Lays out the rows that the output rows y..y + count - 1 see, with zeros for those above and below the image. */
static void lay_out_columns(const cnn_gradient_work *work, const slab *into, int64_t image, int64_t y)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis *v = &plan->vertical;
    const int64_t channels = plan->desc.input_channels, width = plan->horizontal.input;
    const int64_t step = column_step(plan, &work->cut), top = y * v->stride - v->padding_before;
    const int64_t seen = (into->count - 1) * v->stride + v->window;
    const int64_t first = top < 0 ? (-top < seen ? -top : seen) : 0;
    const int64_t last = v->input - top < seen ? (v->input - top > first ? v->input - top : first) : seen;
    for (int64_t i = 0; i < into->count; i++)
        into->column_pointers[i] = into->columns + i * v->stride * channels;
    if (first > 0 || last < seen) memset(into->columns, 0, (size_t)(width * step) * sizeof(float));
    const float *source = work->input + (image * v->input + top + first) * width * channels;
    if (first == last) return;
    if (channels == 1) {
        plan->kernels->transpose(last - first, width, source, width, into->columns + first, step);
        return;
    }
    for (int64_t row = first; row < last; row++, source += width * channels)
        for (int64_t x = 0; x < width; x++)
            for (int64_t c = 0; c < channels; c++)
                into->columns[x * step + row * channels + c] = source[x * channels + c];
}

/* Adds what a slab gives to the items begin..end-1 of a chunk, or writes it when it is the first. */
static void add_items(const cnn_gradient_work *work, const slab *given, int64_t begin, int64_t end, int continued,
                      float *sums)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t rows = plan->kernels->outer_rows, columns = plan->kernels->outer_columns;
    cnn_outer outer = {.segments = given->count,
                       .count = plan->horizontal.input,
                       .rows = given->row_pointers,
                       .row_step = plan->desc.output_channels,
                       .gradients = given->column_pointers,
                       .gradient_step = column_step(plan, cut),
                       .sums_step = cut->run,
                       .continued = continued};
    for (int64_t item = begin; item < end; item++) {
        const int64_t line = item / cut->run_parts * rows, element = item % cut->run_parts * columns;
        const int64_t lines = cut->lines - line, elements = cut->run - element;
        outer.row_offset = element;
        outer.gradient_offset = line;
        outer.output_count = (int32_t)(lines < rows ? lines : rows);
        outer.element_count = (int32_t)(elements < columns ? elements : columns);
        outer.sums = sums + line * cut->run + element;
        plan->kernels->add_outer(&outer);
    }
}

/* Items are those of a chunk, chunk after chunk. */
static void sum_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_gradient_work *work = argument;
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t rows = work->plan->vertical.output, size = cut->slab_segments, of_image = divide_up(rows, size);
    void *shared = work->workspace;
    slab given = open_slab(work, thread);
    for (int64_t chunk = begin / cut->items; chunk * cut->items < end; chunk++) {
        float *sums = (float *)shared + chunk * cut->chunk_elements;
        const int64_t first = begin > chunk * cut->items ? begin - chunk * cut->items : 0;
        const int64_t last = end - chunk * cut->items < cut->items ? end - chunk * cut->items : cut->items;
        const int64_t from = cut->slabs * chunk / cut->chunks, to = cut->slabs * (chunk + 1) / cut->chunks;
        for (int64_t i = from; i < to; i++) {
            if (cnn_is_cancelled(work->context)) return;
            const int64_t image = i / of_image, y = i % of_image * size;
            given.count = rows - y < size ? rows - y : size;
            copy_rows(work, &given, image, y);
            if (first == 0) {
                const int64_t row = work->plan->horizontal.output;
                const float *gradient = work->output_gradient + (image * rows + y) * row * work->plan->desc.output_channels;
                cnn_conv2d_gradient_add_bias(work, chunk, gradient, given.count * row, i > from);
            }
            lay_out_columns(work, &given, image, y);
            add_items(work, &given, first, last, i > from, sums);
        }
    }
}

/* Adds the chunks, which are few elements, and puts them where the weights lie. */
static void place_sums(const cnn_gradient_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t inputs = plan->desc.input_channels, outputs = plan->desc.output_channels, across = plan->horizontal.window;
    void *shared = work->workspace;
    float *sums = shared;
    const uint64_t mode = cnn_begin_arithmetic();
    for (int64_t chunk = 1; chunk < cut->chunks; chunk++)
        plan->kernels->add(plan->weights_elements, sums, sums + chunk * cut->chunk_elements, sums);
    for (int64_t i = 0; i < plan->weights_elements; i++) {
        const int64_t output = i / (plan->taps * inputs), tap = i / inputs % plan->taps,
                      line = tap / across * inputs + i % inputs;
        const float sum = sums[line * cut->run + (across - 1 - tap % across) * outputs + output];
        work->weights_gradient[i] = work->accumulate ? work->weights_gradient[i] + sum : sum;
    }
    cnn_end_arithmetic(mode, NULL);
}

cnn_status cnn_conv2d_gradient_runs(const cnn_gradient_work *work)
{
    const int64_t items = work->cut.items * work->cut.chunks;
    const cnn_status status =
        cnn_parallel_whole(work->context, items, work->plan->multiply_accumulates / items, sum_items, work);
    if (status == CNN_OK) place_sums(work);
    return status;
}
