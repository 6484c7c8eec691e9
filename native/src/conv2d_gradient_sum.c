/* conv2d_gradient_sum.c - the sums over pixels. Each thread computes some of the sums and goes through the pixels slab by
 * slab: a slab's rows of input are laid out with their padding once, and all tiles of sums read them from the cache. */
#include "conv2d_gradient.h"

#include "context.h"
#include "memory.h"
#include "threads.h"

#include <string.h>

#define LARGEST_TILE_ROWS 16 /* of any instruction set */

/* A slab as the kernel wants it. */
typedef struct slab {
    int64_t segments;
    int64_t count;         /* pixels of each segment */
    const float **bases;   /* row of the window x segment: where the first window of a segment begins in that row */
    const float **columns; /* segment: output gradient */
} slab;

/* What a thread has for itself. */
typedef struct thread_room {
    float *rows;  /* of input with padding */
    float *zeros; /* a row of the window that lies in the padding */
    const float **bases;
    const float **columns;
} thread_room;

static int64_t round_up(int64_t value, int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

static char *thread_workspace(const cnn_gradient_work *work, int32_t thread)
{
    return work->workspace + work->cut.shared_bytes + thread * work->cut.thread_bytes;
}

static thread_room room_of(const cnn_gradient_work *work, int32_t thread)
{
    const cnn_gradient_cut *cut = &work->cut;
    const cnn_axis *h = &work->plan->horizontal;
    const int64_t channels = work->plan->desc.input_channels, bytes = (int64_t)sizeof(float);
    const int64_t width = (int64_t)(h->output - 1) * h->stride + (int64_t)(h->window - 1) * h->dilation + 1;
    char *start = thread_workspace(work, thread);
    void *rows = start, *zeros = start += round_up(cut->slab_rows * cut->padded_width * channels * bytes, CNN_ALIGNMENT);
    void *bases = start + round_up(width * channels * bytes, CNN_ALIGNMENT);
    memset(zeros, 0, (size_t)(width * channels * bytes));
    thread_room room = {rows, zeros, bases, NULL};
    room.columns = room.bases + work->plan->vertical.window * cut->slab_segments;
    return room;
}

/* Where the windows of a row of output begin in row `row` of the images, counted over the batch, once it is laid out. */
static void lay_out_row(const cnn_gradient_work *work, int64_t row, float *target)
{
    const cnn_axis *h = &work->plan->horizontal;
    const int64_t channels = work->plan->desc.input_channels, width = work->cut.padded_width;
    const int64_t before = h->padding_before > 0 ? h->padding_before : 0, skipped = before - h->padding_before;
    int64_t inside = h->input - skipped < width - before ? h->input - skipped : width - before;
    if (inside < 0) inside = 0;
    memset(target, 0, (size_t)((before < width ? before : width) * channels) * sizeof(float));
    memcpy(target + before * channels, work->input + (row * h->input + skipped) * channels,
           (size_t)(inside * channels) * sizeof(float));
    if (before + inside < width)
        memset(target + (before + inside) * channels, 0, (size_t)((width - before - inside) * channels) * sizeof(float));
}

/* Slab `index` of a convolution whose segments are runs of pixels that see one pixel each. */
static slab pointwise_slab(const cnn_gradient_work *work, const thread_room *room, int64_t index)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t first = index * work->cut.segment_pixels, left = plan->output_pixels - first;
    room->bases[0] = work->input + first * plan->desc.input_channels;
    room->columns[0] = work->output_gradient + first * plan->desc.output_channels;
    const slab made = {1, left < work->cut.segment_pixels ? left : work->cut.segment_pixels, room->bases, room->columns};
    return made;
}

/* The segments of slab `index`: consecutive rows of output. */
static int64_t slab_range(const cnn_gradient_work *work, int64_t index, int64_t *count)
{
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t rows = work->plan->vertical.output, size = cut->slab_segments;
    int64_t first = index * size, end = cut->segments;
    if (size < rows) {
        const int64_t per_image = (rows + size - 1) / size;
        first = index / per_image * rows + index % per_image * size;
        end = (index / per_image + 1) * rows;
    }
    *count = end - first < size ? end - first : size;
    return first;
}

static slab row_slab(const cnn_gradient_work *work, const thread_room *room, int64_t index)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels, row_elements = work->cut.padded_width * channels;
    int64_t count = 0;
    const int64_t first = slab_range(work, index, &count);
    const int64_t top = first % v->output * v->stride - v->padding_before;
    /* The first row that the slab can see, and the next one to be laid out. */
    const int64_t origin = first / v->output * v->input + (top > 0 ? top : 0);
    int64_t next = origin;
    for (int64_t s = 0; s < count; s++) {
        const int64_t image = (first + s) / v->output, y = (first + s) % v->output;
        room->columns[s] = work->output_gradient + (first + s) * h->output * plan->desc.output_channels;
        for (int64_t ky = 0; ky < v->window; ky++) {
            const float **base = &room->bases[ky * work->cut.slab_segments + s];
            const int64_t line = y * v->stride - v->padding_before + ky * v->dilation, row = image * v->input + line;
            if (line < 0 || line >= v->input) {
                *base = room->zeros;
                continue;
            }
            if (work->cut.padded_width == 0) {
                *base = work->input + (row * h->input - h->padding_before) * channels;
                continue;
            }
            for (; next <= row; next++)
                lay_out_row(work, next, room->rows + (next - origin) * row_elements);
            *base = room->rows + (row - origin) * row_elements;
        }
    }
    const slab made = {count, h->output, room->bases, room->columns};
    return made;
}

