/* conv2d_rules.c - the table of ways to compute a convolution, and the model that chooses among them.
 *
 * Costs count multiply-accumulates at the processor's peak (about 55 a nanosecond on the machine that the constants were
 * measured on, an AMD EPYC whose peak is the same with AVX2 and AVX-512), those of missing columns included. What takes
 * cycles whatever the length of vectors, such as filling tables, counts as what vectors would multiply then:
 *   weights come from memory once for each pass over them: 14 GB/s is 4 multiply-accumulates a byte;
 *   a Winograd patch takes about 250 vector instructions to transform and a tile about 200, for each vector of channels. */
#include "conv2d_rows.h"

#include "error.h"
#include "memory.h"

#include <stddef.h>

#define COST_OF_A_WEIGHT_BYTE 4.0
#define COST_OF_A_PATCH_4                                                                                                   \
    250.0 /* for each channel: instructions, each as long as eight multiply-accumulates, of 8 lanes                         \
           */
#define COST_OF_A_TILE_4 200.0
#define COST_OF_A_PATCH_2 80.0
#define COST_OF_A_TILE_2 60.0
#define COST_OF_A_DEPTHWISE_TAP 4.0    /* two loads for each multiply-add, and no reuse of registers; */
#define COST_OF_A_BAND_TAP 2.0         /* in a band there is such reuse, and caches are the limit */
#define CYCLES_OF_A_DEPTHWISE_ROW 40.0 /* for each tap */
#define BAND_CHANNELS 64
#define BAND_BYTES (32 << 10)       /* most of a first-level cache */
#define COST_OF_A_WINDOW 12.0       /* scatter: for an element of a window's row that is added to the output */
#define CYCLES_OF_A_PIXEL 1.4       /* implicit GEMM: to find the row of a pixel, where taps are merged, */
#define CYCLES_OF_A_TAP 2.0         /* or of each of its taps; */
#define CYCLES_OF_A_SUM 0.15        /* to begin and end a sum, */
#define CYCLES_OF_A_NARROW_SUM 0.46 /* or one of a single vector, */
#define NARROW_TILE 1.17            /* whose tile loads more for each multiply-add */
#define CYCLES_OF_A_TILE_4 375.0    /* Winograd: to find the pixels of a patch and of a tile */
#define CYCLES_OF_A_TILE_2 190.0
#define CYCLES_OF_A_PLANE_SUM 0.24  /* planes: to interleave an element of the output, */
#define CYCLES_OF_A_PLANE_INPUT 0.3 /* to lay out one of the input, */
#define CYCLES_OF_A_PLANE_ROW 53.0  /* and to begin a row */
#define COST_OF_A_GROUPED_TAP 1.2   /* grouped: permutations beside multiply-adds */
#define PANEL_BYTES (768 << 10)     /* most of a second-level cache */
#define MERGED_CHANNELS 12          /* up to here, starting a tap costs more than its multiply-adds */
#define MERGED_BLOCKS 4             /* so many at once, whose lines share the rows of the input that they see */
#define FLAT_CHANNELS 64 /* up to here, unless they fill vectors, a row is filtered as one run whose weights repeat */
#define WINOGRAD_BLOCK_BYTES (512 << 10) /* patches and products of a block: what second-level caches hold */
#define WINOGRAD_LEAST_TILES 54          /* but so many, because each block reads all filters: 28x28x512 has 38 MB of them */

