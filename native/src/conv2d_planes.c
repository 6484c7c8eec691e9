/* conv2d_planes.c - convolutions of few output channels, whose vectors are neighbouring pixels of a row instead of channels.
 *
 * The rows of the input that a block of output rows sees are laid out as planes, one for each channel, with zeros beside
 * them, so that a tap of a vector of pixels is one load. Rows of the window that lie above or below the image are left out.
 * The sums are planes as well; they are interleaved when a few rows of them are done, and still in the cache. */
#include "conv2d.h"

#include "context.h"
#include "error.h"
#include "memory.h"
#include "threads.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define STRIP_BYTES (24 << 10) /* of the planes that a block sees: half of a first-level cache */
#define MOST_BLOCK_ROWS 32
#define MOST_OUTPUTS 32 /* with more, channels fill vectors as well */
#define CALL_VECTORS 16 /* that one kernel call takes; also the pointers kept on the stack */

static int64_t divide_up(int64_t value, int64_t divisor)
{
    return (value + divisor - 1) / divisor;
}

int cnn_conv2d_planes_fits(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    return plan->desc.groups == 1 && plan->desc.output_channels <= MOST_OUTPUTS && h->stride == 1 && h->upsample <= 1 &&
           v->upsample <= 1;
}

void cnn_conv2d_planes_lay_out(cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t lanes = plan->kernels->lanes, outputs = plan->desc.output_channels;
    plan->panels = divide_up(outputs, plan->kernels->plane_outputs);
    plan->columns = outputs;
    plan->plane_width = divide_up(h->output, lanes) * lanes;
    plan->plane_pitch = plan->plane_width + ((int64_t)h->window - 1) * h->dilation;
    const int64_t row_bytes = plan->plane_pitch * plan->desc.input_channels * (int64_t)sizeof(float);
    int64_t rows = (STRIP_BYTES / row_bytes - ((int64_t)v->window - 1) * v->dilation - 1) / v->stride + 1;
    rows = rows > MOST_BLOCK_ROWS ? MOST_BLOCK_ROWS : rows < 1 ? 1 : rows;
    plan->block_rows = divide_up(v->output, divide_up(v->output, rows));
    plan->group_rows = CALL_VECTORS * lanes / plan->plane_width;
    if (plan->group_rows < 1) plan->group_rows = 1;
    if (plan->group_rows > plan->block_rows) plan->group_rows = plan->block_rows;
}

/* Rows of the input that a block sees at most. */
static int64_t strip_rows(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical;
    const int64_t seen = (plan->block_rows - 1) * v->stride + ((int64_t)v->window - 1) * v->dilation + 1;
    return seen < v->input ? seen : v->input;
}

/* Elements of the strip and of the sums, so many that what follows is aligned. */
static int64_t aligned(int64_t elements)
{
    const int64_t line = CNN_ALIGNMENT / (int64_t)sizeof(float);
    return divide_up(elements, line) * line;
}

static int64_t strip_elements(const cnn_conv2d_plan *plan)
{
    return aligned(strip_rows(plan) * plan->desc.input_channels * plan->plane_pitch);
}

static int64_t sums_elements(const cnn_conv2d_plan *plan)
{
    return aligned(plan->group_rows * plan->desc.output_channels * plan->plane_width);
}

cnn_status cnn_conv2d_planes_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const int64_t outputs = plan->desc.output_channels, bytes = sizeof(float);
    plan->bias_offset = plan->weights_elements;
    const int64_t packed[] = {outputs, plan->taps * plan->group_inputs + 1};
    CNN_TRY(cnn_sizes_multiply(2, packed, operation, "packed filter", &plan->packed_elements, error));
    const int64_t strip[] = {strip_rows(plan), plan->desc.input_channels, plan->plane_pitch, bytes};
    const int64_t sums[] = {plan->group_rows, outputs, plan->plane_width, bytes};
    int64_t elements = 0;
    CNN_TRY(cnn_sizes_multiply(4, strip, operation, "planes of the input", &elements, error));
    CNN_TRY(cnn_sizes_multiply(4, sums, operation, "planes of the output", &elements, error));
    const int64_t row = aligned((int64_t)plan->horizontal.output * outputs);
    plan->workspace_bytes = (strip_elements(plan) + sums_elements(plan) + row) * bytes;
    return CNN_OK;
}

