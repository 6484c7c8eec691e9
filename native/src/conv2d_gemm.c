/* conv2d_gemm.c - convolution as a matrix product whose rows are found through pointers. Work is cut into blocks of output
 * pixels, and into ranges of output channels where there are too few pixels for the threads; each output element is summed
 * by one kernel call, in one order.
 *
 * With few input channels the taps of a row of the window are one run of memory, and count as one tap of more channels;
 * where such a run hangs over the side of the image it is copied into the workspace, with zeros around it. */
#include "conv2d.h"

#include "context.h"
#include "error.h"
#include "threads.h"

#include <stddef.h>
#include <string.h>

/* One phase of the outputs; a convolution that is not upsampled has a single one. */
typedef struct gemm_phase {
    const cnn_conv2d_work *work;
    cnn_axis_phase vertical;
    cnn_axis_phase horizontal;
    const float *packed; /* the panels of this phase; for packing: the weights */
    float *target;       /* for packing: the panels of this phase */
    int64_t taps;
    int64_t tile_taps;     /* taps as the kernel counts them: */
    int64_t tile_channels; /* a row of the window may be one */
    int64_t pixels;        /* outputs of the phase in the whole batch */
    int64_t blocks;        /* of rows_per_block of them */
    int64_t column_parts;  /* ranges into which the panels of a group are cut */
} gemm_phase;

/* Sets the parts of phase `index` that follow from the plan, and returns the elements of its packed weights. */
static int64_t open_phase(const cnn_conv2d_plan *plan, int32_t index, gemm_phase *phase)
{
    const int32_t across = cnn_axis_phases(&plan->horizontal);
    phase->vertical = cnn_axis_phase_at(&plan->vertical, index / across);
    phase->horizontal = cnn_axis_phase_at(&plan->horizontal, index % across);
    phase->taps = (int64_t)phase->vertical.taps * phase->horizontal.taps;
    phase->tile_taps = plan->merged ? phase->vertical.taps : phase->taps;
    phase->tile_channels = plan->merged ? plan->group_inputs * phase->horizontal.taps : plan->group_inputs;
    phase->pixels = (int64_t)plan->desc.batch * phase->vertical.outputs * phase->horizontal.outputs;
    return plan->desc.groups * plan->columns * phase->taps * plan->group_inputs;
}

static int32_t phase_count(const cnn_conv2d_plan *plan)
{
    return cnn_axis_phases(&plan->vertical) * cnn_axis_phases(&plan->horizontal);
}

/* The tables of a thread: input rows for each tap, then the outputs and the residuals of the pixels of a block. */
typedef struct gemm_tables {
    const float **rows;
    float **outputs;
    const float **residuals;
    float *patches; /* runs of merged taps that hang over the side of the image */
} gemm_tables;

static gemm_tables thread_tables(const gemm_phase *phase, int32_t thread)
{
    const cnn_conv2d_plan *plan = phase->work->plan;
    void *start = phase->work->workspace + thread * plan->workspace_bytes;
    const float **rows = start;
    gemm_tables tables = {.rows = rows};
    start = rows + plan->taps * plan->kernels->rows_per_block;
    tables.outputs = start;
    start = tables.outputs + plan->kernels->rows_per_block;
    tables.residuals = start;
    start = tables.residuals + plan->kernels->rows_per_block;
    tables.patches = start;
    return tables;
}

/* Whether all taps of an axis lie inside the input for the output that starts at `start`. */
static int all_inside(const cnn_axis_phase *axis, int64_t start)
{
    return start >= 0 && start + (axis->taps - 1) * axis->offset_step < axis->input;
}

/* The input rows of a pixel whose taps are all inside, `step` entries apart; `across` taps in each row of the window. */
static void fill_inside(const gemm_phase *phase, const float *first, int64_t across, const float **entry, int64_t step)
{
    const int64_t channels = phase->work->plan->desc.input_channels;
    const int64_t down = phase->vertical.offset_step * phase->horizontal.input * channels, rows = phase->vertical.taps;
    const int64_t aside = phase->horizontal.offset_step * channels;
    for (int64_t i = 0; i < rows; i++, first += down)
        for (int64_t j = 0; j < across; j++, entry += step)
            *entry = first + j * aside;
}

/* The input rows of one pixel, `step` entries apart. */
static void fill_taps(const gemm_phase *phase, const float *image, int64_t y, int64_t x, const float **entry, int64_t step)
{
    const cnn_conv2d_plan *plan = phase->work->plan;
    const cnn_axis_phase *v = &phase->vertical, *h = &phase->horizontal;
    const int64_t channels = plan->desc.input_channels, top = y * v->stride + v->offset, left = x * h->stride + h->offset;
    if (all_inside(v, top) && all_inside(h, left)) {
        fill_inside(phase, image + (top * h->input + left) * channels, h->taps, entry, step);
        return;
    }
    for (int32_t i = 0; i < v->taps; i++) {
        const int64_t row = top + i * v->offset_step;
        const int inside = row >= 0 && row < v->input;
        for (int32_t j = 0; j < h->taps; j++, entry += step) {
            const int64_t column = left + j * h->offset_step;
            const int there = inside && column >= 0 && column < h->input;
            *entry = there ? image + (row * h->input + column) * channels : plan->zeros;
        }
    }
}

