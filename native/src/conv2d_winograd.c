/* conv2d_winograd.c - 3x3 convolution by Winograd's minimal filtering. A block of tiles is transformed, multiplied and
 * transformed back while it is in the cache. With many blocks each thread takes some of them; with few, the threads share
 * each step of a block. Either way an output is computed by the same sums, so the bits are the same. */
#include "conv2d.h"

#include "ahead.h"
#include "context.h"
#include "error.h"
#include "memory.h"
#include "platform.h"
#include "threads.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define LARGEST_TILE_ROWS 16    /* of any instruction set */
#define LARGEST_TILE_COLUMNS 64 /* of any instruction set */
#define LARGEST_PATCH 6
#define ALONE_TILES 40    /* for each thread: with fewer, sharing the filters of a block outweighs passing tiles around */
#define PACKED_AT_ONCE 16 /* input channels whose filters are transformed together: a cache line of weights */
#define NARROW_WIDTH (PACKED_AT_ONCE * 16)
#define BUFFER_GAP 16             /* elements between rows of a buffer */
#define STREAMED_BYTES (16 << 20) /* of an output that caches do not keep until the next layer reads it; below, it loses */

typedef struct winograd_job {
    const cnn_conv2d_work *work;
    const cnn_conv2d_plan *plan;
    const float *packed;
    const cnn_conv2d_part *part; /* for packing: the weights */
    float *target;               /* for packing: the packed weights */
    float *workspace;
    int64_t tiles; /* in the whole batch */
    int64_t blocks;
    int64_t first;       /* of the block that threads share */
    int64_t block_tiles; /* in that block */
} winograd_job;

/* Gathers `count` input channels from c on of the filters of a panel: tap x input channel x column, zeros beyond the last
 * filter. Either of the channels lies element by element in the weights. */
static void gather_taps(const winograd_job *job, int64_t first, int64_t columns, int64_t c, int64_t count, float *taps)
{
    const cnn_conv2d_plan *plan = job->plan;
    const cnn_weight_steps *steps = &plan->weight_steps;
    const int64_t origin = job->part->first * plan->panel_columns;
    const int64_t left = plan->group_outputs - first, filters = left < columns ? left : columns;
    if (filters < columns) memset(taps, 0, (size_t)(9 * count * columns) * sizeof(float));
    for (int64_t t = 0; t < 9; t++, taps += count * columns) {
        const float *source =
            job->part->weights + steps->start + (first - origin) * steps->output + t * steps->tap + c * steps->input;
        if (steps->input == 1)
            plan->kernels->transpose(filters, count, source, steps->output, taps, columns);
        else
            for (int64_t k = 0; k < count; k++)
                memcpy(taps + k * columns, source + k * steps->input, (size_t)filters * sizeof(float));
    }
}

/* Packs `count` input channels from c on of one panel. The values of a filter lie megabytes apart, often in the same places
 * of the cache. Narrow panels are stored in less than cache lines, so they go through a buffer whose rows do not. */
static void pack_channels(const winograd_job *job, int64_t panel, int64_t c, int64_t count)
{
    const cnn_conv2d_plan *plan = job->plan;
    const int64_t inputs = plan->group_inputs, first = panel * plan->panel_columns;
    const int64_t columns = cnn_conv2d_panel_columns(plan, first), width = count * columns;
    const int64_t values = (int64_t)plan->patch * plan->patch, stride = plan->columns * inputs;
    float taps[9 * PACKED_AT_ONCE * LARGEST_TILE_COLUMNS];
    float buffer[LARGEST_PATCH * LARGEST_PATCH * (NARROW_WIDTH + BUFFER_GAP)];
    float *const target = job->target + first * inputs + c * columns;
    const int narrow = width <= NARROW_WIDTH;
    gather_taps(job, first, columns, c, count, taps);
    (plan->tile == 4 ? plan->kernels->winograd_filters_4 : plan->kernels->winograd_filters_2)(
        taps, width, narrow ? buffer : target, narrow ? NARROW_WIDTH + BUFFER_GAP : stride);
    for (int64_t value = 0; value < values && narrow; value++)
        memcpy(target + value * stride, buffer + value * (NARROW_WIDTH + BUFFER_GAP), (size_t)width * sizeof(float));
}

/* Packs the panels begin..end-1 of a part: value x panel x input channel x column. */
static void pack_panels(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const winograd_job *job = argument;
    const int64_t inputs = job->plan->group_inputs;
    (void)thread;
    for (int64_t panel = begin; panel < end; panel++)
        for (int64_t c = 0; c < inputs; c += PACKED_AT_ONCE)
            pack_channels(job, job->part->first + panel, c, inputs - c < PACKED_AT_ONCE ? inputs - c : PACKED_AT_ONCE);
}

cnn_status cnn_conv2d_winograd_pack(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_conv2d_part *part,
                                    float *packed)
{
    winograd_job job = {.plan = plan, .part = part, .target = packed};
    return cnn_parallel(context, part->count, plan->group_inputs * plan->panel_columns * 100, pack_panels, &job);
}

