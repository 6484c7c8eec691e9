/* slots_rows.c - kernels that go along rows of pixels, beside the portable ones: pooling, sums of rows,
 * resampling and transposes, with rows of prime strides and NaN wherever memory is there but not meant. */
#include "slots.h"

#include <math.h>
#include <string.h>

#define MOST_ROWS 11

typedef struct row_set {
    int64_t count;
    const float *rows[MOST_ROWS];
} row_set;

/* One to eleven rows, each in memory of its own. */
static row_set make_rows(slot_room *room)
{
    row_set set = {check_range(&room->random, 1, MOST_ROWS), {0}};
    for (int64_t r = 0; r < set.count; r++)
        set.rows[r] = slot_given(room, room->count);
    return set;
}

/* As above with ties, and with a NaN in some columns. */
static row_set make_ties(slot_room *room)
{
    row_set set = {check_range(&room->random, 1, MOST_ROWS), {0}};
    for (int64_t r = 0; r < set.count; r++) {
        float *row = slot_empty(room, room->count);
        for (int64_t i = 0; i < room->count; i++)
            row[i] = check_range(&room->random, 0, 39) ? (float)check_range(&room->random, -2, 2) : NAN;
        set.rows[r] = row;
    }
    return set;
}

void slot_max_rows(slot_room *room)
{
    const row_set set = make_ties(room);
    float *found = slot_empty(room, room->count), *expected = slot_empty(room, room->count);
    room->tested->max_rows(set.count, set.rows, room->count, found);
    room->portable->max_rows(set.count, set.rows, room->count, expected);
    slot_near(found, expected, room->count, 0, "max_rows");
}

void slot_sum_rows(slot_room *room)
{
    const row_set set = make_rows(room);
    float *found = slot_empty(room, room->count), *expected = slot_empty(room, room->count);
    room->tested->sum_rows(set.count, set.rows, room->count, 0.75f, found);
    room->portable->sum_rows(set.count, set.rows, room->count, 0.75f, expected);
    slot_near(found, expected, room->count, slot_sum_bound(set.count), "sum_rows");
}

void slot_max_rows_indexed(slot_room *room)
{
    static const int32_t positions[MOST_ROWS + 1] = {3, 1, 4, 15, 92, 65, 35, 8, 97, 93, 23, 84};
    const row_set set = make_ties(room);
    const size_t bytes = (size_t)room->count * sizeof(float);
    float *found = slot_empty(room, room->count), *expected = slot_empty(room, room->count);
    float *found_at = slot_empty(room, room->count), *expected_at = slot_empty(room, room->count);
    for (int continued = 0; continued < 2; continued++) {
        if (continued) { /* from what is there, which is the same for both */
            memcpy(found, expected, bytes);
            memcpy(found_at, expected_at, bytes);
        }
        room->tested->max_rows_indexed(set.count, set.rows, positions + continued, continued, room->count, found,
                                       (int32_t *)(void *)found_at);
        room->portable->max_rows_indexed(set.count, set.rows, positions + continued, continued, room->count, expected,
                                         (int32_t *)(void *)expected_at);
        slot_near(found, expected, room->count, 0, "max_rows_indexed");
        check_same_bits(found_at, expected_at, room->count, "max_rows_indexed");
        if (continued == 0) /* smaller, so that some rows are larger than what is there */
            for (int64_t i = 0; i < room->count; i++)
                expected[i] -= (float)check_range(&room->random, 0, 2);
    }
}

void slot_weighted_rows(slot_room *room)
{
    const row_set set = make_rows(room);
    const float *weights = slot_given(room, set.count);
    float *found = slot_empty(room, room->count), *expected = slot_empty(room, room->count);
    for (int continued = 0; continued < 2; continued++) {
        if (continued) memcpy(found, expected, (size_t)room->count * sizeof *found);
        room->tested->weighted_rows(set.count, set.rows, weights, continued, room->count, found);
        room->portable->weighted_rows(set.count, set.rows, weights, continued, room->count, expected);
        slot_near(found, expected, room->count, slot_sum_bound(2 * set.count), "weighted_rows");
    }
}

