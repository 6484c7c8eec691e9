/* gemm_plan.c - checks a matrix product once and for all, chooses how it is computed, and counts what it will need. */
#include "gemm.h"

#include "error.h"
#include "geometry.h"
#include "memory.h"
#include "pieces.h"

#include <math.h>
#include <stddef.h>

#define PLAIN_TILES 4      /* tiles of rows up to which a right matrix is not worth packing */
#define COPIED_BLOCKS 4    /* blocks of rows that are transposed at once: rows of the source are read in longer runs */
#define COST_OF_A_COPY 2.0 /* of an element that is packed, in multiply-accumulates */
#define COST_OF_A_WEIGHT_BYTE 4.0 /* of one that comes from memory */
#define CACHED_ELEMENTS (1 << 18) /* elements of a matrix that a second-level cache may still hold from the last time */
#define COST_OF_A_CACHED_ELEMENT 2.0
#define MOST_SUMS 3 /* rows up to which a right matrix from memory is worth reading in its own order, */
#define MOST_DOTS 8 /* and when it is transposed */

void cnn_gemm_desc_init(cnn_gemm_desc *desc)
{
    if (desc) *desc = (cnn_gemm_desc){.struct_size = (uint32_t)sizeof *desc};
}

void cnn_gemm_plan_info_init(cnn_gemm_plan_info *info)
{
    if (info) *info = (cnn_gemm_plan_info){.struct_size = (uint32_t)sizeof *info};
}

static cnn_status check_flag(int32_t value, const char *name, cnn_error *error)
{
    if (value == 0 || value == 1) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "gemm: %s is %d, expected 0 or 1.", name, (int)value);
}

static cnn_status check_desc(const cnn_gemm_desc *d, cnn_error *error)
{
    const int64_t sizes[] = {d->rows, d->columns, d->depth};
    static const char *const names[] = {"rows", "columns", "depth"};
    CNN_TRY(cnn_sizes_check(3, sizes, names, "gemm", error));
    CNN_TRY(check_flag(d->transpose_left, "transpose_left", error));
    CNN_TRY(check_flag(d->transpose_right, "transpose_right", error));
    CNN_TRY(check_flag(d->accumulate, "accumulate", error));
    CNN_TRY(check_flag(d->packed_right, "packed_right", error));
    if (d->activation < CNN_ACTIVATION_NONE || d->activation > CNN_ACTIVATION_CLIP)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "gemm: activation is %d, expected a value of cnn_activation_kind.",
                        (int)d->activation);
    return CNN_OK;
}

/* Resolves the stride of a stored matrix and counts its elements from the first to the last. */
static cnn_status count_matrix(int64_t rows, int64_t columns, int64_t *stride, const char *what, int64_t *elements,
                               cnn_error *error)
{
    if (*stride == 0) *stride = columns;
    if (*stride < columns)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "gemm: %s_stride is %lld, expected 0 or at least the %lld columns.",
                        what, (long long)*stride, (long long)columns);
    const int64_t sizes[] = {rows, *stride};
    CNN_TRY(cnn_sizes_multiply(2, sizes, "gemm", what, elements, error));
    *elements -= *stride - columns;
    return CNN_OK;
}

static cnn_status count_elements(cnn_gemm_plan *plan, cnn_error *error)
{
    cnn_gemm_desc *d = &plan->desc;
    const int64_t m = d->rows, n = d->columns, k = d->depth, work[] = {m, n, k};
    CNN_TRY(count_matrix(d->transpose_left ? k : m, d->transpose_left ? m : k, &d->left_stride, "left", &plan->left_elements,
                         error));
    CNN_TRY(count_matrix(d->transpose_right ? n : k, d->transpose_right ? k : n, &d->right_stride, "right",
                         &plan->right_elements, error));
    CNN_TRY(count_matrix(m, n, &d->output_stride, "output", &plan->output_elements, error));
    CNN_TRY(count_matrix(m, n, &d->residual_stride, "residual", &plan->residual_elements, error));
    if (m == 1 && d->transpose_left && d->left_stride == 1) { /* a vector without gaps is its own transpose */
        d->transpose_left = 0;
        d->left_stride = k;
    }
    if (n == 1 && !d->transpose_right && d->right_stride == 1) {
        d->transpose_right = 1;
        d->right_stride = k;
    }
    return cnn_sizes_multiply(3, work, "gemm", "work", &plan->multiply_accumulates, error);
}

