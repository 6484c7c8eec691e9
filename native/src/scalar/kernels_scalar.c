/* kernels_scalar.c - every kernel in portable C, written to be read: the tier that runs anywhere, and what the others are
 * tested against. Sums and functions are computed in float64 and rounded once. */
#include "kernels.h"

#include <math.h>

#define TILE_ROWS 4
#define OUTER_ROWS 4
#define OUTER_COLUMNS 12
#define TILE_COLUMNS 4

static float clamp(double value, float lower, float upper)
{
    float rounded = (float)value;
    if (rounded < lower) return lower; /* written so that a NaN passes */
    if (rounded > upper) return upper;
    return rounded;
}

#include "portable/fill.h"
#include "portable/random.h"
#include "scalar/gemm_scalar.h"
#include "scalar/lrn_scalar.h"
#include "scalar/norm_scalar.h"
#include "scalar/planes_scalar.h"
#include "scalar/pool_scalar.h"
#include "scalar/rearrange_scalar.h"
#include "scalar/runs_scalar.h"
#include "scalar/winograd_scalar.h"

static void convolve_tile(const cnn_tile *tile)
{
    for (int32_t i = 0; i < tile->row_count; i++) {
        for (int32_t j = 0; j < tile->column_count; j++) {
            const float *weight = tile->packed + j;
            double sum = tile->bias[j];
            if (tile->residuals) sum += tile->residuals[i][tile->output_offset + j];
            for (int64_t t = 0; t < tile->taps; t++) {
                const float *row = tile->rows[t * tile->row_step + i] + tile->channel_offset + t * tile->tap_step;
                for (int64_t c = 0; c < tile->channels; c++, weight += TILE_COLUMNS)
                    sum += (double)row[c] * *weight;
            }
            tile->outputs[i][tile->output_offset + j] = clamp(sum, tile->lower, tile->upper);
        }
    }
}

static void convolve_depthwise(const cnn_depthwise *work)
{
    for (int64_t i = 0; i < work->count; i++) {
        int64_t p = i % work->period;
        double sum = work->bias[p];
        if (work->residual) sum += work->residual[i];
        for (int64_t t = 0; t < work->taps; t++)
            sum += (double)work->rows[t][i] * work->weights[t][p];
        work->output[i] = clamp(sum, work->lower, work->upper);
    }
}

static void convolve_depthwise_pixels(const cnn_depthwise_pixels *work)
{
    for (int64_t p = 0; p < work->pixels; p++)
        for (int64_t c = 0; c < work->channels; c++) {
            double sum = work->bias[c];
            if (work->residual) sum += work->residual[p * work->residual_step + c];
            for (int64_t t = 0; t < work->taps; t++)
                sum += (double)work->rows[t][p * work->row_step + c] * work->weights[t][c];
            work->output[p * work->output_step + c] = clamp(sum, work->lower, work->upper);
        }
}

static float band_element(const cnn_band *band, int64_t row, int64_t pixel, int64_t c)
{
    const int64_t group = band->group, first = c / group * group;
    double sum = band->bias[c];
    if (band->residual) sum += band->residual[row * band->residual_row + pixel * band->residual_step + c];
    for (int64_t i = 0; i < band->window_down; i++)
        for (int64_t j = 0; j < band->window; j++) {
            const int64_t y = band->top + row * band->stride_down + i, x = band->left + pixel * band->stride + j;
            if (y < 0 || y >= band->height || x < 0 || x >= band->width) continue;
            const float *input = band->input + y * band->input_row + x * band->input_step + first;
            for (int64_t k = 0; k < group; k++)
                sum += (double)input[k] * band->weights[((i * group + k) * band->window + j) * band->tap_step + c];
        }
    return clamp(sum, band->lower, band->upper);
}

/* Depthwise and grouped ones: the sum is the same, and so is its order. */
static void convolve_band(const cnn_band *band)
{
    for (int64_t row = 0; row < band->rows; row++)
        for (int64_t pixel = 0; pixel < band->pixels; pixel++)
            for (int64_t c = 0; c < band->channels; c++)
                band->output[row * band->output_row + pixel * band->output_step + c] = band_element(band, row, pixel, c);
}

