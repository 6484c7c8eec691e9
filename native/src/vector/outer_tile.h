/* outer_tile.h - the tile of a weight gradient: OUTER_ROWS output channels by up to three vectors of neighbouring weights,
 * summed over pixels. The weights that lie together see elements that lie together, so that a pixel is one pointer to the
 * input and one to the gradient, and nothing needs packing. */
#ifndef CNN_VECTOR_OUTER_TILE_H
#define CNN_VECTOR_OUTER_TILE_H

#include "kernels.h"
#include "vector/convolve_tile.h"

#if OUTER_ROWS == 8
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#elif OUTER_ROWS == 4
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3)
#endif

/* The pieces of add_outer_vectors for output channel i. A single vector has two sums, of every other pixel, because few sums
 * would wait for each other. */
#define START(i) vfloat c##i##0 = v_set(0.0f), c##i##1 = c##i##0, c##i##2 = c##i##0;
#define STEP(i)                                                                                                             \
    if (rows > i) {                                                                                                         \
        const vfloat y = v_set(gradient[i]);                                                                                \
        c##i##0 = v_fma(y, x0, c##i##0);                                                                                    \
        if (vectors > 1) c##i##1 = v_fma(y, x1, c##i##1);                                                                   \
        if (vectors > 2) c##i##2 = v_fma(y, x2, c##i##2);                                                                   \
    }
#define STEP_TWO(i)                                                                                                         \
    if (rows > i) {                                                                                                         \
        c##i##0 = v_fma(v_set(gradient[i]), x0, c##i##0);                                                                   \
        c##i##1 = v_fma(v_set(gradient[gradient_step + i]), x1, c##i##1);                                                   \
    }
#define FINISH(i)                                                                                                           \
    if (rows > i) {                                                                                                         \
        float *sums = work->sums + i * work->sums_step;                                                                     \
        if (vectors == 1) c##i##0 = v_add(c##i##0, c##i##1);                                                                \
        put_sums(sums, vectors == 1 ? last : LANES, work->continued, c##i##0);                                              \
        if (vectors > 1) put_sums(sums + LANES, vectors == 2 ? last : LANES, work->continued, c##i##1);                     \
        if (vectors > 2) put_sums(sums + 2 * LANES, last, work->continued, c##i##2);                                        \
    }

static TILE_INLINE void put_sums(float *sums, int64_t count, int32_t continued, vfloat value)
{
    if (count >= LANES) {
        v_store(sums, continued ? v_add(v_load(sums), value) : value);
        return;
    }
    v_store_tail(sums, count, continued ? v_add(v_load_tail(sums, count), value) : value);
}

static TILE_INLINE void add_outer_vectors(const cnn_outer *work, const int rows, const int vectors)
{
    const int64_t row_step = work->row_step, gradient_step = work->gradient_step, count = work->count;
    const int64_t last = work->element_count - (vectors - 1) * LANES;
    EACH_ROW(START)
    for (int64_t s = 0; s < work->segments; s++) {
        const float *row = work->rows[s] + work->row_offset, *gradient = work->gradients[s] + work->gradient_offset;
        int64_t p = 0;
        for (; vectors == 1 && p + 2 <= count; p += 2, row += 2 * row_step, gradient += 2 * gradient_step) {
            const vfloat x0 = v_load(row), x1 = v_load(row + row_step);
            EACH_ROW(STEP_TWO)
        }
        for (; p < count; p++, row += row_step, gradient += gradient_step) {
            const vfloat x0 = v_load(row), x1 = vectors > 1 ? v_load(row + LANES) : x0;
            const vfloat x2 = vectors > 2 ? v_load(row + 2 * LANES) : x0;
            EACH_ROW(STEP)
        }
    }
    EACH_ROW(FINISH)
}

#undef EACH_ROW
#undef START
#undef STEP
#undef STEP_TWO
#undef FINISH

/* The loop is compiled for each number of output channels and of vectors, so that the last tiles cost what they hold. */
static TILE_INLINE void add_outer_rows(const cnn_outer *work, const int vectors)
{
    switch (work->output_count) {
    case 1:
        add_outer_vectors(work, 1, vectors);
        break;
    case 2:
        add_outer_vectors(work, 2, vectors);
        break;
    case 3:
        add_outer_vectors(work, 3, vectors);
        break;
#if OUTER_ROWS > 4
    case 4:
        add_outer_vectors(work, 4, vectors);
        break;
    case 5:
        add_outer_vectors(work, 5, vectors);
        break;
    case 6:
        add_outer_vectors(work, 6, vectors);
        break;
    case 7:
        add_outer_vectors(work, 7, vectors);
        break;
#endif
    default:
        add_outer_vectors(work, OUTER_ROWS, vectors);
        break;
    }
}

static void add_outer(const cnn_outer *work)
{
    switch ((work->element_count + LANES - 1) / LANES) {
    case 1:
        add_outer_rows(work, 1);
        break;
    case 2:
        add_outer_rows(work, 2);
        break;
    default:
        add_outer_rows(work, 3);
        break;
    }
}

/* Goes through the target from its start to its end, so that a vector may reach into what is written later. */
static void copy_patches(int64_t pixels, int64_t lines, const float *const *rows, int64_t row_step, int64_t run,
                         float *target)
{
#if defined(VECTOR_HAS_HALVES)
    if (run <= LANES / 2) { /* a whole vector would nearly always reach into a second line of the cache */
        for (int64_t p = 0; p < pixels; p++)
            for (int64_t l = 0; l < lines; l++, target += run)
                h_store(target, h_load(rows[l] + p * row_step));
        return;
    }
#endif
    for (int64_t p = 0; p < pixels; p++)
        for (int64_t l = 0; l < lines; l++, target += run) {
            const float *source = rows[l] + p * row_step;
            for (int64_t j = 0; j < run; j += LANES)
                v_store(target + j, v_load(source + j));
        }
}

#endif
