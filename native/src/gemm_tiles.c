/* gemm_tiles.c - shares the output of a matrix product out over the threads as rectangles of tiles, and walks through each
 * rectangle block by block. */
#include "gemm.h"

#include "ahead.h"
#include "pieces.h"
#include "prefetch.h"
#include "threads.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define COST_OF_A_PART 100000  /* multiply-accumulates that are worth a thread */
#define PREFETCHED 64          /* elements of each row */
#define SHARED_BYTES (8 << 20) /* of a right matrix that a third-level cache holds while blocks of rows pass it */

typedef struct tiles_job {
    const cnn_gemm_work *work;
    int64_t row_parts;
    int64_t column_parts;
} tiles_job;

/* Rows first..first+count-1, or panels. */
typedef struct span {
    int64_t first;
    int64_t count;
} span;

/* What one thread works with: its part of the workspace, and where it is in the matrices. */
typedef struct walk {
    const cnn_gemm_work *work;
    const float **rows; /* tables of the rows of a block: of the left matrix, */
    float **outputs;
    const float **residuals;
    float *zeros;     /* of tile_columns elements, */
    float *last_bias; /* as has the bias of the last panel */
    float *left;      /* copies of blocks */
    float *right;
    span block;          /* the rows that are in the tables */
    span panels;         /* those that pass them */
    span depth;          /* what is summed */
    const float *packed; /* the first of the panels */
} walk;

static walk open_walk(const cnn_gemm_work *work, int32_t thread)
{
    const cnn_gemm_plan *plan = work->plan;
    const int64_t columns = plan->kernels->tile_columns;
    char *start = work->workspace + thread * plan->workspace_bytes;
    walk w = {.work = work};
    w.zeros = (float *)(void *)start;
    w.last_bias = w.zeros + columns;
    void *tables = w.last_bias + columns;
    w.rows = tables;
    tables = w.rows + plan->row_block;
    w.outputs = tables;
    tables = w.outputs + plan->row_block;
    w.residuals = tables;
    start += cnn_gemm_round_up(plan->tables_bytes, CNN_ALIGNMENT);
    w.left = (float *)(void *)start;
    start += cnn_gemm_round_up(plan->left_bytes, CNN_ALIGNMENT);
    w.right = (float *)(void *)start;
    memset(w.zeros, 0, (size_t)(2 * columns) * sizeof *w.zeros);
    if (work->bias) {
        const int64_t first = (plan->panels - 1) * columns;
        memcpy(w.last_bias, work->bias + first, (size_t)(plan->desc.columns - first) * sizeof *w.last_bias);
    }
    return w;
}

/* Fills the tables for the rows of the block. Rows past the last one repeat it, because a kernel reads all of its rows. */
static void fill_tables(const walk *w)
{
    const cnn_gemm_plan *plan = w->work->plan;
    const cnn_gemm_desc *d = &plan->desc;
    const int64_t first = w->block.first, count = w->block.count, k = w->depth.first;
    int64_t step = d->transpose_left ? 1 : d->left_stride;
    const float *left = w->work->left + first * step + k * (d->transpose_left ? d->left_stride : 1);
    if (plan->copies_left) {
        cnn_gemm_pack_left(plan, w->work->left, first, count, k, w->depth.count, w->left);
        left = w->left;
        step = plan->left_step;
    }
    for (int64_t i = 0; i < count; i++) {
        w->rows[i] = left + i * step;
        w->outputs[i] = w->work->output + (first + i) * d->output_stride;
        w->residuals[i] = w->work->residual ? w->work->residual + (first + i) * d->residual_stride : NULL;
    }
    for (int64_t i = count; i % plan->kernels->tile_rows != 0; i++)
        w->rows[i] = w->rows[count - 1];
}

/* The summand that a tile starts from besides the bias, as a table of rows, or null. */
static const float *const *starting_rows(const walk *w)
{
    const cnn_gemm_desc *d = &w->work->plan->desc;
    if (w->depth.first > 0 || d->accumulate) return (const float *const *)w->outputs;
    return w->work->residual ? w->residuals : NULL;
}

static int is_last(const walk *w)
{
    return w->depth.first + w->depth.count == w->work->plan->desc.depth;
}

/* Where the sums go and come from is touched a whole tile before it is needed. */
static void prefetch_outputs(float *const *outputs, int64_t offset, int32_t rows, int32_t columns)
{
    for (int32_t i = 0; i < rows; i++)
        for (int32_t j = 0; j < columns; j += CNN_LINE)
            CNN_PREFETCH(outputs[i] + offset + j, 3);
}

