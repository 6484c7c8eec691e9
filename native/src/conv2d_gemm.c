/* conv2d_gemm.c - convolution as a matrix product whose rows are found through pointers. Work is cut into blocks of output
 * pixels, and into ranges of output channels where there are too few pixels for the threads; each output element is summed
 * by one kernel call, in one order. */
#include "conv2d_rows.h"

#include "ahead.h"
#include "context.h"
#include "error.h"
#include "threads.h"

#include <stddef.h>
#include <string.h>

#define TRANSPOSED 16 /* filters that are transposed together: as many streams as processors fetch ahead */

/* What the threads share of one phase of the outputs. */
typedef struct gemm_job {
    cnn_conv2d_phase phase;
    const cnn_conv2d_work *work;
    const float *packed; /* the panels of this phase */
    float *target;       /* for packing: the panels of this phase */
    const cnn_conv2d_part *part;
    int64_t tiles;       /* of its pixels */
    int64_t panel_parts; /* ranges into which the panels of all groups are cut */
} gemm_job;

static int32_t phase_count(const cnn_conv2d_plan *plan)
{
    return cnn_axis_phases(&plan->vertical) * cnn_axis_phases(&plan->horizontal);
}

static int64_t packed_elements(const cnn_conv2d_plan *plan, const cnn_conv2d_phase *phase)
{
    return plan->desc.groups * plan->columns * phase->taps * plan->group_inputs;
}

/* One block: `count` pixels whose tables are filled, and the panels begin..end-1, counted over all groups. A panel of
 * weights is used for all tiles of the block before the next one is read, which comes to the cache meanwhile; after the last
 * one that is the first behind the block, if it lies before `fetchable`. */
static void run_block(const gemm_job *job, const cnn_conv2d_tables *tables, int64_t count, int64_t begin, int64_t end,
                      int64_t fetchable)
{
    const cnn_conv2d_phase *phase = &job->phase;
    const cnn_conv2d_plan *plan = phase->plan;
    const cnn_kernels *kernels = plan->kernels;
    const float *biases = job->work->packed + plan->bias_offset;
    for (int64_t i = begin; i < end; i++) {
        const int64_t group = i / plan->panels, first = i % plan->panels * plan->panel_columns;
        const int64_t left = plan->group_outputs - first, index = group * plan->columns + first;
        const int64_t columns = left < plan->panel_columns ? left : plan->panel_columns;
        const int64_t rows = columns <= kernels->tall_columns ? kernels->tall_tile_rows : kernels->tile_rows;
        cnn_tile tile = {.taps = phase->tile_taps,
                         .channels = phase->tile_channels,
                         .row_step = phase->row_step,
                         .tap_step = phase->tap_step,
                         .channel_offset = group * plan->group_inputs,
                         .packed = job->packed + index * phase->taps * plan->group_inputs,
                         .bias = biases + index,
                         .lower = plan->lower,
                         .upper = plan->upper,
                         .output_offset = group * plan->group_outputs + first,
                         .column_count = (int32_t)columns};
        const int64_t depth = phase->taps * plan->group_inputs;
        const float *const next = i + 1 < fetchable ? tile.packed + columns * depth : NULL;
        cnn_ahead ahead = cnn_ahead_of(next, depth, columns, (count + rows - 1) / rows);
        tile.rows = tables->rows;
        for (int64_t row = 0; row < count; row += tile.row_count) {
            cnn_fetch_ahead(&ahead, &tile);
            tile.row_count = (int32_t)(count - row < rows ? count - row : rows);
            /* A single row is summed in another order: it stays alone, wherever the threads' parts begin. */
            if (tile.row_count == kernels->tile_rows + 1) tile.row_count--;
            tile.outputs = tables->outputs + row;
            tile.residuals = job->work->residual ? tables->residuals + row : NULL;
            kernels->convolve_tile(&tile);
            tile.rows += tile.row_count / kernels->tile_rows * phase->tile_step;
        }
    }
}

/* The first output channel of a panel, counted over all groups. */
static int64_t panel_channel(const cnn_conv2d_plan *plan, int64_t panel)
{
    return panel / plan->panels * plan->group_outputs + panel % plan->panels * plan->panel_columns;
}

/* Items are ranges of panels x tiles of pixels, the ranges outermost: neighbouring items share their weights, and go through
 * the kernel as one block. */
static void run_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gemm_job *job = argument;
    const cnn_conv2d_plan *plan = job->phase.plan;
    const int64_t tile_rows = plan->kernels->tile_rows, most = plan->block_pixels / tile_rows;
    const int64_t panels = plan->desc.groups * plan->panels;
    const cnn_conv2d_tables tables = cnn_conv2d_tables_at(plan, job->work->workspace + thread * plan->workspace_bytes);
    for (int64_t item = begin, tiles = 0; item < end && !cnn_is_cancelled(job->work->context); item += tiles) {
        const int64_t part = item / job->tiles, tile = item % job->tiles;
        tiles = job->tiles - tile < end - item ? job->tiles - tile : end - item;
        tiles = tiles < most ? tiles : most;
        const int64_t first = tile * tile_rows, left = job->phase.pixels - first;
        const int64_t count = left < tiles * tile_rows ? left : tiles * tile_rows;
        const int64_t from = panels * part / job->panel_parts, to = panels * (part + 1) / job->panel_parts;
        const int64_t channel = panel_channel(plan, from);
        cnn_conv2d_tables_fill(&tables, &job->phase, job->work, first, count);
        run_block(job, &tables, count, from, to, tile + tiles < job->tiles ? to : panels);
        cnn_conv2d_finish(plan, tables.outputs, count, channel, panel_channel(plan, to) - channel);
    }
}

