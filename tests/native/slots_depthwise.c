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

/* The sizes of a band over an input that its windows leave on any side, with gaps between pixels and rows. */
static cnn_depthwise_band make_band(slot_room *room, int64_t channels)
{
    check_random *random = &room->random;
    cnn_depthwise_band band = {.channels = channels, .tap_step = channels, .lower = -0.9f, .upper = 1.1f};
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
    band.input_step = channels + 5;
    band.input_row = band.width * band.input_step + 2;
    band.output_step = channels + 3;
    band.output_row = band.pixels * band.output_step + 1;
    return band;
}

/* At least a vector of channels. Without residual, with it apart, and in place where there are only whole vectors. */
void slot_convolve_depthwise_band(slot_room *room)
{
    const int64_t lanes = room->tested->lanes, channels = room->count < lanes ? lanes : room->count;
    cnn_depthwise_band band = make_band(room, channels);
    band.input = slot_matrix(room, band.height, (band.width - 1) * band.input_step + channels, band.input_row);
    band.weights = slot_given(room, band.window_down * band.window * channels);
    band.bias = slot_given(room, channels);
    const int64_t outputs = (band.rows - 1) * band.output_row + (band.pixels - 1) * band.output_step + channels;
    for (int residual = 0; residual < (channels % lanes == 0 ? 3 : 2); residual++) {
        band.residual_step = residual == 1 ? channels + 7 : band.output_step;
        band.residual_row = residual == 1 ? band.pixels * band.residual_step + 4 : band.output_row;
        cnn_depthwise_band same = band;
        const int64_t length = (band.pixels - 1) * band.residual_step + channels;
        if (residual > 0) same.residual = band.residual = slot_matrix(room, band.rows, length, band.residual_row);
        same.output = slot_empty(room, outputs);
        band.output = residual == 2 ? slot_copy(room, same.residual, outputs) : slot_empty(room, outputs);
        if (residual == 2) band.residual = band.output;
        room->tested->convolve_depthwise_band(&band);
        room->portable->convolve_depthwise_band(&same);
        for (int64_t i = 0; i < outputs; i++) { /* the gaps are NaN, or with the residual in place what was there */
            const int64_t pixel = i % band.output_row, meant = band.pixels * band.output_step;
            if (residual == 2 && (pixel >= meant || pixel % band.output_step >= channels)) continue;
            if (!check_near(band.output[i], same.output[i], slot_sum_bound(band.window_down * band.window + 2),
                            "convolve_depthwise_band", i))
                return;
        }
        band.residual = NULL;
    }
}

/* Weights of one vector of channels for a table with so many lanes, from those of a group: [row][input][column][channel]. */
static const float *pack_groups(const cnn_grouped_band *band, const float *given, int64_t lanes)
{
    const int64_t runs = band->window_down * band->group * 3;
    float *packed = check_floats(runs * lanes, CHECK_END);
    for (int64_t i = 0; i < runs; i++)
        for (int64_t c = 0; c < lanes; c++)
            packed[i * lanes + c] = c < band->channels ? given[i * band->channels + c] : 0;
    return packed;
}

static float *pack_bias(const float *given, int64_t channels, int64_t lanes)
{
    float *packed = check_floats(lanes, CHECK_END);
    for (int64_t c = 0; c < lanes; c++)
        packed[c] = c < channels ? given[c] : 0;
    return packed;
}

/* The portable kernel has vectors of its own, which are as long as the longest group at least: a group at a time. */
static void run_portable_groups(const slot_room *room, cnn_grouped_band work, const float *weights, const float *bias)
{
    const int64_t runs = work.window_down * work.group * 3, all = work.channels, lanes = room->portable->lanes;
    float *output = work.output;
    const float *input = work.input, *residual = work.residual;
    for (int64_t first = 0; first < all; first += work.group) {
        /* Some of the channels of a group at a time: each sees all inputs of it, and only its own weights. */
        for (int64_t c = 0; c < work.group; c += lanes) {
            const int64_t count = work.group - c < lanes ? work.group - c : lanes;
            float *packed = check_floats(runs * lanes, CHECK_END);
            for (int64_t i = 0; i < runs; i++)
                for (int64_t l = 0; l < lanes; l++)
                    packed[i * lanes + l] = l < count ? weights[i * all + first + c + l] : 0;
            work.channels = count;
            work.weights = packed;
            work.bias = bias + first + c;
            work.input = input + first;
            work.output = output + first + c;
            work.residual = residual ? residual + first + c : NULL;
            room->portable->convolve_grouped_band(&work);
        }
    }
}

/* The sizes of a band whose windows leave the input by one column at most. */
static cnn_grouped_band make_groups(slot_room *room)
{
    check_random *random = &room->random;
    cnn_grouped_band band = {.lower = -0.9f, .upper = 1.1f};
    do
        band.group = (int64_t)2 << check_range(random, 0, 3);
    while (band.group > room->tested->lanes);
    band.channels = check_range(random, 1, (int32_t)(room->tested->lanes / band.group)) * band.group;
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
    band.input_step = band.channels + 5;
    band.input_row = band.width * band.input_step + 2;
    band.output_step = band.channels + 3;
    band.output_row = band.pixels * band.output_step + 1;
    return band;
}

/* Without residual, with it apart, and in place. */
void slot_convolve_grouped_band(slot_room *room)
{
    cnn_grouped_band band = make_groups(room);
    const int64_t channels = band.channels, lanes = room->tested->lanes;
    band.input = slot_matrix(room, band.height, (band.width - 1) * band.input_step + channels, band.input_row);
    const float *weights = slot_given(room, band.window_down * band.group * 3 * channels),
                *bias = slot_given(room, channels);
    band.weights = pack_groups(&band, weights, lanes);
    band.bias = pack_bias(bias, channels, lanes);
    const int64_t outputs = (band.rows - 1) * band.output_row + (band.pixels - 1) * band.output_step + channels;
    for (int residual = 0; residual < 3; residual++) {
        band.residual_step = residual == 1 ? channels + 7 : band.output_step;
        band.residual_row = residual == 1 ? band.pixels * band.residual_step + 4 : band.output_row;
        cnn_grouped_band same = band;
        const int64_t length = (band.pixels - 1) * band.residual_step + channels;
        if (residual > 0) same.residual = band.residual = slot_matrix(room, band.rows, length, band.residual_row);
        same.output = slot_empty(room, outputs);
        band.output = residual == 2 ? slot_copy(room, same.residual, outputs) : slot_empty(room, outputs);
        if (residual == 2) band.residual = band.output;
        room->tested->convolve_grouped_band(&band);
        run_portable_groups(room, same, weights, bias);
        for (int64_t i = 0; i < outputs; i++) { /* the gaps are NaN, or with the residual in place what was there */
            const int64_t pixel = i % band.output_row, meant = band.pixels * band.output_step;
            if (residual == 2 && (pixel >= meant || pixel % band.output_step >= channels)) continue;
            if (!check_near(band.output[i], same.output[i], slot_sum_bound(band.window_down * band.group * 3 + 2),
                            "convolve_grouped_band", i))
                return;
        }
        band.residual = NULL;
    }
}
