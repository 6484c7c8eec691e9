/* cnn/random.h - random numbers and dropout. Part of cnn.h; include that.
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), which has no state: a number is a function of a seed
 * and a position. Position p is word (p / 8) mod 4 of the block with the counter 8 (p / 32) + p mod 8 (its high half in the
 * second word, the third and fourth are 0) and the key `seed` (low half first). So a tensor gets the same numbers from any
 * number of threads, any instruction set, and any way to cut it into pieces; an offset that is moved on by the count of
 * elements continues a sequence. Positions wrap at 2^64. */
#ifndef CNN_PUBLIC_RANDOM_H
#define CNN_PUBLIC_RANDOM_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** output[i] = low + (high - low) u, with u a multiple of 2^-24 in [0, 1) from the upper 24 bits of position offset + i;
 *  computed in float64 and rounded once, which may give `high`. Fails for values that are not finite or high below low. The
 *  bits are the same on all instruction sets. */
CNN_API cnn_status cnn_random_uniform(const cnn_context *context, uint64_t seed, uint64_t offset, int64_t count, float low,
                                      float high, const cnn_buffer *output, cnn_error *error);

/** output[i] = mean + deviation z, with z of mean 0 and variance 1 by Box and Muller 1958: positions p and p + 8, where
 *  (p / 8) mod 2 is 0, make r cos t and r sin t with r = sqrt(-2 ln((word p + 1) / 2^32)) and t = 2 pi (word p + 8) / 2^32;
 *  |z| is at most 6.7. Computed in float64 by additions, multiplications, divisions and square roots alone, which every
 *  processor rounds alike, so the bits are the same on all instruction sets. Fails for values that are not finite or a
 *  negative deviation. */
CNN_API cnn_status cnn_random_normal(const cnn_context *context, uint64_t seed, uint64_t offset, int64_t count, float mean,
                                     float deviation, const cnn_buffer *output, cnn_error *error);

/** Which elements a dropout drops. */
typedef struct cnn_dropout_desc {
    /** sizeof(cnn_dropout_desc), set by cnn_dropout_desc_init. */
    uint32_t struct_size;
    /** The probability that an element becomes 0 (default 0.5): at least 0 and less than 1. */
    float probability;
    /** The seed of the generator (default 0). */
    uint64_t seed;
    /** The position of the first element (default 0); move it on by the number of elements after each use. */
    uint64_t offset;
} cnn_dropout_desc;

/** Fills the descriptor with its defaults. */
CNN_API void cnn_dropout_desc_init(cnn_dropout_desc *desc);

/** output[i] = 0 where the word at position offset + i is less than probability 2^32, else input[i] / (1 - probability); the
 *  factor is rounded to float32. What is dropped is 0 even for NaN. Output may be the input. */
CNN_API cnn_status cnn_dropout(const cnn_context *context, const cnn_dropout_desc *desc, int64_t count,
                               const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/** The gradient: the same mask, computed again from the seed, applied to the output's gradient. May run in place. */
CNN_API cnn_status cnn_dropout_backward(const cnn_context *context, const cnn_dropout_desc *desc, int64_t count,
                                        const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                        cnn_error *error);

/** Drops whole channels of NHWC images (Tompson et al. 2015): element c of all `pixels` of image n goes by position
 *  offset + n channels + c. Output may be the input. */
CNN_API cnn_status cnn_spatial_dropout(const cnn_context *context, const cnn_dropout_desc *desc, int64_t batch,
                                       int64_t pixels, int64_t channels, const cnn_buffer *input, const cnn_buffer *output,
                                       cnn_error *error);

/** The gradient of cnn_spatial_dropout, as that of cnn_dropout. May run in place. */
CNN_API cnn_status cnn_spatial_dropout_backward(const cnn_context *context, const cnn_dropout_desc *desc, int64_t batch,
                                                int64_t pixels, int64_t channels, const cnn_buffer *output_gradient,
                                                const cnn_buffer *input_gradient, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
