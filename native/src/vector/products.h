/* products.h - the weight gradient of a depthwise convolution: sums of the products of two rows, shifted by each tap. A row
 * of the input serves all taps of a line, and a row of the gradient all lines, so some lines are summed together in
 * registers. */
#ifndef CNN_VECTOR_PRODUCTS_H
#define CNN_VECTOR_PRODUCTS_H

#include "kernels.h"
#include "vector/convolve_tile.h"

#define PRODUCT_SUMS 10 /* vectors: with up to 4 gradients and an element of the input they fill 16 registers */
#define PRODUCT_PIXELS 4

/* Pixels first..last-1 see all taps inside the line; first <= last. */
typedef struct product_range {
    int64_t first;
    int64_t last;
} product_range;

static inline product_range whole_windows(const cnn_products *work)
{
    const int64_t reach = (work->taps - 1) * work->dilation, room = work->width + work->padding - reach;
    product_range range = {(work->padding + work->stride - 1) / work->stride,
                           room > 0 ? (room + work->stride - 1) / work->stride : 0};
    if (work->padding < 0) range.first = 0;
    if (range.last > work->count) range.last = work->count;
    if (range.first > range.last) range.first = range.last;
    return range;
}

/* One pixel, whose taps may lie beside the line. */
static TILE_INLINE void add_products_of_pixel(const cnn_products *work, const float *rows, int64_t p, const int lines,
                                              const int taps, vfloat *sums)
{
    const vfloat y = v_load(work->columns + p * work->channels);
    const int64_t start = p * work->stride - work->padding;
    UNROLL for (int t = 0; t < taps; t++)
    {
        const int64_t x = start + t;
        if (x < 0 || x >= work->width) continue;
        UNROLL for (int l = 0; l < lines; l++) sums[l * taps + t] =
            v_fma(v_load(rows + l * work->line_step + x * work->channels), y, sums[l * taps + t]);
    }
}

/* Some pixels that see all taps: each element of the input is loaded once for all of them. */
static TILE_INLINE void add_products_of_pixels(const cnn_products *work, const float *rows, int64_t p, const int lines,
                                               const int taps, const int stride, const int pixels, vfloat *sums)
{
    const int64_t channels = work->channels;
    const float *column = work->columns + p * channels;
    rows += (p * stride - work->padding) * channels;
    vfloat y[PRODUCT_PIXELS];
    UNROLL for (int i = 0; i < pixels; i++) y[i] = v_load(column + i * channels);
    UNROLL for (int l = 0; l < lines; l++)
    {
        UNROLL for (int x = 0; x < (pixels - 1) * stride + taps; x++)
        {
            const vfloat element = v_load(rows + l * work->line_step + x * channels);
            UNROLL for (int i = 0; i < pixels; i++)
            {
                const int t = x - i * stride;
                if (t >= 0 && t < taps) sums[l * taps + t] = v_fma(element, y[i], sums[l * taps + t]);
            }
        }
    }
}

/* Lines of taps that follow each other, for all whole vectors of channels. */
static TILE_INLINE void add_product_lines(const cnn_products *given, product_range range, int64_t line, const int lines,
                                          const int taps, const int stride)
{
    cnn_products work = *given;
    float *target = work.sums + line * taps * work.channels;
    const float *rows = work.rows + line * work.line_step;
    const int pixels = stride == 1 ? 4 : 2;
    for (int64_t c = 0; c + LANES <= work.channels; c += LANES, rows += LANES, target += LANES, work.columns += LANES) {
        vfloat sums[PRODUCT_SUMS];
        int64_t p = 0;
        UNROLL for (int i = 0; i < lines * taps; i++) sums[i] = v_load(target + i * work.channels);
        for (; p < range.first; p++)
            add_products_of_pixel(&work, rows, p, lines, taps, sums);
        for (; p + pixels <= range.last; p += pixels)
            add_products_of_pixels(&work, rows, p, lines, taps, stride, pixels, sums);
        for (; p < work.count; p++)
            add_products_of_pixel(&work, rows, p, lines, taps, sums);
        UNROLL for (int i = 0; i < lines * taps; i++) v_store(target + i * work.channels, sums[i]);
    }
}

