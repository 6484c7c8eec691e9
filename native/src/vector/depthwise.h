/* depthwise.h - the depthwise convolution of neighbouring pixels with any taps: several pixels share each load of weights.
 * Pixels are the outer loop, which keeps to few streams of memory. depthwise_band.h is faster, for the windows it knows. */
#ifndef CNN_VECTOR_DEPTHWISE_H
#define CNN_VECTOR_DEPTHWISE_H

#include "kernels.h"
#include "vector/convolve_tile.h"

#define DEPTHWISE_PIXELS 4

static inline void store_depthwise(const cnn_depthwise_pixels *work, int64_t p, int64_t c, int64_t count, vfloat sum)
{
    float *output = work->output + p * work->output_step + c;
    if (work->residual) sum = v_add(sum, v_load_tail(work->residual + p * work->residual_step + c, count));
    sum = v_min(v_set(work->upper), v_max(v_set(work->lower), sum)); /* a NaN passes */
    if (count == LANES) /* where it is known, masks are not paid for: on some processors they cost twenty stores */
        v_store(output, sum);
    else
        v_store_tail(output, count, sum);
}

/* Two vectors of channels of four pixels. */
static inline void depthwise_eight(const cnn_depthwise_pixels *work, int64_t p, int64_t c)
{
    const int64_t step = work->row_step, first = p * step + c;
    const vfloat b0 = v_load(work->bias + c), b1 = v_load(work->bias + c + LANES);
    vfloat s00 = b0, s01 = b1, s10 = b0, s11 = b1, s20 = b0, s21 = b1, s30 = b0, s31 = b1;
    for (int64_t t = 0; t < work->taps; t++) {
        const float *row = work->rows[t] + first, *weight = work->weights[t] + c;
        const vfloat w0 = v_load(weight), w1 = v_load(weight + LANES);
        s00 = v_fma(v_load(row), w0, s00);
        s01 = v_fma(v_load(row + LANES), w1, s01);
        s10 = v_fma(v_load(row + step), w0, s10);
        s11 = v_fma(v_load(row + step + LANES), w1, s11);
        s20 = v_fma(v_load(row + 2 * step), w0, s20);
        s21 = v_fma(v_load(row + 2 * step + LANES), w1, s21);
        s30 = v_fma(v_load(row + 3 * step), w0, s30);
        s31 = v_fma(v_load(row + 3 * step + LANES), w1, s31);
    }
    store_depthwise(work, p, c, LANES, s00);
    store_depthwise(work, p, c + LANES, LANES, s01);
    store_depthwise(work, p + 1, c, LANES, s10);
    store_depthwise(work, p + 1, c + LANES, LANES, s11);
    store_depthwise(work, p + 2, c, LANES, s20);
    store_depthwise(work, p + 2, c + LANES, LANES, s21);
    store_depthwise(work, p + 3, c, LANES, s30);
    store_depthwise(work, p + 3, c + LANES, LANES, s31);
}

/* Up to one vector of channels of four pixels. */
static inline void depthwise_four(const cnn_depthwise_pixels *work, int64_t p, int64_t c, int64_t count)
{
    const int64_t step = work->row_step, first = p * step + c;
    const vfloat bias = v_load(work->bias + c);
    vfloat s0 = bias, s1 = bias, s2 = bias, s3 = bias;
    for (int64_t t = 0; t < work->taps; t++) {
        const float *row = work->rows[t] + first;
        const vfloat w = v_load(work->weights[t] + c);
        s0 = v_fma(v_load_tail(row, count), w, s0);
        s1 = v_fma(v_load_tail(row + step, count), w, s1);
        s2 = v_fma(v_load_tail(row + 2 * step, count), w, s2);
        s3 = v_fma(v_load_tail(row + 3 * step, count), w, s3);
    }
    store_depthwise(work, p, c, count, s0);
    store_depthwise(work, p + 1, c, count, s1);
    store_depthwise(work, p + 2, c, count, s2);
    store_depthwise(work, p + 3, c, count, s3);
}

/* Four vectors of channels of one pixel, where there are no four pixels left. */
static inline void depthwise_one(const cnn_depthwise_pixels *work, int64_t p, int64_t c)
{
    const int64_t first = p * work->row_step + c;
    const float *bias = work->bias + c;
    vfloat s0 = v_load(bias), s1 = v_load(bias + LANES), s2 = v_load(bias + 2 * LANES), s3 = v_load(bias + 3 * LANES);
    for (int64_t t = 0; t < work->taps; t++) {
        const float *row = work->rows[t] + first, *weight = work->weights[t] + c;
        s0 = v_fma(v_load(row), v_load(weight), s0);
        s1 = v_fma(v_load(row + LANES), v_load(weight + LANES), s1);
        s2 = v_fma(v_load(row + 2 * LANES), v_load(weight + 2 * LANES), s2);
        s3 = v_fma(v_load(row + 3 * LANES), v_load(weight + 3 * LANES), s3);
    }
    store_depthwise(work, p, c, LANES, s0);
    store_depthwise(work, p, c + LANES, LANES, s1);
    store_depthwise(work, p, c + 2 * LANES, LANES, s2);
    store_depthwise(work, p, c + 3 * LANES, LANES, s3);
}

static inline void depthwise_rest(const cnn_depthwise_pixels *work, int64_t p, int64_t c, int64_t count)
{
    vfloat sum = v_load(work->bias + c);
    for (int64_t t = 0; t < work->taps; t++)
        sum = v_fma(v_load_tail(work->rows[t] + p * work->row_step + c, count), v_load(work->weights[t] + c), sum);
    store_depthwise(work, p, c, count, sum);
}

static void convolve_depthwise_pixels(const cnn_depthwise_pixels *work)
{
    const int64_t channels = work->channels;
    int64_t p = 0, c;
    for (; p + DEPTHWISE_PIXELS <= work->pixels; p += DEPTHWISE_PIXELS) {
        for (c = 0; c + 2 * LANES <= channels; c += 2 * LANES)
            depthwise_eight(work, p, c);
        for (; c < channels; c += LANES)
            depthwise_four(work, p, c, channels - c < LANES ? channels - c : LANES);
    }
    for (; p < work->pixels; p++) {
        for (c = 0; c + 4 * LANES <= channels; c += 4 * LANES)
            depthwise_one(work, p, c);
        for (; c < channels; c += LANES)
            depthwise_rest(work, p, c, channels - c < LANES ? channels - c : LANES);
    }
}

#endif
