/* test_misuse.c - what a careless caller passes: null, zero, negative, overflowing and contradicting sizes, buffers that
 * are too small or overlap. Each gives its status and a sentence, and nothing is written. */
#include "check.h"
#include "check_run.h"

#include <stdint.h>
#include <stdlib.h>

/* ---- convolution descriptors: one change to a descriptor that is right */

typedef struct wrong_desc {
    const char *what;
    size_t field; /* offset of the int32_t that is changed */
    int32_t value;
    cnn_status status;
} wrong_desc;

#define CONV(field, value, status)                                                                                          \
    {                                                                                                                       \
#field " = " #value, offsetof(cnn_conv2d_desc, field), value, status                                                \
    }
#define POOL(field, value, status)                                                                                          \
    {                                                                                                                       \
#field " = " #value, offsetof(cnn_pool2d_desc, field), value, status                                                \
    }
#define LINEAR(field, value, status)                                                                                        \
    {                                                                                                                       \
#field " = " #value, offsetof(cnn_linear_desc, field), value, status                                                \
    }

static const wrong_desc wrong_convolutions[] = {
    CONV(struct_size, 0, CNN_INVALID_ARGUMENT),
    CONV(struct_size, 8, CNN_INVALID_ARGUMENT),
    CONV(batch, 0, CNN_INVALID_ARGUMENT),
    CONV(batch, -1, CNN_INVALID_ARGUMENT),
    CONV(input_height, 0, CNN_INVALID_ARGUMENT),
    CONV(input_width, INT32_MIN, CNN_INVALID_ARGUMENT),
    CONV(input_channels, 0, CNN_INVALID_ARGUMENT),
    CONV(output_channels, -4, CNN_INVALID_ARGUMENT),
    CONV(kernel_height, 0, CNN_INVALID_ARGUMENT),
    CONV(kernel_width, -3, CNN_INVALID_ARGUMENT),
    CONV(stride_height, 0, CNN_INVALID_ARGUMENT),
    CONV(stride_width, -1, CNN_INVALID_ARGUMENT),
    CONV(dilation_height, 0, CNN_INVALID_ARGUMENT),
    CONV(dilation_width, -1, CNN_INVALID_ARGUMENT),
    CONV(groups, 0, CNN_INVALID_ARGUMENT),
    CONV(groups, 3, CNN_SHAPE_MISMATCH),
    CONV(padding_mode, 4, CNN_INVALID_ARGUMENT),
    CONV(padding_mode, -1, CNN_INVALID_ARGUMENT),
    CONV(padding_top, -1, CNN_INVALID_ARGUMENT),
    CONV(padding_right, -1, CNN_INVALID_ARGUMENT),
    CONV(padding_right, INT32_MAX, CNN_SIZE_OVERFLOW),
    CONV(activation, 1000, CNN_INVALID_ARGUMENT),
    CONV(activation, -1, CNN_INVALID_ARGUMENT),
    CONV(algorithm, 77, CNN_UNSUPPORTED),
    CONV(algorithm, CNN_CONV2D_DEPTHWISE, CNN_UNSUPPORTED),
    CONV(kernel_height, 9, CNN_SHAPE_MISMATCH),
    CONV(dilation_width, INT32_MAX, CNN_SHAPE_MISMATCH),
    CONV(batch, INT32_MAX, CNN_OK),
};

static const wrong_desc wrong_poolings[] = {
    POOL(struct_size, 4, CNN_INVALID_ARGUMENT),        POOL(batch, 0, CNN_INVALID_ARGUMENT),
    POOL(channels, -1, CNN_INVALID_ARGUMENT),          POOL(input_height, 0, CNN_INVALID_ARGUMENT),
    POOL(window_height, 0, CNN_INVALID_ARGUMENT),      POOL(window_width, -2, CNN_INVALID_ARGUMENT),
    POOL(stride_height, 0, CNN_INVALID_ARGUMENT),      POOL(stride_width, -1, CNN_INVALID_ARGUMENT),
    POOL(dilation_height, 0, CNN_INVALID_ARGUMENT),    POOL(padding_mode, 9, CNN_INVALID_ARGUMENT),
    POOL(padding_top, -1, CNN_INVALID_ARGUMENT),       POOL(padding_top, 2, CNN_SHAPE_MISMATCH),
    POOL(padding_left, 5, CNN_SHAPE_MISMATCH),         POOL(ceil_mode, 2, CNN_INVALID_ARGUMENT),
    POOL(count_include_pad, -1, CNN_INVALID_ARGUMENT), POOL(window_height, 9, CNN_SHAPE_MISMATCH),
};