static int64_t round_up(int64_t value, int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

/* Multiply-accumulates of a cycle: processors have two multiply-adds of vectors in each. */
static double cycle(const cnn_conv2d_plan *plan)
{
    return 2.0 * plan->kernels->lanes;
}

static int64_t greatest_common_divisor(int64_t a, int64_t b)
{
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

/* Panels are as wide as a tile, but for deep ones, which would leave the second-level cache from a tile to the next: half as
 * many columns, and tiles of twice as many rows, read them half as often. `depth` is that of a panel, `rows` of the product.
 */
static void lay_out_panels(cnn_conv2d_plan *plan, int64_t depth, int64_t rows)
{
    const cnn_kernels *kernels = plan->kernels;
    const int deep = depth >= PANEL_BYTES / (kernels->tile_columns * (int64_t)sizeof(float));
    const int tall = kernels->tall_columns > kernels->column_step && rows > kernels->tile_rows;
    plan->panel_columns = deep && tall ? kernels->tall_columns : kernels->tile_columns;
    plan->panels = (plan->group_outputs + plan->panel_columns - 1) / plan->panel_columns;
    plan->columns = round_up(plan->group_outputs, kernels->column_step);
}

/* ---- implicit GEMM */

static void gemm_lay_out(cnn_conv2d_plan *plan)
{
    const cnn_axis *h = &plan->horizontal;
    lay_out_panels(plan, plan->taps * plan->group_inputs, plan->output_pixels);
    plan->merged = plan->desc.groups == 1 && plan->desc.input_channels <= MERGED_CHANNELS && h->window > 1 &&
                   h->dilation == 1 && h->upsample <= 1;
    /* Blocks are equal, for each reads all weights once, which for a rest of few pixels would be most of its time. */
    const int64_t most = plan->kernels->rows_per_block, blocks = plan->output_pixels < most ? 1 : plan->output_pixels / most;
    const int64_t rows = (plan->output_pixels + blocks - 1) / blocks;
    plan->block_pixels = plan->merged ? MERGED_BLOCKS * most : round_up(rows, plan->kernels->tile_rows);
}

static int gemm_fits(const cnn_conv2d_plan *plan)
{
    (void)plan;
    return 1;
}

static cnn_status gemm_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    /* The phases of a transposed convolution share the taps out among them. */
    const int64_t columns[] = {plan->desc.groups, plan->columns, plan->taps * plan->group_inputs + 1};
    CNN_TRY(cnn_sizes_multiply(3, columns, operation, "packed filter", &plan->packed_elements, error));
    plan->bias_offset = plan->desc.groups * plan->columns * plan->taps * plan->group_inputs;
    CNN_TRY(cnn_conv2d_tables_bytes(plan, operation, &plan->workspace_bytes, error));
    plan->workspace_bytes = round_up(plan->workspace_bytes, CNN_ALIGNMENT);
    return CNN_OK;
}

static double gemm_cost(const cnn_conv2d_plan *plan)
{
    const double rows = (double)round_up(plan->output_pixels, plan->kernels->tile_rows);
    const double columns = (double)plan->columns * plan->desc.groups;
    const double depth = (double)plan->taps * (double)plan->group_inputs;
    const double phases = (double)cnn_axis_phases(&plan->vertical) * cnn_axis_phases(&plan->horizontal);
    const int narrow = plan->columns <= plan->kernels->column_step;
    const double tables = plan->merged ? CYCLES_OF_A_PIXEL : CYCLES_OF_A_TAP * (double)plan->taps / phases;
    const double stores = (narrow ? CYCLES_OF_A_NARROW_SUM : CYCLES_OF_A_SUM) * columns;
    return rows * columns * depth / phases * (narrow ? NARROW_TILE : 1) + rows * (tables + stores) * cycle(plan) +
           columns * depth * (double)sizeof(float) * COST_OF_A_WEIGHT_BYTE;
}

static const char *gemm_name(const cnn_kernels *kernels)
{
    return kernels->gemm_name;
}

/* ---- depthwise */

static int depthwise_fits(const cnn_conv2d_plan *plan)
{
    return plan->group_inputs == 1 && plan->group_outputs == 1;
}

/* Rows of output are computed in bands where the kernel knows the window. Channels go down the image in blocks where the
 * rows of the input that a band sees fit the first-level cache then, so that each comes there once. */
static void lay_out_bands(cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels, rows = plan->kernels->band_rows;
    const int fits = (h->window == 3 || h->window == 5 || h->window == 7) && h->stride <= 2 && h->dilation == 1 &&
                     v->dilation == 1 && v->stride <= v->window && h->upsample <= 1 && v->upsample <= 1 &&
                     channels >= plan->kernels->lanes;
    const int64_t seen = (rows - 1) * v->stride + v->window; /* rows, of any length: divided, because products overflow */
    const int64_t most = BAND_BYTES / (h->input * BAND_CHANNELS * (int64_t)sizeof(float));
    plan->blocks = !fits ? 0 : seen <= most && channels > BAND_CHANNELS ? channels / BAND_CHANNELS : 1;
}

static void depthwise_lay_out(cnn_conv2d_plan *plan)
{
    const int64_t channels = plan->desc.input_channels, block = plan->kernels->depthwise_block;
    const int dense = plan->output_stride == channels && plan->residual_stride == channels;
    lay_out_bands(plan);
    plan->flat = !plan->blocks && dense && channels <= FLAT_CHANNELS && channels % plan->kernels->lanes != 0 &&
                 plan->horizontal.stride == 1 && plan->horizontal.upsample <= 1;
    plan->period = plan->flat ? channels / greatest_common_divisor(channels, block) * block : round_up(channels, block);
}

static cnn_status depthwise_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const int64_t packed[] = {plan->taps + 1, plan->period};
    CNN_TRY(cnn_sizes_multiply(2, packed, operation, "packed filter", &plan->packed_elements, error));
    plan->bias_offset = plan->taps * plan->period;
    const int64_t table[] = {2, plan->taps, (int64_t)sizeof(float *)}; /* the input and the weights of each tap in use */
    CNN_TRY(cnn_sizes_multiply(3, table, operation, "table of rows", &plan->workspace_bytes, error));
    plan->workspace_bytes = round_up(plan->workspace_bytes, CNN_ALIGNMENT);
    return CNN_OK;
}

