/* slots_depthwise.c - the depthwise kernels beside the portable ones, with rows of prime strides and NaN wherever memory is
 * there but not meant. */
#include "slots.h"

#define MOST_TAPS 11

/* Weights or bias of a depthwise convolution: NaN from `count` to the multiple of the block up to which they are readable;
 * aligned as the table asks, because whole blocks end at a page. */
static float *make_padded(slot_room *room, int64_t count)
{
    const int64_t block = room->tested->depthwise_block;
    float *made = check_floats((count + block - 1) / block * block, CHECK_END);
    for (int64_t i = 0; i < count; i++)
        made[i] = check_uniform(&room->random, -1, 1);
    return made;
}

/* The count runs over two periods and more; residual or not, and the residual in place. */
void slot_convolve_depthwise(slot_room *room)
{
    const float *rows[MOST_TAPS], *weights[MOST_TAPS];
    cnn_depthwise work = {.rows = rows, .weights = weights, .count = room->count};
    work.taps = check_range(&room->random, 1, MOST_TAPS);
    work.period = room->tested->depthwise_block * check_range(&room->random, 1, 3);
    work.lower = -0.9f;
    work.upper = 1.1f;
    work.bias = make_padded(room, work.period);
    for (int64_t t = 0; t < work.taps; t++) {
        rows[t] = slot_given(room, room->count);
        weights[t] = make_padded(room, work.period);
    }
    cnn_depthwise same = work;
    for (int residual = 0; residual < 3; residual++) {
        const float *added = slot_given(room, room->count);
        work.output = slot_copy(room, added, room->count);
        same.output = slot_empty(room, room->count);
        work.residual = residual == 0 ? NULL : residual == 1 ? added : work.output;
        same.residual = residual == 0 ? NULL : added;
        room->tested->convolve_depthwise(&work);
        room->portable->convolve_depthwise(&same);
        slot_near(work.output, same.output, room->count, slot_sum_bound(work.taps + 2), "convolve_depthwise");
    }
}

/* The channels are `count`; taps read what lies in memory of their own, or what the tap before them reads one pixel on. */
void slot_convolve_depthwise_pixels(slot_room *room)
{
    const float *rows[MOST_TAPS], *weights[MOST_TAPS];
    cnn_depthwise_pixels work = {.taps = check_range(&room->random, 1, MOST_TAPS), .rows = rows, .weights = weights};
    work.pixels = check_range(&room->random, 1, 14);
    work.channels = room->count;
    work.row_step = room->count + 7;
    work.output_step = room->count + 3;
    work.residual_step = room->count + 5;
    work.lower = -0.9f;
    work.upper = 1.1f;
    work.bias = make_padded(room, room->count);
    for (int64_t t = 0; t < work.taps; t++) {
        weights[t] = make_padded(room, room->count);
        rows[t] = t % 3 ? rows[t - 1] + work.row_step : slot_matrix(room, work.pixels + 2, room->count, work.row_step);
    }
    cnn_depthwise_pixels same = work;
    for (int residual = 0; residual < 2; residual++) {
        const int64_t outputs = (work.pixels - 1) * work.output_step + room->count;
        work.output = slot_empty(room, outputs);
        same.output = slot_empty(room, outputs);
        if (residual) same.residual = work.residual = slot_matrix(room, work.pixels, room->count, work.residual_step);
        room->tested->convolve_depthwise_pixels(&work);
        room->portable->convolve_depthwise_pixels(&same);
        /* The gaps are NaN in both. */
        slot_near(work.output, same.output, outputs, slot_sum_bound(work.taps + 2), "convolve_depthwise_pixels");
    }
}

/* Memory for what a band reads and writes, with gaps between pixels and rows. */
static void lay_out_band(slot_room *room, cnn_band *band)
{
    const int64_t channels = band->channels;
    band->lower = -0.9f;
    band->upper = 1.1f;
    band->input_step = channels + 5;
    band->input_row = band->width * band->input_step + 2;
    band->output_step = channels + 3;
    band->output_row = band->pixels * band->output_step + 1;
    band->input = slot_matrix(room, band->height, (band->width - 1) * band->input_step + channels, band->input_row);
}

