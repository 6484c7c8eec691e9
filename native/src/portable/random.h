/* random.h - the random number kernels, in plain C that each instruction set compiles for itself: lanes are arrays of eight,
 * which compilers turn into vectors. Integers, and float64 operations that IEEE rounds in one way, so all give the same. */
#ifndef CNN_PORTABLE_RANDOM_H
#define CNN_PORTABLE_RANDOM_H

#include "portable/philox.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#if !defined(PHILOX) /* an instruction set may bring its own */
#define PHILOX philox
#endif

#define RANDOM_GROUP 32   /* positions of eight blocks of four words */
#define UNIFORM_CHUNK 512 /* words that are made before they become numbers: whole vectors of them are then ready */

/* The words of positions 32 group to 32 group + 31, in their order. */
static inline void random_group(uint64_t seed, uint64_t group, uint32_t words[4][RANDOM_LANES])
{
    for (uint32_t l = 0; l < RANDOM_LANES; l++) { /* 8 group ends in three zero bits, so nothing is carried */
        words[0][l] = (uint32_t)(group << 3) + l;
        words[1][l] = (uint32_t)(group >> 29);
        words[2][l] = words[3][l] = 0;
    }
    PHILOX(words, seed);
}

/* How many of `count` positions from `position` on lie in its group. */
static inline int64_t in_group(uint64_t position, int64_t count)
{
    const int64_t left = RANDOM_GROUP - (int64_t)(position % RANDOM_GROUP);
    return count < left ? count : left;
}

static void random_words(uint64_t seed, uint64_t position, int64_t count, uint32_t *words)
{
    for (int64_t used; count > 0; position += (uint64_t)used, words += used, count -= used) {
        uint32_t group[4][RANDOM_LANES];
        random_group(seed, position / RANDOM_GROUP, group);
        used = in_group(position, count);
        if (used == RANDOM_GROUP) /* of a known size, so that no function is called for it */
            memcpy(words, group, sizeof group);
        else
            memcpy(words, &group[0][0] + position % RANDOM_GROUP, (size_t)used * sizeof *words);
    }
}

static void random_uniform(uint64_t seed, uint64_t position, int64_t count, double low, double high, float *output)
{
    const double step = (high - low) / 16777216;
    uint32_t words[UNIFORM_CHUNK];
    for (int64_t used; count > 0; position += (uint64_t)used, output += used, count -= used) {
        used = UNIFORM_CHUNK - (int64_t)(position % RANDOM_GROUP); /* to the end of a group */
        if (used > count) used = count;
        random_words(seed, position, used, words);
        for (int64_t i = 0; i < used; i++)
            output[i] = (float)(low + step * (double)(int32_t)(words[i] >> 8));
    }
}

/* The logarithm of x in [2^-32, 1], with an error below 1e-13: 2 artanh((m - 1) / (m + 1)) of the mantissa m, which is
 * brought between the square roots of 1/2 and of 2. */
static inline double log_of_fraction(double x)
{
    int64_t bits;
    double mantissa;
    memcpy(&bits, &x, sizeof bits);
    const int64_t exponent = (bits - 0x3fe6a09e667f3bcdLL) >> 52; /* of x / sqrt(1/2) */
    bits -= exponent * (1LL << 52);
    memcpy(&mantissa, &bits, sizeof mantissa);
    const double f = (mantissa - 1) / (mantissa + 1), s = f * f;
    double sum = 1.0 / 17;
    sum = sum * s + 1.0 / 15;
    sum = sum * s + 1.0 / 13;
    sum = sum * s + 1.0 / 11;
    sum = sum * s + 1.0 / 9;
    sum = sum * s + 1.0 / 7;
    sum = sum * s + 1.0 / 5;
    sum = sum * s + 1.0 / 3;
    sum = sum * s + 1;
    return 2 * f * sum + (double)(int32_t)exponent * 0.693147180559945309;
}

/* sin and cos of 2 pi t for t in [0, 1): Taylor's series of what is left of the nearest quarter, with errors below 1e-14. */
static inline void sine_of_turn(double t, double *sine, double *cosine)
{
    const int32_t quarter = (int32_t)(4 * t + 0.5);
    const double x = (4 * t - (double)quarter) * 1.57079632679489662, s = x * x;
    const double odd =
        x * (1 + s * (-1.0 / 6 +
                      s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 + s * (-1.0 / 39916800 + s / 6227020800.0))))));
    const double even =
        1 +
        s * (-0.5 + s * (1.0 / 24 + s * (-1.0 / 720 + s * (1.0 / 40320 + s * (-1.0 / 3628800 +
                                                                              s * (1.0 / 479001600 - s / 87178291200.0))))));
    const double swapped_sine = quarter & 1 ? even : odd, swapped_cosine = quarter & 1 ? odd : even;
    *sine = quarter & 2 ? -swapped_sine : swapped_sine;
    *cosine = (quarter + 1) & 2 ? -swapped_cosine : swapped_cosine;
}

static inline void normal_group(uint64_t seed, uint64_t group, double mean, double deviation, float *output)
{
    uint32_t words[4][RANDOM_LANES];
    random_group(seed, group, words);
    for (int pair = 0; pair < 4; pair += 2)
        for (int l = 0; l < RANDOM_LANES; l++) {
            double sine, cosine;
            const double r = sqrt(-2 * log_of_fraction(((double)words[pair][l] + 1) / 4294967296.0));
            sine_of_turn((double)words[pair + 1][l] / 4294967296.0, &sine, &cosine);
            output[pair * RANDOM_LANES + l] = (float)(mean + deviation * (r * cosine));
            output[(pair + 1) * RANDOM_LANES + l] = (float)(mean + deviation * (r * sine));
        }
}

static void random_normal(uint64_t seed, uint64_t position, int64_t count, double mean, double deviation, float *output)
{
    for (int64_t used; count > 0; position += (uint64_t)used, output += used, count -= used) {
        float group[RANDOM_GROUP];
        normal_group(seed, position / RANDOM_GROUP, mean, deviation, group);
        used = in_group(position, count);
        memcpy(output, group + position % RANDOM_GROUP, (size_t)used * sizeof *output);
    }
}

static void drop(int64_t count, const uint32_t *words, uint32_t threshold, float scale, const float *input, float *output)
{
    for (int64_t i = 0; i < count; i++) { /* by mask: a branch would be guessed wrong as often as not */
        const float kept = scale * input[i];
        uint32_t bits;
        memcpy(&bits, &kept, sizeof bits);
        bits &= 0 - (uint32_t)(words[i] >= threshold);
        memcpy(&output[i], &bits, sizeof bits);
    }
}

#endif
