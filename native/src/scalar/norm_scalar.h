/* norm_scalar.h - the kernels of the normalisations in portable C: sums and products in float64, in the order of the data,
 * so that they read as the formulas of kernels.h do. */
#ifndef CNN_NORM_SCALAR_H
#define CNN_NORM_SCALAR_H

#include "kernels.h"

static void column_moments(const cnn_column_sums *work)
{
    for (int64_t r = 0; r < work->rows; r++)
        for (int64_t i = 0; i < work->count; i++) {
            double d = (double)work->input[r * work->stride + i] - work->center[i];
            work->first[i] += d;
            work->second[i] += d * d;
        }
}

/* input * scale + offset > 0, rounded once as the forward pass rounds it; a NaN is not positive. */
static int is_active(double input, double scale, double offset)
{
    return (float)(input * scale + offset) > 0;
}

static void column_products(const cnn_column_sums *work)
{
    for (int64_t r = 0; r < work->rows; r++)
        for (int64_t i = 0; i < work->count; i++) {
            double x = work->input[r * work->stride + i], dy = work->gradient[r * work->stride + i];
            if (work->scale && !is_active(x, work->scale[i], work->offset[i])) continue;
            work->first[i] += dy;
            work->second[i] += dy * (x - work->center[i]);
        }
}

static void layer_products(const cnn_column_sums *work)
{
    for (int64_t r = 0; r < work->rows; r++)
        for (int64_t i = 0; i < work->count; i++) {
            double x = work->input[r * work->stride + i], dy = work->gradient[r * work->stride + i];
            work->first[i] += dy;
            work->second[i] += dy * ((x - work->row_center[r]) * work->row_factor[r]);
        }
}

static void norm_rows(const cnn_norm_rows *work)
{
    for (int64_t r = 0; r < work->rows; r++)
        for (int64_t i = 0; i < work->count; i++) {
            float y = (float)((double)work->input[r * work->stride + i] * work->scale[i] + work->offset[i]);
            work->output[r * work->stride + i] = y < work->lower ? work->lower : y;
        }
}

static void norm_gradient_rows(const cnn_norm_rows *work)
{
    for (int64_t r = 0; r < work->rows; r++)
        for (int64_t i = 0; i < work->count; i++) {
            double x = work->input[r * work->stride + i], dy = work->gradient[r * work->stride + i];
            if (work->scale && !is_active(x, work->scale[i], work->offset[i])) dy = 0;
            work->output[r * work->stride + i] =
                (float)(dy * work->by_gradient[i] + (x * work->by_input[i] + work->constant[i]));
        }
}

static void row_moments(int64_t count, const float *input, float center, double *sums)
{
    sums[0] = sums[1] = 0;
    for (int64_t i = 0; i < count; i++) {
        double d = (double)input[i] - center;
        sums[0] += d;
        sums[1] += d * d;
    }
}

static void row_products(int64_t count, const float *gradient, const float *gamma, const float *input, float center,
                         double *sums)
{
    sums[0] = sums[1] = 0;
    for (int64_t i = 0; i < count; i++) {
        double w = gamma ? (double)gradient[i] * gamma[i] : gradient[i];
        sums[0] += w;
        sums[1] += w * ((double)input[i] - center);
    }
}

static void layer_row(int64_t count, const float *input, float factor, float offset, const float *gamma, const float *beta,
                      float *output)
{
    for (int64_t i = 0; i < count; i++) {
        double normal = (double)input[i] * factor + offset;
        output[i] = (float)(normal * (gamma ? gamma[i] : 1.0) + (beta ? beta[i] : 0.0));
    }
}

static void layer_gradient_row(int64_t count, const float *gradient, const float *gamma, const float *input,
                               const float *coefficients, float *output)
{
    for (int64_t i = 0; i < count; i++) {
        double w = gamma ? (double)gradient[i] * gamma[i] : gradient[i];
        output[i] = (float)(coefficients[0] * w + ((double)coefficients[1] * input[i] + coefficients[2]));
    }
}

#endif