/* The same with the taps of each row merged. `patch` has room for the runs of one pixel. */
static void fill_merged(const gemm_phase *phase, const float *image, int64_t y, int64_t x, const float **entry, int64_t step,
                        float *patch)
{
    const cnn_axis_phase *v = &phase->vertical, *h = &phase->horizontal;
    const int64_t channels = phase->work->plan->desc.input_channels;
    const int64_t top = y * v->stride + v->offset, left = x * h->stride + h->offset;
    if (all_inside(v, top) && all_inside(h, left)) {
        fill_inside(phase, image + (top * h->input + left) * channels, 1, entry, step);
        return;
    }
    const int64_t first = left < 0 ? -left : 0, last = left + h->taps > h->input ? h->input - left : h->taps;
    for (int32_t i = 0; i < v->taps; i++, entry += step) {
        const int64_t row = top + i * v->offset_step;
        if (row < 0 || row >= v->input || first >= last) {
            *entry = phase->work->plan->zeros;
            continue;
        }
        const float *source = image + (row * h->input + left) * channels;
        *entry = source;
        if (first == 0 && last == h->taps) continue;
        memset(patch, 0, (size_t)phase->tile_channels * sizeof *patch);
        memcpy(patch + first * channels, source + first * channels, (size_t)((last - first) * channels) * sizeof *patch);
        *entry = patch;
        patch += phase->tile_channels;
    }
}

/* A pixel of a phase. Blocks step from one to the next, because three divisions take longer than a small tile. */
typedef struct place {
    int64_t image;
    int64_t y;
    int64_t x;
} place;

static void step_place(const gemm_phase *phase, place *at)
{
    if (++at->x < phase->horizontal.outputs) return;
    at->x = 0;
    if (++at->y < phase->vertical.outputs) return;
    at->y = 0;
    at->image++;
}

/* Fills the tables for `count` pixels of the phase from `first` on, rows tile by tile: rows[tile][tap][row in tile]. Rows
 * past the last pixel repeat it, because a kernel reads all of its rows. */
static void fill_tables(const gemm_phase *phase, int64_t first, int64_t count, const gemm_tables *tables)
{
    const cnn_conv2d_work *work = phase->work;
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis_phase *v = &phase->vertical, *h = &phase->horizontal;
    const int64_t tile_rows = plan->kernels->tile_rows;
    const int64_t image_elements = (int64_t)v->input * h->input * plan->desc.input_channels;
    place at = {first / h->outputs / v->outputs, first / h->outputs % v->outputs, first % h->outputs};
    const float **tile = tables->rows;
    int64_t row = 0;
    for (int64_t i = 0; i < count; i++, step_place(phase, &at)) {
        const float *image = work->input + at.image * image_elements;
        const int64_t line = at.image * plan->vertical.output + v->first + at.y * v->step;
        const int64_t pixel = line * plan->horizontal.output + h->first + at.x * h->step;
        if (row == tile_rows) {
            row = 0;
            tile += tile_rows * phase->tile_taps;
        }
        if (plan->merged)
            fill_merged(phase, image, at.y, at.x, tile + row++, tile_rows,
                        tables->patches + i * phase->tile_taps * phase->tile_channels);
        else
            fill_taps(phase, image, at.y, at.x, tile + row++, tile_rows);
        tables->outputs[i] = work->output + pixel * plan->output_stride;
        tables->residuals[i] = work->residual ? work->residual + pixel * plan->residual_stride : NULL;
    }
    for (const int64_t last = row - 1; row < tile_rows; row++)
        for (int64_t t = 0; t < phase->tile_taps; t++)
            tile[t * tile_rows + row] = tile[t * tile_rows + last];
}

/* One block: `count` pixels whose tables are filled, the panels begin..end-1 of one group. A panel of weights is used for
 * all tiles of the block before the next one is read. */
static void run_block(const gemm_phase *phase, const gemm_tables *tables, int64_t count, int64_t group, int64_t begin,
                      int64_t end)
{
    const cnn_conv2d_plan *plan = phase->work->plan;
    const cnn_kernels *kernels = plan->kernels;
    const int64_t columns = kernels->tile_columns, channel = group * plan->group_outputs;
    const float *biases = phase->work->packed + plan->bias_offset;
    for (int64_t panel = begin; panel < end; panel++) {
        const int64_t left = plan->group_outputs - panel * columns, index = group * plan->columns + panel * columns;
        cnn_tile tile = {.taps = phase->tile_taps,
                         .channels = phase->tile_channels,
                         .channel_offset = group * plan->group_inputs,
                         .packed = phase->packed + index * phase->taps * plan->group_inputs,
                         .bias = biases + index,
                         .lower = plan->lower,
                         .upper = plan->upper,
                         .output_offset = channel + panel * columns,
                         .column_count = (int32_t)(left < columns ? left : columns)};
        for (int64_t row = 0; row < count; row += kernels->tile_rows) {
            tile.rows = tables->rows + row * phase->tile_taps;
            tile.row_count = (int32_t)(count - row < kernels->tile_rows ? count - row : kernels->tile_rows);
            tile.outputs = tables->outputs + row;
            tile.residuals = phase->work->residual ? tables->residuals + row : NULL;
            kernels->convolve_tile(&tile);
        }
    }
    const int64_t last = end * columns < plan->group_outputs ? end * columns : plan->group_outputs;
    cnn_conv2d_finish(plan, tables->outputs, count, channel + begin * columns, last - begin * columns);
}

