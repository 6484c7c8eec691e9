/* depthwise_band.h - the depthwise convolution of one or two rows of output at once: each vector of the input is loaded once
 * for all the sums of a block of pixels that need it, and each filter once for a block, so that multiply-adds are the limit.
 *
 * With 32 registers a block is two rows of seven or eight pixels: 16 sums, the filter's row for either of them and an
 * element of the input; with 16 registers it is one row. It skips columns that lie left or right of the input. Pixels that
 * are left are computed one by one, but four vectors of channels together. All sums add the taps in one order, so it does
 * not matter who computes a pixel. */
#ifndef CNN_VECTOR_DEPTHWISE_BAND_H
#define CNN_VECTOR_DEPTHWISE_BAND_H

#include "kernels.h"
#include "vector/convolve_tile.h"

#include <stddef.h>

#define BAND_ROWS (TILE_VECTORS > 2 ? 2 : 1)
#define BAND_PIXELS 8
#define BAND_WINDOW 7
#define EDGE_VECTORS 4

/* GCC loads an operand again for each of its uses, which leaves the loads the bottleneck that they were. */
#if defined(__GNUC__) && defined(__x86_64__)
#define KEEP_IN_REGISTER(vector) __asm__("" : "+v"(vector))
#else
#define KEEP_IN_REGISTER(vector) (void)(vector)
#endif

#if defined(_MSC_VER)
#define BAND_APART __declspec(noinline)
#else
#define BAND_APART __attribute__((noinline))
#endif

static inline int64_t band_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The rows of the band's windows that lie inside the input. */
static inline int64_t band_first(const cnn_band *band)
{
    return band->top < 0 ? -band->top : 0;
}

static inline int64_t band_last(const cnn_band *band)
{
    return band_smaller((band->rows - 1) * band->stride_down + band->window_down, band->height - band->top);
}

/* `count` sums of vectors, `apart` elements from each other in output and residual. */
static TILE_INLINE void band_store(const cnn_band *band, int64_t row, int64_t pixel, int64_t c, const int count,
                                   int64_t output_apart, int64_t residual_apart, vfloat *sums)
{
    const vfloat lower = v_set(band->lower), upper = v_set(band->upper);
    if (band->residual) {
        const float *residual = band->residual + row * band->residual_row + pixel * band->residual_step + c;
        UNROLL for (int i = 0; i < count; i++, residual += residual_apart) sums[i] = v_add(sums[i], v_load(residual));
    }
    float *output = band->output + row * band->output_row + pixel * band->output_step + c;
    UNROLL for (int i = 0; i < count; i++, output += output_apart)
        v_store(output, v_min(upper, v_max(lower, sums[i]))); /* a NaN passes */
}

/* The columns that a block sees: `before` of the first half a window lie left of the input, and those from `end` on right of
 * it. Where they cannot be, this is known when it is compiled. */
typedef struct band_columns {
    int64_t before;
    int64_t end;
} band_columns;

static TILE_INLINE int band_is_outside(const band_columns *columns, const int x, const int window, const int seen)
{
    return (x < window / 2 && x < columns->before) || (x >= seen - window / 2 && x >= columns->end);
}

/* Adds what a row of the input gives to the upper row of sums with the filter's row at `above`, and to the lower row with
 * that at `below`; either may be null. */
static TILE_INLINE void band_add_row(const float *row, int64_t step, const band_columns *columns, const float *above,
                                     const float *below, int64_t tap, vfloat (*sums)[BAND_PIXELS], const int window,
                                     const int stride, const int pixels)
{
    const int seen = (pixels - 1) * stride + window;
    vfloat a[BAND_WINDOW] = {v_set(0.0f)}, b[BAND_WINDOW] = {v_set(0.0f)}; /* else compilers warn of what is never read */
    UNROLL for (int j = 0; j < window; j++)
    {
        if (above) a[j] = v_load(above + j * tap);
        if (below) b[j] = v_load(below + j * tap);
    }
    UNROLL for (int x = 0; x < seen; x++, row += step)
    {
        if (band_is_outside(columns, x, window, seen)) continue;
        vfloat input = v_load(row);
        KEEP_IN_REGISTER(input);
        UNROLL for (int j = 0; j < window; j++)
        {
            if (x < j || (x - j) % stride != 0 || (x - j) / stride >= pixels) continue;
            if (above) sums[0][(x - j) / stride] = v_fma(input, a[j], sums[0][(x - j) / stride]);
            if (below) sums[1][(x - j) / stride] = v_fma(input, b[j], sums[1][(x - j) / stride]);
        }
    }
}

