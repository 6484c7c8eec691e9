/* reference_sample.c - each function gathers what belongs to one element, so that none is right because another is: the
 * gradients are not derived from the forward loop. */
#include "reference_sample.h"

#include "reference.h"

#include <math.h>

typedef struct place {
    const cnn_conv2d_desc *desc;
    reference_axis vertical, horizontal;
    int64_t inputs, outputs; /* channels of a group */
} place;

static place lay_out(const cnn_conv2d_desc *d)
{
    const place made = {d,
                        reference_place(d->padding_mode, d->input_height, d->kernel_height, d->stride_height,
                                        d->dilation_height, d->padding_top, d->padding_bottom, 0),
                        reference_place(d->padding_mode, d->input_width, d->kernel_width, d->stride_width, d->dilation_width,
                                        d->padding_left, d->padding_right, 0),
                        d->input_channels / d->groups, d->output_channels / d->groups};
    return made;
}

static void add(reference_element *element, double left, double right)
{
    element->sum += left * right;
    element->magnitude += fabs(left * right);
}

reference_element reference_sample_forward(const cnn_conv2d_desc *d, const float *input, const float *weights, int64_t index)
{
    const place p = lay_out(d);
    const int64_t o = index % d->output_channels, pixel = index / d->output_channels;
    const int64_t x = pixel % p.horizontal.output, y = pixel / p.horizontal.output % p.vertical.output;
    const int64_t n = pixel / p.horizontal.output / p.vertical.output, channel = o / p.outputs * p.inputs;
    reference_element element = {0, 0, (double)d->kernel_height * d->kernel_width * (double)p.inputs};
    for (int64_t ky = 0; ky < d->kernel_height; ky++)
        for (int64_t kx = 0; kx < d->kernel_width; kx++) {
            const int64_t row = y * d->stride_height - p.vertical.before + ky * d->dilation_height;
            const int64_t column = x * d->stride_width - p.horizontal.before + kx * d->dilation_width;
            if (row < 0 || row >= d->input_height || column < 0 || column >= d->input_width) continue;
            const float *from =
                input + ((n * d->input_height + row) * d->input_width + column) * d->input_channels + channel;
            const float *weight = weights + ((o * d->kernel_height + ky) * d->kernel_width + kx) * p.inputs;
            for (int64_t c = 0; c < p.inputs; c++)
                add(&element, from[c], weight[c]);
        }
    return element;
}

reference_element reference_sample_data(const cnn_conv2d_desc *d, const float *gradient, const float *weights, int64_t index)
{
    const place p = lay_out(d);
    const int64_t c = index % d->input_channels, pixel = index / d->input_channels;
    const int64_t column = pixel % d->input_width, row = pixel / d->input_width % d->input_height;
    const int64_t n = pixel / d->input_width / d->input_height, first = c / p.inputs * p.outputs;
    reference_element element = {0, 0, (double)d->kernel_height * d->kernel_width * (double)p.outputs};
    for (int64_t ky = 0; ky < d->kernel_height; ky++)
        for (int64_t kx = 0; kx < d->kernel_width; kx++) {
            const int64_t down = row + p.vertical.before - ky * d->dilation_height;
            const int64_t across = column + p.horizontal.before - kx * d->dilation_width;
            if (down < 0 || down % d->stride_height || across < 0 || across % d->stride_width) continue;
            const int64_t y = down / d->stride_height, x = across / d->stride_width;
            if (y >= p.vertical.output || x >= p.horizontal.output) continue;
            const float *from = gradient + ((n * p.vertical.output + y) * p.horizontal.output + x) * d->output_channels;
            for (int64_t o = first; o < first + p.outputs; o++)
                add(&element, from[o],
                    weights[((o * d->kernel_height + ky) * d->kernel_width + kx) * p.inputs + c % p.inputs]);
        }
    return element;
}

reference_element reference_sample_weights(const cnn_conv2d_desc *d, const float *input, const float *gradient,
                                           int64_t index)
{
    const place p = lay_out(d);
    const int64_t c = index % p.inputs, tap = index / p.inputs, kx = tap % d->kernel_width;
    const int64_t ky = tap / d->kernel_width % d->kernel_height, o = tap / d->kernel_width / d->kernel_height;
    const int64_t channel = o / p.outputs * p.inputs + c;
    reference_element element = {0, 0, (double)d->batch * (double)p.vertical.output * (double)p.horizontal.output};
    for (int64_t n = 0; n < d->batch; n++)
        for (int64_t y = 0; y < p.vertical.output; y++) {
            const int64_t row = y * d->stride_height - p.vertical.before + ky * d->dilation_height;
            if (row < 0 || row >= d->input_height) continue;
            const float *line = input + (n * d->input_height + row) * d->input_width * d->input_channels + channel;
            const float *from = gradient + (n * p.vertical.output + y) * p.horizontal.output * d->output_channels + o;
            for (int64_t x = 0; x < p.horizontal.output; x++) {
                const int64_t column = x * d->stride_width - p.horizontal.before + kx * d->dilation_width;
                if (column < 0 || column >= d->input_width) continue;
                add(&element, line[column * d->input_channels], from[x * d->output_channels]);
            }
        }
    return element;
}