/* `count` windows of fewer channels than a vector has lanes. What lies behind the last element is NaN. */
static cnn_windows make_windows(slot_room *room)
{
    cnn_windows work = {.windows = room->count,
                        .rows = check_range(&room->random, 1, 3),
                        .taps = check_range(&room->random, 1, 5),
                        .scale = 0.75f};
    work.channels = check_range(&room->random, 1, room->tested->lanes - 1);
    work.step = work.channels * check_range(&room->random, 1, 3);
    const int64_t row = room->count > 0 ? (room->count - 1) * work.step + work.taps * work.channels : 0;
    work.row_step = row + check_range(&room->random, 0, 7);
    const int64_t meant = row + (work.rows - 1) * work.row_step;
    float *input = slot_empty(room, meant + room->tested->lanes);
    for (int64_t i = 0; i < meant; i++)
        input[i] = check_range(&room->random, 0, 99) ? check_uniform(&room->random, -1, 1) : NAN;
    work.input = input;
    return work;
}

void slot_max_windows(slot_room *room)
{
    cnn_windows work = make_windows(room), same = work;
    const int64_t count = work.windows * work.channels;
    work.output = slot_empty(room, count);
    same.output = slot_empty(room, count);
    room->tested->max_windows(&work);
    room->portable->max_windows(&same);
    slot_near(work.output, same.output, count, 0, "max_windows");
}

void slot_sum_windows(slot_room *room)
{
    cnn_windows work = make_windows(room), same = work;
    const int64_t count = work.windows * work.channels;
    work.output = slot_empty(room, count);
    same.output = slot_empty(room, count);
    room->tested->sum_windows(&work);
    room->portable->sum_windows(&same);
    slot_near(work.output, same.output, count, slot_sum_bound(work.rows * work.taps), "sum_windows");
}

void slot_spread_windows(slot_room *room)
{
    const int64_t taps = check_range(&room->random, 1, 4), channels = check_range(&room->random, 1, 37);
    const int64_t given = room->count * channels, count = given * taps;
    const float *input = slot_given(room, given);
    float *found = slot_empty(room, count), *expected = slot_empty(room, count);
    room->tested->spread_windows(room->count, taps, channels, 0.3f, input, found);
    room->portable->spread_windows(room->count, taps, channels, 0.3f, input, expected);
    slot_near(found, expected, count, 0, "spread_windows");
}

void slot_window_sums(slot_room *room)
{
    const int64_t window = check_range(&room->random, 1, 9);
    const float *source = slot_given(room, room->count > 0 ? room->count + window - 1 : 0);
    float *found = slot_empty(room, room->count), *expected = slot_empty(room, room->count);
    room->tested->window_sums(room->count, window, source, 0.5f, 2, found);
    room->portable->window_sums(room->count, window, source, 0.5f, 2, expected);
    slot_near(found, expected, room->count, slot_sum_bound(window + 2), "window_sums");
}

void slot_dot_rows(slot_room *room)
{
    const int64_t rows = check_range(&room->random, 1, 9), stride = room->count + 13;
    const float *matrix = slot_matrix(room, rows, room->count, stride), *vector = slot_given(room, room->count);
    float *found = slot_empty(room, rows), *expected = slot_empty(room, rows);
    for (int continued = 0; continued < 2; continued++) {
        if (continued) memcpy(found, expected, (size_t)rows * sizeof *found);
        room->tested->dot_rows(rows, stride, room->count, matrix, vector, continued, found);
        room->portable->dot_rows(rows, stride, room->count, matrix, vector, continued, expected);
        slot_near(found, expected, rows, 2 * slot_sum_bound(room->count), "dot_rows");
    }
}

/* All windows that have a loop of their own and others, with taps beside the line on both sides. */
void slot_add_products(slot_room *room)
{
    cnn_products work = {.lines = check_range(&room->random, 1, 7),
                         .taps = check_range(&room->random, 1, 8),
                         .stride = check_range(&room->random, 1, 3),
                         .dilation = check_range(&room->random, 0, 3) ? 1 : 2,
                         .padding = check_range(&room->random, -1, 4),
                         .width = check_range(&room->random, 1, 15),
                         .count = check_range(&room->random, 1, 13),
                         .channels = room->count};
    const int64_t sums = work.lines * work.taps * room->count;
    work.line_step = work.width * room->count + 3;
    work.rows = slot_matrix(room, work.lines, work.width * room->count, work.line_step);
    work.columns = slot_given(room, work.count * room->count);
    work.sums = slot_given(room, sums);
    cnn_products same = work;
    same.sums = slot_copy(room, work.sums, sums);
    room->tested->add_products(&work);
    room->portable->add_products(&same);
    slot_near(work.sums, same.sums, sums, slot_sum_bound(work.count + 1), "add_products");
}

