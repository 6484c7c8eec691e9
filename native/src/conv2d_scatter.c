/* conv2d_scatter.c - a transposed convolution the way it is defined: each pixel of the input, times the filters, is added to
 * the outputs that its window covers. The products are one matrix product, whose columns are all weights of a pixel; then
 * each row of the output gathers what lies over it, in one order. With few output channels this fills the vectors that
 * implicit GEMM, whose columns are the output channels alone, leaves mostly empty, and no output multiplies with padding.
 *
 * Rows of products are made in groups of whole tiles and kept in a ring, as many as the windows over a row of output. */
#include "conv2d.h"

#include "context.h"
#include "error.h"
#include "memory.h"
#include "threads.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define GROUP_PIXELS 96 /* of a group of rows: sixteen tiles */
#define MOST_WINDOW 64  /* rows of windows that one kernel call adds; also the pointers kept on the stack */
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

/* Pixels of a row of output with what windows reach beside it. */
static int64_t row_pixels(const cnn_conv2d_plan *plan)
{
    const cnn_axis *h = &plan->horizontal;
    const int64_t reached = (h->input - 1) * stride_of(h) + h->window, padding = padding_of(h);
    return reached > padding + h->output ? reached : padding + h->output;
}

static int64_t positions_of(const cnn_conv2d_plan *plan)
{
    return plan->taps * plan->desc.output_channels;
}

static int64_t group_elements(const cnn_conv2d_plan *plan)
{
    return plan->group_rows * plan->horizontal.input * positions_of(plan) + plan->kernels->lanes;
}

int cnn_conv2d_scatter_fits(const cnn_conv2d_plan *plan)
{
    const cnn_axis *h = &plan->horizontal;
    return plan->transposed && plan->desc.groups == 1 && (h->dilation == 1 || h->window == 1) && padding_of(h) >= 0 &&
           padding_of(&plan->vertical) >= 0 && plan->vertical.window <= MOST_WINDOW;
}

void cnn_conv2d_scatter_lay_out(cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t rows = (GROUP_PIXELS + h->input - 1) / h->input, stride = stride_of(v);
    const int64_t over = ((int64_t)(v->window - 1) * v->dilation + stride) / stride; /* input rows over one of the output */
    plan->group_rows = rows < v->input ? rows : v->input;
    plan->groups_kept = (over + plan->group_rows - 2) / plan->group_rows + 1;
    plan->panels = (positions_of(plan) + plan->kernels->tile_columns - 1) / plan->kernels->tile_columns;
    plan->columns = round_up(positions_of(plan), plan->kernels->column_step);
}

cnn_status cnn_conv2d_scatter_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const int64_t columns[] = {plan->columns, plan->group_inputs};
    CNN_TRY(cnn_sizes_multiply(2, columns, operation, "packed filter", &plan->packed_elements, error));
    plan->bias_offset = plan->packed_elements;
    plan->packed_elements += plan->desc.output_channels;
    const int64_t ring[] = {plan->groups_kept, group_elements(plan), (int64_t)sizeof(float)};
    CNN_TRY(cnn_sizes_multiply(3, ring, operation, "rows of products", &plan->workspace_bytes, error));
    const int64_t row[] = {row_pixels(plan), plan->desc.output_channels, (int64_t)sizeof(float)};
    int64_t more = 0;
    CNN_TRY(cnn_sizes_multiply(3, row, operation, "row of the output", &more, error));
    plan->workspace_bytes += more + plan->kernels->lanes * (int64_t)sizeof(float);
    plan->workspace_bytes = round_up(plan->workspace_bytes, CNN_ALIGNMENT);
    return CNN_OK;
}

/* Weights are input channel x tap x output channel, which is the matrix that is wanted: in panels, like any. */
void cnn_conv2d_scatter_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed)
{
    const int64_t positions = positions_of(plan), most = plan->kernels->tile_columns;
    float *target = packed;
    for (int64_t first = 0; first < plan->columns; first += most) {
        const int64_t columns = plan->columns - first < most ? plan->columns - first : most;
        const int64_t used = positions - first < columns ? positions - first : columns;
        for (int64_t c = 0; c < plan->group_inputs; c++, target += columns) {
            memcpy(target, weights + c * positions + first, (size_t)used * sizeof *target);
            memset(target + used, 0, (size_t)(columns - used) * sizeof *target);
        }
    }
    if (bias)
        memcpy(packed + plan->bias_offset, bias, (size_t)plan->desc.output_channels * sizeof *packed);
    else
        memset(packed + plan->bias_offset, 0, (size_t)plan->desc.output_channels * sizeof *packed);
}

/* The groups of an image that a thread has: those before `end`, the last few of which the ring still holds. */
typedef struct ring {
    float *products;
    float *row;
    int64_t image;
    int64_t end;
} ring;

static float *group_at(const cnn_conv2d_plan *plan, const ring *kept, int64_t group)
{
    return kept->products + group % plan->groups_kept * group_elements(plan);
}

