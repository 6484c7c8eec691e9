/* fill.h - constants and arithmetic sequences, in plain C that each instruction set compiles for itself: stores as wide as
 * its vectors are what they need to run at the speed of the memory. */
#ifndef CNN_PORTABLE_FILL_H
#define CNN_PORTABLE_FILL_H

#include <stdint.h>

static void fill(int64_t count, float value, float *output)
{
    for (int64_t i = 0; i < count; i++)
        output[i] = value;
}

#define RANGE_STEP 64 /* elements from one set of positions to the next */

/* Positions below 2^53 are exact in float64, also as a sum, so that those of a step are converted once. */
static void range(int64_t first, int64_t count, double start, double step, float *output)
{
    double places[RANGE_STEP];
    for (int32_t j = 0; j < RANGE_STEP; j++)
        places[j] = j;
    for (int64_t i = 0; i < count; i += RANGE_STEP) {
        const double base = (double)(first + i);
        const int32_t left = count - i < RANGE_STEP ? (int32_t)(count - i) : RANGE_STEP;
        if (left == RANGE_STEP) /* of a known length, which compilers turn into vectors and nothing else */
            for (int32_t j = 0; j < RANGE_STEP; j++)
                output[i + j] = (float)(start + (base + places[j]) * step);
        else
            for (int32_t j = 0; j < left; j++)
                output[i + j] = (float)(start + (base + places[j]) * step);
    }
}

#undef RANGE_STEP

#endif