static double depthwise_cost(const cnn_conv2d_plan *plan)
{
    if (plan->blocks) return (double)plan->multiply_accumulates * COST_OF_A_BAND_TAP;
    const double starts = (double)plan->desc.batch * plan->vertical.output * (double)plan->taps;
    return (double)plan->multiply_accumulates * COST_OF_A_DEPTHWISE_TAP + starts * CYCLES_OF_A_DEPTHWISE_ROW * cycle(plan);
}

static const char *depthwise_name(const cnn_kernels *kernels)
{
    return kernels->depthwise_name;
}

/* ---- Winograd */

int cnn_conv2d_winograd_fits(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    return plan->desc.groups == 1 && v->window == 3 && h->window == 3 && v->stride == 1 && h->stride == 1 &&
           v->dilation == 1 && h->dilation == 1 && v->upsample <= 1 && h->upsample <= 1;
}

static int64_t winograd_tiles(const cnn_conv2d_plan *plan)
{
    return plan->desc.batch * plan->tiles_down * plan->tiles_across;
}

static void winograd_lay_out(cnn_conv2d_plan *plan, int32_t tile)
{
    const int64_t values = (int64_t)(tile + 2) * (tile + 2);
    const int64_t bytes =
        values * ((int64_t)plan->desc.input_channels + plan->desc.output_channels) * (int64_t)sizeof(float);
    plan->tile = tile;
    plan->patch = tile + 2;
    plan->tiles_down = ((int64_t)plan->vertical.output + tile - 1) / tile;
    plan->tiles_across = ((int64_t)plan->horizontal.output + tile - 1) / tile;
    lay_out_panels(plan, plan->group_inputs, winograd_tiles(plan));
    int64_t tiles = WINOGRAD_BLOCK_BYTES / bytes;
    if (tiles < WINOGRAD_LEAST_TILES) tiles = WINOGRAD_LEAST_TILES;
    tiles = round_up(tiles, plan->kernels->tile_rows);
    plan->tiles_per_block = tiles < winograd_tiles(plan) ? tiles : winograd_tiles(plan);
}