/* Where a tile lies: its image, and its first output pixel. */
typedef struct tile_place {
    int64_t image;
    int64_t y;
    int64_t x;
} tile_place;

static tile_place place_of(const cnn_conv2d_plan *plan, int64_t tile)
{
    const int64_t per_image = plan->tiles_down * plan->tiles_across, inside = tile % per_image;
    tile_place place = {tile / per_image, inside / plan->tiles_across * plan->tile,
                        inside % plan->tiles_across * plan->tile};
    return place;
}

/* Transforms the patches of the tiles first + begin..first + end-1 to V: value x tile in the block x input channel. */
static void transform_inputs(const winograd_job *job, int64_t first, int64_t begin, int64_t end, float *v)
{
    const cnn_conv2d_plan *plan = job->plan;
    const int64_t channels = plan->desc.input_channels, height = plan->vertical.input, width = plan->horizontal.input;
    const float *pixels[LARGEST_PATCH * LARGEST_PATCH];
    for (int64_t i = begin; i < end; i++) {
        const tile_place place = place_of(plan, first + i);
        const float *image = job->work->input + place.image * height * width * channels;
        for (int32_t dy = 0; dy < plan->patch; dy++)
            for (int32_t dx = 0; dx < plan->patch; dx++) {
                int64_t y = place.y + dy - plan->vertical.padding_before, x = place.x + dx - plan->horizontal.padding_before;
                int inside = y >= 0 && y < height && x >= 0 && x < width;
                pixels[dy * plan->patch + dx] = inside ? image + (y * width + x) * channels : plan->zeros;
            }
        (plan->tile == 4 ? plan->kernels->winograd_input_4 : plan->kernels->winograd_input_2)(
            pixels, channels, v + i * channels, cnn_conv2d_winograd_stride(plan, channels));
    }
}

/* Multiplies for the items begin..end-1, which are values x panels: products to M: value x tile in the block x output
 * channel. */
static void multiply(const winograd_job *job, int64_t tiles, int64_t begin, int64_t end, const float *v, float *m)
{
    const cnn_conv2d_plan *plan = job->plan;
    const int64_t inputs = plan->group_inputs, outputs = plan->group_outputs, columns = plan->panel_columns;
    const int64_t items = (int64_t)plan->patch * plan->patch * plan->panels;
    const float *rows[LARGEST_TILE_ROWS];
    float *products_of_rows[LARGEST_TILE_ROWS];
    cnn_tile tile = {.taps = 1,
                     .channels = inputs,
                     .rows = rows,
                     .bias = plan->zeros,
                     .lower = -INFINITY,
                     .upper = INFINITY,
                     .outputs = products_of_rows};
    for (int64_t item = begin; item < end && !cnn_is_cancelled(job->work->context); item++) {
        int64_t value = item / plan->panels, column = item % plan->panels * columns;
        const float *source = v + value * cnn_conv2d_winograd_stride(plan, inputs);
        float *target = m + value * cnn_conv2d_winograd_stride(plan, outputs) + column;
        tile.packed = job->packed + (value * plan->columns + column) * inputs;
        tile.column_count = (int32_t)(outputs - column < columns ? outputs - column : columns);
        const int64_t tile_rows = plan->kernels->tile_rows;
        const int64_t step = tile.column_count <= plan->kernels->tall_columns ? plan->kernels->tall_tile_rows : tile_rows;
        const float *const next = item + 1 < items ? tile.packed + columns * inputs : NULL;
        cnn_ahead ahead = cnn_ahead_of(next, inputs, columns, (tiles + step - 1) / step);
        for (int64_t row = 0; row < tiles; row += tile.row_count) {
            cnn_fetch_ahead(&ahead, &tile);
            tile.row_count = (int32_t)(tiles - row < step ? tiles - row : step);
            if (tile.row_count == tile_rows + 1) tile.row_count--; /* a single row is summed in another order */
            for (int64_t i = 0; i < step; i++) {
                const int64_t used = row + i < tiles ? row + i : tiles - 1;
                rows[i] = source + used * inputs;
                products_of_rows[i] = target + used * outputs;
            }
            plan->kernels->convolve_tile(&tile);
        }
    }
}

/* Whether the output goes past the caches. A line that is stored the usual way is read from memory before: for a batch of 32
 * pictures of 56x56x64 that, and waiting for it, was a fifth of the time. */
static int is_streamed(const cnn_conv2d_plan *plan, const float *output)
{
    const int64_t bytes = (int64_t)sizeof(float);
    return plan->output_elements >= STREAMED_BYTES / bytes && plan->output_stride * bytes % CNN_ALIGNMENT == 0 &&
           (uintptr_t)output % CNN_ALIGNMENT == 0 && !plan->activate_after;
}