/* Adds what a slab gives to the tiles of sums begin..end-1 of a chunk. */
static void add_tiles(const cnn_gradient_work *work, const slab *given, int64_t begin, int64_t end, float *sums)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis *h = &plan->horizontal;
    const int64_t tile_rows = plan->kernels->tile_rows, columns = plan->kernels->tile_columns;
    const int64_t panels = (plan->group_outputs + columns - 1) / columns, inputs = plan->group_inputs;
    const float *const *bases[LARGEST_TILE_ROWS];
    int64_t offsets[LARGEST_TILE_ROWS];
    cnn_outer outer = {.segments = given->segments,
                       .count = given->count,
                       .bases = bases,
                       .offsets = offsets,
                       .row_step = h->stride * (int64_t)plan->desc.input_channels,
                       .columns = given->columns,
                       .column_step = plan->desc.output_channels};
    for (int64_t item = begin; item < end; item++) {
        const int64_t tile = item % work->cut.tiles, panel = item / work->cut.tiles % panels;
        const int64_t group = item / work->cut.tiles / panels, left = plan->group_outputs - panel * columns;
        for (int64_t i = 0; i < tile_rows; i++) {
            int64_t position = tile * tile_rows + i;
            if (position >= work->cut.positions) position = work->cut.positions - 1; /* summed, and never looked at */
            const int64_t tap = position / inputs, ky = tap / h->window, kx = tap % h->window;
            bases[i] = given->bases + ky * work->cut.slab_segments;
            offsets[i] = kx * h->dilation * plan->desc.input_channels + group * inputs + position % inputs;
        }
        outer.column_offset = group * plan->group_outputs + panel * columns;
        outer.column_count = (int32_t)(left < columns ? left : columns);
        outer.sums = sums + item * tile_rows * columns;
        plan->kernels->add_outer(&outer);
    }
}

/* Items are tiles of sums, chunk after chunk. */
static void sum_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_gradient_work *work = argument;
    const cnn_gradient_cut *cut = &work->cut;
    const thread_room room = room_of(work, thread);
    const int pointwise = cut->slab_rows == 0;
    void *shared = work->workspace;
    for (int64_t chunk = begin / cut->items; chunk * cut->items < end; chunk++) {
        float *sums = (float *)shared + chunk * cut->chunk_elements;
        const int64_t tile_elements = cut->chunk_elements / cut->items;
        const int64_t first = begin > chunk * cut->items ? begin - chunk * cut->items : 0;
        const int64_t last = end - chunk * cut->items < cut->items ? end - chunk * cut->items : cut->items;
        memset(sums + first * tile_elements, 0, (size_t)((last - first) * tile_elements) * sizeof(float));
        for (int64_t i = cut->slabs * chunk / cut->chunks; i < cut->slabs * (chunk + 1) / cut->chunks; i++) {
            if (cnn_is_cancelled(work->context)) return;
            const slab given = pointwise ? pointwise_slab(work, &room, i) : row_slab(work, &room, i);
            add_tiles(work, &given, first, last, sums);
        }
    }
}

cnn_status cnn_conv2d_gradient_sum(const cnn_gradient_work *work)
{
    const int64_t items = work->cut.items * work->cut.chunks;
    return cnn_parallel_whole(work->context, items, work->plan->multiply_accumulates / items, sum_items, work);
}

/* ---- depthwise */

/* Adds one row of output to the sums of a slab: tap x channel. */
static void add_row(const cnn_gradient_work *work, int64_t segment, float *sums)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels, image = segment / v->output, y = segment % v->output;
    for (int64_t ky = 0; ky < v->window; ky++) {
        const int64_t line = y * v->stride - v->padding_before + ky * v->dilation;
        if (line < 0 || line >= v->input) continue;
        for (int64_t kx = 0; kx < h->window; kx++) {
            const int64_t shift = kx * h->dilation - h->padding_before; /* output x sees column x * stride + shift */
            const int64_t first = shift >= 0 ? 0 : (-shift + h->stride - 1) / h->stride;
            int64_t end = shift >= h->input ? 0 : (h->input - shift + h->stride - 1) / h->stride;
            if (end > h->output) end = h->output;
            if (first >= end) continue;
            const int64_t pixel = (image * v->input + line) * h->input + first * h->stride + shift;
            const cnn_products products = {.count = end - first,
                                           .rows = work->input + pixel * channels,
                                           .row_step = h->stride * channels,
                                           .columns = work->output_gradient + (segment * h->output + first) * channels,
                                           .column_step = channels,
                                           .channels = channels,
                                           .sums = sums + (ky * h->window + kx) * channels};
            plan->kernels->add_products(&products);
        }
    }
}

static void sum_chunks(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_gradient_work *work = argument;
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t elements = work->plan->taps * work->plan->desc.input_channels;
    void *room = thread_workspace(work, thread), *shared = work->workspace;
    float *slab_sums = room;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        float *sums = (float *)shared + chunk * cut->chunk_elements;
        memset(sums, 0, (size_t)elements * sizeof(float));
        for (int64_t i = cut->slabs * chunk / cut->chunks; i < cut->slabs * (chunk + 1) / cut->chunks; i++) {
            if (cnn_is_cancelled(work->context)) return;
            int64_t count = 0;
            const int64_t first = slab_range(work, i, &count);
            memset(slab_sums, 0, (size_t)elements * sizeof(float));
            for (int64_t s = 0; s < count; s++)
                add_row(work, first + s, slab_sums);
            work->plan->kernels->add(elements, sums, slab_sums, sums);
        }
    }
}

cnn_status cnn_conv2d_gradient_sum_depthwise(const cnn_gradient_work *work)
{
    const int64_t chunks = work->cut.chunks;
    return cnn_parallel(work->context, chunks, 2 * (work->plan->multiply_accumulates / chunks), sum_chunks, work);
}
