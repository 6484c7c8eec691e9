/* conv2d_rows.c - fills the tables of implicit GEMM line by line: along a line of pixels a tap's rows lie evenly apart, but
 * for the ends, where they may lie in the padding. A first layer has so few channels that this is half of its time.
 *
 * With few input channels the taps of a row of the window are one run of memory, and count as one tap of more channels;
 * the rows that a block sees are copied into a strip with the padding around them, which leaves no case to tell apart. */
#include "conv2d_rows.h"

#include "error.h"

#include <stddef.h>
#include <string.h>

/* Lines of pixels that a block may touch. */
static int64_t lines_of_block(const cnn_conv2d_plan *plan)
{
    const int64_t others = plan->block_pixels - 1, width = plan->horizontal.output;
    return (others + width - 1) / width + 1;
}

/* Whether merged taps can be read where they are, because there is no padding for them to hang into. */
static int reads_in_place(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    return v->padding_before <= 0 && v->padding_after <= 0 && h->padding_before <= 0 && h->padding_after <= 0;
}

/* Elements of a strip's row: what the pixels of a block see of one row of the input. */
static int64_t strip_pitch(const cnn_conv2d_plan *plan)
{
    const cnn_axis *h = &plan->horizontal;
    if (reads_in_place(plan)) return (int64_t)h->input * plan->desc.input_channels;
    const int64_t pixels = h->output < plan->block_pixels ? h->output : plan->block_pixels;
    return ((pixels - 1) * h->stride + h->window) * plan->desc.input_channels;
}

cnn_status cnn_conv2d_tables_bytes(const cnn_conv2d_plan *plan, const char *operation, int64_t *bytes, cnn_error *error)
{
    const int64_t pointers[] = {(plan->merged ? 1 : plan->taps) + 2, plan->block_pixels, (int64_t)sizeof(float *)};
    CNN_TRY(cnn_sizes_multiply(3, pointers, operation, "table of rows", bytes, error));
    if (!plan->merged || reads_in_place(plan)) return CNN_OK;
    const cnn_axis *v = &plan->vertical;
    const int64_t span = ((int64_t)v->window - 1) * v->dilation + 1, rows = span > v->stride ? span : v->stride;
    const int64_t strips[] = {lines_of_block(plan), rows, strip_pitch(plan), sizeof(float)};
    int64_t more = 0;
    CNN_TRY(cnn_sizes_multiply(4, strips, operation, "strips of the input", &more, error));
    *bytes += more;
    return CNN_OK;
}

/* Where each output pixel sees the input pixel of its own number, all of them are one long line. */
static void join_lines(cnn_conv2d_phase *phase)
{
    cnn_axis_phase *v = &phase->vertical, *h = &phase->horizontal;
    const int same = phase->taps == 1 && v->stride == 1 && h->stride == 1 && v->offset == 0 && h->offset == 0 &&
                     v->step == 1 && h->step == 1 && v->outputs == v->input && h->outputs == h->input;
    if (!same || phase->pixels > INT32_MAX) return;
    v->input = v->outputs = 1;
    h->input = h->outputs = (int32_t)phase->pixels;
}

cnn_conv2d_phase cnn_conv2d_phase_at(const cnn_conv2d_plan *plan, int32_t index)
{
    const int32_t across = cnn_axis_phases(&plan->horizontal);
    cnn_conv2d_phase phase = {.plan = plan,
                              .vertical = cnn_axis_phase_at(&plan->vertical, index / across),
                              .horizontal = cnn_axis_phase_at(&plan->horizontal, index % across)};
    const int64_t down = phase.vertical.taps, aside = phase.horizontal.taps;
    phase.taps = down * aside;
    phase.tile_taps = plan->merged ? down : phase.taps;
    phase.tile_channels = plan->merged ? plan->group_inputs * aside : plan->group_inputs;
    phase.row_step = plan->merged ? 0 : plan->kernels->tile_rows;
    phase.strip_pitch = strip_pitch(plan);
    phase.tap_step = plan->merged ? phase.strip_pitch * phase.vertical.offset_step : 0;
    phase.tile_step = plan->kernels->tile_rows * (plan->merged ? 1 : phase.taps);
    phase.pixels = (int64_t)plan->desc.batch * phase.vertical.outputs * phase.horizontal.outputs;
    join_lines(&phase);
    return phase;
}

