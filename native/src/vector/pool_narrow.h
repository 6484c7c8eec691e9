/* pool_narrow.h - pooling with positions of few channels, where a vector of one window would be mostly empty: several
 * windows side by side share one. For instruction sets that pick lanes of two vectors at once, which define V_PICKS.
 * Positions travel as the bits of floats, which loads, stores and selections leave alone. */
#ifndef CNN_VECTOR_POOL_NARROW_H
#define CNN_VECTOR_POOL_NARROW_H

#include "kernels.h"
#include "vector/convolve_tile.h"
#include "vector/norm.h"

#include <string.h>

static inline vfloat v_set_bits(int32_t bits)
{
    float as_float;
    memcpy(&as_float, &bits, sizeof as_float);
    return v_set(as_float);
}

#if defined(V_PICKS)
static inline vfloat v_load_bits(const int32_t *p)
{
    return v_load((const float *)(const void *)p);
}

/* How the windows of a group lie in a vector: channel by channel, window after window. */
typedef struct window_lanes {
    int64_t windows;
    int32_t from[LANES];      /* where in them a lane's element is */
    int32_t positions[LANES]; /* from the first window's position of a tap to a lane's */
} window_lanes;

/* Without divisions, which would take longer than a short row of windows. */
static window_lanes lanes_of(const cnn_tap_windows *work)
{
    const int64_t channels = work->channels, most = (2 * LANES - channels) / work->row_step + 1, narrow = LANES / channels;
    window_lanes made = {.windows = most < narrow ? most : narrow};
    for (int64_t w = 0, l = 0; w < made.windows; w++)
        for (int64_t c = 0; c < channels; c++, l++) {
            made.from[l] = (int32_t)(w * work->row_step + c);
            made.positions[l] = (int32_t)w * work->position_step;
        }
    return made;
}

/* The lanes of two vectors that hold `count` elements. */
typedef struct reach_lanes {
    vmask first;
    vmask second;
} reach_lanes;

static inline reach_lanes reach_of(int64_t count)
{
    return (reach_lanes){v_first_lanes(count < LANES ? count : LANES), v_first_lanes(count > LANES ? count - LANES : 0)};
}

static inline vfloat pick_windows(const float *p, reach_lanes reach, vfloat from)
{
    return v_pick(v_load_where(reach.first, p), v_load_where(reach.second, p + LANES), from);
}

/* Groups of `group` windows from window w of line l on, as many as there are. Returns the first window that is left. */
static TILE_INLINE int64_t max_groups(const cnn_tap_windows *work, const window_lanes *lanes, const int64_t taps, int64_t l,
                                      int64_t w, int64_t group, float *output, float *bits)
{
    const vfloat apart = v_load_bits(lanes->positions), from = v_load_bits(lanes->from);
    const reach_lanes reach = reach_of((group - 1) * work->row_step + work->channels);
    int64_t to = (l * work->windows + w) * work->channels, left = work->lines * work->windows * work->channels - to;
    for (; w + group <= work->windows; w += group, to += group * work->channels, left -= group * work->channels) {
        const int64_t at = l * work->line_step + w * work->row_step;
        const int32_t position = (int32_t)l * work->line_positions + (int32_t)w * work->position_step;
        vfloat index = v_set_bits(work->positions[0]), most = pick_windows(work->rows[0] + at, reach, from);
        for (int64_t t = 1; t < taps; t++) {
            const vfloat x = pick_windows(work->rows[t] + at, reach, from);
            const vmask larger = v_larger_or_first_nan(x, most);
            index = v_select(larger, v_set_bits(work->positions[t]), index);
            most = v_select(larger, x, most);
        }
        index = v_add_bits(v_add_bits(index, apart), v_set_bits(position));
        /* What is too much belongs to windows that come later. */
        if (output) norm_store(output + to, left < LANES ? left : LANES, most);
        if (bits) norm_store(bits + to, left < LANES ? left : LANES, index);
    }
    return w;
}

static TILE_INLINE void max_narrow_taps(const cnn_tap_windows *work, const window_lanes *lanes, const int64_t taps,
                                        float *output, float *bits)
{
    for (int64_t l = 0; l < work->lines; l++) {
        const int64_t w = max_groups(work, lanes, taps, l, 0, lanes->windows, output, bits);
        if (w < work->windows) max_groups(work, lanes, taps, l, w, work->windows - w, output, bits);
    }
}

/* Whether several windows were looked at together. */
static int max_narrow_windows(const cnn_tap_windows *work, float *output, float *bits)
{
    if (work->windows == 1 || 2 * work->channels > LANES || work->row_step + work->channels > 2 * LANES) return 0;
    const window_lanes lanes = lanes_of(work);
    if (work->taps == 4) /* nearly always */
        max_narrow_taps(work, &lanes, 4, output, bits);
    else
        max_narrow_taps(work, &lanes, work->taps, output, bits);
    return 1;
}

/* Windows that follow each other without a gap, and whose taps come in rows that do: what a row of taps sees of some windows
 * is one run of the input, in two vectors. */