/* Cuts the panels into ranges when there are too few tiles for an even split over the threads. */
static int64_t choose_panel_parts(const cnn_context *context, const cnn_conv2d_plan *plan, int64_t tiles)
{
    const int64_t few = 32 * (int64_t)context->threads, most = 4 * (int64_t)context->threads;
    const int64_t panels = plan->desc.groups * plan->panels;
    if (context->threads == 1 || tiles >= few) return 1;
    return panels < most ? panels : most;
}

cnn_status cnn_conv2d_gemm_run(const cnn_conv2d_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    gemm_job job = {.work = work, .packed = work->packed};
    for (int32_t i = 0; i < phase_count(plan); i++) {
        job.phase = cnn_conv2d_phase_at(plan, i);
        job.tiles = (job.phase.pixels + plan->kernels->tile_rows - 1) / plan->kernels->tile_rows;
        job.panel_parts = choose_panel_parts(work->context, plan, job.tiles);
        const int64_t items = job.tiles * job.panel_parts;
        const int64_t multiplies = (job.phase.taps * plan->group_inputs + 1) * plan->desc.output_channels;
        const int64_t block = plan->block_pixels / plan->kernels->tile_rows;
        if (items > 0)
            CNN_TRY(cnn_parallel_blocks(work->context, items, job.phase.pixels * multiplies / items,
                                        block < job.tiles ? block : job.tiles, run_items, &job));
        job.packed += packed_elements(plan, &job.phase);
    }
    return CNN_OK;
}

/* target[k * columns + j] = filters[j * depth + k], 0 from `used` filters on: filters that are read along their whole
 * length, some at a time, because neighbouring ones may lie a page apart. */
static void transpose_filters(const cnn_kernels *kernels, int64_t used, int64_t columns, int64_t depth, const float *filters,
                              float *target)
{
    for (int64_t j = 0; j < used; j += TRANSPOSED) {
        const int64_t count = used - j < TRANSPOSED ? used - j : TRANSPOSED;
        kernels->transpose(count, depth, filters + j * depth, depth, target + j, columns);
    }
    for (int64_t k = 0; used < columns && k < depth; k++)
        memset(target + k * columns + used, 0, (size_t)(columns - used) * sizeof *target);
}

/* Packs the panels begin..end-1 of a part, in one phase. */
static void pack_panels(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gemm_job *job = argument;
    const cnn_conv2d_plan *plan = job->phase.plan;
    const cnn_weight_steps *steps = &plan->weight_steps;
    const cnn_axis_phase *v = &job->phase.vertical, *h = &job->phase.horizontal;
    const int64_t origin = panel_channel(plan, job->part->first);
    (void)thread;
    for (int64_t panel = job->part->first + begin; panel < job->part->first + end; panel++) {
        const int64_t group = panel / plan->panels, first = panel % plan->panels * plan->panel_columns;
        const int64_t columns = cnn_conv2d_panel_columns(plan, first), left = plan->group_outputs - first;
        const int64_t used = left < columns ? left : columns;
        const float *filter = job->part->weights + steps->start + group * steps->group + (first - origin) * steps->output;
        float *target = job->target + (group * plan->columns + first) * job->phase.taps * plan->group_inputs;
        if (!plan->transposed) {
            transpose_filters(plan->kernels, used, columns, job->phase.taps * plan->group_inputs, filter, target);
            continue;
        }
        /* In the order of a transposed convolution, neighbouring outputs lie side by side. */
        for (int64_t t = 0; t < job->phase.taps; t++) {
            const int64_t ky = v->tap_first + t / h->taps * v->tap_step, kx = h->tap_first + t % h->taps * h->tap_step;
            const float *source = filter + (ky * plan->horizontal.window + kx) * steps->tap;
            for (int64_t c = 0; c < plan->group_inputs; c++, target += columns) {
                memcpy(target, source + c * steps->input, (size_t)used * sizeof *target);
                memset(target + used, 0, (size_t)(columns - used) * sizeof *target);
            }
        }
    }
}

cnn_status cnn_conv2d_pack_panels(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_conv2d_part *part,
                                  float *packed)
{
    gemm_job job = {.part = part, .target = packed};
    for (int32_t i = 0; i < phase_count(plan); i++) {
        job.phase = cnn_conv2d_phase_at(plan, i);
        const int64_t elements = packed_elements(plan, &job.phase), panels = plan->desc.groups * plan->panels;
        CNN_TRY(cnn_parallel(context, part->count, elements / panels, pack_panels, &job));
        job.target += elements;
    }
    return CNN_OK;
}