/* The start of the rows of the next tile, before the processor's own prefetching has found out about them. */
static void prefetch_rows(const float *const *rows, int64_t count, int64_t depth)
{
    for (int64_t i = 0; i < count; i++)
        for (int64_t k = 0; k < PREFETCHED && k < depth; k += CNN_LINE)
            CNN_PREFETCH(rows[i] + k, 3);
}

/* The part of the activation that the kernels leave, while the tile is in the cache. */
static void finish_tile(const cnn_gemm_plan *plan, float *const *outputs, int64_t offset, int32_t rows, int32_t columns)
{
    for (int32_t i = 0; i < rows; i++)
        plan->kernels->activate(plan->desc.activation, plan->desc.activation_alpha, plan->desc.activation_beta, columns,
                                outputs[i] + offset, outputs[i] + offset);
}

/* All rows of the block by one panel; `packed` is null where the right matrix is read where it lies. Meanwhile the panel
 * `next` comes to the cache, if that is not null. */
static void run_panel(const walk *w, int64_t panel, const float *packed, const float *next)
{
    const cnn_gemm_plan *plan = w->work->plan;
    const cnn_kernels *kernels = plan->kernels;
    const cnn_gemm_desc *d = &plan->desc;
    const int64_t column = panel * kernels->tile_columns, rows = kernels->tile_rows;
    const int32_t columns = (int32_t)cnn_smaller(d->columns - column, kernels->tile_columns);
    const int last = is_last(w);
    const float *const *residuals = starting_rows(w);
    const float *bias = w->zeros;
    if (w->depth.first == 0 && w->work->bias) bias = panel == plan->panels - 1 ? w->last_bias : w->work->bias + column;
    cnn_tile tile = {.taps = 1,
                     .channels = w->depth.count,
                     .packed = packed,
                     .bias = bias,
                     .lower = last ? plan->lower : -INFINITY,
                     .upper = last ? plan->upper : INFINITY,
                     .output_offset = column,
                     .column_count = columns};
    cnn_plain_tile plain = {.depth = w->depth.count,
                            .row_step = d->transpose_left ? d->left_stride : 1,
                            .right = w->work->right + w->depth.first * d->right_stride + column,
                            .right_step = d->right_stride,
                            .bias = bias,
                            .lower = tile.lower,
                            .upper = tile.upper,
                            .output_offset = column,
                            .column_count = columns};
    cnn_ahead ahead = cnn_ahead_of(next, w->depth.count, kernels->tile_columns, cnn_pieces(w->block.count, rows));
    for (int64_t row = 0; row < w->block.count; row += rows) {
        float *const *outputs = w->outputs + row;
        const int32_t count = (int32_t)cnn_smaller(w->block.count - row, rows);
        if (residuals) prefetch_outputs(outputs, column, count, columns);
        if (packed) {
            cnn_fetch_ahead(&ahead, &tile);
            tile.rows = w->rows + row;
            tile.row_count = count;
            tile.outputs = outputs;
            tile.residuals = residuals ? residuals + row : NULL;
            if (row + rows < w->block.count) prefetch_rows(tile.rows + rows, rows, w->depth.count);
            kernels->convolve_tile(&tile);
        } else {
            plain.rows = w->rows + row;
            plain.row_count = count;
            plain.outputs = outputs;
            plain.residuals = residuals ? residuals + row : NULL;
            kernels->multiply_plain(&plain);
        }
        if (last && plan->activate_after) finish_tile(plan, outputs, column, count, columns);
    }
}

/* Where the output is a summand and there is a residual too, that is added first. */
static void add_residual(const walk *w)
{
    const cnn_gemm_plan *plan = w->work->plan;
    const int64_t columns = plan->kernels->tile_columns, first = w->panels.first * columns;
    const int64_t count = cnn_smaller(plan->desc.columns, first + w->panels.count * columns) - first;
    if (w->depth.first > 0 || !plan->desc.accumulate || !w->work->residual) return;
    for (int64_t i = 0; i < w->block.count; i++)
        plan->kernels->add(count, w->outputs[i] + first, w->residuals[i] + first, w->outputs[i] + first);
}

static void run_block(const walk *w)
{
    const cnn_gemm_plan *plan = w->work->plan;
    const float *packed = w->packed;
    fill_tables(w);
    add_residual(w);
    for (int64_t i = 0; i < w->panels.count; i++) {
        const float *next = packed ? packed + w->depth.count * cnn_gemm_panel_columns(plan, w->panels.first + i) : NULL;
        run_panel(w, w->panels.first + i, packed, i + 1 < w->panels.count ? next : NULL);
        packed = next;
    }
}