/* The output channels of a panel begin here; those of all panels are as even as can be. */
static int64_t panel_start(const cnn_conv2d_plan *plan, int64_t panel)
{
    return plan->desc.output_channels * panel / plan->panels;
}

void cnn_conv2d_planes_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed)
{
    const cnn_weight_steps *steps = &plan->weight_steps;
    const int64_t across = plan->horizontal.window;
    float *target = packed;
    for (int64_t panel = 0; panel < plan->panels; panel++)
        for (int64_t y = 0; y < plan->vertical.window; y++)
            for (int64_t c = 0; c < plan->group_inputs; c++)
                for (int64_t x = 0; x < across; x++) {
                    const float *source = weights + steps->start + (y * across + x) * steps->tap + c * steps->input;
                    for (int64_t o = panel_start(plan, panel); o < panel_start(plan, panel + 1); o++)
                        *target++ = source[o * steps->output];
                }
    cnn_conv2d_pack_biases(plan, bias, packed);
}

/* What a thread works on: a block of output rows of one image. */
typedef struct block {
    const cnn_conv2d_work *work;
    float *strip; /* row x channel x pitch */
    float *sums;  /* row x channel x width */
    float *row;   /* interleaved, where there is more to do */
    int64_t image;
    int64_t top;          /* row of the input that the strip begins with */
    int32_t inside_first; /* rows of the output from here on */
    int32_t inside_last;  /* and before here see the whole window */
} block;

/* Lays the rows top..bottom-1 of the input out as planes. What lies beside them is zero already. */
static void fill_strip(const block *b, int64_t bottom)
{
    const cnn_conv2d_plan *plan = b->work->plan;
    const cnn_axis *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels, pitch = plan->plane_pitch;
    const int64_t before = h->padding_before > 0 ? h->padding_before : 0, first = before - h->padding_before;
    const int64_t room = pitch - before, there = h->input - first, inside = there < room ? there : room;
    const float *source = b->work->input + ((b->image * plan->vertical.input + b->top) * h->input + first) * channels;
    float *target = b->strip + before;
    if (inside <= 0) return;
    for (int64_t row = b->top; row < bottom; row++, source += h->input * channels, target += channels * pitch)
        plan->kernels->transpose(inside, channels, source, channels, target, pitch);
}

/* Convolves `count` vectors of pixels, which see the rows first..last-1 of the window. */
static void convolve(const block *b, int64_t count, const float *const *inputs, float *const *outputs, int64_t first,
                     int64_t last)
{
    const cnn_conv2d_plan *plan = b->work->plan;
    const int64_t channels = plan->desc.input_channels, line = channels * plan->horizontal.window;
    cnn_planes planes = {.down = last - first,
                         .channels = channels,
                         .across = plan->horizontal.window,
                         .down_step = plan->vertical.dilation * channels * plan->plane_pitch,
                         .channel_step = plan->plane_pitch,
                         .across_step = plan->horizontal.dilation,
                         .lower = b->work->residual ? -INFINITY : plan->lower,
                         .upper = b->work->residual ? INFINITY : plan->upper,
                         .vector_count = count,
                         .inputs = inputs,
                         .outputs = outputs,
                         .output_step = plan->plane_width};
    for (int64_t panel = 0; panel < plan->panels; panel++) {
        const int64_t start = panel_start(plan, panel), width = panel_start(plan, panel + 1) - start;
        planes.packed = b->work->packed + start * plan->vertical.window * line + first * line * width;
        planes.bias = b->work->packed + plan->bias_offset + start;
        planes.output_offset = start * plan->plane_width;
        planes.output_count = (int32_t)width;
        plan->kernels->convolve_planes(&planes);
    }
}

