/* test_allocation.c - memory that runs out: the n-th allocation of each call that makes something fails, for every n. The
 * linker puts the functions below before malloc and free, so that they see every block that the library takes and gives. */
#include "check.h"
#include "check_run.h"

#include <stdatomic.h>
#include <stdlib.h>

void *__real_malloc(size_t bytes);
void __real_free(void *memory);
void *__wrap_malloc(size_t bytes);
void __wrap_free(void *memory);

/* Atomic, because the threads of the pool give back what they were started with. */
static atomic_llong taken;   /* allocations since watch */
static atomic_llong held;    /* of them, those that were not given back */
static atomic_llong failing; /* the one that fails; 0: none */

void *__wrap_malloc(size_t bytes)
{
    if (++taken == failing) return NULL;
    void *memory = __real_malloc(bytes);
    held += memory != NULL;
    return memory;
}

void __wrap_free(void *memory)
{
    held -= memory != NULL;
    __real_free(memory);
}

static void watch(int64_t failing_one)
{
    taken = 0;
    held = 0;
    failing = failing_one;
}

/* The calls that make something; each destroys what it made. */
static cnn_status make_context(const cnn_context *unused)
{
    cnn_context_options options;
    cnn_context *context = NULL;
    (void)unused;
    cnn_context_options_init(&options);
    const cnn_status status = cnn_context_create(&options, &context, &check_error);
    cnn_context_destroy(context);
    return status;
}

static cnn_status make_buffer(const cnn_context *unused)
{
    cnn_buffer *buffer = NULL;
    (void)unused;
    const cnn_status status = cnn_buffer_create(1000, &buffer, &check_error);
    cnn_buffer_destroy(buffer);
    return status;
}

static cnn_status make_view(const cnn_context *unused)
{
    static float memory[16];
    cnn_buffer *buffer = NULL, *view = NULL;
    (void)unused;
    cnn_status status = cnn_buffer_wrap(memory, sizeof memory, &buffer, &check_error);
    if (status == CNN_OK) status = cnn_buffer_view(buffer, 4, 8, &view, &check_error);
    cnn_buffer_destroy(buffer);
    cnn_buffer_destroy(view);
    return status;
}

static cnn_conv2d_desc describe(void)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.input_height = desc.input_width = 9;
    desc.input_channels = 5;
    desc.output_channels = 7;
    desc.kernel_height = desc.kernel_width = 3;
    return desc;
}

static cnn_status make_plan(const cnn_context *context)
{
    const cnn_conv2d_desc desc = describe();
    cnn_conv2d_plan *plan = NULL;
    const cnn_status status = cnn_conv2d_plan_create(context, &desc, &plan, &check_error);
    cnn_conv2d_plan_destroy(plan);
    return status;
}

static cnn_status make_transpose_plan(const cnn_context *context)
{
    const cnn_conv2d_desc desc = describe();
    cnn_conv2d_plan *plan = NULL;
    const cnn_status status = cnn_conv2d_transpose_plan_create(context, &desc, &plan, &check_error);
    cnn_conv2d_plan_destroy(plan);
    return status;
}

static cnn_status make_resize_plan(const cnn_context *unused)
{
    cnn_resize_desc desc;
    cnn_resize_plan *plan = NULL;
    (void)unused;
    cnn_resize_desc_init(&desc);
    desc.input_height = desc.input_width = 7;
    desc.output_height = desc.output_width = 11;
    desc.channels = 3;
    const cnn_status status = cnn_resize_plan_create(&desc, &plan, &check_error);
    cnn_resize_plan_destroy(plan);
    return status;
}

static cnn_status make_gemm_plan(const cnn_context *context)
{
    cnn_gemm_desc desc;
    cnn_gemm_plan *plan = NULL;
    cnn_gemm_desc_init(&desc);
    desc.rows = desc.columns = desc.depth = 9;
    const cnn_status status = cnn_gemm_plan_create(context, &desc, &plan, &check_error);
    cnn_gemm_plan_destroy(plan);
    return status;
}

static void check_each_failure(const char *what, cnn_status (*make)(const cnn_context *), const cnn_context *context)
{
    const int64_t live = cnn_live_bytes();
    watch(0);
    check_case("%s", what);
    CHECK_OK(make(context));
    const int64_t needed = taken;
    CHECK(needed > 0 && held == 0, "%lld allocations, %lld not given back", (long long)needed, (long long)held);
    for (int64_t n = 1; n <= needed; n++) {
        check_case("%s, allocation %lld of %lld fails", what, (long long)n, (long long)needed);
        watch(n);
        const cnn_status status = make(context);
        failing = 0;
        CHECK_STATUS(CNN_OUT_OF_MEMORY, status);
        CHECK(held == 0, "%lld blocks were not given back", (long long)held);
    }
    watch(0);
    CHECK_OK(make(context));
    CHECK(cnn_live_bytes() == live, "%lld live bytes, %lld before", (long long)cnn_live_bytes(), (long long)live);
}

