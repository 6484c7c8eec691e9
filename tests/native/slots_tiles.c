/* slots_tiles.c - the tiles of convolutions and products beside the portable ones, with NaN in what they read and do not
 * mean: packed columns beyond the last, and the rows that stand in for pixels that are not there. */
#include "slots.h"

#define MOST_TAPS 3
#define MOST_ROWS 64 /* of a tile of any instruction set; portable tiles have a pointer for each of them */

/* Rows of an output or a residual, `gap` elements between them; elements begin `offset` behind the pointers. */
typedef struct tile_rows {
    float *memory, *rows[MOST_ROWS];
    int64_t count;
} tile_rows;

static tile_rows make_rows(slot_room *room, int64_t rows, int64_t columns, int64_t offset, int64_t gap, int given)
{
    const int64_t stride = columns + gap;
    tile_rows made = {.count = (rows - 1) * stride + columns + offset};
    made.memory = given ? slot_given(room, made.count) : slot_empty(room, made.count);
    for (int64_t i = 0; i < rows; i++)
        made.rows[i] = made.memory + i * stride;
    return made;
}

/* A matrix in panels of so many columns, one behind the other; what the last lacks is NaN. */
static const float *pack(const float *values, int64_t rows, int64_t columns, int64_t panel)
{
    const int64_t panels = (columns + panel - 1) / panel;
    float *packed = check_floats((panels * rows * panel + 15) / 16 * 16, CHECK_END); /* aligned, for it ends at a page */
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < columns; j++)
            packed[(j / panel * rows + r) * panel + j % panel] = values[r * columns + j];
    return packed;
}

/* The pixels of a tile: those that are there in one matrix, and NaN for the others. Tables want pointers tile by tile and
 * tap by tap, or one for all taps; the portable kernel does with the same ones in rows of MOST_ROWS. */
typedef struct tile_pixels {
    const float *tested[MOST_TAPS * MOST_ROWS], *portable[MOST_TAPS * MOST_ROWS];
} tile_pixels;

static void place_pixels(slot_room *room, const cnn_tile *work, tile_pixels *pixels)
{
    const int64_t tile = room->tested->tile_rows, taps = work->row_step ? work->taps : 1;
    const int64_t length = work->channel_offset + work->channels + (work->taps - 1) * work->tap_step, stride = length + 7;
    const float *there = slot_matrix(room, taps * work->row_count, length, stride), *missing = slot_empty(room, length);
    for (int64_t i = 0; i < (work->row_count + tile - 1) / tile * tile; i++)
        for (int64_t t = 0; t < taps; t++) {
            const float *pixel = i < work->row_count ? there + (t * work->row_count + i) * stride : missing;
            pixels->tested[(i / tile * taps + t) * tile + i % tile] = pixel;
            pixels->portable[t * MOST_ROWS + i] = pixel;
        }
}

/* A panel of the portable tile at a time. */
static void run_portable(const cnn_kernels *portable, cnn_tile work)
{
    const int64_t all = work.column_count, panel = portable->tile_columns;
    for (int64_t j = 0; j < all; j += panel) {
        work.column_count = (int32_t)(all - j < panel ? all - j : panel);
        portable->convolve_tile(&work);
        work.packed += work.taps * work.channels * panel;
        work.bias += panel;
        work.output_offset += panel;
    }
}

static void compare_tile(slot_room *room, cnn_tile *work, cnn_tile *same)
{
    const int64_t gap = check_range(&room->random, 0, 1) ? 5 : 0, offset = gap ? 3 : 0; /* in one piece there is no offset */
    const tile_rows found = make_rows(room, work->row_count, work->column_count, offset, gap, 0);
    const tile_rows expected = make_rows(room, work->row_count, work->column_count, offset, gap, 0);
    const tile_rows residual = make_rows(room, work->row_count, work->column_count, offset, gap, 1);
    const double bound = slot_sum_bound(work->taps * work->channels + 2);
    work->outputs = found.rows;
    same->outputs = expected.rows;
    work->output_offset = same->output_offset = offset;
    for (int added = 0; added < 2; added++) {
        work->residuals = same->residuals = added ? (const float *const *)residual.rows : NULL;
        room->tested->convolve_tile(work);
        run_portable(room->portable, *same);
        slot_near(found.memory, expected.memory, found.count, bound, "convolve_tile");
    }
}

/* The columns go over all of a tile's; a narrow one has two tiles' rows. */
void slot_convolve_tile(slot_room *room)
{
    const cnn_kernels *table = room->tested;
    const int64_t step = table->column_step;
    tile_pixels pixels;
    cnn_tile work = {.taps = check_range(&room->random, 1, MOST_TAPS), .channels = check_range(&room->random, 1, 19)};
    const int64_t depth = work.taps * work.channels, columns = (room->count - 1) % table->tile_columns + 1;
    work.column_count = (int32_t)columns;
    work.row_count =
        check_range(&room->random, 1, columns <= table->tall_columns ? table->tall_tile_rows : table->tile_rows);
    work.row_step = check_range(&room->random, 0, 1) ? table->tile_rows : 0;
    work.ahead_lines = (int32_t)check_range(&room->random, 0, 2); /* what is fetched may lie anywhere */
    work.ahead = work.ahead_lines > 0 ? slot_empty(room, 1) : NULL;
    work.tap_step = work.row_step ? 0 : 23;
    work.channel_offset = 2;
    work.lower = -0.9f;
    work.upper = 1.1f;
    place_pixels(room, &work, &pixels);
    const float *weights = slot_given(room, depth * columns), *bias = slot_given(room, columns);
    const int64_t wide = (columns + step - 1) / step * step, narrow = room->portable->tile_columns;
    cnn_tile same = work;
    work.rows = pixels.tested;
    work.packed = pack(weights, depth, columns, wide);
    work.bias = pack(bias, 1, columns, wide);
    same.rows = pixels.portable;
    same.row_step = work.row_step ? MOST_ROWS : 0;
    same.packed = pack(weights, depth, columns, narrow);
    same.bias = pack(bias, 1, columns, narrow);
    compare_tile(room, &work, &same);
}