/* Convolves `count` rows of the output from row y on, all of which see the rows first..last-1 of the window. */
static void convolve_rows(const block *b, int64_t y, int64_t count, int64_t first, int64_t last)
{
    const cnn_conv2d_plan *plan = b->work->plan;
    const cnn_axis *v = &plan->vertical;
    const int64_t channels = plan->desc.input_channels, outputs = plan->desc.output_channels;
    const float *inputs[CALL_VECTORS];
    float *sums[CALL_VECTORS];
    int64_t used = 0;
    for (int64_t row = 0; row < count; row++) {
        const int64_t top = (y + row) * v->stride - v->padding_before + first * v->dilation - b->top;
        const float *seen = b->strip + (first < last ? top * channels * plan->plane_pitch : 0);
        for (int64_t x = 0; x < plan->plane_width; x += plan->kernels->lanes) {
            inputs[used] = seen + x;
            sums[used++] = b->sums + row * outputs * plan->plane_width + x;
            if (used < CALL_VECTORS) continue;
            convolve(b, used, inputs, sums, first, last);
            used = 0;
        }
    }
    if (used > 0) convolve(b, used, inputs, sums, first, last);
}

/* Interleaves the sums of `count` rows of the output from row y on. */
static void store_rows(const block *b, int64_t y, int64_t count)
{
    const cnn_conv2d_plan *plan = b->work->plan;
    const int64_t channels = plan->desc.output_channels, width = plan->horizontal.output;
    const int unfinished = b->work->residual || plan->activate_after;
    for (int64_t row = 0; row < count; row++) {
        const int64_t pixel = (b->image * plan->vertical.output + y + row) * width;
        float *output = b->work->output + pixel * plan->output_stride;
        const float *residual = b->work->residual ? b->work->residual + pixel * plan->residual_stride : NULL;
        plan->kernels->transpose(channels, width, b->sums + row * channels * plan->plane_width, plan->plane_width,
                                 unfinished ? b->row : output, unfinished ? channels : plan->output_stride);
        if (unfinished) cnn_conv2d_finish_row(plan, width, residual, !residual, b->row, output);
    }
}

static int64_t blocks_of_image(const cnn_conv2d_plan *plan)
{
    return divide_up(plan->vertical.output, plan->block_rows);
}

/* The rows first..last-1 of the window that row y of the output sees. Returns up to which row the others see the same. */
static int64_t seen_rows(const block *b, int64_t y, int32_t *first, int32_t *last)
{
    const cnn_axis *v = &b->work->plan->vertical;
    if (y >= b->inside_first && y < b->inside_last) {
        *first = 0;
        *last = v->window;
        return b->inside_last;
    }
    cnn_axis_taps(v, (int32_t)y, first, last);
    return y + 1;
}

static void run_block(block *b, int64_t begin, int64_t end)
{
    const cnn_axis *v = &b->work->plan->vertical;
    const int64_t top = begin * v->stride - v->padding_before, most = b->work->plan->group_rows;
    const int64_t bottom = (end - 1) * v->stride - v->padding_before + ((int64_t)v->window - 1) * v->dilation + 1;
    b->top = top < 0 ? 0 : top < v->input ? top : v->input;
    fill_strip(b, bottom < v->input ? bottom : v->input);
    for (int64_t y = begin, count = 0; y < end; y += count) {
        int32_t first, last;
        count = seen_rows(b, y, &first, &last) - y;
        if (count > end - y) count = end - y;
        if (count > most) count = most;
        convolve_rows(b, y, count, first, last);
        store_rows(b, y, count);
    }
}

/* Items are blocks of rows, image after image. */
static void run_blocks(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_conv2d_work *work = argument;
    const cnn_conv2d_plan *plan = work->plan;
    void *room = work->workspace + thread * plan->workspace_bytes;
    block b = {.work = work, .strip = room};
    b.sums = b.strip + strip_elements(plan);
    b.row = b.sums + sums_elements(plan);
    cnn_axis_interior(&plan->vertical, &b.inside_first, &b.inside_last);
    memset(b.strip, 0, (size_t)strip_elements(plan) * sizeof(float));
    for (int64_t item = begin; item < end && !cnn_is_cancelled(work->context); item++) {
        const int64_t row = item % blocks_of_image(plan) * plan->block_rows, left = plan->vertical.output - row;
        b.image = item / blocks_of_image(plan);
        run_block(&b, row, row + (left < plan->block_rows ? left : plan->block_rows));
    }
}

cnn_status cnn_conv2d_planes_run(const cnn_conv2d_work *work)
{
    const int64_t items = work->plan->desc.batch * blocks_of_image(work->plan);
    return cnn_parallel_whole(work->context, items, work->plan->multiply_accumulates / items, run_blocks, work);
}
