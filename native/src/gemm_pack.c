/* gemm_pack.c - puts blocks of matrices into the order in which the tile kernel reads them: panels of the right matrix, rows
 * of a left one that is stored transposed. */
#include "gemm.h"

#include "buffer.h"
#include "error.h"
#include "pieces.h"
#include "threads.h"

#include <string.h>

#define TRANSPOSED 16 /* rows that are transposed together: as many streams as processors fetch ahead */

/* output[j * output_step + i] = input[i * input_step + j], in long strips. */
static void transpose_block(const cnn_kernels *kernels, int64_t rows, int64_t columns, const float *input,
                            int64_t input_step, float *output, int64_t output_step)
{
    for (int64_t i = 0; i < rows; i += TRANSPOSED)
        kernels->transpose(cnn_smaller(rows - i, TRANSPOSED), columns, input + i * input_step, input_step, output + i,
                           output_step);
}

static void pack_panel(const cnn_gemm_plan *plan, const float *right, int64_t first, int64_t depth, int64_t panel,
                       float *target)
{
    const int64_t column = panel * plan->kernels->tile_columns, width = cnn_gemm_panel_columns(plan, panel);
    const int64_t used = cnn_smaller(plan->desc.columns - column, width), step = plan->desc.right_stride;
    if (plan->desc.transpose_right)
        transpose_block(plan->kernels, used, depth, right + column * step + first, step, target, width);
    else
        for (int64_t k = 0; k < depth; k++)
            memcpy(target + k * width, right + (first + k) * step + column, (size_t)used * sizeof *target);
    for (int64_t k = 0; used < width && k < depth; k++)
        memset(target + k * width + used, 0, (size_t)(width - used) * sizeof *target);
}

void cnn_gemm_pack_panels(const cnn_gemm_plan *plan, const float *right, int64_t first, int64_t depth, int64_t panel,
                          int64_t count, float *target)
{
    for (int64_t i = 0; i < count; i++) {
        pack_panel(plan, right, first, depth, panel + i, target);
        target += depth * cnn_gemm_panel_columns(plan, panel + i);
    }
}

void cnn_gemm_pack_left(const cnn_gemm_plan *plan, const float *left, int64_t row, int64_t rows, int64_t first,
                        int64_t depth, float *target)
{
    const int64_t step = plan->desc.left_stride;
    transpose_block(plan->kernels, depth, rows, left + first * step + row, step, target, plan->left_step);
}

typedef struct pack_job {
    const cnn_gemm_plan *plan;
    const float *right;
    float *packed;
} pack_job;

/* Items are panels of blocks of the depth. */
static void pack_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const pack_job *job = argument;
    const cnn_gemm_plan *plan = job->plan;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const int64_t first = item / plan->panels * plan->depth_block, panel = item % plan->panels;
        const int64_t depth = cnn_smaller(plan->desc.depth - first, plan->depth_block);
        pack_panel(plan, job->right, first, depth, panel,
                   job->packed + first * plan->padded_columns + depth * panel * plan->kernels->tile_columns);
    }
}

/* The vector on the right of a product with one column. */
static void pack_vector(const cnn_gemm_plan *plan, const float *right, float *packed)
{
    const int64_t step = plan->desc.transpose_right ? 1 : plan->desc.right_stride;
    for (int64_t k = 0; k < plan->desc.depth; k++)
        packed[k] = right[k * step];
}

cnn_status cnn_gemm_pack_right(const cnn_context *context, const cnn_gemm_plan *plan, const cnn_buffer *right,
                               const cnn_buffer *packed, cnn_error *error)
{
    const char *const operation = "cnn_gemm_pack_right";
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(plan, operation, "plan", error));
    if (!plan->desc.packed_right)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: the plan reads the right matrix as it is; set packed_right in its descriptor.", operation);
    CNN_TRY(cnn_buffer_check(right, plan->right_elements, operation, "right", error));
    CNN_TRY(cnn_buffer_check(packed, plan->packed_elements, operation, "packed", error));
    CNN_TRY(cnn_buffer_check_aligned(packed, operation, "packed", error));
    CNN_TRY(cnn_buffer_check_apart(right, plan->right_elements, packed, plan->packed_elements, operation, error));
    const pack_job job = {plan, cnn_buffer_floats(right), cnn_buffer_floats_mutable(packed)};
    if (plan->algorithm != CNN_GEMM_PACKED) {
        pack_vector(plan, job.right, job.packed);
        return CNN_OK;
    }
    const int64_t items = plan->panels * cnn_pieces(plan->desc.depth, plan->depth_block);
    const int64_t cost = cnn_smaller(plan->depth_block, plan->desc.depth) * plan->kernels->tile_columns;
    return cnn_report(cnn_parallel(context, items, cost, pack_items, &job), operation, error);
}