static void winograd_lay_out_4(cnn_conv2d_plan *plan)
{
    winograd_lay_out(plan, 4);
}

static void winograd_lay_out_2(cnn_conv2d_plan *plan)
{
    winograd_lay_out(plan, 2);
}

static cnn_status winograd_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const int64_t values = (int64_t)plan->patch * plan->patch;
    const int64_t packed[] = {plan->columns, values * plan->group_inputs + 1};
    CNN_TRY(cnn_sizes_multiply(2, packed, operation, "packed filter", &plan->packed_elements, error));
    plan->bias_offset = plan->columns * values * plan->group_inputs;
    const int64_t stride = cnn_conv2d_winograd_stride(plan, plan->desc.input_channels) +
                           cnn_conv2d_winograd_stride(plan, plan->desc.output_channels);
    const int64_t block[] = {values, stride, (int64_t)sizeof(float)};
    CNN_TRY(cnn_sizes_multiply(3, block, operation, "block of tiles", &plan->workspace_bytes, error));
    plan->workspace_bytes = round_up(plan->workspace_bytes, CNN_ALIGNMENT);
    return CNN_OK;
}

static double winograd_cost(const cnn_conv2d_plan *plan)
{
    const double tiles = (double)winograd_tiles(plan), block = (double)plan->tiles_per_block;
    const double rows = tiles / block * (double)round_up(plan->tiles_per_block, plan->kernels->tile_rows);
    const double columns = (double)plan->columns;
    const double depth = (double)plan->patch * plan->patch * (double)plan->group_inputs;
    const double patch = plan->tile == 4 ? COST_OF_A_PATCH_4 : COST_OF_A_PATCH_2;
    const double back = plan->tile == 4 ? COST_OF_A_TILE_4 : COST_OF_A_TILE_2;
    const int64_t lanes = plan->kernels->lanes; /* parts of vectors take as long as whole ones */
    const double in = (double)round_up(plan->desc.input_channels, lanes);
    const double start = (plan->tile == 4 ? CYCLES_OF_A_TILE_4 : CYCLES_OF_A_TILE_2) * cycle(plan);
    const double transforms = tiles * (start + patch * in + back * (double)round_up(plan->desc.output_channels, lanes));
    return rows * columns * depth * (plan->columns <= plan->kernels->column_step ? NARROW_TILE : 1) + transforms +
           columns * depth * (double)sizeof(float) * COST_OF_A_WEIGHT_BYTE;
}

static const char *winograd_4_name(const cnn_kernels *kernels)
{
    return kernels->winograd_4_name;
}

static const char *winograd_2_name(const cnn_kernels *kernels)
{
    return kernels->winograd_2_name;
}

/* ---- scatter */

static double scatter_cost(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const double images = plan->desc.batch, depth = (double)plan->group_inputs, columns = (double)plan->columns;
    const double filled = (double)round_up(plan->group_rows * h->input, plan->kernels->tile_rows) / (double)plan->group_rows;
    const double run = (double)round_up((int64_t)h->window * plan->desc.output_channels, plan->kernels->lanes);
    return images * v->input * v->window * filled * columns * depth +
           images * v->output * h->input * run * COST_OF_A_WINDOW +
           columns * v->window * depth * (double)sizeof(float) * COST_OF_A_WEIGHT_BYTE;
}

static const char *scatter_name(const cnn_kernels *kernels)
{
    return kernels->scatter_name;
}

/* ---- planes */