static void add_outer(const cnn_outer *work)
{
    for (int32_t i = 0; i < work->output_count; i++)
        for (int32_t j = 0; j < work->element_count; j++) {
            float *target = &work->sums[i * work->sums_step + j];
            double sum = work->continued ? *target : 0;
            for (int64_t s = 0; s < work->segments; s++) {
                const float *row = work->rows[s] + work->row_offset + j;
                const float *gradient = work->gradients[s] + work->gradient_offset + i;
                for (int64_t p = 0; p < work->count; p++)
                    sum += (double)row[p * work->row_step] * gradient[p * work->gradient_step];
            }
            *target = (float)sum;
        }
}

static void copy_patches(int64_t pixels, int64_t lines, const float *const *rows, int64_t row_step, int64_t run,
                         float *target)
{
    for (int64_t p = 0; p < pixels; p++)
        for (int64_t l = 0; l < lines; l++)
            memcpy(target + (p * lines + l) * run, rows[l] + p * row_step, (size_t)run * sizeof *target);
}

static void add_products(const cnn_products *work)
{
    const int64_t channels = work->channels;
    for (int64_t i = 0; i < work->lines * work->taps * channels; i++) {
        const int64_t tap = i / channels, c = i % channels, shift = tap % work->taps * work->dilation - work->padding;
        const float *row = work->rows + tap / work->taps * work->line_step + c;
        double sum = work->sums[i];
        for (int64_t p = 0; p < work->count; p++) {
            const int64_t x = p * work->stride + shift;
            if (x >= 0 && x < work->width) sum += (double)row[x * channels] * work->columns[p * channels + c];
        }
        work->sums[i] = (float)sum;
    }
}

static void max_rows(int64_t row_count, const float *const *rows, int64_t count, float *output)
{
    for (int64_t i = 0; i < count; i++) {
        float largest = rows[0][i];
        for (int64_t r = 1; r < row_count; r++)
            if (rows[r][i] > largest || isnan(rows[r][i])) largest = rows[r][i];
        output[i] = largest;
    }
}

static void sum_rows(int64_t row_count, const float *const *rows, int64_t count, float scale, float *output)
{
    for (int64_t i = 0; i < count; i++) {
        double sum = rows[0][i];
        for (int64_t r = 1; r < row_count; r++)
            sum += rows[r][i];
        output[i] = (float)(sum * scale);
    }
}