/* Runs that overlap, or leave gaps, and outputs that none reaches; what lies behind the last product may be read, and is
 * NaN.
 */
void slot_sum_runs(slot_room *room)
{
    cnn_runs work = {.pixels = check_range(&room->random, 0, 9),
                     .window = check_range(&room->random, 1, 6),
                     .stride = check_range(&room->random, 1, 3),
                     .padding = check_range(&room->random, 0, 6),
                     .channels = room->count,
                     .outputs = check_range(&room->random, 1, 12)};
    const int64_t run = work.window * work.channels, lanes = room->tested->lanes;
    work.pitch = run + check_range(&room->random, 0, 3);
    work.output_step = work.channels + check_range(&room->random, 0, 1) * 5;
    float *products = slot_empty(room, work.pixels * work.pitch + lanes);
    for (int64_t i = 0; i < work.pixels * work.pitch; i++)
        products[i] = i % work.pitch < run ? check_uniform(&room->random, -1, 1) : NAN;
    const int64_t outputs = work.channels > 0 ? (work.outputs - 1) * work.output_step + work.channels : 0;
    float *found = slot_empty(room, outputs), *expected = slot_empty(room, outputs);
    work.products = products;
    work.bias = slot_given(room, work.channels);
    work.output = found;
    room->tested->sum_runs(&work);
    work.output = expected;
    room->portable->sum_runs(&work);
    slot_near(found, expected, outputs, slot_sum_bound(work.pixels + 1), "sum_runs");
}

void slot_transpose(slot_room *room)
{
    static const int64_t heights[] = {1, 2, 3, 4, 5, 8, 13, 16, 17, 31, 35};
    const int64_t rows = heights[check_range(&room->random, 0, 10)], input_stride = room->count + 5,
                  output_stride = rows + 3;
    const float *input = slot_matrix(room, rows, room->count, input_stride);
    const int64_t outputs = room->count > 0 ? (room->count - 1) * output_stride + rows : 0;
    float *found = slot_empty(room, outputs), *expected = slot_empty(room, outputs);
    room->tested->transpose(rows, room->count, input, input_stride, found, output_stride);
    room->portable->transpose(rows, room->count, input, input_stride, expected, output_stride);
    check_same_bits(found, expected, outputs, "transpose");
}

/* Outputs of no pixel, of one that is copied, and of up to five, in any order. */
void slot_resample(slot_room *room)
{
    enum { OUTPUTS = 7, PIXELS = 6, MOST_TAPS = 5 };
    int64_t offsets[OUTPUTS + 1] = {0};
    int32_t indices[OUTPUTS * MOST_TAPS];
    float weights[OUTPUTS * MOST_TAPS];
    for (int64_t o = 0; o < OUTPUTS; o++) {
        const int64_t taps = o < 2 ? o : check_range(&room->random, 0, MOST_TAPS);
        offsets[o + 1] = offsets[o] + taps;
        for (int64_t t = offsets[o]; t < offsets[o + 1]; t++) {
            indices[t] = check_range(&room->random, 0, PIXELS - 1);
            weights[t] = o == 1 ? 1.0f : check_uniform(&room->random, -1, 1);
        }
    }
    const int64_t outputs = OUTPUTS * room->count;
    cnn_resample work = {.outputs = OUTPUTS, .offsets = offsets, .indices = indices, .weights = weights};
    work.channels = room->count;
    work.input = slot_given(room, PIXELS * room->count);
    work.output = slot_empty(room, outputs);
    cnn_resample same = work;
    same.output = slot_empty(room, outputs);
    room->tested->resample(&work);
    room->portable->resample(&same);
    slot_near(work.output, same.output, outputs, slot_sum_bound(MOST_TAPS), "resample");
}