/* Items are ranges of panels x blocks of pixels x groups, the ranges outermost: neighbouring items share their weights. */
static void run_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gemm_phase *phase = argument;
    const cnn_conv2d_plan *plan = phase->work->plan;
    const int64_t groups = plan->desc.groups, items_per_part = phase->blocks * groups;
    const int64_t block_rows = plan->kernels->rows_per_block;
    const gemm_tables tables = thread_tables(phase, thread);
    int64_t filled = -1;
    for (int64_t item = begin; item < end; item++) {
        const int64_t part = item / items_per_part, block = item % items_per_part / groups, group = item % groups;
        const int64_t first = block * block_rows, left = phase->pixels - first;
        const int64_t count = left < block_rows ? left : block_rows;
        if (block != filled) {
            fill_tables(phase, first, count, &tables);
            filled = block;
        }
        run_block(phase, &tables, count, group, plan->panels * part / phase->column_parts,
                  plan->panels * (part + 1) / phase->column_parts);
    }
}

/* Cuts the panels of a group into ranges when there are too few blocks for an even split over the threads. */
static int64_t choose_column_parts(const cnn_context *context, const cnn_conv2d_plan *plan, int64_t blocks)
{
    const int64_t few = 8 * (int64_t)context->threads, most = 4 * (int64_t)context->threads;
    if (context->threads == 1 || blocks * plan->desc.groups >= few) return 1;
    return plan->panels < most ? plan->panels : most;
}

cnn_status cnn_conv2d_gemm_run(const cnn_conv2d_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    gemm_phase phase = {.work = work, .packed = work->packed};
    for (int32_t i = 0; i < phase_count(plan); i++) {
        const int64_t packed_elements = open_phase(plan, i, &phase);
        phase.blocks = (phase.pixels + plan->kernels->rows_per_block - 1) / plan->kernels->rows_per_block;
        phase.column_parts = choose_column_parts(work->context, plan, phase.blocks);
        const int64_t items = phase.blocks * plan->desc.groups * phase.column_parts;
        const int64_t multiplies = phase.pixels * (phase.taps * plan->group_inputs + 1) * plan->desc.output_channels;
        if (items > 0) CNN_TRY(cnn_parallel(work->context, items, multiplies / items, run_items, &phase));
        phase.packed += packed_elements;
    }
    return CNN_OK;
}

/* Packs the panels begin..end-1 of a phase, counted over all groups. */
static void pack_panels(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gemm_phase *phase = argument;
    const cnn_conv2d_plan *plan = phase->work->plan;
    const cnn_weight_steps *steps = &plan->weight_steps;
    const cnn_axis_phase *v = &phase->vertical, *h = &phase->horizontal;
    (void)thread;
    for (int64_t panel = begin; panel < end; panel++) {
        const int64_t group = panel / plan->panels, first = panel % plan->panels * plan->kernels->tile_columns;
        const int64_t columns = cnn_conv2d_panel_columns(plan, first), left = plan->group_outputs - first;
        const int64_t used = left < columns ? left : columns;
        const float *filter = phase->packed + steps->start + group * steps->group + first * steps->output;
        float *target = phase->target + (group * plan->columns + first) * phase->taps * plan->group_inputs;
        for (int64_t t = 0; t < phase->taps; t++) {
            const int64_t ky = v->tap_first + t / h->taps * v->tap_step, kx = h->tap_first + t % h->taps * h->tap_step;
            const float *source = filter + (ky * plan->horizontal.window + kx) * steps->tap;
            for (int64_t c = 0; c < plan->group_inputs; c++, target += columns)
                for (int64_t j = 0; j < columns; j++)
                    target[j] = j < used ? source[c * steps->input + j * steps->output] : 0.0f;
        }
    }
}

cnn_status cnn_conv2d_pack_panels(const cnn_context *context, const cnn_conv2d_plan *plan, const float *weights,
                                  const float *bias, float *packed)
{
    const cnn_conv2d_work work = {.context = context, .plan = plan};
    gemm_phase phase = {.work = &work, .packed = weights, .target = packed};
    for (int32_t i = 0; i < phase_count(plan); i++) {
        const int64_t packed_elements = open_phase(plan, i, &phase);
        const int64_t panels = plan->desc.groups * plan->panels;
        CNN_TRY(cnn_parallel(context, panels, packed_elements / panels, pack_panels, &phase));
        phase.target += packed_elements;
    }
    cnn_conv2d_pack_biases(plan, bias, packed);
    return CNN_OK;
}
