/* conv2d_depthwise.c - convolution of each channel alone, in bands of one or two rows of output where the kernel knows the
 * window. For others, neighbouring pixels that have the same taps inside the input go through a kernel together; with few
 * channels they are filtered as one run of elements. */
#include "conv2d.h"

#include "context.h"
#include "pieces.h"
#include "prefetch.h"
#include "threads.h"

#include <stddef.h>

/* The pixels of one kernel call: `count` from (y, x) on, all of which have the same taps inside the input. */
typedef struct pixel_run {
    const float *image;
    const cnn_axis_phase *vertical;
    const cnn_axis_phase *horizontal;
    int64_t y; /* in its phase */
    int64_t x;
    int64_t pixels;
} pixel_run;

/* Pixels that lie side by side in the output too, as one run of `count` elements. */
static void run_flat(const cnn_conv2d_work *work, int64_t taps, int64_t count, const float **pointers, const float *residual,
                     float *output)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_depthwise kernel = {.taps = taps,
                                  .rows = pointers,
                                  .weights = pointers + plan->taps,
                                  .bias = work->packed + plan->bias_offset,
                                  .period = plan->period,
                                  .lower = plan->lower,
                                  .upper = plan->upper,
                                  .output = output,
                                  .residual = residual,
                                  .count = count};
    plan->kernels->convolve_depthwise(&kernel);
    cnn_conv2d_finish(plan, &output, 1, 0, count);
}

static void run_apart(const cnn_conv2d_work *work, const pixel_run *run, int64_t taps, const float **pointers,
                      const float *residual, float *output)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_depthwise_pixels kernel = {.taps = taps,
                                         .rows = pointers,
                                         .row_step = run->horizontal->stride * (int64_t)plan->desc.input_channels,
                                         .weights = pointers + plan->taps,
                                         .bias = work->packed + plan->bias_offset,
                                         .lower = plan->lower,
                                         .upper = plan->upper,
                                         .pixels = run->pixels,
                                         .channels = plan->desc.input_channels,
                                         .output = output,
                                         .output_step = plan->output_stride,
                                         .residual = residual,
                                         .residual_step = plan->residual_stride};
    plan->kernels->convolve_depthwise_pixels(&kernel);
    for (int64_t i = 0; plan->activate_after && i < run->pixels; i++) {
        float *pixel = output + i * plan->output_stride;
        cnn_conv2d_finish(plan, &pixel, 1, 0, plan->desc.output_channels);
    }
}

/* Taps in the padding are left out of the sum. A tap outside the first-level cache costs little: going down the image in
 * narrow strips, which reads the input once, was slower for the calls that it took. */
static void run_pixels(const cnn_conv2d_work *work, const pixel_run *run, const float **pointers, const float *residual,
                       float *output)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis_phase *v = run->vertical, *h = run->horizontal;
    const int64_t channels = plan->desc.input_channels;
    const float **weights = pointers + plan->taps;
    int32_t row_first, row_last, first, last;
    int64_t taps = 0;
    cnn_axis_phase_taps(v, run->y, &row_first, &row_last);
    cnn_axis_phase_taps(h, run->x, &first, &last);
    for (int32_t i = row_first; i < row_last; i++) {
        const int64_t row = run->y * v->stride + v->offset + i * v->offset_step, ky = v->tap_first + i * v->tap_step;
        for (int32_t j = first; j < last; j++, taps++) {
            const int64_t column = run->x * h->stride + h->offset + j * h->offset_step;
            const int64_t kx = h->tap_first + (int64_t)j * h->tap_step;
            pointers[taps] = run->image + (row * h->input + column) * channels;
            weights[taps] = work->packed + (ky * plan->horizontal.window + kx) * plan->period;
        }
    }
    if (plan->flat)
        run_flat(work, taps, run->pixels * channels, pointers, residual, output);
    else
        run_apart(work, run, taps, pointers, residual, output);
}

/* Items are output rows. */
static void run_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_conv2d_work *work = argument;
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t image_elements = (int64_t)v->input * h->input * plan->desc.input_channels;
    const int32_t down = cnn_axis_phases(v), across = cnn_axis_phases(h);
    void *pointers = work->workspace + thread * plan->workspace_bytes;
    int32_t inside_first = 0, inside_last = 0;
    if (across == 1) cnn_axis_interior(h, &inside_first, &inside_last);
    for (int64_t item = begin; item < end; item++) {
        const int32_t y = (int32_t)(item % v->output);
        const cnn_axis_phase vertical = cnn_axis_phase_at(v, y % down);
        cnn_axis_phase horizontal = cnn_axis_phase_at(h, 0);
        for (int32_t x = 0; x < h->output;) {
            if (across > 1) horizontal = cnn_axis_phase_at(h, x % across);
            const int64_t place = item * h->output + x;
            pixel_run run = {.image = work->input + item / v->output * image_elements,
                             .vertical = &vertical,
                             .horizontal = &horizontal,
                             .y = y / down,
                             .x = x / across,
                             .pixels = 1};
            if (x == inside_first && inside_last > inside_first) run.pixels = inside_last - inside_first;
            run_pixels(work, &run, pointers, work->residual ? work->residual + place * plan->residual_stride : NULL,
                       work->output + place * plan->output_stride);
            x += (int32_t)run.pixels;
        }
    }
}