static void split_activation(cnn_gemm_plan *plan)
{
    const cnn_activation_kind kind = plan->desc.activation;
    const int clips = kind == CNN_ACTIVATION_CLIP;
    plan->upper = clips ? plan->desc.activation_beta : INFINITY;
    plan->lower = kind == CNN_ACTIVATION_RELU ? 0.0f : clips ? plan->desc.activation_alpha : -INFINITY;
    if (plan->lower > plan->upper) plan->lower = plan->upper; /* the upper limit wins, whatever a kernel compares first */
    plan->activate_after = kind != CNN_ACTIVATION_NONE && kind != CNN_ACTIVATION_RELU && !clips;
}

static cnn_gemm_algorithm choose(const cnn_gemm_plan *plan)
{
    const cnn_gemm_desc *d = &plan->desc;
    if (d->columns == 1) return d->transpose_left ? CNN_GEMM_SUMS : CNN_GEMM_DOTS;
    if (d->packed_right) return CNN_GEMM_PACKED;
    const int64_t vectors = d->depth * d->columns <= CACHED_ELEMENTS ? 1 : d->transpose_right ? MOST_DOTS : MOST_SUMS;
    if (d->rows <= vectors) return d->transpose_right ? CNN_GEMM_DOTS : CNN_GEMM_SUMS;
    const int plain = !d->transpose_right && d->rows <= PLAIN_TILES * plan->kernels->tile_rows;
    return plain ? CNN_GEMM_PLAIN : CNN_GEMM_PACKED;
}

/* The length of blocks that cut `total` evenly into pieces of about `most`. */
static int64_t even_block(int64_t total, int64_t most, int64_t multiple)
{
    const int64_t blocks = cnn_pieces(total, most + most / 4);
    return cnn_gemm_round_up(cnn_pieces(total, blocks), multiple);
}

static cnn_status lay_out_tiles(cnn_gemm_plan *plan, cnn_error *error)
{
    const cnn_kernels *kernels = plan->kernels;
    const cnn_gemm_desc *d = &plan->desc;
    const int64_t bytes = (int64_t)sizeof(float), line = CNN_ALIGNMENT / bytes;
    plan->panels = cnn_pieces(d->columns, kernels->tile_columns);
    plan->padded_columns = cnn_gemm_round_up(d->columns, kernels->column_step);
    plan->copies_left = plan->algorithm == CNN_GEMM_PACKED && d->transpose_left;
    const int64_t copied = plan->copies_left ? COPIED_BLOCKS : 1;
    plan->row_block = cnn_gemm_round_up(cnn_smaller(d->rows, kernels->gemm_rows * copied), kernels->tile_rows);
    const int64_t deepest = plan->copies_left ? kernels->gemm_depth / 2 : kernels->gemm_depth;
    plan->depth_block = d->rows == 1 && !plan->copies_left ? d->depth : even_block(d->depth, deepest, line);
    plan->panel_block = plan->panels;
    plan->left_step = cnn_gemm_round_up(cnn_smaller(plan->depth_block, d->depth), line);
    plan->tables_bytes =
        cnn_gemm_round_up(3 * plan->row_block * (int64_t)sizeof(float *), CNN_ALIGNMENT) + 2 * kernels->tile_columns * bytes;
    plan->left_bytes = plan->copies_left ? plan->row_block * plan->left_step * bytes : 0;
    if (plan->algorithm == CNN_GEMM_PACKED && !d->packed_right) {
        plan->panel_block = cnn_smaller(plan->panels, kernels->gemm_columns / kernels->tile_columns);
        const int64_t columns = plan->panel_block == plan->panels ? plan->padded_columns : kernels->gemm_columns;
        plan->right_bytes = columns * cnn_smaller(plan->depth_block, d->depth) * bytes;
    }
    const int64_t packed[] = {plan->padded_columns, d->depth};
    CNN_TRY(cnn_sizes_multiply(2, packed, "gemm", "packed right matrix", &plan->packed_elements, error));
    return CNN_OK;
}

static void lay_out_vector(cnn_gemm_plan *plan)
{
    plan->depth_block = plan->desc.depth;
    plan->packed_elements = plan->desc.depth;
    plan->left_bytes = CNN_GEMM_VECTOR * (int64_t)sizeof(float);
    plan->right_bytes = plan->left_bytes * (plan->desc.columns == 1 ? 1 : plan->desc.rows);
}

