/* resample.h - weighted sums of pixels, for resizing: of rows, which are long, and of pixels in a row, which may be as short
 * as one element. Short ones are a single partial vector, and one element is left to plain code. */
#ifndef CNN_VECTOR_RESAMPLE_H
#define CNN_VECTOR_RESAMPLE_H

#include "kernels.h"

typedef struct resample_taps {
    int64_t count;
    const int32_t *indices;
    const float *weights;
    const float *input;
    int64_t channels;
} resample_taps;

/* Four vectors from element c on. */
static inline void resample_wide(const resample_taps *taps, int64_t c, float *output)
{
    const float *pixel = taps->input + taps->indices[0] * taps->channels + c;
    vfloat w = v_set(taps->weights[0]);
    vfloat a = v_mul(w, v_load(pixel)), b = v_mul(w, v_load(pixel + LANES));
    vfloat d = v_mul(w, v_load(pixel + 2 * LANES)), e = v_mul(w, v_load(pixel + 3 * LANES));
    for (int64_t t = 1; t < taps->count; t++) {
        pixel = taps->input + taps->indices[t] * taps->channels + c;
        w = v_set(taps->weights[t]);
        a = v_fma(w, v_load(pixel), a);
        b = v_fma(w, v_load(pixel + LANES), b);
        d = v_fma(w, v_load(pixel + 2 * LANES), d);
        e = v_fma(w, v_load(pixel + 3 * LANES), e);
    }
    v_store(output + c, a);
    v_store(output + c + LANES, b);
    v_store(output + c + 2 * LANES, d);
    v_store(output + c + 3 * LANES, e);
}

static inline void resample_one(const resample_taps *taps, int64_t c, float *output)
{
    vfloat sum = v_mul(v_set(taps->weights[0]), v_load(taps->input + taps->indices[0] * taps->channels + c));
    for (int64_t t = 1; t < taps->count; t++)
        sum = v_fma(v_set(taps->weights[t]), v_load(taps->input + taps->indices[t] * taps->channels + c), sum);
    v_store(output + c, sum);
}

static inline void resample_tail(const resample_taps *taps, int64_t c, int64_t left, float *output)
{
    vfloat sum = v_mul(v_set(taps->weights[0]), v_load_tail(taps->input + taps->indices[0] * taps->channels + c, left));
    for (int64_t t = 1; t < taps->count; t++)
        sum = v_fma(v_set(taps->weights[t]), v_load_tail(taps->input + taps->indices[t] * taps->channels + c, left), sum);
    v_store_tail(output + c, left, sum);
}

static inline void copy_pixel(int64_t channels, const float *input, float *output)
{
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
        v_store(output + c, v_load(input + c));
    if (c < channels) v_store_tail(output + c, channels - c, v_load_tail(input + c, channels - c));
}

static inline void resample_pixel(const resample_taps *taps, float *output)
{
    const int64_t channels = taps->channels;
    int64_t c = 0;
    for (; c + 4 * LANES <= channels; c += 4 * LANES)
        resample_wide(taps, c, output);
    for (; c + LANES <= channels; c += LANES)
        resample_one(taps, c, output);
    if (c < channels) resample_tail(taps, c, channels - c, output);
}

/* Pixels of a few channels, known to the compiler: sums in as many registers. */
static inline void resample_few(const cnn_resample *work, int64_t channels)
{
    for (int64_t o = 0; o < work->outputs; o++) {
        const int64_t first = work->offsets[o], last = work->offsets[o + 1];
        float sum[4] = {0};
        if (first < last)
            for (int64_t c = 0; c < channels;
                 c++) /* apart from the rest: a weight of 1 alone keeps the bits, -0 among them */
                sum[c] = work->weights[first] * work->input[work->indices[first] * channels + c];
        for (int64_t t = first + 1; t < last; t++)
            for (int64_t c = 0; c < channels; c++)
                sum[c] += work->weights[t] * work->input[work->indices[t] * channels + c];
        if (last - first == 1 && work->weights[first] == 1.0f)
            for (int64_t c = 0; c < channels; c++)
                sum[c] = work->input[work->indices[first] * channels + c];
        for (int64_t c = 0; c < channels; c++)
            work->output[o * channels + c] = sum[c];
    }
}

static void resample(const cnn_resample *work)
{
    const int64_t channels = work->channels;
    switch (channels) {
    case 1:
        resample_few(work, 1);
        return;
    case 2:
        resample_few(work, 2);
        return;
    case 3:
        resample_few(work, 3);
        return;
    default:
        break;
    }
    for (int64_t o = 0; o < work->outputs; o++) {
        const int64_t first = work->offsets[o], count = work->offsets[o + 1] - first;
        const resample_taps taps = {count, work->indices + first, work->weights + first, work->input, channels};
        float *const output = work->output + o * channels;
        if (count == 0)
            for (int64_t c = 0; c < channels; c++)
                output[c] = 0.0f;
        else if (count == 1 && taps.weights[0] == 1.0f)
            copy_pixel(channels, work->input + taps.indices[0] * channels, output);
        else
            resample_pixel(&taps, output);
    }
}

#endif
