/* pool.h - the kernels of pooling with positions and of its gradients on vectors. */
#ifndef CNN_VECTOR_POOL_H
#define CNN_VECTOR_POOL_H

#include "kernels.h"
#include "vector/norm.h"
#include "vector/pool_narrow.h"
#include "vector/rows.h"

static inline void max_indexed_lanes(int64_t row_count, const float *const *rows, const int32_t *positions, int continued,
                                     int64_t i, int64_t count, float *output, float *indices)
{
    vfloat largest = norm_load(continued ? output + i : rows[0] + i, count);
    vfloat index = continued ? norm_load(indices + i, count) : v_set_bits(positions[0]);
    for (int64_t r = continued ? 0 : 1; r < row_count; r++) {
        const vfloat x = norm_load(rows[r] + i, count);
        const vmask stays = v_either(v_is_nan(largest), v_less_or_equal(x, largest)); /* false for a NaN */
        index = v_select(stays, index, v_set_bits(positions[r]));
        largest = v_select(stays, largest, x);
    }
    norm_store(output + i, count, largest);
    norm_store(indices + i, count, index);
}

static void max_rows_indexed(int64_t row_count, const float *const *rows, const int32_t *positions, int continued,
                             int64_t count, float *output, int32_t *indices)
{
    float *bits = (float *)(void *)indices;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        max_indexed_lanes(row_count, rows, positions, continued, i, LANES, output, bits);
    if (i < count) max_indexed_lanes(row_count, rows, positions, continued, i, count - i, output, bits);
}

static inline void weighted_lanes(int64_t row_count, const float *const *rows, const float *weights, int continued,
                                  int64_t i, int64_t count, float *output)
{
    vfloat sum = continued ? norm_load(output + i, count) : v_set(0.0f);
    for (int64_t r = 0; r < row_count; r++)
        sum = v_fma(norm_load(rows[r] + i, count), v_set(weights[r]), sum);
    norm_store(output + i, count, sum);
}

/* Four vectors at once: the products of one wait for each other. */
static inline void weighted_four(int64_t row_count, const float *const *rows, const float *weights, int continued, int64_t i,
                                 float *output)
{
    vfloat a = v_set(0.0f), b = a, c = a, d = a;
    float *target = output + i;
    if (continued) {
        a = v_load(target);
        b = v_load(target + LANES);
        c = v_load(target + 2 * LANES);
        d = v_load(target + 3 * LANES);
    }
    for (int64_t r = 0; r < row_count; r++) {
        const float *row = rows[r] + i;
        const vfloat weight = v_set(weights[r]);
        a = v_fma(v_load(row), weight, a);
        b = v_fma(v_load(row + LANES), weight, b);
        c = v_fma(v_load(row + 2 * LANES), weight, c);
        d = v_fma(v_load(row + 3 * LANES), weight, d);
    }
    v_store(target, a);
    v_store(target + LANES, b);
    v_store(target + 2 * LANES, c);
    v_store(target + 3 * LANES, d);
}

/* The whole blocks of four vectors of eight rows, of a matrix that comes from memory: few instructions for each line let the
 * processor look ahead over many. Returns where the rest begins. */
#define EACH_OF_EIGHT(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define OPEN(r)                                                                                                             \
    const float *const row##r = rows[r];                                                                                    \
    const vfloat w##r = v_set(weights[r]);