cnn_conv2d_tables cnn_conv2d_tables_at(const cnn_conv2d_plan *plan, void *workspace)
{
    const float **rows = workspace;
    cnn_conv2d_tables tables = {.rows = rows};
    void *next = rows + (plan->merged ? 1 : plan->taps) * plan->block_pixels;
    tables.outputs = next;
    next = tables.outputs + plan->block_pixels;
    tables.residuals = next;
    next = tables.residuals + plan->block_pixels;
    tables.strips = next;
    return tables;
}

#define MOST_TILE_ROWS 6 /* of the vector instruction sets */

/* A place in the table of one tap. */
typedef struct cursor {
    const float **tile; /* the tap's rows in a tile */
    int64_t row;        /* in the tile */
    int64_t tile_rows;
    int64_t tile_step; /* pointers from a tile to the next */
} cursor;

static inline cursor put_rows(cursor at, const float *first, int64_t step, int64_t count)
{
    while (count > 0) {
        if (at.row == at.tile_rows) {
            at.row = 0;
            at.tile += at.tile_step;
        }
        if (at.row == 0 && count >= MOST_TILE_ROWS && at.tile_rows == MOST_TILE_ROWS) { /* nearly always */
            const float **rows = at.tile;
            rows[0] = first;
            rows[1] = first + step;
            rows[2] = first + 2 * step;
            rows[3] = first + 3 * step;
            rows[4] = first + 4 * step;
            rows[5] = first + 5 * step;
            at.row = MOST_TILE_ROWS;
            first += MOST_TILE_ROWS * step;
            count -= MOST_TILE_ROWS;
            continue;
        }
        at.tile[at.row++] = first;
        first += step;
        count--;
    }
    return at;
}

/* Pixels of one line of output: count of them from x on, and where they go. */
typedef struct line {
    const cnn_conv2d_phase *phase;
    const float *image;
    int64_t top;  /* row of the input that the first tap reads for these pixels */
    int64_t left; /* and column, for the first of them */
    int64_t count;
    cursor start; /* of the first tap */
} line;

static int64_t divide_up(int64_t value, int64_t divisor)
{
    return divisor == 1 ? value : (value + divisor - 1) / divisor;
}

/* How many of the pixels, the first of which reads column `left`, read a column below `limit`. */
static int64_t pixels_below(const line *at, int64_t left, int64_t limit)
{
    if (left >= limit) return 0;
    const int64_t pixels = divide_up(limit - left, at->phase->horizontal.stride);
    return pixels < at->count ? pixels : at->count;
}

static cursor fill_taps(const line *at)
{
    const cnn_axis_phase *v = &at->phase->vertical, *h = &at->phase->horizontal;
    const int64_t channels = at->phase->plan->desc.input_channels, step = h->stride * channels;
    const float *zeros = at->phase->plan->zeros;
    cursor end = at->start;
    if (at->phase->taps == 0) return end; /* a phase of a stride beyond the window: nothing but bias */
    for (int64_t j = 0; j < h->taps; j++) {
        const int64_t left = at->left + j * h->offset_step;
        const int64_t before = pixels_below(at, left, 0), inside = pixels_below(at, left, h->input) - before;
        const int64_t origin = (left + before * h->stride) * channels;
        for (int64_t i = 0; i < v->taps; i++) {
            const int64_t row = at->top + i * v->offset_step;
            end = at->start;
            end.tile += (i * h->taps + j) * end.tile_rows;
            if (row < 0 || row >= v->input) {
                end = put_rows(end, zeros, 0, at->count);
                continue;
            }
            end = put_rows(end, zeros, 0, before);
            end = put_rows(end, at->image + row * h->input * channels + origin, step, inside);
            end = put_rows(end, zeros, 0, at->count - before - inside);
        }
    }
    end.tile -= (at->phase->taps - 1) * end.tile_rows;
    return end;
}

/* Rows of the input with the padding around them, pitch elements apart. */
typedef struct strip {
    float *start;
    int64_t image;
    int64_t top; /* the row of the input that is copied to the start */
    int64_t end; /* and the one past the last that is copied */
    int64_t left;
    int64_t columns;
} strip;

