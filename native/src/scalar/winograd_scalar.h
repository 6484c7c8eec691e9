/* winograd_scalar.h - the Winograd transforms as the paper writes them: a matrix from each side, in float64. */
#ifndef CNN_WINOGRAD_SCALAR_H
#define CNN_WINOGRAD_SCALAR_H

#include "kernels.h"

static const double winograd_bt_4[6 * 6] = {4, 0,  -5, 0, 1, 0, 0, -4, -4, 1,  1, 0, 0, 4, -4, -1, 1, 0,
                                            0, -2, -1, 2, 1, 0, 0, 2,  -1, -2, 1, 0, 0, 4, 0,  -5, 0, 1};
static const double winograd_at_4[4 * 6] = {1, 1, 1, 1, 1, 0, 0, 1, -1, 2, -2, 0, 0, 1, 1, 4, 4, 0, 0, 1, -1, 8, -8, 1};
static const double winograd_bt_2[4 * 4] = {1, 0, -1, 0, 0, 1, 1, 0, 0, -1, 1, 0, 0, 1, 0, -1};
static const double winograd_at_2[2 * 4] = {1, 1, 1, 0, 0, 1, -1, -1};
static const double winograd_g_4[6 * 3] = {1.0 / 4,  0,         0,        -1.0 / 6, -1.0 / 6, -1.0 / 6,
                                           -1.0 / 6, 1.0 / 6,   -1.0 / 6, 1.0 / 24, 1.0 / 12, 1.0 / 6,
                                           1.0 / 24, -1.0 / 12, 1.0 / 6,  0,        0,        1};
static const double winograd_g_2[4 * 3] = {1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1};

/* result (rows x rows) = matrix (rows x size) * square (size x size) * transposed matrix. */
static void winograd_sandwich(const double *matrix, int rows, int size, const double *square, double *result)
{
    double half[6 * 6];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < size; j++) {
            half[i * size + j] = 0;
            for (int k = 0; k < size; k++)
                half[i * size + j] += matrix[i * size + k] * square[k * size + j];
        }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < rows; j++) {
            result[i * rows + j] = 0;
            for (int k = 0; k < size; k++)
                result[i * rows + j] += half[i * size + k] * matrix[j * size + k];
        }
}

static void winograd_input(const double *bt, int size, const float *const *pixels, int64_t channels, float *output,
                           int64_t stride)
{
    for (int64_t c = 0; c < channels; c++) {
        double patch[6 * 6], result[6 * 6];
        for (int i = 0; i < size * size; i++)
            patch[i] = pixels[i][c];
        winograd_sandwich(bt, size, size, patch, result);
        for (int i = 0; i < size * size; i++)
            output[i * stride + c] = (float)result[i];
    }
}

static void winograd_output(const double *at, int tile, int size, const cnn_winograd_output *work)
{
    for (int64_t c = 0; c < work->channels; c++) {
        double products[6 * 6], result[4 * 4];
        for (int i = 0; i < size * size; i++)
            products[i] = work->input[i * work->stride + c];
        winograd_sandwich(at, tile, size, products, result);
        for (int i = 0; i < tile * tile; i++)
            if (work->pixels[i]) {
                const double residual = work->residuals ? work->residuals[i][c] : 0;
                work->pixels[i][c] = clamp(result[i] + work->bias[c] + residual, work->lower, work->upper);
            }
    }
}

static void winograd_input_4(const float *const *pixels, int64_t channels, float *output, int64_t stride)
{
    winograd_input(winograd_bt_4, 6, pixels, channels, output, stride);
}

static void winograd_input_2(const float *const *pixels, int64_t channels, float *output, int64_t stride)
{
    winograd_input(winograd_bt_2, 4, pixels, channels, output, stride);
}

static void winograd_output_4(const cnn_winograd_output *work)
{
    winograd_output(winograd_at_4, 4, 6, work);
}

static void winograd_output_2(const cnn_winograd_output *work)
{
    winograd_output(winograd_at_2, 2, 4, work);
}

static void winograd_filters(const double *g, int size, const float *taps, int64_t count, float *output, int64_t stride)
{
    for (int64_t i = 0; i < count; i++) {
        double filter[3 * 3], result[6 * 6];
        for (int t = 0; t < 9; t++)
            filter[t] = taps[t * count + i];
        winograd_sandwich(g, size, 3, filter, result);
        for (int v = 0; v < size * size; v++)
            output[v * stride + i] = (float)result[v];
    }
}

static void winograd_filters_4(const float *taps, int64_t count, float *output, int64_t stride)
{
    winograd_filters(winograd_g_4, 6, taps, count, output, stride);
}

static void winograd_filters_2(const float *taps, int64_t count, float *output, int64_t stride)
{
    winograd_filters(winograd_g_2, 4, taps, count, output, stride);
}

/* A is what winograd_at_4 is the transpose of, and so is G' that of winograd_g_4. */
static const double winograd_a_4[6 * 4] = {1, 0, 0, 0, 1, 1, 1, 1, 1, -1, 1, -1, 1, 2, 4, 8, 1, -2, 4, -8, 0, 0, 0, 1};
static const double winograd_gt_4[3 * 6] = {1.0 / 4, -1.0 / 6, -1.0 / 6, 1.0 / 24, 1.0 / 24,  0,
                                            0,       -1.0 / 6, 1.0 / 6,  1.0 / 12, -1.0 / 12, 0,
                                            0,       -1.0 / 6, -1.0 / 6, 1.0 / 6,  1.0 / 6,   1};

static void winograd_gradient_4(const float *const *pixels, int64_t channels, float *output, int64_t stride)
{
    for (int64_t c = 0; c < channels; c++) {
        double tile[4 * 4], result[6 * 6];
        for (int i = 0; i < 16; i++)
            tile[i] = pixels[i][c];
        winograd_sandwich(winograd_a_4, 6, 4, tile, result);
        for (int i = 0; i < 36; i++)
            output[i * stride + c] = (float)result[i];
    }
}

static void winograd_taps_4(const float *input, int64_t stride, int64_t count, int continued, float *output)
{
    for (int64_t c = 0; c < count; c++) {
        double values[6 * 6], taps[3 * 3];
        for (int i = 0; i < 36; i++)
            values[i] = input[i * stride + c];
        winograd_sandwich(winograd_gt_4, 3, 6, values, taps);
        for (int i = 0; i < 9; i++)
            output[i * count + c] = (float)(taps[i] + (continued ? output[i * count + c] : 0));
    }
}

#endif