/* What is alive is counted, with the alignment: a buffer with its memory once, a view with its handle only. */
static void check_live_bytes(void)
{
    cnn_buffer *buffer = NULL, *view = NULL;
    const int64_t before = cnn_live_bytes();
    check_case("live bytes");
    CHECK_OK(cnn_buffer_create(100000, &buffer, &check_error));
    const int64_t with_buffer = cnn_live_bytes() - before;
    CHECK(with_buffer >= 100000 && with_buffer < 101000, "%lld bytes for a buffer of 100000", (long long)with_buffer);
    CHECK_OK(cnn_buffer_view(buffer, 0, 50000, &view, &check_error));
    const int64_t with_view = cnn_live_bytes() - before;
    CHECK(with_view > with_buffer && with_view < with_buffer + 500, "%lld bytes for a view",
          (long long)(with_view - with_buffer));
    cnn_buffer_destroy(buffer);
    CHECK(cnn_live_bytes() - before >= 100000, "%lld bytes, expected those that the view keeps",
          (long long)(cnn_live_bytes() - before));
    cnn_buffer_destroy(view);
    CHECK(cnn_live_bytes() == before, "%lld bytes are left", (long long)(cnn_live_bytes() - before));
}

/* A plan runs without taking memory, whatever its algorithm. */
static void check_runs(const cnn_context *context)
{
    cnn_conv2d_desc desc = describe();
    for (int32_t algorithm = CNN_CONV2D_IMPLICIT_GEMM; algorithm <= CNN_CONV2D_WINOGRAD_2X2; algorithm++) {
        cnn_conv2d_plan *plan = NULL;
        cnn_conv2d_plan_info info;
        int64_t bytes = 0;
        check_case("a run of algorithm %d", (int)algorithm);
        desc.algorithm = (cnn_conv2d_algorithm)algorithm;
        desc.groups = algorithm == CNN_CONV2D_DEPTHWISE ? 5 : 1;
        desc.output_channels = algorithm == CNN_CONV2D_DEPTHWISE ? 5 : 7;
        cnn_conv2d_plan_info_init(&info);
        CHECK_OK(cnn_conv2d_plan_create(context, &desc, &plan, &check_error));
        CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
        CHECK_OK(cnn_conv2d_backward_weights_workspace(context, plan, &bytes, &check_error));
        const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes);
        const cnn_buffer *workspace = check_aligned_buffer(info.workspace_bytes_per_thread);
        const cnn_buffer *gradient_workspace = check_aligned_buffer(bytes);
        const cnn_buffer *input = check_buffer(info.input_bytes / 4, CHECK_END);
        const cnn_buffer *output = check_buffer(info.output_bytes / 4, CHECK_END);
        const cnn_buffer *weights = check_buffer(info.weights_bytes / 4, CHECK_END);
        watch(0);
        CHECK_OK(cnn_conv2d_pack(context, plan, weights, NULL, packed, &check_error));
        CHECK_OK(cnn_conv2d_run(context, plan, packed, input, NULL, output, workspace, &check_error));
        CHECK_OK(
            cnn_conv2d_backward_weights(context, plan, input, output, 0, weights, NULL, gradient_workspace, &check_error));
        CHECK(taken == 0, "%lld allocations", (long long)taken);
        cnn_conv2d_plan_destroy(plan);
        check_release();
    }
}

/* The same for matrix products: packed, plain, and by a vector. */
static void check_gemm_runs(const cnn_context *context)
{
    for (int32_t options = 0; options < 16; options++) {
        cnn_gemm_desc desc;
        cnn_gemm_plan *plan = NULL;
        cnn_gemm_plan_info info;
        check_case("a run of a product, options %d", (int)options);
        cnn_gemm_desc_init(&desc);
        desc.rows = options & 8 ? 1 : 33;
        desc.columns = 35;
        desc.depth = 600;
        desc.transpose_left = options & 1;
        desc.transpose_right = options >> 1 & 1;
        desc.packed_right = options >> 2 & 1;
        desc.activation = CNN_ACTIVATION_TANH;
        cnn_gemm_plan_info_init(&info);
        CHECK_OK(cnn_gemm_plan_create(context, &desc, &plan, &check_error));
        CHECK_OK(cnn_gemm_plan_describe(plan, &info, &check_error));
        const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes);
        const cnn_buffer *workspace = check_aligned_buffer(info.workspace_bytes_per_thread);
        const cnn_buffer *left = check_buffer(info.left_bytes / 4, CHECK_END);
        const cnn_buffer *right = check_buffer(info.right_bytes / 4, CHECK_END);
        const cnn_buffer *output = check_buffer(info.output_bytes / 4, CHECK_END);
        watch(0);
        if (desc.packed_right) CHECK_OK(cnn_gemm_pack_right(context, plan, right, packed, &check_error));
        CHECK_OK(cnn_gemm_run(context, plan, left, desc.packed_right ? packed : right, NULL, NULL, output, workspace,
                              &check_error));
        CHECK(taken == 0, "%lld allocations", (long long)taken);
        cnn_gemm_plan_destroy(plan);
        check_release();
    }
}

void test_allocation(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_live_bytes();
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_each_failure("a context", make_context, context);
        check_each_failure("a buffer", make_buffer, context);
        check_each_failure("a view", make_view, context);
        check_each_failure("a plan", make_plan, context);
        check_each_failure("a transposed plan", make_transpose_plan, context);
        check_each_failure("a resize plan", make_resize_plan, context);
        check_each_failure("a matrix product's plan", make_gemm_plan, context);
        check_runs(context);
        check_gemm_runs(context);
        cnn_context_destroy(context);
    }
}
