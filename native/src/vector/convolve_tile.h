/* convolve_tile.h - the convolution tile: 6 pixels by up to TILE_VECTORS vectors of output channels. The includer defines
 * TILE_VECTORS: with it, 6 x TILE_VECTORS accumulators, the vectors of weights and one broadcast pixel fill the registers.
 * Where TILE_TAKES_LANES is defined, multiply-adds take a lane of a vector of pixels instead, which needs fewer loads.
 *
 * The loop is compiled once for each number of vectors, so that the last, narrow panel of a layer costs what it is wide. Six
 * rows are few enough to stay in a first-level cache of eight ways when their stride is a power of two; 14 are not. The
 * accumulators are named, because an array of them that is stored under a condition made compilers keep it in memory: 41
 * instead of 110 GFLOP/s. */
#ifndef CNN_VECTOR_CONVOLVE_TILE_H
#define CNN_VECTOR_CONVOLVE_TILE_H

#include "kernels.h"
#include "prefetch.h"

#include <stddef.h>

#define TILE_ROWS 6
#define SHORT_ROWS 4
#define TILE_COLUMNS (TILE_VECTORS * LANES)

#if defined(_MSC_VER)
#define TILE_INLINE __forceinline
#else
#define TILE_INLINE inline __attribute__((always_inline))
#endif

/* Loops whose number of steps is known when they are compiled, so that arrays are registers. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 32")
#else
#define UNROLL
#endif

/* Gains one per cent, where registers that name the rows are the same for all steps. */
#if defined(__GNUC__) && !defined(__clang__)
#define UNROLL_FOUR _Pragma("GCC unroll 4")
#else
#define UNROLL_FOUR
#endif

/* Vectors of columns; `left` is the number of columns from the first lane on. */
static TILE_INLINE vfloat load_columns(const float *input, int64_t left)
{
    return left >= LANES ? v_load(input) : v_load_tail(input, left);
}

static TILE_INLINE void store_columns(float *output, vfloat value, vfloat lower, vfloat upper, int64_t left)
{
    value = v_min(upper, v_max(lower, value)); /* a NaN passes */
    if (left >= LANES)
        v_store(output, value);
    else
        v_store_tail(output, left, value);
}

