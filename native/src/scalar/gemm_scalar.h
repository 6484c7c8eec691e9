/* gemm_scalar.h - the portable kernels of matrix products that read both matrices where they lie; included by
 * kernels_scalar.c alone, so that all of them stay static. */
#ifndef CNN_GEMM_SCALAR_H
#define CNN_GEMM_SCALAR_H

#include "kernels.h"

static void multiply_plain(const cnn_plain_tile *tile)
{
    for (int32_t i = 0; i < tile->row_count; i++)
        for (int32_t j = 0; j < tile->column_count; j++) {
            double sum = tile->bias ? tile->bias[j] : 0;
            if (tile->residuals) sum += tile->residuals[i][tile->output_offset + j];
            for (int64_t k = 0; k < tile->depth; k++)
                sum += (double)tile->rows[i][k * tile->row_step] * tile->right[k * tile->right_step + j];
            tile->outputs[i][tile->output_offset + j] = clamp(sum, tile->lower, tile->upper);
        }
}

static void dot_rows(int64_t rows, int64_t stride, int64_t count, const float *matrix, const float *vector, int continued,
                     float *output)
{
    for (int64_t i = 0; i < rows; i++) {
        double sum = continued ? output[i] : 0;
        for (int64_t k = 0; k < count; k++)
            sum += (double)matrix[i * stride + k] * vector[k];
        output[i] = (float)sum;
    }
}

#endif