/* Both rows of 3x3 filters where all their taps lie inside: the whole filter stays in registers. */
static TILE_INLINE void band_add_whole(const float *row, int64_t down, int64_t step, const band_columns *columns,
                                       const float *weights, int64_t tap, vfloat (*sums)[BAND_PIXELS], const int stride,
                                       const int pixels)
{
    const int seen = (pixels - 1) * stride + 3;
    vfloat filter[9];
    UNROLL for (int t = 0; t < 9; t++)
    {
        filter[t] = v_load(weights + t * tap);
        KEEP_IN_REGISTER(filter[t]);
    }
    UNROLL for (int y = 0; y < 3 + stride; y++, row += down)
    {
        const float *at = row;
        UNROLL for (int x = 0; x < seen; x++, at += step)
        {
            if (band_is_outside(columns, x, 3, seen)) continue;
            vfloat input = v_load(at);
            KEEP_IN_REGISTER(input);
            UNROLL for (int j = 0; j < 3; j++)
            {
                if (x < j || (x - j) % stride != 0 || (x - j) / stride >= pixels) continue;
                vfloat *above = &sums[0][(x - j) / stride], *below = &sums[1][(x - j) / stride];
                if (y < 3) *above = v_fma(input, filter[y * 3 + j], *above);
                if (y >= stride) *below = v_fma(input, filter[(y - stride) * 3 + j], *below);
            }
        }
    }
}

/* One vector of channels of `pixels` pixels of all rows, whose windows leave the width of the input by half of one at most.
 * What is const int is known when this is compiled, and the arrays are registers. */
static TILE_INLINE void band_block(const cnn_band *band, int64_t p, int64_t c, const int window, const int stride,
                                   const int rows, const int pixels)
{
    const int64_t down = band->input_row, step = band->input_step, tap = band->tap_step, line = window * tap;
    const int64_t last = band_last(band), stride_down = band->stride_down, window_down = band->window_down;
    int64_t i = band_first(band);
    const int64_t left = band->left + p * stride;
    const band_columns columns = {-left, band->width - left};
    const float *row = band->input + (band->top + i) * down + left * step + c;
    const float *weights = band->weights + i * line + c;
    vfloat sums[2][BAND_PIXELS];
    const vfloat bias = v_load(band->bias + c);
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int k = 0; k < pixels; k++) sums[r][k] = bias;
    if (rows == 1) {
        for (; i < last; i++, row += down, weights += line)
            band_add_row(row, step, &columns, weights, NULL, tap, sums, window, stride, pixels);
    } else if (window == 3 && window_down == 3 && stride_down == stride && last - i == 3 + stride) {
        band_add_whole(row, down, step, &columns, weights, tap, sums, stride, pixels);
    } else {
        const int64_t behind = stride_down * line;
        for (; i < band_smaller(stride_down, last); i++, row += down, weights += line)
            band_add_row(row, step, &columns, weights, NULL, tap, sums, window, stride, pixels);
        for (; i < band_smaller(window_down, last); i++, row += down, weights += line)
            band_add_row(row, step, &columns, weights, weights - behind, tap, sums, window, stride, pixels);
        for (; i < last; i++, row += down, weights += line)
            band_add_row(row, step, &columns, NULL, weights - behind, tap, sums, window, stride, pixels);
    }
    UNROLL for (int r = 0; r < rows; r++) band_store(band, r, p, c, pixels, band->output_step, band->residual_step, sums[r]);
}

