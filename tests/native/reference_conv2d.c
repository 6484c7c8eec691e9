/* reference_conv2d.c - convolution and activations by their definitions. */
#include "reference.h"

#include <math.h>

reference_axis reference_place(cnn_padding_mode mode, int64_t input, int64_t window, int64_t stride, int64_t dilation,
                               int64_t before, int64_t after, int ceil_mode)
{
    const int64_t extent = (window - 1) * dilation + 1;
    reference_axis axis = {0, before, after};
    if (mode == CNN_PADDING_VALID) axis.before = axis.after = 0;
    if (mode == CNN_PADDING_SAME || mode == CNN_PADDING_SAME_LOWER) {
        axis.output = (input + stride - 1) / stride;
        int64_t all = (axis.output - 1) * stride + extent - input;
        if (all < 0) all = 0;
        axis.before = mode == CNN_PADDING_SAME ? all / 2 : all - all / 2;
        axis.after = all - axis.before;
        return axis;
    }
    const int64_t room = input + axis.before + axis.after - extent;
    if (room < 0) return axis;
    axis.output = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    if (ceil_mode && (axis.output - 1) * stride >= input + axis.before) axis.output--;
    return axis;
}

double reference_activation(cnn_activation_kind kind, double alpha, double beta, double x)
{
    switch (kind) {
    case CNN_ACTIVATION_RELU:
        return x < 0 ? 0 : x;
    case CNN_ACTIVATION_LEAKY_RELU:
        return x < 0 ? alpha * x : x;
    case CNN_ACTIVATION_TANH:
        return tanh(x);
    case CNN_ACTIVATION_SIGMOID:
        return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
    case CNN_ACTIVATION_ELU:
        return x < 0 ? alpha * expm1(x) : x;
    case CNN_ACTIVATION_SELU:
        return 1.0507009873554804934 * (x < 0 ? 1.6732632423543772848 * expm1(x) : x);
    case CNN_ACTIVATION_GELU:
        return x * 0.5 * erfc(-x * 0.70710678118654752440);
    case CNN_ACTIVATION_SILU:
        return x < 0 ? x * exp(x) / (1 + exp(x)) : x / (1 + exp(-x));
    case CNN_ACTIVATION_HARD_SWISH:
        return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6;
    case CNN_ACTIVATION_MISH:
        return x * tanh(x > 30 ? x : log1p(exp(x)));
    case CNN_ACTIVATION_HARD_SIGMOID:
        return alpha * x + beta > 1 ? 1 : alpha * x + beta < 0 ? 0 : alpha * x + beta;
    case CNN_ACTIVATION_SOFTPLUS:
        return x > 40 ? x : log1p(exp(x));
    case CNN_ACTIVATION_CLIP: /* where the limits are crossed, the upper one wins */
        return x > beta || alpha > beta ? beta : x < alpha ? alpha : x;
    default:
        return x;
    }
}

double reference_slope(cnn_activation_kind kind, double alpha)
{
    switch (kind) {
    case CNN_ACTIVATION_LEAKY_RELU:
    case CNN_ACTIVATION_ELU:
    case CNN_ACTIVATION_HARD_SIGMOID:
        return fabs(alpha) > 1 ? fabs(alpha) : 1;
    case CNN_ACTIVATION_SIGMOID:
        return 0.25;
    case CNN_ACTIVATION_SELU:
        return 1.7581;
    case CNN_ACTIVATION_GELU:
        return 1.13;
    case CNN_ACTIVATION_SILU:
    case CNN_ACTIVATION_MISH:
        return 1.1;
    case CNN_ACTIVATION_HARD_SWISH:
        return 1.5;
    default:
        return 1;
    }
}

typedef struct window {
    const cnn_conv2d_desc *desc;
    reference_axis vertical;
    reference_axis horizontal;
    const float *image;
    const float *filter;
    int64_t channel; /* the first input channel of the group */
    int64_t channels;
} window;

static void sum_window(const window *w, int64_t y, int64_t x, double *sum, double *magnitude)
{
    const cnn_conv2d_desc *d = w->desc;
    for (int64_t ky = 0; ky < d->kernel_height; ky++) {
        const int64_t row = y * d->stride_height - w->vertical.before + ky * d->dilation_height;
        for (int64_t kx = 0; kx < d->kernel_width; kx++) {
            const int64_t column = x * d->stride_width - w->horizontal.before + kx * d->dilation_width;
            if (row < 0 || row >= d->input_height || column < 0 || column >= d->input_width) continue;
            const float *pixel = w->image + (row * d->input_width + column) * d->input_channels + w->channel;
            const float *weight = w->filter + (ky * d->kernel_width + kx) * w->channels;
            for (int64_t c = 0; c < w->channels; c++) {
                *sum += (double)pixel[c] * weight[c];
                *magnitude += fabs((double)pixel[c] * weight[c]);
            }
        }
    }
}

