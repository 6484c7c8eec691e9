/* rearrange_scalar.h - the portable kernels that move elements about; included by kernels_scalar.c alone, so that all of
 * them stay static. */
#ifndef CNN_REARRANGE_SCALAR_H
#define CNN_REARRANGE_SCALAR_H

#include <stdint.h>

static void transpose(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output,
                      int64_t output_stride)
{
    const int64_t block = 8; /* rows at a time, so that few lines of the input are in use */
    for (int64_t first = 0; first < rows; first += block)
        for (int64_t j = 0; j < columns; j++)
            for (int64_t i = first; i < rows && i < first + block; i++)
                output[j * output_stride + i] = input[i * input_stride + j];
}

#endif
