/* rearrange_scalar.h - the portable kernels that move elements about; included by kernels_scalar.c alone, so that all of
 * them stay static. */
#ifndef CNN_REARRANGE_SCALAR_H
#define CNN_REARRANGE_SCALAR_H

#include "kernels.h"

static void transpose(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output,
                      int64_t output_stride)
{
    const int64_t block = 8; /* rows at a time, so that few lines of the input are in use */
    for (int64_t first = 0; first < rows; first += block)
        for (int64_t j = 0; j < columns; j++)
            for (int64_t i = first; i < rows && i < first + block; i++)
                output[j * output_stride + i] = input[i * input_stride + j];
}

static void resample(const cnn_resample *work)
{
    for (int64_t o = 0; o < work->outputs; o++) {
        const int64_t first = work->offsets[o], last = work->offsets[o + 1];
        const int copy = last - first == 1 && work->weights[first] == 1.0f;
        for (int64_t c = 0; c < work->channels; c++) {
            double sum = 0;
            for (int64_t t = first; t < last; t++)
                sum += (double)work->weights[t] * work->input[work->indices[t] * work->channels + c];
            work->output[o * work->channels + c] =
                copy ? work->input[work->indices[first] * work->channels + c] : (float)sum;
        }
    }
}

#endif