/* Transforms the products of the tiles first + begin..first + end-1 to outputs. */
static void transform_outputs(const winograd_job *job, int64_t first, int64_t begin, int64_t end, const float *m)
{
    const cnn_conv2d_plan *plan = job->plan;
    const cnn_conv2d_work *given = job->work;
    const int64_t channels = plan->desc.output_channels, height = plan->vertical.output, width = plan->horizontal.output;
    float *pixels[4 * 4];
    const float *residuals[4 * 4];
    cnn_winograd_output work = {.stride = cnn_conv2d_winograd_stride(plan, channels),
                                .bias = job->packed + plan->bias_offset,
                                .lower = plan->lower,
                                .upper = plan->upper,
                                .channels = channels,
                                .streamed = is_streamed(plan, given->output),
                                .pixels = pixels,
                                .residuals = given->residual ? residuals : NULL};
    for (int64_t i = begin; i < end; i++) {
        const tile_place place = place_of(plan, first + i);
        for (int32_t dy = 0; dy < plan->tile; dy++)
            for (int32_t dx = 0; dx < plan->tile; dx++) {
                const int inside = place.y + dy < height && place.x + dx < width;
                const int64_t pixel = (place.image * height + place.y + dy) * width + place.x + dx;
                const int32_t at = dy * plan->tile + dx;
                pixels[at] = inside ? given->output + pixel * plan->output_stride : NULL;
                residuals[at] = inside && given->residual ? given->residual + pixel * plan->residual_stride : NULL;
            }
        work.input = m + i * channels;
        (plan->tile == 4 ? plan->kernels->winograd_output_4 : plan->kernels->winograd_output_2)(&work);
        for (int32_t pixel = 0; plan->activate_after && pixel < plan->tile * plan->tile; pixel++)
            if (pixels[pixel]) cnn_conv2d_finish(plan, &pixels[pixel], 1, 0, channels);
    }
    if (work.streamed) cnn_finish_streams();
}

/* The products follow the patches in a workspace. */
static float *products(const cnn_conv2d_plan *plan, float *workspace)
{
    return workspace + (int64_t)plan->patch * plan->patch * cnn_conv2d_winograd_stride(plan, plan->desc.input_channels);
}

/* The first tile of a block. Blocks are equal, but for whole tiles of the kernel: a last row that is alone, which the kernel
 * sums in another order, is so for any number of threads. */
static int64_t first_of_block(const winograd_job *job, int64_t block)
{
    const int64_t rows = job->plan->kernels->tile_rows, units = (job->tiles + rows - 1) / rows;
    const int64_t first = units * block / job->blocks * rows;
    return first < job->tiles ? first : job->tiles;
}

/* Whole blocks, each by one thread. */
static void run_blocks(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const winograd_job *job = argument;
    const cnn_conv2d_plan *plan = job->plan;
    float *v = job->workspace + thread * (plan->workspace_bytes / (int64_t)sizeof(float)), *m = products(plan, v);
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = first_of_block(job, block), tiles = first_of_block(job, block + 1) - first;
        transform_inputs(job, first, 0, tiles, v);
        multiply(job, tiles, 0, (int64_t)plan->patch * plan->patch * plan->panels, v, m);
        transform_outputs(job, first, 0, tiles, m);
    }
}

static void share_inputs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const winograd_job *job = argument;
    (void)thread;
    transform_inputs(job, job->first, begin, end, job->workspace);
}

static void share_multiply(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const winograd_job *job = argument;
    (void)thread;
    multiply(job, job->block_tiles, begin, end, job->workspace, products(job->plan, job->workspace));
}

static void share_outputs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const winograd_job *job = argument;
    (void)thread;
    transform_outputs(job, job->first, begin, end, products(job->plan, job->workspace));
}

cnn_status cnn_conv2d_winograd_run(const cnn_conv2d_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_context *context = work->context;
    const int64_t values = (int64_t)plan->patch * plan->patch;
    void *workspace = work->workspace;
    winograd_job job = {.work = work,
                        .plan = plan,
                        .packed = work->packed,
                        .workspace = workspace,
                        .tiles = plan->desc.batch * plan->tiles_down * plan->tiles_across};
    const int64_t tile_cost = values * plan->group_inputs * plan->group_outputs, threads = context->threads;
    job.blocks = (job.tiles + plan->tiles_per_block - 1) / plan->tiles_per_block;
    if (threads == 1 || job.tiles >= threads * ALONE_TILES) {
        job.blocks = (job.blocks + threads - 1) / threads * threads;
        return cnn_parallel(context, job.blocks, job.tiles / job.blocks * tile_cost, run_blocks, &job);
    }
    for (int64_t block = 0; block < job.blocks; block++) {
        job.first = first_of_block(&job, block);
        job.block_tiles = first_of_block(&job, block + 1) - job.first;
        CNN_TRY(cnn_parallel(context, job.block_tiles, plan->group_inputs * 250, share_inputs, &job));
        CNN_TRY(cnn_parallel(context, values * plan->panels, job.block_tiles * tile_cost / values / plan->panels,
                             share_multiply, &job));
        CNN_TRY(cnn_parallel(context, job.block_tiles, plan->group_outputs * 200, share_outputs, &job));
    }
    return CNN_OK;
}
