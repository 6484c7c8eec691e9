/* sums.h - sums in float64, in plain C: sixteen of them side by side, which compilers turn into vectors, and which are added
 * up in one order at the end. Each instruction set compiles its own copy, and all of them give the same bits. */
#ifndef CNN_SUMS_H
#define CNN_SUMS_H

#include <stdint.h>

#define CNN_SUMS 16

static inline double sum_in_pairs(double *parts)
{
    for (int width = CNN_SUMS / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++)
            parts[i] += parts[i + width];
    return parts[0];
}

static double sum_elements(int64_t count, const float *input)
{
    double parts[CNN_SUMS] = {0};
    int64_t i = 0;
    for (; i + CNN_SUMS <= count; i += CNN_SUMS)
        for (int j = 0; j < CNN_SUMS; j++)
            parts[j] += input[i + j];
    for (int j = 0; i + j < count; j++)
        parts[j] += input[i + j];
    return sum_in_pairs(parts);
}

/* The square of a float32 is exact in float64, so that a fused multiply-add makes no difference. */
static double sum_of_squares(int64_t count, const float *input)
{
    double parts[CNN_SUMS] = {0};
    int64_t i = 0;
    for (; i + CNN_SUMS <= count; i += CNN_SUMS)
        for (int j = 0; j < CNN_SUMS; j++)
            parts[j] += (double)input[i + j] * input[i + j];
    for (int j = 0; i + j < count; j++)
        parts[j] += (double)input[i + j] * input[i + j];
    return sum_in_pairs(parts);
}

#endif
