/* test_gemm_misuse.c - every wrong way to describe and run a matrix product has its status, and writes nothing. */
#include "check.h"
#include "check_run.h"

#include <stdint.h>

static cnn_gemm_desc right_desc(void)
{
    cnn_gemm_desc desc;
    cnn_gemm_desc_init(&desc);
    desc.rows = 5;
    desc.columns = 7;
    desc.depth = 3;
    return desc;
}

#define WRONG(status, change)                                                                                               \
    do {                                                                                                                    \
        cnn_gemm_desc desc = right_desc();                                                                                  \
        cnn_gemm_plan *plan = NULL;                                                                                         \
        check_case("a product with %s", #change);                                                                           \
        desc.change;                                                                                                        \
        CHECK_STATUS(status, cnn_gemm_plan_create(context, &desc, &plan, &check_error));                                    \
        CHECK(plan == NULL, "a failing call wrote its result");                                                             \
    } while (0)

static void check_descriptors(const cnn_context *context)
{
    WRONG(CNN_INVALID_ARGUMENT, struct_size = 0);
    WRONG(CNN_INVALID_ARGUMENT, rows = 0);
    WRONG(CNN_INVALID_ARGUMENT, columns = -1);
    WRONG(CNN_INVALID_ARGUMENT, depth = 0);
    WRONG(CNN_INVALID_ARGUMENT, transpose_left = 2);
    WRONG(CNN_INVALID_ARGUMENT, transpose_right = -1);
    WRONG(CNN_INVALID_ARGUMENT, accumulate = 3);
    WRONG(CNN_INVALID_ARGUMENT, packed_right = 2);
    WRONG(CNN_INVALID_ARGUMENT, activation = (cnn_activation_kind)14);
    WRONG(CNN_INVALID_ARGUMENT, activation = (cnn_activation_kind)-1);
    WRONG(CNN_INVALID_ARGUMENT, left_stride = 2);
    WRONG(CNN_INVALID_ARGUMENT, left_stride = -3);
    WRONG(CNN_INVALID_ARGUMENT, right_stride = 6);
    WRONG(CNN_INVALID_ARGUMENT, output_stride = 6);
    WRONG(CNN_INVALID_ARGUMENT, residual_stride = 6);
    WRONG(CNN_SIZE_OVERFLOW, rows = INT64_MAX);
    WRONG(CNN_SIZE_OVERFLOW, columns = INT64_MAX / 4);
    WRONG(CNN_SIZE_OVERFLOW, depth = INT64_MAX / 2);
    WRONG(CNN_SIZE_OVERFLOW, left_stride = INT64_MAX);
    WRONG(CNN_SIZE_OVERFLOW, right_stride = INT64_MAX / 3);
    WRONG(CNN_SIZE_OVERFLOW, output_stride = INT64_MAX / 4);
    WRONG(CNN_SIZE_OVERFLOW, residual_stride = INT64_MAX / 8);
    cnn_gemm_desc large = right_desc();
    cnn_gemm_plan *plan = NULL;
    check_case("a product with more products than 63 bits count");
    large.rows = large.columns = large.depth = (int64_t)1 << 30;
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_gemm_plan_create(context, &large, &plan, &check_error));
}

/* Sizes up to what a plan accepts ask for less than 8 MB of workspace for each thread. */
static void check_workspaces(const cnn_context *context)
{
    for (int32_t options = 0; options < 8; options++)
        for (int32_t shape = 0; shape < 8; shape++) {
            cnn_gemm_desc desc = right_desc();
            cnn_gemm_plan *plan = NULL;
            cnn_gemm_plan_info info;
            check_case("workspace, options %d, shape %d", (int)options, (int)shape);
            desc.rows = shape & 1 ? 1000003 : 1;
            desc.columns = shape & 2 ? 1000003 : 1;
            desc.depth = shape & 4 ? 1000003 : 1279;
            desc.transpose_left = options & 1;
            desc.transpose_right = options >> 1 & 1;
            desc.packed_right = options >> 2 & 1;
            cnn_gemm_plan_info_init(&info);
            CHECK_OK(cnn_gemm_plan_create(context, &desc, &plan, &check_error));
            CHECK_OK(cnn_gemm_plan_describe(plan, &info, &check_error));
            CHECK(info.workspace_bytes_per_thread > 0 && info.workspace_bytes_per_thread < 8 << 20, "%lld bytes",
                  (long long)info.workspace_bytes_per_thread);
            CHECK(info.expected_cost >= info.multiply_accumulates && info.depth_block <= desc.depth,
                  "cost %lld, blocks %lld", (long long)info.expected_cost, (long long)info.depth_block);
            cnn_gemm_plan_destroy(plan);
        }
}

typedef struct buffers {
    const cnn_buffer *left, *right, *bias, *residual, *output, *workspace;
} buffers;

static cnn_status run(const cnn_context *context, const cnn_gemm_plan *plan, const buffers *b)
{
    return cnn_gemm_run(context, plan, b->left, b->right, b->bias, b->residual, b->output, b->workspace, &check_error);
}

static buffers right_buffers(int64_t workspace_bytes)
{
    return (buffers){.left = check_buffer(15, CHECK_END),
                     .right = check_buffer(21, CHECK_END),
                     .bias = check_buffer(7, CHECK_END),
                     .residual = check_buffer(35, CHECK_END),
                     .output = check_buffer(35, CHECK_END),
                     .workspace = check_aligned_buffer(workspace_bytes)};
}

