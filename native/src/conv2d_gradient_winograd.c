/* conv2d_gradient_winograd.c - the weight gradient of a 3x3 convolution by Winograd's minimal filtering, F(4x4, 3x3) read
 * backwards: with Y = A'((GgG') . (B'dB))A, the gradient of g is G'(sum over tiles of (A dY A') . (B'dB))G. The sum over
 * tiles is one of outer products for each of the 36 values; it has a quarter of the multiplications of the direct sum, and
 * what is transformed back is a filter, once, and not each tile.
 *
 * A block of tiles is transformed and added to the sums while it is in the second-level cache. An item of work is some
 * output channels in a chunk of the blocks, with a gradient of its own. */
#include "conv2d_gradient.h"

#include "context.h"
#include "memory.h"
#include "platform.h"
#include "threads.h"

#include <string.h>

#define TILE 4  /* output pixels on a side of a tile */
#define PATCH 6 /* input pixels on a side of its patch */
#define VALUES 36
#define BLOCK_BYTES (640 << 10) /* of both transforms of a block, beside which the sums stay in the second-level cache */
#define LEAST_TILES 24
#define PART_OUTPUTS 64 /* output channels of an item: more would not leave the sums there */
#define MANY_PARTS 4    /* enough for threads; with fewer, chunks make them */
#define LEAST_ITEMS 8
#define GAP                                                                                                                 \
    16 /* elements between values, which would share a place in the cache when tiles x channels is a power of two           \
        */

static int64_t divide_up(int64_t value, int64_t divisor)
{
    return (value + divisor - 1) / divisor;
}

static int64_t round_up(int64_t value, int64_t multiple)
{
    return divide_up(value, multiple) * multiple;
}

/* Elements from a value of the transforms of a block to the next. */
static int64_t input_stride(const cnn_conv2d_plan *plan, const cnn_gradient_cut *cut)
{
    return cut->block_tiles * plan->desc.input_channels + GAP;
}

static int64_t gradient_stride(const cnn_gradient_cut *cut)
{
    return cut->block_tiles * cut->part_outputs + GAP;
}

static int64_t sums_stride(const cnn_conv2d_plan *plan, const cnn_gradient_cut *cut)
{
    return cut->part_outputs * plan->desc.input_channels + GAP;
}

/* Expected time of the sums less that of the direct ones, in multiply-accumulates as in conv2d_rules.c. */
static double extra_cost(const cnn_conv2d_plan *plan, const cnn_gradient_cut *cut)
{
    const double cost_of_a_patch = 250, cost_of_a_tile = 200; /* for each channel */
    const int64_t channels = plan->desc.input_channels, lanes = plan->kernels->lanes;
    const int64_t apart = 3 * round_up(3 * channels, lanes), together = round_up(9 * channels, lanes);
    const double inputs = (double)round_up(channels, lanes), outputs = plan->desc.output_channels;
    const double rounded = (double)round_up(plan->desc.output_channels, lanes);
    const double direct = (double)plan->output_pixels * (double)(apart < together ? apart : together) * outputs;
    const double transforms = cost_of_a_patch * inputs * (double)cut->parts + cost_of_a_tile * rounded;
    return (double)cut->tiles * (VALUES * inputs * outputs + transforms) - direct;
}

/* Whether they are worth it, whatever the caller's rounding mode. */
static int is_worth(const cnn_conv2d_plan *plan, const cnn_gradient_cut *cut)
{
    if (2 * plan->desc.output_channels < plan->kernels->lanes) return 0;
    const uint64_t mode = cnn_begin_arithmetic();
    const double cost = extra_cost(plan, cut);
    cnn_end_arithmetic(mode, &cost);
    return cost < 0;
}

int cnn_conv2d_gradient_winograd_cut(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t inputs = plan->desc.input_channels, outputs = plan->desc.output_channels, bytes = (int64_t)sizeof(float);
    if (!plan->winograd || !cnn_conv2d_winograd_fits(plan)) return 0;
    cut->parts = divide_up(outputs, PART_OUTPUTS);
    cut->part_outputs = divide_up(outputs, cut->parts);
    cut->tiles_down = divide_up(v->output, TILE);
    cut->tiles_across = divide_up(h->output, TILE);
    cut->tiles = plan->desc.batch * cut->tiles_down * cut->tiles_across;
    if (!is_worth(plan, cut)) return 0;
    cut->block_tiles = BLOCK_BYTES / (VALUES * bytes * (inputs + cut->part_outputs));
    if (cut->block_tiles < LEAST_TILES) cut->block_tiles = LEAST_TILES;
    if (cut->block_tiles > cut->tiles) cut->block_tiles = cut->tiles;
    const int64_t room = VALUES * (input_stride(plan, cut) + gradient_stride(cut) + sums_stride(plan, cut));
    if (room * bytes > MOST_ROOM_BYTES) return 0;
    const int64_t blocks = divide_up(cut->tiles, cut->block_tiles),
                  wanted = cut->parts < MANY_PARTS ? divide_up(LEAST_ITEMS, cut->parts) : 1;
    cut->form = CNN_GRADIENT_WINOGRAD;
    cut->slabs = blocks;
    cut->chunks = wanted < blocks ? wanted : blocks;
    cut->items = cut->parts;
    cut->thread_bytes = round_up((room + plan->kernels->lanes) * bytes, CNN_ALIGNMENT);
    return 1;
}