/* Nothing is packed here: rows of the right-hand side end with their last column. */
void slot_multiply_plain(slot_room *room)
{
    const cnn_kernels *table = room->tested;
    const int64_t columns = (room->count - 1) % table->tile_columns + 1, depth = check_range(&room->random, 1, 19);
    const float *rows[MOST_ROWS];
    cnn_plain_tile work = {.depth = depth, .rows = rows, .row_step = check_range(&room->random, 1, 3)};
    work.column_count = (int32_t)columns;
    work.row_count = check_range(&room->random, 1, table->tile_rows);
    const int64_t length = (depth - 1) * work.row_step + 1;
    const float *there = slot_matrix(room, work.row_count, length, length + 3), *missing = slot_empty(room, length);
    for (int32_t i = 0; i < table->tile_rows; i++)
        rows[i] = i < work.row_count ? there + i * (length + 3) : missing;
    work.right_step = columns + 5;
    work.right = slot_matrix(room, depth, columns, work.right_step);
    work.lower = -0.9f;
    work.upper = 1.1f;
    work.output_offset = 3;
    const tile_rows residual = make_rows(room, work.row_count, columns, 3, 5, 1);
    const float *bias = slot_given(room, columns);
    for (int added = 0; added < 4; added++) {
        const tile_rows found = make_rows(room, work.row_count, columns, 3, 5, 0);
        const tile_rows expected = make_rows(room, work.row_count, columns, 3, 5, 0);
        work.bias = added & 1 ? bias : NULL;
        work.residuals = added & 2 ? (const float *const *)residual.rows : NULL;
        cnn_plain_tile same = work;
        work.outputs = found.rows;
        same.outputs = expected.rows;
        table->multiply_plain(&work);
        room->portable->multiply_plain(&same);
        slot_near(found.memory, expected.memory, found.count, slot_sum_bound(depth + 2), "multiply_plain");
    }
}

#define MOST_PLANE_VECTORS 20
#define MOST_PLANE_LANES 16
#define PORTABLE_LANES 4

/* The vectors of the tested kernel, and the shorter ones of the portable one that cover the same pixels. */
typedef struct plane_vectors {
    const float *inputs[MOST_PLANE_VECTORS * MOST_PLANE_LANES / PORTABLE_LANES];
    float *outputs[MOST_PLANE_VECTORS * MOST_PLANE_LANES / PORTABLE_LANES];
} plane_vectors;

static void run_planes(const cnn_kernels *kernels, cnn_planes work, int64_t pixels, const float *input, float *output)
{
    plane_vectors vectors;
    work.vector_count = pixels / kernels->lanes;
    for (int64_t v = 0; v < work.vector_count; v++) {
        vectors.inputs[v] = input + v * kernels->lanes;
        vectors.outputs[v] = output + v * kernels->lanes;
    }
    work.inputs = vectors.inputs;
    work.outputs = vectors.outputs;
    kernels->convolve_planes(&work);
}

/* The vectors go over all that may remain beside a tile's, and windows that see no row are sums of nothing. */
void slot_convolve_planes(slot_room *room)
{
    const int64_t pixels = room->count % MOST_PLANE_VECTORS * room->tested->lanes, gap = check_range(&room->random, 0, 5);
    cnn_planes work = {.down = check_range(&room->random, 0, 3),
                       .channels = check_range(&room->random, 1, 4),
                       .across = check_range(&room->random, 1, 5),
                       .across_step = check_range(&room->random, 1, 2),
                       .lower = -0.9f,
                       .upper = 1.1f,
                       .output_offset = 3,
                       .output_step = pixels + gap};
    work.output_count = check_range(&room->random, 1, room->tested->plane_outputs);
    work.channel_step = pixels + work.across * work.across_step + 1;
    work.down_step = work.channels * work.channel_step;
    const int64_t seen = (work.down > 0 ? work.down - 1 : 0) * work.down_step + (work.channels - 1) * work.channel_step +
                         (work.across - 1) * work.across_step + pixels;
    const int64_t taps = work.down * work.channels * work.across;
    const int64_t sums = work.output_offset + (work.output_count - 1) * work.output_step + pixels;
    const float *input = slot_given(room, seen);
    float *found = slot_empty(room, sums), *expected = slot_empty(room, sums);
    work.packed = slot_given(room, taps * work.output_count);
    work.bias = slot_given(room, work.output_count);
    run_planes(room->tested, work, pixels, input, found);
    run_planes(room->portable, work, pixels, input, expected);
    slot_near(found, expected, sums, slot_sum_bound(taps + 1), "convolve_planes");
}
