/* gemm.h - matrix products that read both matrices where they lie: a tile like that of convolve_tile.h for matrices too
 * small to be worth packing, and dot products of rows with a vector, which wait for memory. */
#ifndef CNN_VECTOR_GEMM_H
#define CNN_VECTOR_GEMM_H

#include "kernels.h"
#include "vector/convolve_tile.h"

/* The pieces of plain_vectors for row i. */
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define START(i)                                                                                                            \
    const float *r##i = tile->rows[i];                                                                                      \
    vfloat c##i##0 = b0, c##i##1 = b1, c##i##2 = b2, c##i##3 = b3;
#define STEP(i)                                                                                                             \
    x = v_set(r##i[at]);                                                                                                    \
    c##i##0 = v_fma(x, w0, c##i##0);                                                                                        \
    if (vectors > 1) c##i##1 = v_fma(x, w1, c##i##1);                                                                       \
    if (vectors > 2) c##i##2 = v_fma(x, w2, c##i##2);                                                                       \
    if (vectors > 3) c##i##3 = v_fma(x, w3, c##i##3);
#define ADD(i)                                                                                                              \
    if (tile->row_count > i) {                                                                                              \
        const float *residual = tile->residuals[i] + tile->output_offset;                                                   \
        c##i##0 = v_add(c##i##0, load_columns(residual, vectors == 1 ? last : LANES));                                      \
        if (vectors > 1) c##i##1 = v_add(c##i##1, load_columns(residual + LANES, vectors == 2 ? last : LANES));             \
        if (vectors > 2) c##i##2 = v_add(c##i##2, load_columns(residual + 2 * LANES, vectors == 3 ? last : LANES));         \
        if (vectors > 3) c##i##3 = v_add(c##i##3, load_columns(residual + 3 * LANES, last));                                \
    }
#define STORE(i)                                                                                                            \
    if (tile->row_count > i) {                                                                                              \
        float *output = tile->outputs[i] + tile->output_offset;                                                             \
        store_columns(output, c##i##0, lower, upper, vectors == 1 ? last : LANES);                                          \
        if (vectors > 1) store_columns(output + LANES, c##i##1, lower, upper, vectors == 2 ? last : LANES);                 \
        if (vectors > 2) store_columns(output + 2 * LANES, c##i##2, lower, upper, vectors == 3 ? last : LANES);             \
        if (vectors > 3) store_columns(output + 3 * LANES, c##i##3, lower, upper, last);                                    \
    }

/* The vector j of `vectors` from `p` on; the last one has `last` elements. */
#define COLUMNS(p, j) load_columns((p) + (j)*LANES, vectors == (j) + 1 ? last : LANES)

static TILE_INLINE void plain_vectors(const cnn_plain_tile *tile, const int vectors, const int whole)
{
    const int64_t last = whole ? LANES : tile->column_count - (vectors - 1) * LANES;
    const int64_t row_step = tile->row_step, right_step = tile->right_step;
    const float *right = tile->right, *bias = tile->bias;
    const vfloat b0 = bias ? COLUMNS(bias, 0) : v_set(0.0f), b1 = bias && vectors > 1 ? COLUMNS(bias, 1) : v_set(0.0f);
    const vfloat b2 = bias && vectors > 2 ? COLUMNS(bias, 2) : v_set(0.0f);
    const vfloat b3 = bias && vectors > 3 ? COLUMNS(bias, 3) : v_set(0.0f);
    EACH_ROW(START)
    for (int64_t k = 0, at = 0; k < tile->depth; k++, at += row_step, right += right_step) {
        const vfloat w0 = COLUMNS(right, 0), w1 = vectors > 1 ? COLUMNS(right, 1) : w0;
        const vfloat w2 = vectors > 2 ? COLUMNS(right, 2) : w0, w3 = vectors > 3 ? COLUMNS(right, 3) : w0;
        vfloat x;
        EACH_ROW(STEP)
    }
    const vfloat lower = v_set(tile->lower), upper = v_set(tile->upper);
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
#undef COLUMNS

static TILE_INLINE void plain_tail(const cnn_plain_tile *tile, const int vectors)
{
    if (tile->column_count == vectors * LANES)
        plain_vectors(tile, vectors, 1);
    else
        plain_vectors(tile, vectors, 0);
}

static void multiply_plain(const cnn_plain_tile *tile)
{
    switch ((tile->column_count + LANES - 1) / LANES) {
    case 1:
        plain_tail(tile, 1);
        break;
#if TILE_VECTORS > 2
    case 2:
        plain_tail(tile, 2);
        break;
    case 3:
        plain_tail(tile, 3);
        break;
#endif
    default:
        plain_tail(tile, TILE_VECTORS);
        break;
    }
}

/* One row, in two sums, whatever rows go along with it: its bits are its own. */
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3)
#define START(i)                                                                                                            \
    const float *r##i = rows > i ? matrix + i * stride : matrix;                                                            \
    vfloat a##i = v_set(0.0f), b##i = a##i;
#define STEP(i)                                                                                                             \
    if (rows > i) {                                                                                                         \
        a##i = v_fma(v_load(r##i + k), x, a##i);                                                                            \
        b##i = v_fma(v_load(r##i + k + LANES), y, b##i);                                                                    \
    }
#define REST(i)                                                                                                             \
    if (rows > i) a##i = v_fma(load_columns(r##i + k, count - k), x, a##i);
#define STORE(i)                                                                                                            \
    if (rows > i) output[i] = (continued ? output[i] : 0.0f) + v_sum(v_add(a##i, b##i));

static TILE_INLINE void dot(const int rows, int64_t stride, int64_t count, const float *matrix, const float *vector,
                            int continued, float *output)
{
    EACH_ROW(START)
    int64_t k = 0;
    for (; k + 2 * LANES <= count; k += 2 * LANES) {
        const vfloat x = v_load(vector + k), y = v_load(vector + k + LANES);
        EACH_ROW(STEP)
    }
    for (; k < count; k += LANES) {
        const vfloat x = load_columns(vector + k, count - k);
        EACH_ROW(REST)
    }
    EACH_ROW(STORE)
}

#undef EACH_ROW
#undef START
#undef STEP
#undef REST
#undef STORE

static void dot_rows(int64_t rows, int64_t stride, int64_t count, const float *matrix, const float *vector, int continued,
                     float *output)
{
    int64_t i = 0;
    for (; i + 4 <= rows; i += 4)
        dot(4, stride, count, matrix + i * stride, vector, continued, output + i);
    for (; i < rows; i++)
        dot(1, stride, count, matrix + i * stride, vector, continued, output + i);
}

#endif