/* As many lines at once as leave registers. */
static TILE_INLINE void add_product_window(const cnn_products *work, const int taps, const int stride)
{
    const product_range range = whole_windows(work);
    const int most = taps == 3 ? 3 : taps == 5 ? 2 : 1;
    int64_t line = 0;
    for (; line + most <= work->lines; line += most)
        add_product_lines(work, range, line, most, taps, stride);
    if (most > 2 && line + 2 <= work->lines) {
        add_product_lines(work, range, line, 2, taps, stride);
        line += 2;
    }
    for (; most > 1 && line < work->lines; line++)
        add_product_lines(work, range, line, 1, taps, stride);
}

/* The products of one tap for some channels: pixels first..last-1, whose element of the input lies at row + p * step. */
static void add_products_of_tap(const cnn_products *work, const float *row, int64_t first, int64_t last, int64_t c,
                                float *target)
{
    const int64_t channels = work->channels, step = work->stride * channels;
    for (; c + 4 * LANES <= channels; c += 4 * LANES) {
        const float *x = row + first * step + c, *y = work->columns + first * channels + c;
        vfloat s0 = v_load(target + c), s1 = v_load(target + c + LANES);
        vfloat s2 = v_load(target + c + 2 * LANES), s3 = v_load(target + c + 3 * LANES);
        for (int64_t p = first; p < last; p++, x += step, y += channels) {
            s0 = v_fma(v_load(x), v_load(y), s0);
            s1 = v_fma(v_load(x + LANES), v_load(y + LANES), s1);
            s2 = v_fma(v_load(x + 2 * LANES), v_load(y + 2 * LANES), s2);
            s3 = v_fma(v_load(x + 3 * LANES), v_load(y + 3 * LANES), s3);
        }
        v_store(target + c, s0);
        v_store(target + c + LANES, s1);
        v_store(target + c + 2 * LANES, s2);
        v_store(target + c + 3 * LANES, s3);
    }
    for (; c < channels; c += LANES) {
        const int64_t left = channels - c < LANES ? channels - c : LANES;
        const float *x = row + first * step + c, *y = work->columns + first * channels + c;
        vfloat sum = v_load_tail(target + c, left);
        for (int64_t p = first; p < last; p++, x += step, y += channels)
            sum = v_fma(v_load_tail(x, left), v_load_tail(y, left), sum);
        v_store_tail(target + c, left, sum);
    }
}

/* Channels from `c` on for any window, tap by tap. */
static void add_products_by_taps(const cnn_products *work, int64_t c)
{
    for (int64_t i = 0; i < work->lines * work->taps; i++) {
        const int64_t shift = i % work->taps * work->dilation - work->padding, room = work->width - shift;
        const int64_t first = shift < 0 ? (-shift + work->stride - 1) / work->stride : 0;
        int64_t last = room > 0 ? (room + work->stride - 1) / work->stride : 0;
        if (last > work->count) last = work->count;
        const float *row = work->rows + i / work->taps * work->line_step + shift * work->channels;
        if (first < last) add_products_of_tap(work, row, first, last, c, work->sums + i * work->channels);
    }
}

/* Whether vectors that are half a line of the cache each would find the other half gone: pixels a multiple of 2 KB apart
 * share two sets of a first-level cache. */
static int pixels_crowd(const cnn_products *work)
{
    return LANES < 16 && work->channels % 512 == 0;
}

static void add_products(const cnn_products *work)
{
    int64_t done = work->dilation == 1 && !pixels_crowd(work) ? work->channels / LANES * LANES : 0;
    if (done == 0) {
        /* all of them tap by tap */
    } else if (work->taps == 3 && work->stride == 1)
        add_product_window(work, 3, 1);
    else if (work->taps == 3 && work->stride == 2)
        add_product_window(work, 3, 2);
    else if (work->taps == 5 && work->stride == 1)
        add_product_window(work, 5, 1);
    else if (work->taps == 5 && work->stride == 2)
        add_product_window(work, 5, 2);
    else if (work->taps == 7 && work->stride == 1)
        add_product_window(work, 7, 1);
    else
        done = 0;
    if (done < work->channels) add_products_by_taps(work, done);
}

#endif