/* A rectangle of the output: panels outermost, then blocks of the depth, then blocks of rows. */
static void run_rectangle(walk *w, span rows, span panels)
{
    const cnn_gemm_plan *plan = w->work->plan;
    const int64_t last_panel = panels.first + panels.count, last_row = rows.first + rows.count;
    const int64_t blocks = cnn_pieces(rows.count, plan->row_block);
    const int64_t row_block = cnn_gemm_round_up(cnn_pieces(rows.count, blocks), plan->kernels->tile_rows);
    for (int64_t panel = panels.first; panel < last_panel; panel += plan->panel_block) {
        w->panels = (span){panel, cnn_smaller(last_panel - panel, plan->panel_block)};
        for (int64_t k = 0; k < plan->desc.depth; k += plan->depth_block) {
            w->depth = (span){k, cnn_smaller(plan->desc.depth - k, plan->depth_block)};
            if (plan->algorithm == CNN_GEMM_PLAIN) {
                w->packed = NULL;
            } else if (plan->desc.packed_right) {
                w->packed = w->work->right + k * plan->padded_columns + w->depth.count * panel * plan->kernels->tile_columns;
            } else {
                cnn_gemm_pack_panels(plan, w->work->right, k, w->depth.count, panel, w->panels.count, w->right);
                w->packed = w->right;
            }
            for (int64_t row = rows.first; row < last_row && !cnn_is_cancelled(w->work->context); row += row_block) {
                w->block = (span){row, cnn_smaller(last_row - row, row_block)};
                run_block(w);
            }
        }
    }
}

/* Part `index` of `parts` of `count` things in steps. */
static span part_of(int64_t count, int64_t step, int64_t parts, int64_t index)
{
    const int64_t steps = cnn_pieces(count, step);
    const int64_t first = steps / parts * index + cnn_smaller(index, steps % parts);
    const int64_t last = first + steps / parts + (index < steps % parts);
    return (span){first * step, cnn_smaller(last * step, count) - first * step};
}

static void run_parts(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const tiles_job *job = argument;
    const cnn_gemm_plan *plan = job->work->plan;
    walk w = open_walk(job->work, thread);
    for (int64_t part = begin; part < end; part++) {
        const span rows = part_of(plan->desc.rows, plan->kernels->tile_rows, job->row_parts, part % job->row_parts);
        const span panels = part_of(plan->panels, 1, job->column_parts, part / job->row_parts);
        if (rows.count > 0 && panels.count > 0) run_rectangle(&w, rows, panels);
    }
}

/* The time of the largest of row_parts x column_parts rectangles, of which each packs what it needs for itself. */
static double part_cost(const cnn_gemm_plan *plan, int64_t row_parts, int64_t column_parts)
{
    const int64_t step = plan->kernels->tile_rows;
    const double rows = (double)(cnn_pieces(cnn_pieces(plan->desc.rows, step), row_parts) * step);
    const double columns = (double)(cnn_pieces(plan->panels, column_parts) * plan->kernels->tile_columns);
    return rows * columns + 2 * (plan->copies_left ? rows : 0) + 2 * (plan->right_bytes > 0 ? columns : 1);
}

/* Into how many items a part of the rows is cut, so that a thread that the system holds up, or a slower core, leaves some of
 * its own to others: blocks of rows, where nothing is packed for them. Each of them passes the whole right matrix. */
static int64_t blocks_of_a_part(const cnn_gemm_plan *plan, int64_t row_parts)
{
    const int64_t right = plan->desc.depth * plan->padded_columns * (int64_t)sizeof(float);
    if (plan->copies_left || plan->right_bytes > 0 || (plan->depth_block < plan->desc.depth && right > SHARED_BYTES))
        return 1;
    return cnn_pieces(cnn_pieces(plan->desc.rows, row_parts), plan->row_block);
}

cnn_status cnn_gemm_run_tiles(const cnn_gemm_work *work)
{
    const cnn_gemm_plan *plan = work->plan;
    int64_t parts = cnn_smaller(work->context->threads, plan->multiply_accumulates / COST_OF_A_PART);
    if (parts < 1) parts = 1;
    tiles_job job = {work, 1, 1};
    double lowest = part_cost(plan, 1, 1);
    for (int64_t rows = 1; rows <= parts; rows++) {
        const double cost = part_cost(plan, rows, parts / rows);
        if (cost >= lowest) continue;
        lowest = cost;
        job.row_parts = rows;
        job.column_parts = parts / rows;
    }
    if (parts > 1) job.row_parts *= blocks_of_a_part(plan, job.row_parts);
    const int64_t items = job.row_parts * job.column_parts;
    return cnn_parallel_blocks(work->context, items, plan->multiply_accumulates / items, 1, run_parts, &job);
}