/* The pieces of convolve_vectors for row i, column vector j or a lane of the vectors of pixels. */
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define START(i) vfloat c##i##0 = b0, c##i##1 = b1, c##i##2 = b2, c##i##3 = b3;
#define STEP(i)                                                                                                             \
    if (height > i) {                                                                                                       \
        x = v_set(r##i[k]);                                                                                                 \
        c##i##0 = v_fma(x, w0, c##i##0);                                                                                    \
        if (vectors > 1) c##i##1 = v_fma(x, w1, c##i##1);                                                                   \
        if (vectors > 2) c##i##2 = v_fma(x, w2, c##i##2);                                                                   \
        if (vectors > 3) c##i##3 = v_fma(x, w3, c##i##3);                                                                   \
    }
#define ADD(i)                                                                                                              \
    if (tile->row_count > i) {                                                                                              \
        const float *residual = tile->residuals[i] + tile->output_offset;                                                   \
        c##i##0 = v_add(c##i##0, load_columns(residual, vectors == 1 ? left : LANES));                                      \
        if (vectors > 1) c##i##1 = v_add(c##i##1, load_columns(residual + LANES, vectors == 2 ? left - LANES : LANES));     \
        if (vectors > 2)                                                                                                    \
            c##i##2 = v_add(c##i##2, load_columns(residual + 2 * LANES, vectors == 3 ? left - 2 * LANES : LANES));          \
        if (vectors > 3) c##i##3 = v_add(c##i##3, load_columns(residual + 3 * LANES, left - 3 * LANES));                    \
    }
#define STORE(i)                                                                                                            \
    if (tile->row_count > i) {                                                                                              \
        float *output = tile->outputs[i] + tile->output_offset;                                                             \
        store_columns(output, c##i##0, lower, upper, vectors == 1 ? left : LANES);                                          \
        if (vectors > 1) store_columns(output + LANES, c##i##1, lower, upper, vectors == 2 ? left - LANES : LANES);         \
        if (vectors > 2) store_columns(output + 2 * LANES, c##i##2, lower, upper, vectors == 3 ? left - 2 * LANES : LANES); \
        if (vectors > 3) store_columns(output + 3 * LANES, c##i##3, lower, upper, left - 3 * LANES);                        \
    }
#define LOAD(i) const vfloat x##i = v_load(r##i + k);
#define LANE_OF_COLUMNS(lane, j)                                                                                            \
    if (vectors > j) {                                                                                                      \
        const vfloat w = v_load(packed + j * LANES);                                                                        \
        c0##j = v_fma_lane(w, x0, lane, c0##j);                                                                             \
        c1##j = v_fma_lane(w, x1, lane, c1##j);                                                                             \
        c2##j = v_fma_lane(w, x2, lane, c2##j);                                                                             \
        c3##j = v_fma_lane(w, x3, lane, c3##j);                                                                             \
        c4##j = v_fma_lane(w, x4, lane, c4##j);                                                                             \
        c5##j = v_fma_lane(w, x5, lane, c5##j);                                                                             \
    }
#define LANE(lane)                                                                                                          \
    LANE_OF_COLUMNS(lane, 0)                                                                                                \
    LANE_OF_COLUMNS(lane, 1)                                                                                                \
    LANE_OF_COLUMNS(lane, 2)                                                                                                \
    LANE_OF_COLUMNS(lane, 3)                                                                                                \
    packed += vectors * LANES;

static TILE_INLINE void convolve_vectors(const cnn_tile *tile, const int vectors, const int height, const int lines)
{
    const int64_t channels = tile->channels;
    int64_t offset = tile->channel_offset;
    const float *packed = tile->packed, *ahead = tile->ahead, *const *rows = tile->rows;
    const vfloat b0 = v_load(tile->bias), b1 = vectors > 1 ? v_load(tile->bias + LANES) : b0;
    const vfloat b2 = vectors > 2 ? v_load(tile->bias + 2 * LANES) : b0;
    const vfloat b3 = vectors > 3 ? v_load(tile->bias + 3 * LANES) : b0;
    EACH_ROW(START)
    for (int64_t t = 0; t < tile->taps; t++, rows += tile->row_step, offset += tile->tap_step) {
        const float *r0 = rows[0] + offset, *r1 = rows[1] + offset, *r2 = rows[2] + offset;
        const float *r3 = rows[3] + offset, *r4 = rows[4] + offset, *r5 = rows[5] + offset;
        int64_t k = 0;
#if defined(TILE_TAKES_LANES)
        for (; k + LANES <= channels; k += LANES) { /* LANES is 4 */
            EACH_ROW(LOAD)
            LANE(0)
            LANE(1)
            LANE(2)
            LANE(3)
        }
#endif
        UNROLL_FOUR for (; k < channels; k++, packed += vectors * LANES)
        {
            const vfloat w0 = v_load(packed), w1 = vectors > 1 ? v_load(packed + LANES) : w0;
            const vfloat w2 = vectors > 2 ? v_load(packed + 2 * LANES) : w0;
            const vfloat w3 = vectors > 3 ? v_load(packed + 3 * LANES) : w0;
            vfloat x;
            if (lines > 0) CNN_PREFETCH(ahead, 2);
            if (lines > 1) CNN_PREFETCH(ahead + CNN_LINE, 2);
            ahead += lines * CNN_LINE;
            EACH_ROW(STEP)
        }
    }
    const vfloat lower = v_set(tile->lower), upper = v_set(tile->upper);
    const int64_t left = tile->column_count;
    if (tile->residuals) {
        EACH_ROW(ADD)
    }
    EACH_ROW(STORE)
}

#undef EACH_ROW
#undef START
#undef STEP
#undef ADD
#undef STORE
#undef LOAD
#undef LANE_OF_COLUMNS
#undef LANE

/* One pixel, as a fully connected layer for one input has: four runs of channels are summed apart, because a sum can only
 * take the next product when it has the one before. */
#define EACH_SUM(DO) DO(0) DO(1) DO(2) DO(3)
#define START(u) vfloat c##u##0 = v_set(0.0f), c##u##1 = c##u##0, c##u##2 = c##u##0, c##u##3 = c##u##0;
#define STEP(u)                                                                                                             \
    x = v_set(row[k + u]);                                                                                                  \
    c##u##0 = v_fma(x, v_load(packed + (u * vectors) * LANES), c##u##0);                                                    \
    if (vectors > 1) c##u##1 = v_fma(x, v_load(packed + (u * vectors + 1) * LANES), c##u##1);                               \
    if (vectors > 2) c##u##2 = v_fma(x, v_load(packed + (u * vectors + 2) * LANES), c##u##2);                               \
    if (vectors > 3) c##u##3 = v_fma(x, v_load(packed + (u * vectors + 3) * LANES), c##u##3);
#define FINISH(j)                                                                                                           \
    if (vectors > j) {                                                                                                      \
        const int64_t count = vectors == j + 1 ? left - j * LANES : LANES;                                                  \
        vfloat sum = v_add(v_add(c0##j, c1##j), v_add(c2##j, c3##j));                                                       \
        sum = v_add(sum, v_load(tile->bias + j * LANES));                                                                   \
        if (residual) sum = v_add(sum, load_columns(residual + j * LANES, count));                                          \
        store_columns(output + j * LANES, sum, lower, upper, count);                                                        \
    }

static TILE_INLINE void convolve_row(const cnn_tile *tile, const int vectors)
{
    const float *packed = tile->packed;
    vfloat x;
    EACH_SUM(START)
    for (int64_t t = 0; t < tile->taps; t++) {
        const float *row = tile->rows[t * tile->row_step] + tile->channel_offset + t * tile->tap_step;
        int64_t k = 0;
        for (; k + 4 <= tile->channels; k += 4, packed += 4 * vectors * LANES) {
            EACH_SUM(STEP)
        }
        for (; k < tile->channels; k++, packed += vectors * LANES) {
            STEP(0)
        }
    }
    const vfloat lower = v_set(tile->lower), upper = v_set(tile->upper);
    const int64_t left = tile->column_count;
    const float *residual = tile->residuals ? tile->residuals[0] + tile->output_offset : NULL;
    float *output = tile->outputs[0] + tile->output_offset;
    FINISH(0)
    FINISH(1)
    FINISH(2)
    FINISH(3)
}

#undef EACH_SUM
#undef START
#undef STEP
#undef FINISH

/* Two tiles of one vector of columns at once: with 6 accumulators each multiply-add would wait for the one before. */
#define NARROW_NAME convolve_narrow
#define NARROW_VECTOR vfloat
#define NARROW_LANES LANES
#define NARROW(operation) v_##operation
#include "vector/narrow_tile.h"

#if defined(VECTOR_HAS_HALVES)
#define NARROW_NAME convolve_half
#define NARROW_VECTOR vhalf
#define NARROW_LANES (LANES / 2)
#define NARROW(operation) h_##operation
#include "vector/narrow_tile.h"
#endif

#if TILE_VECTORS > 2
#define TALL_COLUMNS (2 * LANES)
#include "vector/tall_tile.h"
#else
#define TALL_COLUMNS LANES
#endif

#if !defined(TILE_TAKES_LANES)
/* A tile of full width. What is left of an image with an even number of pixels is four rows. */
static TILE_INLINE void convolve_whole(const cnn_tile *tile)
{
    const int32_t lines = tile->ahead ? tile->ahead_lines : 0;
    if (tile->row_count <= SHORT_ROWS && lines > 0)
        convolve_vectors(tile, TILE_VECTORS, SHORT_ROWS, 1);
    else if (tile->row_count <= SHORT_ROWS)
        convolve_vectors(tile, TILE_VECTORS, SHORT_ROWS, 0);
    else if (lines > 1)
        convolve_vectors(tile, TILE_VECTORS, TILE_ROWS, 2);
    else if (lines > 0)
        convolve_vectors(tile, TILE_VECTORS, TILE_ROWS, 1);
    else
        convolve_vectors(tile, TILE_VECTORS, TILE_ROWS, 0);
}
#endif

static TILE_INLINE void convolve_pixels(const cnn_tile *tile, const int vectors)
{
    if (tile->row_count == 1) convolve_row(tile, vectors);
#if defined(VECTOR_HAS_HALVES)
    else if (vectors == 1 && tile->row_count > TILE_ROWS && tile->column_count <= LANES / 2)
        convolve_half(tile);
#endif
    else if (vectors == 1 && tile->row_count > TILE_ROWS)
        convolve_narrow(tile);
#if TILE_VECTORS > 2
    else if (vectors == 2 && tile->row_count > TILE_ROWS && tile->ahead)
        convolve_tall(tile, 1);
    else if (vectors == 2 && tile->row_count > TILE_ROWS)
        convolve_tall(tile, 0);
#endif
#if !defined(TILE_TAKES_LANES)
    else if (vectors == TILE_VECTORS)
        convolve_whole(tile);
#endif
    else
        convolve_vectors(tile, vectors, TILE_ROWS, 0);
}

static void convolve_tile(const cnn_tile *tile)
{
    switch ((tile->column_count + LANES - 1) / LANES) {
    case 1:
        convolve_pixels(tile, 1);
        break;
#if TILE_VECTORS > 2
    case 2:
        convolve_pixels(tile, 2);
        break;
    case 3:
        convolve_pixels(tile, 3);
        break;
#endif
    default:
        convolve_pixels(tile, TILE_VECTORS);
        break;
    }
}

#endif