/* A block of channels begins here; bands take whole vectors, but for what is left in the last one. */
static int64_t first_of_block(const cnn_conv2d_plan *plan, int64_t block)
{
    const int64_t lanes = plan->kernels->lanes, channels = plan->desc.input_channels;
    return block == plan->blocks ? channels : channels / lanes * block / plan->blocks * lanes;
}

/* Whether the weights of a block of channels lie together. They come from memory, and what lies in one piece the processor
 * fetches ahead. Where the last vector is not full another kernel may have to do the work, which reads all channels. */
static int has_blocks_of_weights(const cnn_conv2d_plan *plan)
{
    return plan->blocks > 1 && plan->desc.input_channels % plan->kernels->lanes == 0;
}

/* A band of rows, which afterwards stands at the row behind them. */
static void run_band(const cnn_conv2d_plan *plan, cnn_band *band)
{
    plan->kernels->convolve_depthwise_band(band);
    for (int64_t i = 0; plan->activate_after && i < band->rows * band->pixels; i++) {
        float *pixel = band->output + i * plan->output_stride;
        cnn_conv2d_finish(plan, &pixel, 1, 0, band->channels);
    }
    band->top += band->rows * band->stride_down;
    band->output += band->rows * band->output_row;
    if (band->residual) band->residual += band->rows * band->residual_row;
}

/* A block of channels of the rows begin..end-1 of an image. The weights of the next block come to the cache meanwhile. */
static void run_block(const cnn_conv2d_work *work, int64_t block, int64_t begin, int64_t end)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t first = first_of_block(plan, block), count = first_of_block(plan, block + 1) - first;
    const int apart = has_blocks_of_weights(plan);
    cnn_band band = cnn_conv2d_band(work, begin, 0, first, count);
    band.group = 1;
    band.weights = work->packed + (apart ? first * plan->taps : first);
    band.tap_step = apart ? count : plan->period;
    for (int64_t i = 0; apart && i < plan->taps * count; i += CNN_LINE)
        CNN_PREFETCH(band.weights + plan->taps * count + i, 3);
    for (int64_t row = begin; row < end && !cnn_is_cancelled(work->context); row += band.rows) {
        band.rows = cnn_smaller(end - row, plan->kernels->band_rows);
        run_band(plan, &band);
    }
}

/* Items are output rows. The channels of a block go down the rows of an image that this call has; threads never share the
 * channels of a pixel, because each would fetch ahead into what the other is writing. */
static void run_bands(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_conv2d_work *work = argument;
    const int64_t height = work->plan->vertical.output;
    (void)thread;
    while (begin < end) {
        const int64_t next = cnn_smaller(end, (begin / height + 1) * height);
        for (int64_t block = 0; block < work->plan->blocks; block++)
            run_block(work, block, begin, next);
        begin = next;
    }
}

cnn_status cnn_conv2d_depthwise_run(const cnn_conv2d_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t rows = plan->output_pixels / plan->horizontal.output;
    const int whole = plan->desc.input_channels % plan->kernels->lanes == 0;
    const int banded = plan->blocks > 0 && (whole || work->residual != work->output);
    const int64_t cost = 2 * (plan->multiply_accumulates / rows);
    if (banded) return cnn_parallel_whole(work->context, rows, cost, run_bands, work); /* pieces would cut bands */
    return cnn_parallel(work->context, rows, cost, run_rows, work);
}

void cnn_conv2d_depthwise_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed)
{
    const int64_t channels = plan->desc.input_channels, blocks = has_blocks_of_weights(plan) ? plan->blocks : 1;
    const cnn_weight_steps *steps = &plan->weight_steps;
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t first = blocks == 1 ? 0 : first_of_block(plan, block);
        const int64_t width = blocks == 1 ? plan->period : first_of_block(plan, block + 1) - first;
        for (int64_t i = 0; i < plan->taps * width; i++) {
            const int64_t tap = i / width, p = first + i % width, channel = plan->flat ? p % channels : p;
            packed[first * plan->taps + i] =
                channel < channels ? weights[steps->start + channel * steps->group + tap * steps->tap] : 0.0f;
        }
    }
    for (int64_t p = 0; p < plan->period; p++) {
        const int64_t channel = plan->flat ? p % channels : p;
        packed[plan->bias_offset + p] = channel < channels && bias ? bias[channel] : 0.0f;
    }
}
