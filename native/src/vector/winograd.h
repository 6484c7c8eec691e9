/* winograd.h - the transforms of Winograd's minimal filtering (Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2016) on vectors of channels: B'dB for a patch of the input, A'mA for a tile of the output.
 * F(4x4, 3x3) uses the points 0, 1, -1, 2, -2 and infinity, F(2x2, 3x3) the points 0, 1, -1 and infinity.
 * A patch does not fit the registers, so columns go through a small array on the stack, which the first-level cache holds.
 */
#ifndef CNN_VECTOR_WINOGRAD_H
#define CNN_VECTOR_WINOGRAD_H

#include "kernels.h"

/* One row or column of B'd for F(4, 3): six values from six. */
static inline void winograd_input_line_4(const vfloat d[6], vfloat out[6])
{
    const vfloat four = v_set(4.0f), five = v_set(5.0f), two = v_set(2.0f);
    const vfloat a = v_fnma(four, d[2], d[4]), b = v_fnma(four, d[1], d[3]);
    const vfloat c = v_sub(d[4], d[2]), e = v_mul(two, v_sub(d[3], d[1]));
    out[0] = v_fma(four, d[0], v_fnma(five, d[2], d[4]));
    out[1] = v_add(a, b);
    out[2] = v_sub(a, b);
    out[3] = v_add(c, e);
    out[4] = v_sub(c, e);
    out[5] = v_fma(four, d[1], v_fnma(five, d[3], d[5]));
}

/* One row or column of A'm for F(4, 3): four values from six. */
static inline void winograd_output_line_4(const vfloat m[6], vfloat out[4])
{
    const vfloat two = v_set(2.0f), four = v_set(4.0f), eight = v_set(8.0f);
    const vfloat s1 = v_add(m[1], m[2]), d1 = v_sub(m[1], m[2]), s2 = v_add(m[3], m[4]), d2 = v_sub(m[3], m[4]);
    out[0] = v_add(m[0], v_add(s1, s2));
    out[1] = v_fma(two, d2, d1);
    out[2] = v_fma(four, s2, s1);
    out[3] = v_add(v_fma(eight, d2, d1), m[5]);
}

static inline void winograd_input_line_2(const vfloat d[4], vfloat out[4])
{
    out[0] = v_sub(d[0], d[2]);
    out[1] = v_add(d[1], d[2]);
    out[2] = v_sub(d[2], d[1]);
    out[3] = v_sub(d[1], d[3]);
}

static inline void winograd_output_line_2(const vfloat m[4], vfloat out[2])
{
    out[0] = v_add(m[0], v_add(m[1], m[2]));
    out[1] = v_sub(v_sub(m[1], m[2]), m[3]);
}

/* One row or column of Ay for F(4, 3): six values from four. */
static inline void winograd_gradient_line_4(const vfloat y[4], vfloat out[6])
{
    const vfloat two = v_set(2.0f), four = v_set(4.0f), eight = v_set(8.0f);
    const vfloat even = v_add(y[0], y[2]), odd = v_add(y[1], y[3]);
    const vfloat far = v_fma(four, y[2], y[0]), middle = v_fma(eight, y[3], v_mul(two, y[1]));
    out[0] = y[0];
    out[1] = v_add(even, odd);
    out[2] = v_sub(even, odd);
    out[3] = v_add(far, middle);
    out[4] = v_sub(far, middle);
    out[5] = y[3];
}

/* One row or column of G'm for F(4, 3): three taps from six values. */
static inline void winograd_taps_line_4(const vfloat m[6], vfloat out[3])
{
    const vfloat sixth = v_set(1.0f / 6), small = v_set(1.0f / 24), twelfth = v_set(1.0f / 12), quarter = v_set(0.25f);
    const vfloat s1 = v_mul(sixth, v_add(m[1], m[2])), s2 = v_add(m[3], m[4]);
    out[0] = v_fma(quarter, m[0], v_fma(small, s2, v_sub(v_set(0.0f), s1)));
    out[1] = v_fma(twelfth, v_sub(m[3], m[4]), v_mul(sixth, v_sub(m[2], m[1])));
    out[2] = v_add(v_fma(sixth, s2, v_sub(v_set(0.0f), s1)), m[5]);
}

