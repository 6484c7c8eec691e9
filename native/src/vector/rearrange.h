/* rearrange.h - kernels that move elements about: the transpose of a tile. The callers hand over tiles that a first-level
 * cache holds, so that a line is read and written in whole while it is there. */
#ifndef CNN_VECTOR_REARRANGE_H
#define CNN_VECTOR_REARRANGE_H

#include "kernels.h"
#include "vector/convolve_tile.h"

#include <string.h>

#define LINE 16 /* elements of a cache line */

/* The transpose with a known small number of rows, which become the innermost dimension: interleaving. */
static inline void interleave(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output,
                              int64_t output_stride)
{
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = 0; i < rows; i++)
            output[j * output_stride + i] = input[i * input_stride + j];
}

#if defined(V_INTERLEAVE)
/* Two rows become pairs, as where the channels of two groups are shuffled. */
static inline void interleave_pairs(int64_t columns, const float *left, const float *right, float *output)
{
    vfloat low, high;
    int64_t j = 0;
    for (; j + LANES <= columns; j += LANES) {
        v_interleave(v_load(left + j), v_load(right + j), &low, &high);
        v_store(output + 2 * j, low);
        v_store(output + 2 * j + LANES, high);
    }
    const int64_t rest = 2 * (columns - j);
    if (rest == 0) return;
    v_interleave(v_load_tail(left + j, columns - j), v_load_tail(right + j, columns - j), &low, &high);
    if (rest < LANES) {
        v_store_tail(output + 2 * j, rest, low);
        return;
    }
    v_store(output + 2 * j, low);
    if (rest > LANES) v_store_tail(output + 2 * j + LANES, rest - LANES, high);
}
#endif

#if defined(V_STORE_THREES)
/* Three rows become the colours of pixels. */
static inline void interleave_threes(int64_t columns, const float *input, int64_t input_stride, float *output)
{
    int64_t j = 0;
    for (; j + LANES <= columns; j += LANES)
        v_store_threes(output + 3 * j, v_load(input + j), v_load(input + input_stride + j),
                       v_load(input + 2 * input_stride + j));
    interleave(3, columns - j, input + j, input_stride, output + 3 * j, 3);
}
#endif

/* The transpose with a known small number of columns, which were the innermost dimension. */
static inline void part(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output,
                        int64_t output_stride)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            output[j * output_stride + i] = input[i * input_stride + j];
}

#if defined(V_TRANSPOSE)
static inline void transpose_block(const float *input, int64_t input_stride, float *output, int64_t output_stride)
{
    vfloat r[LANES];
    for (int i = 0; i < LANES; i++)
        r[i] = v_load(input + i * input_stride);
    v_transpose(r);
    for (int i = 0; i < LANES; i++)
        v_store(output + i * output_stride, r[i]);
}

static void transpose_edge(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output,
                           int64_t output_stride)
{
    vfloat r[LANES];
    for (int i = 0; i < LANES; i++)
        r[i] = i < rows ? v_load_tail(input + i * input_stride, columns) : v_set(0.0f);
    v_transpose(r);
    for (int j = 0; j < LANES; j++)
        if (j < columns) v_store_tail(output + j * output_stride, rows, r[j]);
}
#else /* an instruction set without shuffles of its own: the compiler's */
static inline void transpose_block(const float *input, int64_t input_stride, float *output, int64_t output_stride)
{
    part(LANES, LANES, input, input_stride, output, output_stride);
}

static void transpose_edge(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output,
                           int64_t output_stride)
{
    part(rows, columns, input, input_stride, output, output_stride);
}
#endif

#if defined(EIGHT_ROWS)
/* Up to eight rows that become pixels without gaps: each is stored as eight elements, whose ends the next one overwrites. */
static TILE_INLINE void interleave_block(const int rows, int64_t columns, int64_t left, const float *input,
                                         int64_t input_stride, float *output)
{
    vfloat r[8];
    veight pixels[LANES];
    for (int i = 0; i < 8; i++)
        r[i] = i >= rows         ? v_set(0.0f)
               : columns < LANES ? v_load_tail(input + i * input_stride, columns)
                                 : v_load(input + i * input_stride);
    v_transpose_eight(r, pixels);
    for (int j = 0; j < LANES; j++) {
        if (j + 1 < left)
            eight_store(output + j * rows, pixels[j]);
        else if (j < left)
            eight_store_tail(output + j * rows, rows, pixels[j]);
    }
}

static TILE_INLINE void interleave_eight(const int rows, int64_t columns, const float *input, int64_t input_stride,
                                         float *output)
{
    int64_t j = 0;
    for (; j + LANES < columns; j += LANES)
        interleave_block(rows, LANES, LANES + 1, input + j, input_stride, output + j * rows);
    interleave_block(rows, columns - j, columns - j, input + j, input_stride, output + j * rows);
}

/* Whether there were such rows. */
static int interleave_few(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output)
{
    switch (rows) {
    case 4:
        interleave_eight(4, columns, input, input_stride, output);
        return 1;
    case 5:
        interleave_eight(5, columns, input, input_stride, output);
        return 1;
    case 6:
        interleave_eight(6, columns, input, input_stride, output);
        return 1;
    case 7:
        interleave_eight(7, columns, input, input_stride, output);
        return 1;
    case 8:
        interleave_eight(8, columns, input, input_stride, output);
        return 1;
    default:
        return 0;
    }
}
#endif

/* Rows that lie pages apart are no pattern that the processor would fetch ahead. */
static inline void prefetch_rows(const float *row, int64_t stride)
{
#if defined(__GNUC__)
    for (int64_t i = 0; i < LANES; i++)
        __builtin_prefetch(row + i * stride);
#else
    (void)row;
    (void)stride;
#endif
}

static void transpose(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output,
                      int64_t output_stride)
{
#if defined(V_INTERLEAVE)
    if (rows == 2 && output_stride == 2) return interleave_pairs(columns, input, input + input_stride, output);
#endif
#if defined(V_STORE_THREES)
    if (rows == 3 && output_stride == 3) return interleave_threes(columns, input, input_stride, output);
#endif
    if (rows == 1 && output_stride == 1) {
        memcpy(output, input, (size_t)columns * sizeof *output);
        return;
    }
    if (columns == 1 && input_stride == 1) {
        memcpy(output, input, (size_t)rows * sizeof *output);
        return;
    }
    if (rows == 2) return interleave(2, columns, input, input_stride, output, output_stride);
    if (rows == 3) return interleave(3, columns, input, input_stride, output, output_stride);
    if (columns == 2) return part(rows, 2, input, input_stride, output, output_stride);
    if (columns == 3) return part(rows, 3, input, input_stride, output, output_stride);
#if defined(EIGHT_ROWS)
    if (output_stride == rows && columns > 0 && interleave_few(rows, columns, input, input_stride, output)) return;
#endif
    for (int64_t i = 0; i < rows; i += LANES)
        for (int64_t j = 0; j < columns; j += LANES) {
            const float *from = input + i * input_stride + j;
            float *to = output + j * output_stride + i;
            if (i + 2 * LANES <= rows && j % LINE == 0) prefetch_rows(from + LANES * input_stride, input_stride);
            if (i + LANES <= rows && j + LANES <= columns)
                transpose_block(from, input_stride, to, output_stride);
            else
                transpose_edge(rows - i < LANES ? rows - i : LANES, columns - j < LANES ? columns - j : LANES, from,
                               input_stride, to, output_stride);
        }
}

#endif