static double sigmoid(double x)
{
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

static double softplus(double x)
{
    return (x > 0 ? x : 0) + (x > 0 ? log1p(exp(-x)) : log1p(exp(x)));
}

static double limit(double x, double low, double high) /* a NaN passes; the upper limit wins */
{
    const double raised = x < low ? low : x;
    return raised > high ? high : raised;
}

static double activation(cnn_activation_kind kind, double alpha, double beta, double x)
{
    const double selu_scale = 1.0507009873554804934, selu_alpha = 1.6732632423543772848, sqrt_half = 0.70710678118654752440;
    switch (kind) {
    case CNN_ACTIVATION_NONE:
        return x;
    case CNN_ACTIVATION_RELU:
        return x < 0 ? 0 : x;
    case CNN_ACTIVATION_LEAKY_RELU:
        return x < 0 ? alpha * x : x;
    case CNN_ACTIVATION_TANH:
        return tanh(x);
    case CNN_ACTIVATION_SIGMOID:
        return sigmoid(x);
    case CNN_ACTIVATION_ELU:
        return x < 0 ? alpha * expm1(x) : x;
    case CNN_ACTIVATION_SELU:
        return x < 0 ? selu_scale * selu_alpha * expm1(x) : selu_scale * x;
    case CNN_ACTIVATION_GELU:
        return x * 0.5 * erfc(-x * sqrt_half);
    case CNN_ACTIVATION_SILU:
        return x * sigmoid(x);
    case CNN_ACTIVATION_HARD_SWISH:
        return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6;
    case CNN_ACTIVATION_MISH:
        return x * tanh(softplus(x));
    case CNN_ACTIVATION_HARD_SIGMOID:
        return limit(alpha * x + beta, 0, 1);
    case CNN_ACTIVATION_SOFTPLUS:
        return softplus(x);
    case CNN_ACTIVATION_CLIP:
        return limit(x, alpha, beta);
    }
    return x;
}

static void activate(cnn_activation_kind kind, float alpha, float beta, int64_t count, const float *input, float *output)
{
    for (int64_t i = 0; i < count; i++)
        output[i] = (float)activation(kind, alpha, beta, input[i]);
}

static void softmax_rows(int64_t rows, int64_t channels, const float *input, float *output)
{
    for (int64_t row = 0; row < rows; row++, input += channels, output += channels) {
        float largest = input[0];
        double sum = 0;
        for (int64_t c = 1; c < channels; c++)
            if (input[c] > largest || isnan(input[c])) largest = input[c];
        for (int64_t c = 0; c < channels; c++)
            sum += exp((double)input[c] - largest);
        for (int64_t c = 0; c < channels; c++)
            output[c] = (float)(exp((double)input[c] - largest) / sum);
    }
}

static void add(int64_t count, const float *left, const float *right, float *output)
{
    for (int64_t i = 0; i < count; i++)
        output[i] = left[i] + right[i];
}

#include "scalar/activation_scalar.h"
#include "scalar/losses_scalar.h"
#include "scalar/optimizers_scalar.h"
#include "scalar/pointwise_scalar.h"
#include "sums.h"

const cnn_kernels cnn_kernels_scalar = {
    .isa = CNN_ISA_SCALAR,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .column_step = TILE_COLUMNS,
    .tall_tile_rows = TILE_ROWS,
    .tall_columns = TILE_COLUMNS,
    .outer_rows = OUTER_ROWS,
    .outer_columns = OUTER_COLUMNS,
    .rows_per_block = 16,
    .plane_outputs = PLANE_OUTPUTS,
    .depthwise_block = 1,
    .band_rows = 2,
    .lanes = PLANE_LANES,
    .gemm_name = "implicit-gemm 4x4 scalar",
    .depthwise_name = "depthwise scalar",
    .grouped_name = "grouped scalar",
    .scatter_name = "scatter scalar",
    .planes_name = "planes scalar",
    .winograd_4_name = "winograd 4x4 scalar",
    .winograd_2_name = "winograd 2x2 scalar",
    .convolve_tile = convolve_tile,
    .convolve_planes = convolve_planes,
    .convolve_depthwise = convolve_depthwise,
    .convolve_depthwise_pixels = convolve_depthwise_pixels,
    .convolve_depthwise_band = convolve_band,
    .convolve_grouped_band = convolve_band,
    .add_outer = add_outer,
    .copy_patches = copy_patches,
    .add_products = add_products,
    .sum_runs = sum_runs,
    .winograd_input_4 = winograd_input_4,
    .winograd_input_2 = winograd_input_2,
    .winograd_gradient_4 = winograd_gradient_4,
    .winograd_taps_4 = winograd_taps_4,
    .winograd_output_4 = winograd_output_4,
    .winograd_output_2 = winograd_output_2,
    .max_rows = max_rows,
    .sum_rows = sum_rows,
    .max_windows = max_windows,
    .sum_windows = sum_windows,
    .spread_windows = spread_windows,
    .activate = activate,
    .softmax_rows = softmax_rows,
    .add = add,
    .column_moments = column_moments,
    .column_products = column_products,
    .layer_products = layer_products,
    .norm_rows = norm_rows,
    .norm_gradient_rows = norm_gradient_rows,
    .row_moments = row_moments,
    .row_products = row_products,
    .layer_row = layer_row,
    .layer_gradient_row = layer_gradient_row,
    .window_sums = window_sums,
    .inverse_power = inverse_power,
    .max_rows_indexed = max_rows_indexed,
    .weighted_rows = weighted_rows,
    .activate_backward = activate_backward,
    .prelu = prelu,
    .prelu_backward = prelu_backward,
    .binary = binary,
    .unary = unary,
    .sum = sum_elements,
    .sum_of_squares = sum_of_squares,
    .sum_of_exponentials = sum_of_exponentials,
    .scaled_exponentials = scaled_exponentials,
    .loss = loss,
    .optimize = optimize,
    .transpose = transpose,
    .resample = resample,
    .random_words = random_words,
    .random_uniform = random_uniform,
    .random_normal = random_normal,
    .drop = drop,
    .gemm_depth = 256,
    .gemm_rows = 96,
    .gemm_columns = 512,
    .product_packed_name = "gemm packed scalar",
    .product_plain_name = "gemm plain scalar",
    .product_dots_name = "gemv dots scalar",
    .product_sums_name = "gemv sums scalar",
    .multiply_plain = multiply_plain,
    .dot_rows = dot_rows,
    .entropy_sums = entropy_sums,
    .entropy_gradient = entropy_gradient,
    .winograd_filters_4 = winograd_filters_4,
    .winograd_filters_2 = winograd_filters_2,
    .max_windows_indexed = max_windows_indexed,
    .add_to_maxima = add_to_maxima,
    .write_maxima = write_maxima,
    .fill = fill,
    .range = range,
};
