/* conv2d_scatter.c - a transposed convolution, half the way it is defined: along a row, each pixel of the input, times the
 * filters, is added to the outputs that its window covers; what comes from several rows is summed by the matrix product.
 * With few output channels its columns, which are those of a whole row of the window, fill the vectors that implicit GEMM,
 * whose columns are the output channels alone, leaves mostly empty, and no output multiplies with padding.
 *
 * A row of output needs the same rows of the window in all images, so that narrow images go through the product together. */
#include "conv2d.h"

#include "context.h"
#include "error.h"
#include "memory.h"
#include "threads.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define MOST_PIXELS 96 /* of the rows that are multiplied together */
#define LARGEST_TILE_ROWS 16

static int64_t round_up(int64_t value, int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

static int64_t stride_of(const cnn_axis *axis)
{
    return axis->upsample > 1 ? axis->upsample : 1;
}

/* What the convolution that leads back pads before its input, which is the output here. */
static int64_t padding_of(const cnn_axis *axis)
{
    return (int64_t)(axis->window - 1) * axis->dilation - axis->padding_before;
}

/* Elements of a row of the window: the columns of the product. */
static int64_t run_of(const cnn_conv2d_plan *plan)
{
    return plan->horizontal.window * (int64_t)plan->desc.output_channels;
}

/* Rows of that many elements from one pixel's products to the next one's. */
static int64_t pitch_of(const cnn_conv2d_plan *plan)
{
    return round_up(run_of(plan), plan->kernels->lanes);
}

/* Elements of the products, and a vector behind them. */
static int64_t products_elements(const cnn_conv2d_plan *plan)
{
    return plan->group_rows * plan->horizontal.input * pitch_of(plan) + plan->kernels->lanes;
}

int cnn_conv2d_scatter_fits(const cnn_conv2d_plan *plan)
{
    const cnn_axis *h = &plan->horizontal;
    return plan->transposed && plan->desc.groups == 1 && (h->dilation == 1 || h->window == 1) && padding_of(h) >= 0 &&
           padding_of(&plan->vertical) >= 0;
}

/* Takes so many images together that their pixels fill tiles best. */
void cnn_conv2d_scatter_lay_out(cnn_conv2d_plan *plan)
{
    const int64_t width = plan->horizontal.input, rows = plan->kernels->tile_rows;
    double least = 0;
    plan->panel_columns = plan->kernels->tile_columns;
    plan->panels = (run_of(plan) + plan->kernels->tile_columns - 1) / plan->kernels->tile_columns;
    plan->columns = round_up(run_of(plan), plan->kernels->column_step);
    for (int64_t images = 1; images <= plan->desc.batch && (images == 1 || images * width <= MOST_PIXELS); images++) {
        const double filled = (double)round_up(images * width, rows) / (double)(images * width);
        if (images > 1 && filled >= least) continue;
        least = filled;
        plan->group_rows = images;
    }
}

cnn_status cnn_conv2d_scatter_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const int64_t bytes = sizeof(float),
                  columns[] = {plan->columns, plan->taps / plan->horizontal.window, plan->group_inputs};
    CNN_TRY(cnn_sizes_multiply(3, columns, operation, "packed filter", &plan->packed_elements, error));
    plan->bias_offset = plan->packed_elements;
    plan->packed_elements += plan->desc.output_channels;
    const int64_t products[] = {plan->group_rows, plan->horizontal.input, pitch_of(plan), bytes};
    CNN_TRY(cnn_sizes_multiply(4, products, operation, "products", &plan->workspace_bytes, error));
    const int64_t row = (int64_t)plan->horizontal.output * plan->desc.output_channels;
    plan->workspace_bytes = round_up((products_elements(plan) + row) * bytes, CNN_ALIGNMENT);
    return CNN_OK;
}

/* Where the panels of a phase of the rows of output begin. */
static int64_t phase_start(const cnn_conv2d_plan *plan, int32_t phase)
{
    int64_t taps = 0;
    for (int32_t i = 0; i < phase; i++)
        taps += cnn_axis_phase_at(&plan->vertical, i).taps;
    return taps * plan->group_inputs * plan->columns;
}