/* What a thread has for itself. */
typedef struct transforms {
    float *input;    /* value x tile x input channel */
    float *gradient; /* value x tile x output channel of the part */
    float *sums;     /* value x output channel of the part x input channel */
} transforms;

/* Transforms the patch and the gradient of tile `tile` to place `at` of a block. */
static void transform(const cnn_gradient_work *work, int64_t tile, int64_t at, int64_t output, int64_t outputs,
                      const transforms *into)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_gradient_cut *cut = &work->cut;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t inputs = plan->desc.input_channels, channels = plan->desc.output_channels;
    const int64_t inside = tile % (cut->tiles_down * cut->tiles_across),
                  image = tile / (cut->tiles_down * cut->tiles_across);
    const int64_t top = inside / cut->tiles_across * TILE, left = inside % cut->tiles_across * TILE;
    const float *pixels[VALUES];
    for (int64_t dy = 0; dy < PATCH; dy++)
        for (int64_t dx = 0; dx < PATCH; dx++) {
            const int64_t y = top + dy - v->padding_before, x = left + dx - h->padding_before;
            const int there = y >= 0 && y < v->input && x >= 0 && x < h->input;
            const int64_t pixel = (image * v->input + y) * h->input + x;
            pixels[dy * PATCH + dx] = there ? work->input + pixel * inputs : plan->zeros;
        }
    plan->kernels->winograd_input_4(pixels, inputs, into->input + at * inputs, input_stride(plan, cut));
    for (int64_t dy = 0; dy < TILE; dy++)
        for (int64_t dx = 0; dx < TILE; dx++) {
            const int there = top + dy < v->output && left + dx < h->output;
            const int64_t pixel = (image * v->output + top + dy) * h->output + left + dx;
            pixels[dy * TILE + dx] = there ? work->output_gradient + pixel * channels + output : plan->zeros;
        }
    plan->kernels->winograd_gradient_4(pixels, outputs, into->gradient + at * outputs, gradient_stride(cut));
}

/* Adds the outer products of a block of tiles to the sums. */
static void add_block(const cnn_gradient_work *work, int64_t tiles, int64_t outputs, int continued, const transforms *from)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t inputs = plan->desc.input_channels, rows = plan->kernels->outer_rows;
    const int64_t columns = plan->kernels->outer_columns;
    for (int64_t value = 0; value < VALUES; value++) {
        const float *const input = from->input + value * input_stride(plan, &work->cut);
        const float *const gradient = from->gradient + value * gradient_stride(&work->cut);
        float *const sums = from->sums + value * sums_stride(plan, &work->cut);
        cnn_outer outer = {.segments = 1,
                           .count = tiles,
                           .rows = &input,
                           .row_step = inputs,
                           .gradients = &gradient,
                           .gradient_step = outputs,
                           .continued = continued,
                           .sums_step = inputs};
        for (int64_t i = 0; i < inputs; i += columns)
            for (int64_t o = 0; o < outputs; o += rows) {
                outer.row_offset = i;
                outer.gradient_offset = o;
                outer.output_count = (int32_t)(outputs - o < rows ? outputs - o : rows);
                outer.element_count = (int32_t)(inputs - i < columns ? inputs - i : columns);
                outer.sums = sums + o * inputs + i;
                plan->kernels->add_outer(&outer);
            }
    }
}

/* Items are parts of the output channels, chunk after chunk. */
static void sum_parts(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_gradient_work *work = argument;
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t channels = plan->desc.output_channels, inputs = plan->desc.input_channels;
    void *room = cnn_conv2d_gradient_room(work, thread), *shared = work->workspace;
    transforms made = {.input = room};
    made.gradient = made.input + VALUES * input_stride(plan, cut);
    made.sums = made.gradient + VALUES * gradient_stride(cut);
    memset(made.sums + VALUES * sums_stride(plan, cut), 0, (size_t)plan->kernels->lanes * sizeof(float));
    for (int64_t item = begin; item < end; item++) {
        const int64_t chunk = item / cut->parts, output = item % cut->parts * cut->part_outputs, left = channels - output;
        const int64_t outputs = left < cut->part_outputs ? left : cut->part_outputs;
        const int64_t first = cut->slabs * chunk / cut->chunks, last = cut->slabs * (chunk + 1) / cut->chunks;
        for (int64_t block = first; block < last; block++) {
            const int64_t tile = block * cut->block_tiles, rest = cut->tiles - tile;
            const int64_t tiles = rest < cut->block_tiles ? rest : cut->block_tiles;
            if (cnn_is_cancelled(work->context)) return;
            for (int64_t at = 0; at < tiles; at++)
                transform(work, tile + at, at, output, outputs, &made);
            add_block(work, tiles, outputs, block > first, &made);
        }
        float *target = cut->chunks > 1 ? (float *)shared + chunk * cut->chunk_elements : work->weights_gradient;
        for (int64_t o = 0; o < outputs; o++)
            plan->kernels->winograd_taps_4(made.sums + o * inputs, sums_stride(plan, cut), inputs,
                                           cut->chunks == 1 && work->accumulate, target + (output + o) * 9 * inputs);
    }
}

cnn_status cnn_conv2d_gradient_winograd(const cnn_gradient_work *work)
{
    const int64_t items = work->cut.chunks * work->cut.parts;
    const cnn_status status =
        cnn_parallel_whole(work->context, items, work->plan->multiply_accumulates / items / 2, sum_parts, work);
    return status != CNN_OK || work->cut.chunks == 1 ? status : cnn_conv2d_gradient_add_chunks(work);
}