static double planes_cost(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const double inputs = (double)plan->group_inputs, depth = (double)plan->taps * inputs;
    const double rows = (double)plan->desc.batch * v->output, sums = rows * (double)(plan->plane_width * plan->columns);
    const int64_t together = plan->columns / plan->panels; /* with few, loads take longer than multiply-adds */
    const double loads = together == 1 ? 2.2 : together == 2 ? 1.3 : 1.07;
    const double seen = (double)(plan->block_rows - 1) * v->stride + (double)(v->window - 1) * v->dilation + 1;
    const double copied = rows / (double)plan->block_rows * (seen < v->input ? seen : v->input) * h->input * inputs;
    return sums * depth * loads +
           (sums * CYCLES_OF_A_PLANE_SUM + copied * CYCLES_OF_A_PLANE_INPUT + rows * CYCLES_OF_A_PLANE_ROW) * cycle(plan) +
           (double)plan->columns * depth * (double)sizeof(float) * COST_OF_A_WEIGHT_BYTE;
}

static const char *planes_name(const cnn_kernels *kernels)
{
    return kernels->planes_name;
}

/* ---- grouped */

static double grouped_cost(const cnn_conv2d_plan *plan)
{
    const double sums = (double)plan->output_pixels * (double)(plan->panels * plan->kernels->lanes);
    const double depth = (double)plan->taps * (double)plan->group_inputs;
    return sums * (depth * COST_OF_A_GROUPED_TAP + CYCLES_OF_A_SUM * cycle(plan));
}

static const char *grouped_name(const cnn_kernels *kernels)
{
    return kernels->grouped_name;
}

const cnn_conv2d_rule cnn_conv2d_rules[] = {
    {.algorithm = CNN_CONV2D_DEPTHWISE,
     .fits = depthwise_fits,
     .lay_out = depthwise_lay_out,
     .count = depthwise_count,
     .cost = depthwise_cost,
     .name = depthwise_name,
     .pack = cnn_conv2d_depthwise_pack,
     .run = cnn_conv2d_depthwise_run},
    {.algorithm = CNN_CONV2D_IMPLICIT_GEMM,
     .fits = gemm_fits,
     .lay_out = gemm_lay_out,
     .count = gemm_count,
     .cost = gemm_cost,
     .name = gemm_name,
     .pack_part = cnn_conv2d_pack_panels,
     .run = cnn_conv2d_gemm_run},
    {.algorithm = CNN_CONV2D_SCATTER,
     .fits = cnn_conv2d_scatter_fits,
     .lay_out = cnn_conv2d_scatter_lay_out,
     .count = cnn_conv2d_scatter_count,
     .cost = scatter_cost,
     .name = scatter_name,
     .pack = cnn_conv2d_scatter_pack,
     .run = cnn_conv2d_scatter_run},
    {.algorithm = CNN_CONV2D_WINOGRAD_4X4,
     .fits = cnn_conv2d_winograd_fits,
     .lay_out = winograd_lay_out_4,
     .count = winograd_count,
     .cost = winograd_cost,
     .name = winograd_4_name,
     .pack_part = cnn_conv2d_winograd_pack,
     .run = cnn_conv2d_winograd_run},
    {.algorithm = CNN_CONV2D_WINOGRAD_2X2,
     .fits = cnn_conv2d_winograd_fits,
     .lay_out = winograd_lay_out_2,
     .count = winograd_count,
     .cost = winograd_cost,
     .name = winograd_2_name,
     .pack_part = cnn_conv2d_winograd_pack,
     .run = cnn_conv2d_winograd_run},
    {.algorithm = CNN_CONV2D_PLANES,
     .fits = cnn_conv2d_planes_fits,
     .lay_out = cnn_conv2d_planes_lay_out,
     .count = cnn_conv2d_planes_count,
     .cost = planes_cost,
     .name = planes_name,
     .pack = cnn_conv2d_planes_pack,
     .run = cnn_conv2d_planes_run},
    {.algorithm = CNN_CONV2D_GROUPED,
     .fits = cnn_conv2d_grouped_fits,
     .lay_out = cnn_conv2d_grouped_lay_out,
     .count = cnn_conv2d_grouped_count,
     .cost = grouped_cost,
     .name = grouped_name,
     .pack = cnn_conv2d_grouped_pack,
     .run = cnn_conv2d_grouped_run},
    {.algorithm = CNN_CONV2D_AUTO},
};