#define STEP(r)                                                                                                             \
    a = v_fma(v_load(row##r + i), w##r, a);                                                                                 \
    b = v_fma(v_load(row##r + i + LANES), w##r, b);                                                                         \
    c = v_fma(v_load(row##r + i + 2 * LANES), w##r, c);                                                                     \
    d = v_fma(v_load(row##r + i + 3 * LANES), w##r, d);

static int64_t weighted_eight(const float *const *rows, const float *weights, int continued, int64_t count, float *output)
{
    int64_t i = 0;
    EACH_OF_EIGHT(OPEN)
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        float *target = output + i;
        vfloat a = v_set(0.0f), b = a, c = a, d = a;
        if (continued) {
            a = v_load(target);
            b = v_load(target + LANES);
            c = v_load(target + 2 * LANES);
            d = v_load(target + 3 * LANES);
        }
        EACH_OF_EIGHT(STEP)
        v_store(target, a);
        v_store(target + LANES, b);
        v_store(target + 2 * LANES, c);
        v_store(target + 3 * LANES, d);
    }
    return i;
}
#undef EACH_OF_EIGHT
#undef OPEN
#undef STEP

static void weighted_rows(int64_t row_count, const float *const *rows, const float *weights, int continued, int64_t count,
                          float *output)
{
    int64_t i = row_count == 8 ? weighted_eight(rows, weights, continued, count, output) : 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES)
        weighted_four(row_count, rows, weights, continued, i, output);
    for (; i + LANES <= count; i += LANES)
        weighted_lanes(row_count, rows, weights, continued, i, LANES, output);
    if (i < count) weighted_lanes(row_count, rows, weights, continued, i, count - i, output);
}

/* The positions of the taps of window w of line l. */
static inline void positions_of(const cnn_tap_windows *work, int64_t l, int64_t w, int32_t *positions)
{
    for (int64_t t = 0; t < work->taps; t++)
        positions[t] = work->positions[t] + (int32_t)l * work->line_positions + (int32_t)w * work->position_step;
}

/* The first largest element, or NaN, of the taps for `count` channels that lie `at` elements after the rows: its position.
 */
static inline vfloat first_maximum(const cnn_tap_windows *work, const int32_t *positions, int64_t at, int64_t count,
                                   vfloat *largest)
{
    vfloat index = v_set_bits(positions[0]), most = norm_load(work->rows[0] + at, count);
    for (int64_t t = 1; t < work->taps; t++) {
        const vfloat x = norm_load(work->rows[t] + at, count);
        const vmask stays = v_either(v_is_nan(most), v_less_or_equal(x, most));
        index = v_select(stays, index, v_set_bits(positions[t]));
        most = v_select(stays, most, x);
    }
    *largest = most;
    return index;
}

static void max_windows_indexed(const cnn_tap_windows *given, float *output, int32_t *indices)
{
    const cnn_tap_windows copy = *given, *work = &copy; /* so that the compiler knows that no store changes it */
    float *const bits = (float *)(void *)indices;
    int32_t positions[CNN_MOST_TAPS];
    int64_t left = work->lines * work->windows * work->channels, i = 0;
    if (max_narrow_windows(work, output, bits)) return;
    for (int64_t n = 0; n < work->lines * work->windows; n++) {
        const int64_t l = work->lines == 1 ? 0 : n / work->windows, w = n - l * work->windows;
        positions_of(work, l, w, positions);
        for (int64_t c = 0; c < work->channels;) {
            const int64_t rest = work->channels - c, count = rest < LANES ? rest : LANES;
            const int64_t stored = left < LANES ? count : LANES; /* what is too much belongs to windows that come later */
            const int64_t at = l * work->line_step + w * work->row_step + c;
            vfloat largest;
            const vfloat index = first_maximum(work, positions, at, count, &largest);
            if (output) norm_store(output + i, stored, largest);
            if (indices) norm_store(bits + i, stored, index);
            c += count;
            i += count;
            left -= count;
        }
    }
}

/* Adds what belongs to each tap, and zeros elsewhere, which change nothing. Returns ones where the maximum is at a tap. */
static inline vfloat add_lanes_to_maxima(const cnn_max_gradient *work, const int32_t *positions, vfloat index, int64_t at,
                                         int64_t count, vfloat gradient)
{
    const vfloat zero = v_set(0.0f), one = v_set(1.0f);
    vfloat found = zero;
    for (int64_t t = work->first; t < work->last; t++) {
        float *const target = work->targets[t] + at;
        const vmask here = v_same_bits(index, v_set_bits(positions[t]));
        norm_store(target, count, v_add(norm_load(target, count), v_select(here, gradient, zero)));
        found = v_select(here, one, found);
    }
    for (int64_t t = 0; t < work->first; t++)
        found = v_select(v_same_bits(index, v_set_bits(positions[t])), one, found);
    for (int64_t t = work->last; t < work->windows.taps; t++)
        found = v_select(v_same_bits(index, v_set_bits(positions[t])), one, found);
    return found;
}

static int64_t add_to_maxima(const cnn_max_gradient *given)
{
    const cnn_max_gradient copy = *given, *work = &copy;
    const float *const bits = (const float *)(const void *)work->indices;
    int32_t positions[CNN_MOST_TAPS];
    int64_t total = 0;
    for (int64_t w = 0; w < work->windows.windows; w++) {
        vfloat found = v_set(0.0f);
        positions_of(&work->windows, 0, w, positions);
        for (int64_t c = 0; c < work->windows.channels; c += LANES) {
            const int64_t rest = work->windows.channels - c, count = rest < LANES ? rest : LANES;
            const int64_t at = w * work->windows.row_step + c, from = w * work->gradient_step + c;
            vfloat largest;
            const vfloat index =
                bits ? norm_load(bits + from, count) : first_maximum(&work->windows, positions, at, count, &largest);
            const vfloat ones =
                add_lanes_to_maxima(work, positions, index, at, count, norm_load(work->gradient + from, count));
            found = v_add(found, v_select(v_first_lanes(count), ones, v_set(0.0f)));
        }
        total += (int64_t)v_sum(found);
    }
    return total;
}

/* Stores a window as a whole vector where the next windows, which are stored later, end beyond it. */
static inline void store_window(const cnn_windows *work, int64_t w, vfloat value)
{
    const int64_t left = (work->windows - w) * work->channels;
    if (left >= LANES)
        v_store(work->output + w * work->channels, value);
    else
        v_store_tail(work->output + w * work->channels, work->channels, value);
}

/* The largest elements of a window of `rows` x `taps` pixels. */
static TILE_INLINE void max_window(const cnn_windows *work, int64_t w, int64_t rows, int64_t taps)
{
    const float *input = work->input + w * work->step;
    vfloat largest = v_load(input);
    vmask nan = v_is_nan(largest);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t t = r == 0 ? 1 : 0; t < taps; t++)
            take_larger(v_load(input + r * work->row_step + t * work->channels), &largest, &nan);
    store_window(work, w, v_select(nan, v_set(NAN), largest));
}

/* The largest elements of `vectors` vectors of a window that begins at `input`. */
static TILE_INLINE void max_vectors(const cnn_windows *work, const float *input, int64_t rows, int64_t taps,
                                    const int vectors, float *output)
{
    const int64_t next = vectors < 4 ? 0 : LANES;
    vfloat a = v_load(input), b = v_load(input + next), c = v_load(input + 2 * next), d = v_load(input + 3 * next);
    vmask nan_a = v_is_nan(a), nan_b = v_is_nan(b), nan_c = v_is_nan(c), nan_d = v_is_nan(d);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t t = r == 0 ? 1 : 0; t < taps; t++) {
            const float *from = input + r * work->row_step + t * work->channels;
            take_larger(v_load(from), &a, &nan_a);
            if (vectors < 4) continue;
            take_larger(v_load(from + LANES), &b, &nan_b);
            take_larger(v_load(from + 2 * LANES), &c, &nan_c);
            take_larger(v_load(from + 3 * LANES), &d, &nan_d);
        }
    v_store(output, v_select(nan_a, v_set(NAN), a));
    if (vectors < 4) return;
    v_store(output + LANES, v_select(nan_b, v_set(NAN), b));
    v_store(output + 2 * LANES, v_select(nan_c, v_set(NAN), c));
    v_store(output + 3 * LANES, v_select(nan_d, v_set(NAN), d));
}

/* Windows of at least a vector of channels; the last vector may take channels again. */
static TILE_INLINE void max_wide_windows(const cnn_windows *work, int64_t rows, int64_t taps)
{
    for (int64_t w = 0; w < work->windows; w++) {
        const float *input = work->input + w * work->step;
        float *output = work->output + w * work->channels;
        int64_t c = 0;
        for (; c + 4 * LANES <= work->channels; c += 4 * LANES)
            max_vectors(work, input + c, rows, taps, 4, output + c);
        for (; c < work->channels; c += LANES) {
            const int64_t at = c + LANES <= work->channels ? c : work->channels - LANES;
            max_vectors(work, input + at, rows, taps, 1, output + at);
        }
    }
}

static void max_windows(const cnn_windows *given)
{
    const cnn_windows copy = *given, *work = &copy; /* so that the compiler knows that no store changes it */
    if (work->channels >= LANES) {
        if (work->rows == 3 && work->taps == 3)
            max_wide_windows(work, 3, 3);
        else if (work->rows == 2 && work->taps == 2)
            max_wide_windows(work, 2, 2);
        else
            max_wide_windows(work, work->rows, work->taps);
        return;
    }
    if (work->rows == 2 && work->taps == 2) /* nearly always */
        for (int64_t w = 0; w < work->windows; w++)
            max_window(work, w, 2, 2);
    else
        for (int64_t w = 0; w < work->windows; w++)
            max_window(work, w, work->rows, work->taps);
}

static TILE_INLINE void sum_window(const cnn_windows *work, int64_t w, int64_t rows, int64_t taps, vfloat scale)
{
    vfloat sum = v_set(0.0f);
    for (int64_t t = 0; t < taps; t++) {
        const float *input = work->input + w * work->step + t * work->channels;
        vfloat column = v_load(input);
        for (int64_t r = 1; r < rows; r++)
            column = v_add(column, v_load(input + r * work->row_step));
        sum = t == 0 ? column : v_add(sum, column);
    }
    store_window(work, w, v_mul(sum, scale));
}

static void sum_windows(const cnn_windows *given)
{
    const cnn_windows copy = *given, *work = &copy;
    const vfloat scale = v_set(work->scale);
    if (work->rows == 2 && work->taps == 2)
        for (int64_t w = 0; w < work->windows; w++)
            sum_window(work, w, 2, 2, scale);
    else
        for (int64_t w = 0; w < work->windows; w++)
            sum_window(work, w, work->rows, work->taps, scale);
}

/* Goes through the output from its start to its end, so that a vector may reach over its part into what is written later. */
static void spread_windows(int64_t windows, int64_t taps, int64_t channels, float scale, const float *input, float *output)
{
    const vfloat factor = v_set(scale);
    int64_t readable = windows * channels, left = readable * taps;
    for (int64_t w = 0; w < windows; w++, input += channels, readable -= channels)
        for (int64_t t = 0; t < taps; t++)
            for (int64_t c = 0; c < channels;) {
                const int64_t rest = channels - c, count = rest < LANES ? rest : LANES;
                const vfloat value = v_mul(factor, norm_load(input + c, readable - c < LANES ? readable - c : LANES));
                norm_store(output, left < LANES ? left : LANES, value);
                c += count;
                output += count;
                left -= count;
            }
}

#endif