static const wrong_desc wrong_linears[] = {
    LINEAR(struct_size, 1, CNN_INVALID_ARGUMENT),     LINEAR(rows, 0, CNN_INVALID_ARGUMENT),
    LINEAR(input_features, -1, CNN_INVALID_ARGUMENT), LINEAR(output_features, 0, CNN_INVALID_ARGUMENT),
    LINEAR(activation, 1000, CNN_INVALID_ARGUMENT),
};

static cnn_conv2d_desc right_convolution(void)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.input_height = desc.input_width = 8;
    desc.input_channels = 4;
    desc.output_channels = 6;
    desc.kernel_height = desc.kernel_width = 3;
    return desc;
}

static void check_convolution_descriptors(const cnn_context *context)
{
    for (size_t i = 0; i < sizeof wrong_convolutions / sizeof *wrong_convolutions; i++) {
        const wrong_desc *wrong = &wrong_convolutions[i];
        cnn_conv2d_desc desc = right_convolution();
        cnn_conv2d_plan *plan = NULL;
        *(int32_t *)(void *)((char *)&desc + wrong->field) = wrong->value;
        check_case("convolution with %s", wrong->what);
        CHECK_STATUS(wrong->status, cnn_conv2d_plan_create(context, &desc, &plan, &check_error));
        CHECK((plan != NULL) == (wrong->status == CNN_OK), "the plan is %p", (void *)plan);
        cnn_conv2d_plan_destroy(plan);
    }
}

static void check_other_descriptors(const cnn_context *context)
{
    for (size_t i = 0; i < sizeof wrong_poolings / sizeof *wrong_poolings; i++) {
        const wrong_desc *wrong = &wrong_poolings[i];
        int32_t height = 77, width = 77;
        cnn_pool2d_desc desc;
        cnn_pool2d_desc_init(&desc);
        desc.input_height = desc.input_width = 8;
        desc.channels = 3;
        desc.window_height = desc.window_width = 2;
        *(int32_t *)(void *)((char *)&desc + wrong->field) = wrong->value;
        check_case("pooling with %s", wrong->what);
        CHECK_STATUS(wrong->status, cnn_pool2d_output_size(&desc, &height, &width, &check_error));
        CHECK(height == 77 && width == 77, "a failing call wrote %d x %d", (int)height, (int)width);
    }
    for (size_t i = 0; i < sizeof wrong_linears / sizeof *wrong_linears; i++) {
        const wrong_desc *wrong = &wrong_linears[i];
        cnn_linear_desc desc;
        cnn_conv2d_plan *plan = NULL;
        cnn_linear_desc_init(&desc);
        desc.input_features = desc.output_features = 5;
        *(int32_t *)(void *)((char *)&desc + wrong->field) = wrong->value;
        check_case("fully connected with %s", wrong->what);
        CHECK_STATUS(wrong->status, cnn_linear_plan_create(context, &desc, &plan, &check_error));
        CHECK(plan == NULL, "a failing call wrote its result");
    }
}

/* Sizes that are fine alone and whose product is not. */
static void check_overflows(const cnn_context *context)
{
    cnn_conv2d_desc desc = right_convolution();
    cnn_conv2d_plan *plan = NULL;
    const cnn_buffer *buffer = check_buffer(16, CHECK_END);
    check_case("overflow");
    desc.batch = desc.input_height = desc.input_width = desc.input_channels = INT32_MAX;
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_conv2d_plan_create(context, &desc, &plan, &check_error));
    desc = right_convolution();
    desc.input_channels = desc.output_channels = INT32_MAX;
    desc.input_height = desc.input_width = 65536;
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_conv2d_plan_create(context, &desc, &plan, &check_error));
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_global_average_pool(context, INT64_MAX / 2, 4, 4, buffer, buffer, &check_error));
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_softmax(context, INT64_MAX / 3, 9, buffer, buffer, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL,
                 cnn_activate(context, CNN_ACTIVATION_RELU, 0, 0, INT64_MAX / 8, buffer, buffer, &check_error));
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_copy_rows(context, INT64_MAX / 2, 1, buffer, 0, 4, buffer, 0, 4, &check_error));
    check_release();
}

/* Sizes as large as they may be: layouts multiply them before a cost tells which layout is taken. */
static void check_largest(const cnn_context *context)
{
    for (int32_t grouped = 0; grouped < 2; grouped++) {
        cnn_conv2d_desc desc = right_convolution();
        cnn_conv2d_plan *plan = NULL;
        check_case("rows of 16 GB, of which every 2^30th counts%s", grouped ? ", in groups of two" : "");
        desc.input_height = 3;
        desc.input_width = grouped ? 1 << 20 : 1 << 28;
        desc.input_channels = desc.output_channels = grouped ? 1 << 12 : 1 << 4;
        desc.groups = desc.input_channels / (grouped + 1);
        desc.stride_height = 1 << 30;
        CHECK_STATUS(CNN_OK, cnn_conv2d_plan_create(context, &desc, &plan, &check_error));
        cnn_conv2d_plan_destroy(plan);
    }
    check_release();
}