/* Multiplies a group of rows of the input with all weights: pixel x position. */
static void make_group(const cnn_conv2d_work *work, const ring *kept, int64_t group)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_kernels *kernels = plan->kernels;
    const int64_t inputs = plan->group_inputs, positions = positions_of(plan), width = plan->horizontal.input;
    const int64_t first = group * plan->group_rows, left = plan->vertical.input - first;
    const int64_t count = (left < plan->group_rows ? left : plan->group_rows) * width;
    const float *pixels = work->input + (kept->image * plan->vertical.input + first) * width * inputs;
    float *products = group_at(plan, kept, group);
    const float *rows[LARGEST_TILE_ROWS];
    float *outputs[LARGEST_TILE_ROWS];
    cnn_tile tile = {.taps = 1,
                     .channels = inputs,
                     .rows = rows,
                     .packed = work->packed,
                     .bias = plan->zeros,
                     .lower = -INFINITY,
                     .upper = INFINITY,
                     .outputs = outputs};
    for (int64_t column = 0; column < positions; column += kernels->tile_columns) {
        tile.column_count =
            (int32_t)(positions - column < kernels->tile_columns ? positions - column : kernels->tile_columns);
        tile.output_offset = column;
        for (int64_t p = 0; p < count; p += kernels->tile_rows) {
            tile.row_count = (int32_t)(count - p < kernels->tile_rows ? count - p : kernels->tile_rows);
            for (int64_t i = 0; i < kernels->tile_rows; i++) {
                const int64_t pixel = p + i < count ? p + i : count - 1;
                rows[i] = pixels + pixel * inputs;
                outputs[i] = products + pixel * positions;
            }
            kernels->convolve_tile(&tile);
        }
        tile.packed += round_up(tile.column_count, kernels->column_step) * inputs;
    }
}

/* Starts a row of output with the bias in each of its pixels. */
static void begin_row(const cnn_conv2d_work *work, const ring *kept)
{
    const int64_t channels = work->plan->desc.output_channels, count = row_pixels(work->plan) * channels;
    const float *bias = work->packed + work->plan->bias_offset;
    memcpy(kept->row, bias, (size_t)channels * sizeof(float));
    for (int64_t done = channels; done < count;) {
        const int64_t copied = done < count - done ? done : count - done;
        memcpy(kept->row + done, kept->row, (size_t)copied * sizeof(float));
        done += copied;
    }
}

/* Adds the products of all windows over row y of the output. */
static void add_windows(const cnn_conv2d_plan *plan, ring *kept, const cnn_conv2d_work *work, int64_t y)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.output_channels, run = h->window * channels, positions = positions_of(plan);
    const float *rows[MOST_WINDOW];
    int64_t used = 0;
    for (int64_t ky = v->window; ky-- > 0;) { /* from the first row of the input on */
        const int64_t place = y + padding_of(v) - ky * v->dilation, row = place / stride_of(v);
        if (place < 0 || place % stride_of(v) != 0 || row >= v->input) continue;
        const int64_t group = row / plan->group_rows;
        for (; kept->end <= group; kept->end++)
            make_group(work, kept, kept->end);
        rows[used++] = group_at(plan, kept, group) + row % plan->group_rows * h->input * positions + ky * run;
    }
    if (used > 0) plan->kernels->add_runs(h->input, used, rows, positions, run, stride_of(h) * channels, kept->row);
}

static void store_row(const cnn_conv2d_work *work, const ring *kept, int64_t row)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t channels = plan->desc.output_channels, width = plan->horizontal.output;
    float *const values = kept->row + padding_of(&plan->horizontal) * channels;
    float *output = work->output + row * width * plan->output_stride;
    const float *residual = work->residual ? work->residual + row * width * plan->residual_stride : NULL;
    for (int64_t x = 0; residual && x < width; x++)
        plan->kernels->add(channels, values + x * channels, residual + x * plan->residual_stride, values + x * channels);
    if (plan->desc.activation != CNN_ACTIVATION_NONE)
        plan->kernels->activate(plan->desc.activation, plan->desc.activation_alpha, plan->desc.activation_beta,
                                width * channels, values, values);
    if (plan->output_stride == channels) {
        memcpy(output, values, (size_t)(width * channels) * sizeof *output);
        return;
    }
    for (int64_t x = 0; x < width; x++)
        memcpy(output + x * plan->output_stride, values + x * channels, (size_t)channels * sizeof *output);
}

/* The first group that a row of output needs; later rows need none before it. */
static int64_t first_group(const cnn_conv2d_plan *plan, int64_t y)
{
    const cnn_axis *v = &plan->vertical;
    const int64_t place = y + padding_of(v) - (int64_t)(v->window - 1) * v->dilation, stride = stride_of(v);
    const int64_t row = place <= 0 ? 0 : (place + stride - 1) / stride;
    return row / plan->group_rows;
}

/* Items are rows of output, image after image. */
static void run_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_conv2d_work *work = argument;
    const cnn_conv2d_plan *plan = work->plan;
    void *room = work->workspace + thread * plan->workspace_bytes;
    ring kept = {.products = room, .image = -1};
    kept.row = kept.products + plan->groups_kept * group_elements(plan);
    memset(room, 0, (size_t)plan->workspace_bytes);
    for (int64_t row = begin; row < end; row++) {
        const int64_t image = row / plan->vertical.output, y = row % plan->vertical.output;
        if (cnn_is_cancelled(work->context)) return;
        if (image != kept.image) {
            kept.image = image;
            kept.end = first_group(plan, y);
        }
        begin_row(work, &kept);
        add_windows(plan, &kept, work, y);
        store_row(work, &kept, row);
    }
}

cnn_status cnn_conv2d_scatter_run(const cnn_conv2d_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t rows = plan->desc.batch * (int64_t)plan->vertical.output;
    return cnn_parallel_whole(work->context, rows, plan->multiply_accumulates / rows, run_rows, work);
}