/* Some vectors of channels of one pixel of all rows, whichever taps lie inside. */
static TILE_INLINE void band_edge(const cnn_band *band, int64_t p, int64_t c, const int rows, const int vectors)
{
    const int64_t tap = band->tap_step, line = band->window * tap, behind = band->stride_down * line;
    const int64_t left = band->left + p * band->stride, begin = left < 0 ? -left : 0;
    const int64_t end = band_smaller(band->window, band->width - left), last = band_last(band);
    vfloat sums[2][EDGE_VECTORS];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) sums[r][v] =
        v_load(band->bias + c + v * LANES);
    for (int64_t i = band_first(band); i < last; i++) {
        const float *input = band->input + (band->top + i) * band->input_row + (left + begin) * band->input_step + c;
        const float *weights = band->weights + i * line + begin * tap + c;
        const int above = i<band->window_down, below = rows> 1 && i >= band->stride_down;
        if (above && below)
            for (int64_t j = begin; j < end; j++, input += band->input_step, weights += tap)
                UNROLL for (int v = 0; v < vectors; v++)
                {
                    vfloat x = v_load(input + v * LANES);
                    KEEP_IN_REGISTER(x);
                    sums[0][v] = v_fma(x, v_load(weights + v * LANES), sums[0][v]);
                    sums[1][v] = v_fma(x, v_load(weights - behind + v * LANES), sums[1][v]);
                }
        else if (above)
            for (int64_t j = begin; j < end; j++, input += band->input_step, weights += tap)
                UNROLL for (int v = 0; v < vectors; v++) sums[0][v] =
                    v_fma(v_load(input + v * LANES), v_load(weights + v * LANES), sums[0][v]);
        else if (below)
            for (int64_t j = begin; j < end; j++, input += band->input_step, weights += tap)
                UNROLL for (int v = 0; v < vectors; v++) sums[1][v] =
                    v_fma(v_load(input + v * LANES), v_load(weights - behind + v * LANES), sums[1][v]);
    }
    UNROLL for (int r = 0; r < rows; r++) band_store(band, r, p, c, vectors, LANES, LANES, sums[r]);
}

/* The last vector of channels overlaps the one before it. */
static inline int64_t band_vector(const cnn_band *band, int64_t c)
{
    return band_smaller(c, band->channels - LANES);
}

/* The pixels p..end-1. */
static TILE_INLINE void band_edges(const cnn_band *band, int64_t p, int64_t end, const int rows)
{
    for (; p < end; p++) {
        int64_t c = 0;
        for (; c + EDGE_VECTORS * LANES <= band->channels; c += EDGE_VECTORS * LANES)
            band_edge(band, p, c, rows, EDGE_VECTORS);
        for (; c < band->channels; c += LANES)
            band_edge(band, p, band_vector(band, c), rows, 1);
    }
}

/* Whichever the window is: compiled once, for its code is long. */
static BAND_APART void band_any_edges(const cnn_band *band, int64_t p, int64_t end)
{
    if (band->rows == 1)
        band_edges(band, p, end, 1);
    else
        band_edges(band, p, end, BAND_ROWS);
}

/* As many blocks of pixels as fit in p..end-1; returns where they end. */
static TILE_INLINE int64_t band_blocks(const cnn_band *band, int64_t p, int64_t end, const int window, const int stride,
                                       const int rows, const int pixels)
{
    for (; p + pixels <= end; p += pixels)
        for (int64_t c = 0; c < band->channels; c += LANES)
            band_block(band, p, band_vector(band, c), window, stride, rows, pixels);
    return p;
}

/* Blocks of 7 pixels divide most images; of 3x3 filters there are enough registers for 8. A single row where two are usual
 * is the last one of an image. */
static TILE_INLINE int64_t band_rows(const cnn_band *band, int64_t p, int64_t end, const int window, const int stride,
                                     const int rows)
{
    if (window == 3 && (end - p) % 7 != 0) p = band_blocks(band, p, end, window, stride, rows, BAND_PIXELS);
    p = band_blocks(band, p, end, window, stride, rows, BAND_PIXELS - 1);
    return band_blocks(band, p, end, window, stride, rows, BAND_PIXELS / 2);
}

/* The pixels first..end-1 are those whose windows leave the width of the input by half of one at most. */
static TILE_INLINE void band_any(const cnn_band *band, const int window, const int stride)
{
    const int half = window / 2;
    int64_t first = band->left < -half ? (stride - 1 - half - band->left) / stride : 0;
    const int64_t room = band->width + half - window - band->left;
    const int64_t end = room < 0 ? 0 : band_smaller(band->pixels, room / stride + 1);
    if (first > end) first = end;
    band_any_edges(band, 0, first);
    if (band->rows == BAND_ROWS)
        first = band_rows(band, first, end, window, stride, BAND_ROWS);
    else
        first = band_rows(band, first, end, window, stride, 1);
    band_any_edges(band, first, band->pixels);
}

static void convolve_depthwise_band(const cnn_band *band)
{
    switch (band->window * 4 + band->stride) {
    case 3 * 4 + 1:
        band_any(band, 3, 1);
        break;
    case 3 * 4 + 2:
        band_any(band, 3, 2);
        break;
    case 5 * 4 + 1:
        band_any(band, 5, 1);
        break;
    case 5 * 4 + 2:
        band_any(band, 5, 2);
        break;
    case 7 * 4 + 1:
        band_any(band, 7, 1);
        break;
    default:
        band_any(band, 7, 2);
        break;
    }
}

#endif