/* Buffers of one element too few, overlapping ones, and null, for each argument in turn. */
static void check_convolution_buffers(const cnn_context *context)
{
    cnn_conv2d_desc desc = right_convolution();
    cnn_conv2d_plan *plan = NULL;
    cnn_conv2d_plan_info info;
    cnn_conv2d_plan_info_init(&info);
    desc.algorithm = CNN_CONV2D_IMPLICIT_GEMM; /* its filters can be packed in parts */
    check_case("buffers of a convolution");
    CHECK_OK(cnn_conv2d_plan_create(context, &desc, &plan, &check_error));
    CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
    const int64_t inputs = info.input_bytes / 4, outputs = info.output_bytes / 4, weights_count = info.weights_bytes / 4;
    const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes), *weights = check_buffer(weights_count, CHECK_END);
    const cnn_buffer *input = check_buffer(inputs, CHECK_END), *output = check_buffer(outputs, CHECK_END);
    const cnn_buffer *workspace = check_aligned_buffer(info.workspace_bytes_per_thread);
    const cnn_buffer *small = check_buffer(1, CHECK_END), *short_input = check_buffer(inputs - 1, CHECK_END);
    const cnn_buffer *short_output = check_buffer(outputs - 1, CHECK_END);
    const cnn_buffer *short_weights = check_buffer(weights_count - 1, CHECK_END);
    const struct {
        const cnn_buffer *packed, *input, *output, *workspace;
        cnn_status status;
    } runs[] = {
        {NULL, input, output, workspace, CNN_INVALID_ARGUMENT},
        {packed, NULL, output, workspace, CNN_INVALID_ARGUMENT},
        {packed, input, NULL, workspace, CNN_INVALID_ARGUMENT},
        {packed, input, output, NULL, CNN_INVALID_ARGUMENT},
        {small, input, output, workspace, CNN_BUFFER_TOO_SMALL},
        {packed, short_input, output, workspace, CNN_BUFFER_TOO_SMALL},
        {packed, input, short_output, workspace, CNN_BUFFER_TOO_SMALL},
        {packed, input, output, small, CNN_BUFFER_TOO_SMALL},
        {packed, input, input, workspace, CNN_INVALID_ARGUMENT},
        {packed, input, packed, workspace, CNN_INVALID_ARGUMENT},
    };
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_pack(context, plan, NULL, NULL, packed, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_pack(context, plan, weights, NULL, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_pack(context, NULL, weights, NULL, packed, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_pack(NULL, plan, weights, NULL, packed, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_conv2d_pack(context, plan, short_weights, NULL, packed, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_conv2d_pack(context, plan, weights, small, packed, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_conv2d_pack(context, plan, weights, NULL, small, &check_error));
    const int64_t channels = desc.output_channels, step = cnn_conv2d_pack_step(plan);
    const int64_t ranges[][2] = {
        {-step, step}, {1, channels - 1}, {0, 0}, {0, channels + 1}, {channels / step * step + step, 1}};
    CHECK(step > 0 && cnn_conv2d_pack_step(NULL) == 0, "a step of %lld", (long long)step);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        CHECK_STATUS(CNN_INVALID_ARGUMENT,
                     cnn_conv2d_pack_part(context, plan, ranges[i][0], ranges[i][1], weights, NULL, packed, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL,
                 cnn_conv2d_pack_part(context, plan, 0, channels, short_weights, NULL, packed, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_conv2d_pack_part(context, plan, 0, channels, weights, NULL, small, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_pack_part(context, plan, 0, channels, NULL, NULL, packed, &check_error));
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        check_case("buffers of a convolution, run %d", (int)i);
        CHECK_STATUS(runs[i].status, cnn_conv2d_run(context, plan, runs[i].packed, runs[i].input, NULL, runs[i].output,
                                                    runs[i].workspace, &check_error));
    }
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_run(NULL, plan, packed, input, NULL, output, workspace, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_run(context, NULL, packed, input, NULL, output, workspace, &check_error));
    for (int64_t i = 0; i < outputs; i++)
        CHECK(check_data(output)[i] != check_data(output)[i], "a failing run wrote element %lld", (long long)i);
    cnn_conv2d_plan_destroy(plan);
    check_release();
}

static void check_null_arguments(const cnn_context *context)
{
    const cnn_buffer *a = check_buffer(8, CHECK_END), *b = check_buffer(8, CHECK_END);
    const cnn_buffer *overlapping = NULL;
    cnn_buffer *view = NULL;
    cnn_pool2d_desc pool;
    int32_t size;
    cnn_pool2d_desc_init(&pool);
    pool.input_height = pool.input_width = pool.window_height = pool.window_width = 2;
    pool.channels = 1;
    check_case("null, overlapping and empty arguments");
    CHECK_OK(cnn_buffer_view(a, 4, 16, &view, &check_error));
    overlapping = view;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate(NULL, CNN_ACTIVATION_RELU, 0, 0, 8, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate(context, CNN_ACTIVATION_RELU, 0, 0, 0, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate(context, CNN_ACTIVATION_RELU, 0, 0, -8, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate(context, (cnn_activation_kind)1000, 0, 0, 8, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate(context, CNN_ACTIVATION_RELU, 0, 0, 8, NULL, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate(context, CNN_ACTIVATION_RELU, 0, 0, 8, a, NULL, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_activate(context, CNN_ACTIVATION_RELU, 0, 0, 9, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate(context, CNN_ACTIVATION_RELU, 0, 0, 4, a, overlapping, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_add(context, CNN_ACTIVATION_NONE, 0, 0, 4, a, NULL, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_add(context, CNN_ACTIVATION_NONE, 0, 0, 4, b, a, overlapping, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_softmax(context, 3, 3, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_softmax(context, 0, 3, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_copy_rows(context, 2, 2, a, -1, 2, b, 0, 2, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_copy_rows(context, 2, 2, a, 0, 1, b, 0, 2, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_copy_rows(context, 4, 2, a, 1, 2, b, 0, 2, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_copy_rows(context, 2, 2, a, 0, 2, overlapping, 0, 2, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_max_pool2d(context, NULL, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_max_pool2d(context, &pool, a, a, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_average_pool2d(context, &pool, NULL, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_pool2d_output_size(&pool, NULL, &size, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_global_average_pool(context, 2, 2, 3, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_global_average_pool(context, 1, 4, 2, a, a, &check_error));
    cnn_buffer_destroy(view);
    check_release();
}

static void check_contexts(void)
{
    cnn_context_options options;
    cnn_context *context = NULL;
    check_case("contexts");
    cnn_context_options_init(&options);
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_context_create(NULL, &context, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_context_create(&options, NULL, &check_error));
    options.threads = -1;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_context_create(&options, &context, &check_error));
    options.threads = 1025;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_context_create(&options, &context, &check_error));
    options.threads = 0;
    options.struct_size = 3;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_context_create(&options, &context, &check_error));
    CHECK(context == NULL, "a failing call wrote its result");
    cnn_context_options_init(&options);
    CHECK_OK(cnn_context_create(&options, &context, &check_error));
    CHECK(cnn_context_threads(context) >= 1, "%d threads", (int)cnn_context_threads(context));
    CHECK(cnn_isa_available(cnn_context_isa(context)) == 1, "isa %d", (int)cnn_context_isa(context));
    CHECK(cnn_isa_available((cnn_isa)1000) == 0 && cnn_isa_available((cnn_isa)-1) == 0, "an unknown set is available");
    cnn_context_destroy(context);
    cnn_context_destroy(NULL);
    cnn_conv2d_plan_destroy(NULL);
}

/* A plan and its context may go in either order, and a plan belongs to the instruction set it was made for. */
static void check_plans_and_contexts(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    const cnn_conv2d_desc desc = right_convolution();
    const cnn_buffer *buffers[4];
    cnn_conv2d_plan *plan = NULL;
    cnn_context *first = check_context(isas[0], 1), *last = check_context(isas[count - 1], 1);
    check_case("a plan of another instruction set");
    for (int i = 0; i < 4; i++)
        buffers[i] = check_aligned_buffer(100000);
    CHECK_OK(cnn_conv2d_plan_create(first, &desc, &plan, &check_error));
    cnn_context_destroy(first);
    if (count > 1)
        CHECK_STATUS(CNN_INVALID_ARGUMENT,
                     cnn_conv2d_run(last, plan, buffers[0], buffers[1], NULL, buffers[2], buffers[3], &check_error));
    cnn_context_destroy(last);
    cnn_conv2d_plan_destroy(plan);
    check_release();
}

void test_misuse(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    cnn_context *context = check_context(isas[check_isas(isas) - 1], 1);
    check_convolution_descriptors(context);
    check_other_descriptors(context);
    check_overflows(context);
    check_largest(context);
    check_convolution_buffers(context);
    check_null_arguments(context);
    check_contexts();
    check_plans_and_contexts();
    cnn_context_destroy(context);
}