static double expect(const cnn_gemm_plan *plan)
{
    const cnn_gemm_desc *d = &plan->desc;
    const double rows = (double)cnn_gemm_round_up(d->rows, plan->kernels->tile_rows), depth = (double)d->depth;
    const double memory = COST_OF_A_WEIGHT_BYTE * (double)sizeof(float);
    if (plan->algorithm == CNN_GEMM_DOTS || plan->algorithm == CNN_GEMM_SUMS) {
        const double elements = depth * (double)(d->columns == 1 ? d->rows : d->columns);
        const double cached = (double)plan->multiply_accumulates * COST_OF_A_CACHED_ELEMENT;
        return elements > CACHED_ELEMENTS ? cached + elements * memory : cached;
    }
    const double columns = (double)plan->padded_columns;
    const double copies = (plan->right_bytes > 0 ? columns : 0) + (plan->copies_left ? rows : 0);
    return rows * columns * depth + copies * depth * COST_OF_A_COPY + columns * depth * memory;
}

cnn_status cnn_gemm_plan_create(const cnn_context *context, const cnn_gemm_desc *desc, cnn_gemm_plan **plan,
                                cnn_error *error)
{
    CNN_TRY(cnn_require(context, "cnn_gemm_plan_create", "context", error));
    CNN_TRY(cnn_require(desc, "cnn_gemm_plan_create", "desc", error));
    CNN_TRY(cnn_require(plan, "cnn_gemm_plan_create", "plan", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_gemm_desc", error));
    cnn_gemm_plan draft = {.kernels = context->kernels, .desc = *desc};
    CNN_TRY(check_desc(desc, error));
    CNN_TRY(count_elements(&draft, error));
    draft.algorithm = choose(&draft);
    if (draft.algorithm == CNN_GEMM_PACKED || draft.algorithm == CNN_GEMM_PLAIN)
        CNN_TRY(lay_out_tiles(&draft, error));
    else
        lay_out_vector(&draft);
    if (!desc->packed_right) draft.packed_elements = 0;
    draft.workspace_bytes = cnn_gemm_round_up(draft.tables_bytes, CNN_ALIGNMENT) +
                            cnn_gemm_round_up(draft.left_bytes, CNN_ALIGNMENT) +
                            cnn_gemm_round_up(draft.right_bytes, CNN_ALIGNMENT);
    const double cost = expect(&draft);
    draft.expected_cost = cost < 9e18 ? (int64_t)cost : INT64_MAX;
    split_activation(&draft);
    cnn_gemm_plan *created = cnn_memory_allocate((int64_t)sizeof *created);
    if (!created) return cnn_fail(error, CNN_OUT_OF_MEMORY, "gemm: no memory for the plan.");
    *created = draft;
    *plan = created;
    return CNN_OK;
}

void cnn_gemm_plan_destroy(cnn_gemm_plan *plan)
{
    cnn_memory_free(plan);
}

cnn_status cnn_gemm_plan_describe(const cnn_gemm_plan *plan, cnn_gemm_plan_info *info, cnn_error *error)
{
    const int64_t bytes = (int64_t)sizeof(float);
    CNN_TRY(cnn_require(plan, "cnn_gemm_plan_describe", "plan", error));
    CNN_TRY(cnn_require(info, "cnn_gemm_plan_describe", "info", error));
    CNN_TRY(cnn_require_size(info->struct_size, sizeof *info, "cnn_gemm_plan_info", error));
    const cnn_kernels *kernels = plan->kernels;
    const char *const names[] = {kernels->product_packed_name, kernels->product_plain_name, kernels->product_dots_name,
                                 kernels->product_sums_name};
    *info = (cnn_gemm_plan_info){.struct_size = (uint32_t)sizeof *info,
                                 .depth_block = cnn_smaller(plan->depth_block, plan->desc.depth),
                                 .left_bytes = plan->left_elements * bytes,
                                 .right_bytes = plan->right_elements * bytes,
                                 .bias_bytes = plan->desc.columns * bytes,
                                 .residual_bytes = plan->residual_elements * bytes,
                                 .output_bytes = plan->output_elements * bytes,
                                 .packed_bytes = plan->packed_elements * bytes,
                                 .workspace_bytes_per_thread = plan->workspace_bytes,
                                 .multiply_accumulates = plan->multiply_accumulates,
                                 .expected_cost = plan->expected_cost,
                                 .algorithm_name = names[plan->algorithm]};
    return CNN_OK;
}