/* Without residual, with it apart, and in place where that is allowed. */
static void compare_bands(slot_room *room, void (*tested)(const cnn_band *), void (*portable)(const cnn_band *),
                          cnn_band band, int in_place, const char *name)
{
    const int64_t channels = band.channels, terms = band.window_down * band.window * band.group;
    const int64_t outputs = (band.rows - 1) * band.output_row + (band.pixels - 1) * band.output_step + channels;
    for (int residual = 0; residual < (in_place ? 3 : 2); residual++) {
        band.residual_step = residual == 1 ? channels + 7 : band.output_step;
        band.residual_row = residual == 1 ? band.pixels * band.residual_step + 4 : band.output_row;
        const int64_t length = (band.pixels - 1) * band.residual_step + channels;
        band.residual = residual > 0 ? slot_matrix(room, band.rows, length, band.residual_row) : NULL;
        cnn_band same = band;
        same.output = slot_empty(room, outputs);
        band.output = residual == 2 ? slot_copy(room, same.residual, outputs) : slot_empty(room, outputs);
        if (residual == 2) band.residual = band.output;
        tested(&band);
        portable(&same);
        for (int64_t i = 0; i < outputs; i++) { /* the gaps are NaN, or with the residual in place what was there */
            const int64_t pixel = i % band.output_row, meant = band.pixels * band.output_step;
            if (residual == 2 && (pixel >= meant || pixel % band.output_step >= channels)) continue;
            if (!check_near(band.output[i], same.output[i], slot_sum_bound(terms + 2), name, i)) return;
        }
    }
}

/* At least a vector of channels, over an input that the windows leave on any side. */
void slot_convolve_depthwise_band(slot_room *room)
{
    check_random *random = &room->random;
    const int64_t lanes = room->tested->lanes, channels = room->count < lanes ? lanes : room->count;
    cnn_band band = {.channels = channels, .group = 1, .tap_step = channels};
    band.rows = check_range(random, 1, room->tested->band_rows);
    band.pixels = check_range(random, 1, 23);
    band.window = 3 + 2 * check_range(random, 0, 2);
    band.stride = check_range(random, 1, 2);
    band.window_down = check_range(random, 0, 1) ? band.window : check_range(random, 2, 7);
    band.stride_down = check_range(random, 0, 1) ? band.stride : check_range(random, 1, 2);
    band.top = check_range(random, -4, 2);
    band.left = check_range(random, -4, 2);
    band.height = check_range(random, 1, 11);
    band.width = check_range(random, 1, 51);
    lay_out_band(room, &band);
    band.weights = slot_given(room, band.window_down * band.window * channels);
    band.bias = slot_given(room, channels);
    compare_bands(room, room->tested->convolve_depthwise_band, room->portable->convolve_depthwise_band, band,
                  channels % lanes == 0, "convolve_depthwise_band");
}

/* Weights or bias of a vector of channels, `lanes` elements each: zero where there is no channel. */
static const float *make_lanes(slot_room *room, int64_t count, int64_t channels)
{
    const int64_t lanes = room->tested->lanes;
    float *made = check_floats(count * lanes, CHECK_END);
    for (int64_t i = 0; i < count * lanes; i++)
        made[i] = i % lanes < channels ? check_uniform(&room->random, -1, 1) : 0;
    return made;
}

/* Windows leave the input by one column at most. The portable kernel takes vectors of any length. */
void slot_convolve_grouped_band(slot_room *room)
{
    check_random *random = &room->random;
    const int64_t lanes = room->tested->lanes;
    cnn_band band = {.window = 3, .tap_step = lanes};
    do
        band.group = (int64_t)2 << check_range(random, 0, 3);
    while (band.group > lanes);
    band.channels = check_range(random, 1, (int32_t)(lanes / band.group)) * band.group;
    band.rows = check_range(random, 1, 3);
    band.pixels = room->count % 47 + 1; /* three blocks of the most pixels, and all that may remain */
    band.stride = check_range(random, 1, 2);
    band.window_down = check_range(random, 1, 4);
    band.stride_down = check_range(random, 1, 2);
    band.top = check_range(random, -4, 2);
    band.left = check_range(random, -1, 2);
    band.height = check_range(random, 1, 11);
    band.width = band.left + (band.pixels - 1) * band.stride + 3 + check_range(random, -1, 3);
    if (band.width < 1) band.width = 1;
    lay_out_band(room, &band);
    band.weights = make_lanes(room, band.window_down * band.group * band.window, band.channels);
    band.bias = make_lanes(room, 1, band.channels);
    compare_bands(room, room->tested->convolve_grouped_band, room->portable->convolve_grouped_band, band, 1,
                  "convolve_grouped_band");
}
