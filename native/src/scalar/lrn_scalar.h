/* lrn_scalar.h - the kernels of local response normalisation in portable C: sums and powers in float64, rounded once. */
#ifndef CNN_LRN_SCALAR_H
#define CNN_LRN_SCALAR_H

#include "kernels.h"

#include <math.h>

static void window_sums(int64_t count, int64_t window, const float *source, float scale, float bias, float *output)
{
    for (int64_t i = 0; i < count; i++) {
        double sum = 0;
        for (int64_t t = 0; t < window; t++)
            sum += source[i + t];
        output[i] = (float)(bias + scale * sum);
    }
}

static void inverse_power(int64_t count, const float *input, float exponent, float *output)
{
    for (int64_t i = 0; i < count; i++)
        output[i] = (float)pow(input[i], -(double)exponent);
}

#endif