typedef struct adjacent_lanes {
    int64_t windows;              /* of a group */
    int64_t across;               /* taps of a row */
    int32_t from[2 * LANES];      /* the lane of the maxima that an element of the run belongs to */
    int32_t positions[2 * LANES]; /* and its position, from that of the first tap of the row in the first window on */
} adjacent_lanes;

/* Returns 0 where windows do not lie so. */
static int adjacent_lanes_of(const cnn_max_gradient *work, adjacent_lanes *lanes)
{
    const cnn_tap_windows *w = &work->windows;
    int64_t across = 1;
    while (across < w->taps && work->targets[across] == work->targets[across - 1] + w->channels)
        across++;
    const int64_t window = across * w->channels;
    if (w->channels > LANES || window > 2 * LANES || w->row_step != window || w->taps % across != 0 ||
        work->gradient_step != w->channels || work->first % across != 0 || work->last % across != 0)
        return 0;
    for (int64_t t = across; t < w->taps; t += across)
        for (int64_t i = 1; i < across; i++)
            if (work->targets[t + i] != work->targets[t] + i * w->channels) return 0;
    const int64_t most = 2 * LANES / window, narrow = LANES / w->channels;
    *lanes = (adjacent_lanes){.windows = most < narrow ? most : narrow, .across = across};
    for (int64_t i = 0, m = 0; i < lanes->windows; i++)
        for (int64_t t = 0; t < across; t++)
            for (int64_t c = 0; c < w->channels; c++, m++) {
                lanes->from[m] = (int32_t)(i * w->channels + c);
                lanes->positions[m] = (int32_t)i * w->position_step + w->positions[t] - w->positions[0];
            }
    return 1;
}

/* Writes the gradient where its position is that of the element, and zeros elsewhere: to the elements that are left, or to a
 * whole vector, what is too much of which is written later. Nothing is added, because a load would wait for the stores
 * before it that reach into its vector. Returns how many there are. */
static inline int64_t write_where_same(vfloat gradient, vfloat position, vfloat place, vmask meant, int64_t left,
                                       float *target)
{
    const vmask here = v_same_bits_where(meant, position, place);
    if (target) norm_store(target, left < LANES ? left : LANES, v_select(here, gradient, v_set(0.0f)));
    return v_count(here);
}

/* Groups of `group` windows from window w of line l on, as many as there are. Returns the first window that is left. */
static TILE_INLINE int64_t write_groups(const cnn_max_gradient *work, const adjacent_lanes *lanes, int64_t l, int64_t w,
                                        int64_t group, int64_t *found)
{
    const cnn_tap_windows *windows = &work->windows;
    const int64_t step = group * windows->row_step, maxima = group * windows->channels;
    const vfloat low = v_load_bits(lanes->from), high = v_load_bits(lanes->from + LANES);
    const vfloat low_place = v_load_bits(lanes->positions), high_place = v_load_bits(lanes->positions + LANES);
    const reach_lanes meant = reach_of(step);
    const vmask given = v_first_lanes(maxima);
    int64_t at = w * windows->row_step, from = (l * windows->windows + w) * windows->channels;
    int64_t left = windows->windows * windows->row_step - at, total = 0;
    for (; w + group <= windows->windows; w += group, at += step, left -= step, from += maxima) {
        const int32_t position = (int32_t)l * windows->line_positions + (int32_t)w * windows->position_step;
        const vfloat gradient = v_load_where(given, work->gradient + from);
        const vfloat index =
            v_add_bits(v_load_where(given, (const float *)(const void *)(work->indices + from)), v_set_bits(-position));
        const vfloat low_gradient = v_pick(gradient, gradient, low), high_gradient = v_pick(gradient, gradient, high);
        const vfloat low_index = v_pick(index, index, low), high_index = v_pick(index, index, high);
        for (int64_t t = 0; t < windows->taps; t += lanes->across) {
            const vfloat start = v_set_bits(windows->positions[t]);
            float *const target = t >= work->first && t < work->last ? work->targets[t] + l * windows->line_step + at : NULL;
            total += write_where_same(low_gradient, low_index, v_add_bits(low_place, start), meant.first, left, target);
            if (step > LANES)
                total += write_where_same(high_gradient, high_index, v_add_bits(high_place, start), meant.second,
                                          left - LANES, target ? target + LANES : NULL);
        }
    }
    *found += total;
    return w;
}

static int64_t write_maxima(const cnn_max_gradient *given)
{
    const cnn_max_gradient copy = *given, *work = &copy; /* so that the compiler knows that no store changes it */
    const int64_t windows = work->windows.windows;
    adjacent_lanes lanes;
    int64_t found = 0;
    if (!adjacent_lanes_of(work, &lanes)) return -1;
    for (int64_t l = 0; l < work->windows.lines; l++) {
        const int64_t w = write_groups(work, &lanes, l, 0, lanes.windows, &found);
        if (w < windows) write_groups(work, &lanes, l, w, windows - w, &found);
    }
    return found;
}
#else
static int max_narrow_windows(const cnn_tap_windows *work, float *output, float *bits)
{
    (void)work;
    (void)output;
    (void)bits;
    return 0;
}

static int64_t write_maxima(const cnn_max_gradient *work)
{
    (void)work;
    return -1;
}
#endif

#endif
