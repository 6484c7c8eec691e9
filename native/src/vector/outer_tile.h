/* outer_tile.h - the tile of a weight gradient: the accumulators of convolve_tile.h, summed over pixels instead of channels.
 * Neither operand is packed, so the last vector of columns may be a tail; it gets loops of its own. */
#ifndef CNN_VECTOR_OUTER_TILE_H
#define CNN_VECTOR_OUTER_TILE_H

#include "kernels.h"
#include "vector/convolve_tile.h"

#define AHEAD                                                                                                               \
    6 /* pixels: each is a line of its own, in the second-level cache, and there is one for each 24 multiply-adds */

/* The pieces of add_outer_vectors for row i. */
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define START(i) vfloat c##i##0 = v_set(0.0f), c##i##1 = c##i##0, c##i##2 = c##i##0, c##i##3 = c##i##0;
#define ROW(i) const float *r##i = work->bases[i][s] + work->offsets[i];
#define STEP(i)                                                                                                             \
    x = v_set(r##i[k]);                                                                                                     \
    c##i##0 = v_fma(x, w0, c##i##0);                                                                                        \
    if (vectors > 1) c##i##1 = v_fma(x, w1, c##i##1);                                                                       \
    if (vectors > 2) c##i##2 = v_fma(x, w2, c##i##2);                                                                       \
    if (vectors > 3) c##i##3 = v_fma(x, w3, c##i##3);
#define ADD(i)                                                                                                              \
    add_to(sums, c##i##0);                                                                                                  \
    if (vectors > 1) add_to(sums + LANES, c##i##1);                                                                         \
    if (vectors > 2) add_to(sums + 2 * LANES, c##i##2);                                                                     \
    if (vectors > 3) add_to(sums + 3 * LANES, c##i##3);                                                                     \
    sums += TILE_COLUMNS;

static TILE_INLINE void add_to(float *sums, vfloat value)
{
    v_store(sums, v_add(v_load(sums), value));
}

static TILE_INLINE void add_outer_vectors(const cnn_outer *work, const int vectors, const int whole)
{
    const int64_t row_step = work->row_step, column_step = work->column_step;
    const int64_t last = whole ? LANES : work->column_count - (vectors - 1) * LANES;
    EACH_ROW(START)
    for (int64_t s = 0; s < work->segments; s++) {
        EACH_ROW(ROW)
        const float *column = work->columns[s] + work->column_offset;
        for (int64_t p = 0, k = 0; p < work->count; p++, k += row_step, column += column_step) {
            const vfloat w0 = load_columns(column, vectors == 1 ? last : LANES);
            const vfloat w1 = vectors > 1 ? load_columns(column + LANES, vectors == 2 ? last : LANES) : w0;
            const vfloat w2 = vectors > 2 ? load_columns(column + 2 * LANES, vectors == 3 ? last : LANES) : w0;
            const vfloat w3 = vectors > 3 ? load_columns(column + 3 * LANES, last) : w0;
            vfloat x;
            v_prefetch(r0 + k + AHEAD * row_step);
            EACH_ROW(STEP)
        }
    }
    float *sums = work->sums;
    EACH_ROW(ADD)
}

#undef EACH_ROW
#undef START
#undef ROW
#undef STEP
#undef ADD

static TILE_INLINE void add_outer_tail(const cnn_outer *work, const int vectors)
{
    if (work->column_count == vectors * LANES)
        add_outer_vectors(work, vectors, 1);
    else
        add_outer_vectors(work, vectors, 0);
}

static void add_outer(const cnn_outer *work)
{
    switch ((work->column_count + LANES - 1) / LANES) {
    case 1:
        add_outer_tail(work, 1);
        break;
#if TILE_VECTORS > 2
    case 2:
        add_outer_tail(work, 2);
        break;
    case 3:
        add_outer_tail(work, 3);
        break;
#endif
    default:
        add_outer_tail(work, TILE_VECTORS);
        break;
    }
}

#endif