/* Weights are input channel x tap x output channel: a row of the window is a row of the matrix that is wanted. For each
 * phase and panel, the rows of the window that the phase sees, in the order of the rows of input that they meet. */
void cnn_conv2d_scatter_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed)
{
    const int64_t run = run_of(plan), most = plan->kernels->tile_columns, filter = plan->taps * plan->desc.output_channels;
    float *target = packed;
    for (int32_t p = 0; p < cnn_axis_phases(&plan->vertical); p++) {
        const cnn_axis_phase phase = cnn_axis_phase_at(&plan->vertical, p);
        for (int64_t first = 0; first < plan->columns; first += most) {
            const int64_t columns = plan->columns - first < most ? plan->columns - first : most;
            const int64_t used = run - first < columns ? run - first : columns;
            for (int64_t i = 0; i < phase.taps * plan->group_inputs; i++, target += columns) {
                const int64_t tap = phase.tap_first + i / plan->group_inputs * phase.tap_step;
                const float *row = weights + i % plan->group_inputs * filter + (plan->vertical.window - 1 - tap) * run;
                memcpy(target, row + first, (size_t)used * sizeof *target);
                memset(target + used, 0, (size_t)(columns - used) * sizeof *target);
            }
        }
    }
    if (bias)
        memcpy(packed + plan->bias_offset, bias, (size_t)plan->desc.output_channels * sizeof *packed);
    else
        memset(packed + plan->bias_offset, 0, (size_t)plan->desc.output_channels * sizeof *packed);
}

/* What a thread works with. */
typedef struct room {
    float *products; /* pixel x row of the window */
    float *row;      /* of the output, where there is more to do */
} room;

/* One row of output in some images. */
typedef struct output_row {
    int64_t image;
    int64_t images;
    int64_t y;
} output_row;

/* The rows of the window that meet rows of the input there: `count` from `first` on, of the `taps` of a phase. */
typedef struct meeting {
    const float *panels;
    int64_t taps;
    int64_t first;
    int64_t count;
    const float *input; /* the first pixel of the first row, in the first image */
    int64_t row_step;   /* elements from that row to the next one that is met */
} meeting;

static meeting meet(const cnn_conv2d_work *work, const output_row *at)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int32_t phases = cnn_axis_phases(&plan->vertical), index = (int32_t)(at->y % phases);
    const cnn_axis_phase phase = cnn_axis_phase_at(&plan->vertical, index);
    const int64_t row = (int64_t)plan->horizontal.input * plan->group_inputs, j = at->y / phases;
    int32_t first, last;
    cnn_axis_phase_taps(&phase, j, &first, &last);
    meeting met = {
        .panels = work->packed + phase_start(plan, index), .taps = phase.taps, .first = first, .count = last - first};
    if (met.count == 0) return met;
    const int64_t top = j * phase.stride + phase.offset + first * phase.offset_step;
    met.input = work->input + (at->image * plan->vertical.input + top) * row;
    met.row_step = phase.offset_step * row;
    return met;
}

/* Pixels of the input, row after row of some images. */
typedef struct cursor {
    const float *pixel;
    int64_t x;
    float *products;
} cursor;

/* The next `count` pixels; those of a tile that are not there repeat the last one. */
static cursor point_at_pixels(const cnn_conv2d_plan *plan, cursor at, int64_t count, int64_t most, const float **rows,
                              float **outputs)
{
    const int64_t inputs = plan->group_inputs, width = plan->horizontal.input, pitch = pitch_of(plan);
    for (int64_t i = 0; i < count; i++) {
        rows[i] = at.pixel;
        outputs[i] = at.products;
        at.pixel += inputs;
        at.products += pitch;
        if (++at.x < width) continue;
        at.x = 0;
        at.pixel += (plan->vertical.input - 1) * width * inputs; /* the same row of the next image */
    }
    for (int64_t i = count; i < most; i++)
        rows[i] = rows[count - 1];
    return at;
}

