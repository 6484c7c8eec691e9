/* grouped_band.h - convolution with three taps across whose groups are narrower than a vector: its lanes are the output
 * channels of several groups, and an element of the input is permuted to the lanes of its group instead of to all of them.
 *
 * A block is up to GROUPED_PIXELS pixels of a row. Each vector of the input is permuted once for the up to three pixels that
 * see it, so that multiply-adds are the limit: for 14 pixels 42 of them, 16 permutations and 19 loads. Compilers load the
 * vectors once for all elements of a group, and keep those that registers do not hold on the stack: that is 5 to 8 per cent
 * faster than to load them again, because pixels that lie a page apart share few sets of the first-level cache. */
#ifndef CNN_VECTOR_GROUPED_BAND_H
#define CNN_VECTOR_GROUPED_BAND_H

#include "kernels.h"
#include "vector/depthwise_band.h"

#include <stddef.h>

/* Sums, three weights, the places of a permutation and its result. Half a row of 14, 28 or 56 pixels suits 16 registers. */
#define GROUPED_PIXELS (TILE_VECTORS > 2 ? 14 : 7)
#define GROUPED_WINDOW 3

/* How a call reads and stores: vectors that are whole, and groups that fill them, are known when this is compiled. */
typedef struct grouped_kind {
    int filled; /* a group has as many channels as a vector */
    int whole;  /* there are as many channels as lanes */
    int stride;
} grouped_kind;

/* Rows of the windows of one row of output, as far as they lie inside the input. */
typedef struct grouped_rows {
    const float *input; /* where column 0 of the first row is, */
    const float *weights;
    int64_t count;
    float *output; /* and pixel 0 */
    const float *residual;
} grouped_rows;

static TILE_INLINE vfloat grouped_load(const float *from, int64_t channels, const grouped_kind kind)
{
    return kind.whole ? v_load(from) : v_load_tail(from, channels);
}

static TILE_INLINE void grouped_store(const cnn_band *band, const grouped_rows *rows, int64_t p, const int pixels,
                                      const grouped_kind kind, vfloat *sums)
{
    const vfloat lower = v_set(band->lower), upper = v_set(band->upper);
    const float *residual = rows->residual + (rows->residual ? p * band->residual_step : 0);
    float *output = rows->output + p * band->output_step;
    if (rows->residual)
        UNROLL for (int i = 0; i < pixels; i++, residual += band->residual_step) sums[i] =
            v_add(sums[i], grouped_load(residual, band->channels, kind));
    UNROLL for (int i = 0; i < pixels; i++, output += band->output_step)
    {
        const vfloat sum = v_min(upper, v_max(lower, sums[i])); /* a NaN passes */
        if (kind.whole)
            v_store(output, sum);
        else
            v_store_tail(output, band->channels, sum);
    }
}

/* `pixels` pixels from p on. Only the first column that they see may lie left of the input, and the last one right of it. */
static TILE_INLINE void grouped_block(const cnn_band *band, const grouped_rows *rows, int64_t p, const int pixels,
                                      const grouped_kind kind)
{
    const int seen = (pixels - 1) * kind.stride + GROUPED_WINDOW;
    const int64_t left = band->left + p * kind.stride, step = band->input_step;
    const int no_first = left<0, no_last = left + seen> band->width;
    const float *row = rows->input + left * step, *weights = rows->weights;
    vfloat sums[GROUPED_PIXELS];
    UNROLL for (int i = 0; i < pixels; i++) sums[i] = v_load(band->bias);
    for (int64_t y = 0; y < rows->count; y++, row += band->input_row)
        for (int64_t k = 0; k < band->group; k++, weights += GROUPED_WINDOW * LANES) {
            const vfloat w[GROUPED_WINDOW] = {v_load(weights), v_load(weights + LANES), v_load(weights + 2 * LANES)};
            const vplaces places = v_group_places(band->group, k);
            const float *at = row;
            UNROLL for (int x = 0; x < seen; x++, at += step)
            {
                if ((x == 0 && no_first) || (x == seen - 1 && no_last)) continue;
                vfloat input = kind.filled ? v_set(at[k]) : v_take(grouped_load(at, band->channels, kind), places);
                KEEP_IN_REGISTER(input);
                UNROLL for (int j = 0; j < GROUPED_WINDOW; j++)
                {
                    if (x < j || (x - j) % kind.stride != 0 || (x - j) / kind.stride >= pixels) continue;
                    sums[(x - j) / kind.stride] = v_fma(input, w[j], sums[(x - j) / kind.stride]);
                }
            }
        }
    grouped_store(band, rows, p, pixels, kind, sums);
}

static TILE_INLINE void grouped_row(const cnn_band *band, const grouped_rows *rows, const grouped_kind kind)
{
    int64_t p = 0;
    for (; p + GROUPED_PIXELS <= band->pixels; p += GROUPED_PIXELS)
        grouped_block(band, rows, p, GROUPED_PIXELS, kind);
    for (; GROUPED_PIXELS > 7 && p + 7 <= band->pixels; p += 7)
        grouped_block(band, rows, p, 7, kind);
    for (; p + 3 <= band->pixels; p += 3)
        grouped_block(band, rows, p, 3, kind);
    for (; p < band->pixels; p++)
        grouped_block(band, rows, p, 1, kind);
}

static TILE_INLINE void grouped_any(const cnn_band *band, const grouped_kind kind)
{
    for (int64_t r = 0; r < band->rows; r++) {
        const int64_t top = band->top + r * band->stride_down, first = top < 0 ? -top : 0;
        const int64_t last = band_smaller(band->window_down, band->height - top);
        const grouped_rows rows = {
            .input = band->input + (top + first) * band->input_row,
            .weights = band->weights + first * band->group * GROUPED_WINDOW * LANES,
            .count = last - first,
            .output = band->output + r * band->output_row,
            .residual = band->residual ? band->residual + r * band->residual_row : NULL,
        };
        grouped_row(band, &rows, kind);
    }
}

static BAND_APART void grouped_parts(const cnn_band *band)
{
    if (band->stride == 1)
        grouped_any(band, (grouped_kind){0, 0, 1});
    else
        grouped_any(band, (grouped_kind){0, 0, 2});
}

static BAND_APART void grouped_filled(const cnn_band *band)
{
    if (band->stride == 1)
        grouped_any(band, (grouped_kind){1, 1, 1});
    else
        grouped_any(band, (grouped_kind){1, 1, 2});
}

static void convolve_grouped_band(const cnn_band *band)
{
    if (band->channels < LANES)
        grouped_parts(band);
    else if (band->group == LANES)
        grouped_filled(band);
    else if (band->stride == 1)
        grouped_any(band, (grouped_kind){0, 1, 1});
    else
        grouped_any(band, (grouped_kind){0, 1, 2});
}

#endif
