/* conv2d_edges.c - the first and the last step that ways to compute a convolution share: its biases, packed for the kernels,
 * what of an image a band of rows sees, and the part of the activation that the kernels leave. */
#include "conv2d.h"

#include <stddef.h>
#include <string.h>

void cnn_conv2d_pack_biases(const cnn_conv2d_plan *plan, const float *bias, float *packed)
{
    const int64_t padded = plan->columns;
    float *biases = packed + plan->bias_offset;
    for (int64_t i = 0; i < plan->desc.groups * padded; i++) {
        const int64_t group = i / padded, channel = i % padded;
        biases[i] = channel < plan->group_outputs && bias ? bias[group * plan->group_outputs + channel] : 0.0f;
    }
}

cnn_band cnn_conv2d_band(const cnn_conv2d_work *work, int64_t row, int64_t rows, int64_t first, int64_t count)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels, place = row * h->output;
    const int64_t image = row / v->output, y = row % v->output;
    return (cnn_band){.rows = rows,
                      .pixels = h->output,
                      .channels = count,
                      .window_down = v->window,
                      .window = h->window,
                      .stride_down = v->stride,
                      .stride = h->stride,
                      .top = y * v->stride - v->padding_before,
                      .left = -h->padding_before,
                      .height = v->input,
                      .width = h->input,
                      .input = work->input + image * v->input * h->input * channels + first,
                      .input_row = h->input * channels,
                      .input_step = channels,
                      .bias = work->packed + plan->bias_offset + first,
                      .lower = plan->lower,
                      .upper = plan->upper,
                      .output = work->output + place * plan->output_stride + first,
                      .output_row = h->output * plan->output_stride,
                      .output_step = plan->output_stride,
                      .residual = work->residual ? work->residual + place * plan->residual_stride + first : NULL,
                      .residual_row = h->output * plan->residual_stride,
                      .residual_step = plan->residual_stride};
}

void cnn_conv2d_finish(const cnn_conv2d_plan *plan, float *const *pixels, int64_t count, int64_t offset, int64_t columns)
{
    if (!plan->activate_after) return;
    for (int64_t i = 0; i < count;) {
        int64_t run = 1; /* pixels that follow each other without a gap go through the function together */
        while (i + run < count && pixels[i + run] == pixels[i] + run * columns)
            run++;
        float *first = pixels[i] + offset;
        plan->kernels->activate(plan->desc.activation, plan->desc.activation_alpha, plan->desc.activation_beta,
                                run * columns, first, first);
        i += run;
    }
}

void cnn_conv2d_finish_row(const cnn_conv2d_plan *plan, int64_t pixels, const float *residual, int clamped, float *row,
                           float *output)
{
    const cnn_kernels *kernels = plan->kernels;
    const int64_t channels = plan->desc.output_channels, count = pixels * channels;
    if (residual && plan->residual_stride == channels) kernels->add(count, row, residual, row);
    for (int64_t x = 0; residual && plan->residual_stride != channels && x < pixels; x++)
        kernels->add(channels, row + x * channels, residual + x * plan->residual_stride, row + x * channels);
    if (clamped ? plan->activate_after : plan->desc.activation != CNN_ACTIVATION_NONE)
        kernels->activate(plan->desc.activation, plan->desc.activation_alpha, plan->desc.activation_beta, count, row, row);
    if (plan->output_stride == channels) {
        memcpy(output, row, (size_t)count * sizeof *row);
        return;
    }
    for (int64_t x = 0; x < pixels; x++)
        memcpy(output + x * plan->output_stride, row + x * channels, (size_t)channels * sizeof *row);
}