void reference_conv2d(const cnn_conv2d_desc *d, const float *input, const float *weights, const float *bias, double *sums,
                      double *magnitudes)
{
    const int64_t outputs = d->output_channels / d->groups;
    window w = {.desc = d, .channels = d->input_channels / d->groups};
    w.vertical = reference_place(d->padding_mode, d->input_height, d->kernel_height, d->stride_height, d->dilation_height,
                                 d->padding_top, d->padding_bottom, 0);
    w.horizontal = reference_place(d->padding_mode, d->input_width, d->kernel_width, d->stride_width, d->dilation_width,
                                   d->padding_left, d->padding_right, 0);
    const int64_t image = (int64_t)d->input_height * d->input_width * d->input_channels;
    for (int64_t n = 0, i = 0; n < d->batch; n++)
        for (int64_t y = 0; y < w.vertical.output; y++)
            for (int64_t x = 0; x < w.horizontal.output; x++)
                for (int64_t o = 0; o < d->output_channels; o++, i++) {
                    w.image = input + n * image;
                    w.filter = weights + o * d->kernel_height * d->kernel_width * w.channels;
                    w.channel = o / outputs * w.channels;
                    sums[i] = bias ? bias[o] : 0;
                    magnitudes[i] = fabs(sums[i]);
                    sum_window(&w, y, x, &sums[i], &magnitudes[i]);
                }
}

/* Adds what one output pixel of desc gives back to the pixels that its window saw. */
static void scatter_window(const window *w, int64_t y, int64_t x, double value, double *sums, double *magnitudes)
{
    const cnn_conv2d_desc *d = w->desc;
    for (int64_t ky = 0; ky < d->kernel_height; ky++) {
        const int64_t row = y * d->stride_height - w->vertical.before + ky * d->dilation_height;
        for (int64_t kx = 0; kx < d->kernel_width; kx++) {
            const int64_t column = x * d->stride_width - w->horizontal.before + kx * d->dilation_width;
            if (row < 0 || row >= d->input_height || column < 0 || column >= d->input_width) continue;
            const int64_t pixel = (row * d->input_width + column) * d->input_channels + w->channel;
            const float *weight = w->filter + (ky * d->kernel_width + kx) * w->channels;
            for (int64_t c = 0; c < w->channels; c++) {
                sums[pixel + c] += value * weight[c];
                magnitudes[pixel + c] += fabs(value * weight[c]);
            }
        }
    }
}

void reference_conv2d_transpose(const cnn_conv2d_desc *d, const float *input, const float *weights, const float *bias,
                                double *sums, double *magnitudes)
{
    const int64_t outputs = d->output_channels / d->groups;
    const int64_t image = (int64_t)d->input_height * d->input_width * d->input_channels;
    window w = {.desc = d, .channels = d->input_channels / d->groups};
    w.vertical = reference_place(d->padding_mode, d->input_height, d->kernel_height, d->stride_height, d->dilation_height,
                                 d->padding_top, d->padding_bottom, 0);
    w.horizontal = reference_place(d->padding_mode, d->input_width, d->kernel_width, d->stride_width, d->dilation_width,
                                   d->padding_left, d->padding_right, 0);
    for (int64_t i = 0; i < d->batch * image; i++) {
        sums[i] = bias ? bias[i % d->input_channels] : 0;
        magnitudes[i] = fabs(sums[i]);
    }
    for (int64_t n = 0, i = 0; n < d->batch; n++)
        for (int64_t y = 0; y < w.vertical.output; y++)
            for (int64_t x = 0; x < w.horizontal.output; x++)
                for (int64_t o = 0; o < d->output_channels; o++, i++) {
                    w.filter = weights + o * d->kernel_height * d->kernel_width * w.channels;
                    w.channel = o / outputs * w.channels;
                    scatter_window(&w, y, x, input[i], sums + n * image, magnitudes + n * image);
                }
}

/* Adds what one output pixel, whose gradient is `value`, gives to the filter that made it. */
static void add_window(const window *w, int64_t y, int64_t x, double value, double *weights, double *magnitudes)
{
    const cnn_conv2d_desc *d = w->desc;
    for (int64_t ky = 0; ky < d->kernel_height; ky++) {
        const int64_t row = y * d->stride_height - w->vertical.before + ky * d->dilation_height;
        for (int64_t kx = 0; kx < d->kernel_width; kx++) {
            const int64_t column = x * d->stride_width - w->horizontal.before + kx * d->dilation_width;
            if (row < 0 || row >= d->input_height || column < 0 || column >= d->input_width) continue;
            const float *pixel = w->image + (row * d->input_width + column) * d->input_channels + w->channel;
            const int64_t tap = (ky * d->kernel_width + kx) * w->channels;
            for (int64_t c = 0; c < w->channels; c++) {
                weights[tap + c] += value * pixel[c];
                magnitudes[tap + c] += fabs(value * pixel[c]);
            }
        }
    }
}

void reference_conv2d_weights(const cnn_conv2d_desc *d, const float *input, const float *output_gradient, double *weights,
                              double *magnitudes)
{
    const int64_t outputs = d->output_channels / d->groups;
    window w = {.desc = d, .channels = d->input_channels / d->groups};
    const int64_t filter = d->kernel_height * d->kernel_width * w.channels;
    w.vertical = reference_place(d->padding_mode, d->input_height, d->kernel_height, d->stride_height, d->dilation_height,
                                 d->padding_top, d->padding_bottom, 0);
    w.horizontal = reference_place(d->padding_mode, d->input_width, d->kernel_width, d->stride_width, d->dilation_width,
                                   d->padding_left, d->padding_right, 0);
    for (int64_t n = 0, i = 0; n < d->batch; n++)
        for (int64_t y = 0; y < w.vertical.output; y++)
            for (int64_t x = 0; x < w.horizontal.output; x++)
                for (int64_t o = 0; o < d->output_channels; o++, i++) {
                    w.image = input + n * d->input_height * d->input_width * d->input_channels;
                    w.channel = o / outputs * w.channels;
                    add_window(&w, y, x, output_gradient[i], weights + o * filter, magnitudes + o * filter);
                }
}