/* Copies rows of the input from the end of the strip on until it holds those below `end`. */
static void extend_strip(strip *into, const line *at, int64_t end)
{
    const cnn_axis_phase *v = &at->phase->vertical, *h = &at->phase->horizontal;
    const int64_t channels = at->phase->plan->desc.input_channels, right = into->left + into->columns;
    const int64_t first = into->left < 0 ? (right < 0 ? right : 0) : into->left, last = right < h->input ? right : h->input;
    const int64_t before = (first - into->left) * channels, inside = last > first ? (last - first) * channels : 0;
    const int64_t after = into->columns * channels - before - inside;
    for (; into->end < end; into->end++) {
        float *target = into->start + (into->end - into->top) * at->phase->strip_pitch;
        if (into->end < 0 || into->end >= v->input || inside == 0) {
            memset(target, 0, (size_t)(before + inside + after) * sizeof *target);
            continue;
        }
        for (int64_t j = 0; j < before; j++)
            target[j] = 0;
        memcpy(target + before, at->image + (into->end * h->input + first) * channels, (size_t)inside * sizeof *target);
        for (int64_t j = 0; j < after; j++)
            target[before + inside + j] = 0;
    }
}

/* The same as fill_taps with the taps of each row merged. What the line sees of the input is copied to the strip, of which
 * it shares rows with the line before where lines are whole. */
static cursor fill_merged(const line *at, int64_t image, int64_t x, strip *from)
{
    const cnn_axis_phase *h = &at->phase->horizontal;
    const int64_t channels = at->phase->plan->desc.input_channels,
                  below = (at->phase->vertical.taps - 1) * at->phase->vertical.offset_step;
    if (reads_in_place(at->phase->plan)) {
        const float *first = at->image + (at->top * h->input + at->left) * channels;
        return put_rows(at->start, first, h->stride * channels, at->count);
    }
    const int whole = h->outputs <= at->phase->plan->block_pixels;
    const int64_t skipped = whole ? x : 0, pixels = whole ? h->outputs : at->count;
    if (!whole || from->image != image || from->end < at->top) {
        from->start += (from->end - from->top) * at->phase->strip_pitch;
        from->image = image;
        from->top = from->end = at->top;
        from->left = at->left - skipped * h->stride;
        from->columns = (pixels - 1) * h->stride + h->taps;
    }
    extend_strip(from, at, at->top + below + 1);
    const float *first = from->start + (at->top - from->top) * at->phase->strip_pitch + skipped * h->stride * channels;
    return put_rows(at->start, first, h->stride * channels, at->count);
}

/* Outputs and residuals of `count` pixels of a line, the first of which is `pixel` of the whole output. */
static void fill_targets(const cnn_conv2d_tables *tables, const cnn_conv2d_work *work, int64_t step, int64_t pixel,
                         int64_t done, int64_t count)
{
    const cnn_conv2d_plan *plan = work->plan;
    float *output = work->output + pixel * plan->output_stride;
    for (int64_t i = done; i < done + count; i++, output += step * plan->output_stride)
        tables->outputs[i] = output;
    if (!work->residual) return;
    const float *residual = work->residual + pixel * plan->residual_stride;
    for (int64_t i = done; i < done + count; i++, residual += step * plan->residual_stride)
        tables->residuals[i] = residual;
}

void cnn_conv2d_tables_fill(const cnn_conv2d_tables *tables, const cnn_conv2d_phase *phase, const cnn_conv2d_work *work,
                            int64_t first, int64_t count)
{
    const cnn_conv2d_plan *plan = phase->plan;
    const cnn_axis_phase *v = &phase->vertical, *h = &phase->horizontal;
    const int64_t tile_rows = plan->kernels->tile_rows;
    const int64_t image_elements = (int64_t)v->input * h->input * plan->desc.input_channels;
    int64_t x = first % h->outputs, y = first / h->outputs % v->outputs, image = first / h->outputs / v->outputs;
    strip copied = {.start = tables->strips, .image = -1};
    line at = {.phase = phase, .start = {tables->rows, 0, tile_rows, phase->tile_step}};
    for (int64_t done = 0; done < count; done += at.count) {
        at.image = work->input + image * image_elements;
        at.top = y * v->stride + v->offset;
        at.left = x * h->stride + h->offset;
        at.count = h->outputs - x < count - done ? h->outputs - x : count - done;
        const int64_t row = image * plan->vertical.output + v->first + y * v->step;
        fill_targets(tables, work, h->step, row * plan->horizontal.output + h->first + x * h->step, done, at.count);
        at.start = plan->merged ? fill_merged(&at, image, x, &copied) : fill_taps(&at);
        x = 0;
        if (++y == v->outputs) {
            y = 0;
            image++;
        }
    }
    for (int64_t row = at.start.row; row < tile_rows; row++)
        for (int64_t i = row; i < phase->tile_step; i += tile_rows)
            at.start.tile[i] = at.start.tile[i - row + at.start.row - 1];
}