#define WRONG_BUFFER(status, change)                                                                                        \
    do {                                                                                                                    \
        buffers b = right_buffers(info.workspace_bytes_per_thread);                                                         \
        check_case("a run with %s", #change);                                                                               \
        b.change;                                                                                                           \
        CHECK_STATUS(status, run(context, plan, &b));                                                                       \
        check_release();                                                                                                    \
    } while (0)

static void check_buffers(const cnn_context *context)
{
    const cnn_gemm_desc desc = right_desc();
    cnn_gemm_plan *plan = NULL;
    cnn_gemm_plan_info info;
    cnn_gemm_plan_info_init(&info);
    CHECK_OK(cnn_gemm_plan_create(context, &desc, &plan, &check_error));
    CHECK_OK(cnn_gemm_plan_describe(plan, &info, &check_error));
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, left = NULL);
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, right = NULL);
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, output = NULL);
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, workspace = NULL);
    WRONG_BUFFER(CNN_BUFFER_TOO_SMALL, left = check_buffer(14, CHECK_END));
    WRONG_BUFFER(CNN_BUFFER_TOO_SMALL, right = check_buffer(20, CHECK_END));
    WRONG_BUFFER(CNN_BUFFER_TOO_SMALL, bias = check_buffer(6, CHECK_END));
    WRONG_BUFFER(CNN_BUFFER_TOO_SMALL, residual = check_buffer(34, CHECK_END));
    WRONG_BUFFER(CNN_BUFFER_TOO_SMALL, output = check_buffer(34, CHECK_END));
    WRONG_BUFFER(CNN_BUFFER_TOO_SMALL, workspace = check_aligned_buffer(64));
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, output = b.left = check_buffer(35, CHECK_END));
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, output = b.right = check_buffer(35, CHECK_END));
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, output = b.bias = check_buffer(35, CHECK_END));
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, left = b.workspace);
    WRONG_BUFFER(CNN_INVALID_ARGUMENT, output = b.workspace);
    check_case("a run with everything right");
    buffers b = right_buffers(info.workspace_bytes_per_thread);
    CHECK_OK(run(context, plan, &b));
    b.residual = b.output;
    CHECK_OK(run(context, plan, &b));
    b.bias = b.residual = NULL;
    CHECK_OK(run(context, plan, &b));
    check_case("null and unpacked arguments");
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(NULL, plan, &b));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, NULL, &b));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_pack_right(context, plan, b.right, b.workspace, &check_error));
    info.struct_size = 0;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_plan_describe(plan, &info, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_plan_describe(plan, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_plan_describe(NULL, &info, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_plan_create(NULL, &desc, &plan, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_plan_create(context, NULL, &plan, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_plan_create(context, &desc, NULL, &check_error));
    check_release();
    cnn_gemm_plan_destroy(plan);
    cnn_gemm_plan_destroy(NULL);
    cnn_gemm_desc_init(NULL);
    cnn_gemm_plan_info_init(NULL);
}

/* A residual of another stride is not in place, and a packed matrix is aligned. */
static void check_strides_and_packing(const cnn_context *context)
{
    cnn_gemm_desc desc = right_desc();
    cnn_gemm_plan *plan = NULL;
    cnn_gemm_plan_info info;
    desc.packed_right = 1;
    desc.residual_stride = 8;
    cnn_gemm_plan_info_init(&info);
    check_case("packing");
    CHECK_OK(cnn_gemm_plan_create(context, &desc, &plan, &check_error));
    CHECK_OK(cnn_gemm_plan_describe(plan, &info, &check_error));
    const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes), *right = check_buffer(21, CHECK_END);
    const cnn_buffer *large = check_aligned_buffer(info.packed_bytes + 64);
    cnn_buffer *odd = NULL;
    CHECK_OK(cnn_buffer_view(large, 4, info.packed_bytes, &odd, &check_error));
    CHECK_OK(cnn_gemm_pack_right(context, plan, right, packed, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_pack_right(NULL, plan, right, packed, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_pack_right(context, NULL, right, packed, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_pack_right(context, plan, NULL, packed, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_pack_right(context, plan, right, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_pack_right(context, plan, right, odd, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gemm_pack_right(context, plan, packed, packed, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_gemm_pack_right(context, plan, right, right, &check_error));
    buffers b = right_buffers(info.workspace_bytes_per_thread);
    b.residual = NULL;
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, run(context, plan, &b));
    b.right = odd;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, plan, &b));
    b.right = packed;
    CHECK_OK(run(context, plan, &b));
    b.residual = b.output = check_buffer(39, CHECK_END);
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, plan, &b));
    cnn_buffer_destroy(odd);
    cnn_gemm_plan_destroy(plan);
    check_release();
}

static void check_other_set(cnn_isa first, cnn_isa last)
{
    const cnn_gemm_desc desc = right_desc();
    cnn_gemm_plan *plan = NULL;
    cnn_context *one = check_context(first, 1), *other = check_context(last, 1);
    check_case("a plan of another instruction set");
    CHECK_OK(cnn_gemm_plan_create(one, &desc, &plan, &check_error));
    cnn_context_destroy(one);
    const buffers b = right_buffers(1 << 16);
    if (first != last) CHECK_STATUS(CNN_INVALID_ARGUMENT, run(other, plan, &b));
    cnn_context_destroy(other);
    cnn_gemm_plan_destroy(plan);
    check_release();
}

void test_gemm_misuse(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_descriptors(context);
        check_workspaces(context);
        check_buffers(context);
        check_strides_and_packing(context);
        cnn_context_destroy(context);
    }
    check_other_set(isas[0], isas[count - 1]);
}
