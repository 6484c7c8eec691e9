/* pieces.h - how element-wise operators cut their work: pieces that a first-level cache holds, and a channel vector that is
 * repeated until a kernel call is worth its start. */
#ifndef CNN_PIECES_H
#define CNN_PIECES_H

#include <stdint.h>
#include <string.h>

#define CNN_PIECE 4096         /* elements of a work item */
#define CNN_COST_OF_FUNCTION 8 /* of an exponential, in vectorised multiply-accumulates */
#define CNN_REPEATED 1024      /* elements of a repeated channel vector, kept on the stack */

static inline int64_t cnn_pieces(int64_t count, int64_t piece)
{
    return count / piece + (count % piece != 0);
}

static inline int64_t cnn_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Rows of `channels` elements that one kernel call does: several where they are short. */
static inline int64_t cnn_repetitions(int64_t channels)
{
    return channels <= CNN_REPEATED / 2 ? CNN_REPEATED / channels : 1;
}

/* The vector `repetitions` times in a row: itself for one, else a copy in `space`, which has CNN_REPEATED elements. */
static inline const float *cnn_repeat(const float *vector, int64_t channels, int64_t repetitions, float *space)
{
    if (repetitions == 1) return vector;
    for (int64_t i = 0; i < repetitions; i++)
        memcpy(space + i * channels, vector, (size_t)channels * sizeof(float));
    return space;
}

#endif