/* The transforms are the same text for all sizes: SIZE inputs a side, TILE outputs a side. */
#define CNN_WINOGRAD_INPUT(NAME, SIZE, TILE, LINE)                                                                          \
    static inline void NAME##_lanes(const float *const *pixels, int64_t c, int64_t count, float *output, int64_t stride)    \
    {                                                                                                                       \
        vfloat columns[TILE][SIZE], line[SIZE], out[TILE];                                                                  \
        for (int x = 0; x < SIZE; x++) {                                                                                    \
            for (int y = 0; y < SIZE; y++)                                                                                  \
                line[y] = count == LANES ? v_load(pixels[y * SIZE + x] + c) : v_load_tail(pixels[y * SIZE + x] + c, count); \
            LINE(line, out);                                                                                                \
            for (int y = 0; y < TILE; y++)                                                                                  \
                columns[y][x] = out[y];                                                                                     \
        }                                                                                                                   \
        for (int y = 0; y < TILE; y++) {                                                                                    \
            LINE(columns[y], out);                                                                                          \
            for (int x = 0; x < TILE; x++) {                                                                                \
                float *target = output + (y * TILE + x) * stride + c;                                                       \
                if (count == LANES)                                                                                         \
                    v_store(target, out[x]);                                                                                \
                else                                                                                                        \
                    v_store_tail(target, count, out[x]);                                                                    \
            }                                                                                                               \
        }                                                                                                                   \
    }                                                                                                                       \
    static void NAME(const float *const *pixels, int64_t channels, float *output, int64_t stride)                           \
    {                                                                                                                       \
        int64_t c = 0;                                                                                                      \
        for (; c + LANES <= channels; c += LANES)                                                                           \
            NAME##_lanes(pixels, c, LANES, output, stride);                                                                 \
        if (c < channels) NAME##_lanes(pixels, c, channels - c, output, stride);                                            \
    }

#define CNN_WINOGRAD_OUTPUT(NAME, SIZE, TILE, LINE)                                                                         \
    static inline void NAME##_lanes(const cnn_winograd_output *work, int64_t c, int64_t count)                              \
    {                                                                                                                       \
        const vfloat lower = v_set(work->lower), upper = v_set(work->upper);                                                \
        const vfloat bias = count == LANES ? v_load(work->bias + c) : v_load_tail(work->bias + c, count);                   \
        vfloat columns[TILE][SIZE], line[SIZE], out[TILE];                                                                  \
        for (int x = 0; x < SIZE; x++) {                                                                                    \
            for (int y = 0; y < SIZE; y++) {                                                                                \
                const float *source = work->input + (y * SIZE + x) * work->stride + c;                                      \
                line[y] = count == LANES ? v_load(source) : v_load_tail(source, count);                                     \
            }                                                                                                               \
            LINE(line, out);                                                                                                \
            for (int y = 0; y < TILE; y++)                                                                                  \
                columns[y][x] = out[y];                                                                                     \
        }                                                                                                                   \
        for (int y = 0; y < TILE; y++) {                                                                                    \
            LINE(columns[y], out);                                                                                          \
            for (int x = 0; x < TILE; x++) {                                                                                \
                float *target = work->pixels[y * TILE + x];                                                                 \
                vfloat value = v_add(out[x], bias);                                                                         \
                if (!target) continue;                                                                                      \
                if (work->residuals) value = v_add(value, v_load_tail(work->residuals[y * TILE + x] + c, count));           \
                value = v_min(upper, v_max(lower, value));                                                                  \
                if (count == LANES && work->streamed)                                                                       \
                    v_stream(target + c, value);                                                                            \
                else if (count == LANES)                                                                                    \
                    v_store(target + c, value);                                                                             \
                else                                                                                                        \
                    v_store_tail(target + c, count, value);                                                                 \
            }                                                                                                               \
        }                                                                                                                   \
    }                                                                                                                       \
    static void NAME(const cnn_winograd_output *work)                                                                       \
    {                                                                                                                       \
        int64_t c = 0;                                                                                                      \
        for (; c + LANES <= work->channels; c += LANES)                                                                     \
            NAME##_lanes(work, c, LANES);                                                                                   \
        if (c < work->channels) NAME##_lanes(work, c, work->channels - c);                                                  \
    }

CNN_WINOGRAD_INPUT(winograd_input_4, 6, 6, winograd_input_line_4)
CNN_WINOGRAD_INPUT(winograd_input_2, 4, 4, winograd_input_line_2)
CNN_WINOGRAD_INPUT(winograd_gradient_4, 4, 6, winograd_gradient_line_4)
CNN_WINOGRAD_OUTPUT(winograd_output_4, 6, 4, winograd_output_line_4)
CNN_WINOGRAD_OUTPUT(winograd_output_2, 4, 2, winograd_output_line_2)

/* The taps of some filters side by side; the last vector may be a tail. */
static void winograd_taps_4(const float *input, int64_t stride, int64_t count, int continued, float *output)
{
    for (int64_t c = 0; c < count; c += LANES) {
        const int64_t left = count - c < LANES ? count - c : LANES;
        vfloat columns[3][6], line[6], out[3];
        for (int x = 0; x < 6; x++) {
            for (int y = 0; y < 6; y++)
                line[y] = v_load_tail(input + (y * 6 + x) * stride + c, left);
            winograd_taps_line_4(line, out);
            for (int y = 0; y < 3; y++)
                columns[y][x] = out[y];
        }
        for (int y = 0; y < 3; y++) {
            winograd_taps_line_4(columns[y], out);
            for (int x = 0; x < 3; x++) {
                float *target = output + (y * 3 + x) * count + c;
                v_store_tail(target, left, continued ? v_add(v_load_tail(target, left), out[x]) : out[x]);
            }
        }
    }
}

#undef CNN_WINOGRAD_INPUT
#undef CNN_WINOGRAD_OUTPUT

#endif