/* Multiplies the pixels that meet a row of output with all weights that lead there. */
static void multiply(const cnn_conv2d_work *work, float *products, const meeting *met, int64_t images)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_kernels *kernels = plan->kernels;
    const int64_t inputs = plan->group_inputs, run = run_of(plan), pixels = images * plan->horizontal.input;
    const float *rows[LARGEST_TILE_ROWS], *panel = met->panels;
    float *outputs[LARGEST_TILE_ROWS];
    cnn_tile tile = {.taps = met->count,
                     .channels = inputs,
                     .rows = rows,
                     .tap_step = met->row_step,
                     .bias = plan->zeros,
                     .lower = -INFINITY,
                     .upper = INFINITY,
                     .outputs = outputs};
    for (int64_t column = 0; column < run; column += kernels->tile_columns) {
        const int64_t columns = run - column < kernels->tile_columns ? run - column : kernels->tile_columns;
        const int64_t padded = round_up(columns, kernels->column_step);
        const int64_t most = columns <= kernels->column_step ? kernels->tall_tile_rows : kernels->tile_rows;
        cursor at = {met->input, 0, products};
        tile.packed = panel + met->first * inputs * padded;
        tile.column_count = (int32_t)columns;
        tile.output_offset = column;
        for (int64_t done = 0; done < pixels; done += tile.row_count) {
            tile.row_count = (int32_t)(pixels - done < most ? pixels - done : most);
            at = point_at_pixels(plan, at, tile.row_count, most, rows, outputs);
            kernels->convolve_tile(&tile);
        }
        panel += met->taps * inputs * padded;
    }
}

/* Sums the products over a row of output, which is the row `row` of the batch. */
static void store_row(const cnn_conv2d_work *work, const room *given, int64_t first_pixel, int64_t pixels, int64_t row)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t channels = plan->desc.output_channels, width = plan->horizontal.output;
    const int unfinished = work->residual || plan->desc.activation != CNN_ACTIVATION_NONE;
    float *output = work->output + row * width * plan->output_stride;
    const float *residual = work->residual ? work->residual + row * width * plan->residual_stride : NULL;
    const cnn_runs runs = {.products = given->products + first_pixel * pitch_of(plan),
                           .pixels = pixels,
                           .pitch = pitch_of(plan),
                           .window = plan->horizontal.window,
                           .stride = stride_of(&plan->horizontal),
                           .padding = padding_of(&plan->horizontal),
                           .channels = channels,
                           .bias = work->packed + plan->bias_offset,
                           .output = unfinished ? given->row : output,
                           .outputs = width,
                           .output_step = unfinished ? channels : plan->output_stride};
    plan->kernels->sum_runs(&runs);
    if (unfinished) cnn_conv2d_finish_row(plan, width, residual, 0, given->row, output);
}

static void make_row(const cnn_conv2d_work *work, const room *given, const output_row *at)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t width = plan->horizontal.input;
    const meeting met = meet(work, at);
    if (met.count > 0) multiply(work, given->products, &met, at->images);
    for (int64_t i = 0; i < at->images; i++)
        store_row(work, given, i * width, met.count > 0 ? width : 0, (at->image + i) * plan->vertical.output + at->y);
}

/* Items are rows of output, in groups of images. */
static void run_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_conv2d_work *work = argument;
    const cnn_conv2d_plan *plan = work->plan;
    void *memory = work->workspace + thread * plan->workspace_bytes;
    memset(memory, 0, (size_t)plan->workspace_bytes); /* vectors reach over the ends of the runs */
    room given = {.products = memory};
    given.row = given.products + products_elements(plan);
    for (int64_t item = begin; item < end && !cnn_is_cancelled(work->context); item++) {
        const int64_t image = item / plan->vertical.output * plan->group_rows, left = plan->desc.batch - image;
        const output_row at = {image, left < plan->group_rows ? left : plan->group_rows, item % plan->vertical.output};
        make_row(work, &given, &at);
    }
}

cnn_status cnn_conv2d_scatter_run(const cnn_conv2d_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t groups = (plan->desc.batch + plan->group_rows - 1) / plan->group_rows;
    const int64_t items = groups * plan->vertical.output;
    return cnn_parallel_whole(work->context, items, plan->multiply_accumulates / items, run_rows, work);
}
