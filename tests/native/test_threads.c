/* test_threads.c - the number of threads changes no bit of any result, whoever calls: one thread, many at once, or a thread
 * whose own floating-point mode must come back untouched. */
#include "check_run.h"
#include "conv2d_case.h"
#include "shapes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if !defined(_WIN32)
#include <pthread.h>
#endif

/* Large enough that the pool really is used, with rests that do not divide by the threads. */
static const int32_t shapes[][8] = {
    /* batch, height, width, inputs, outputs, kernel, stride, groups */
    {1, 56, 56, 64, 64, 3, 1, 1},    {2, 15, 17, 130, 70, 3, 1, 1}, {1, 14, 14, 256, 96, 1, 1, 1},
    {1, 113, 111, 3, 20, 7, 2, 1},   {1, 57, 55, 48, 48, 3, 1, 48}, {1, 31, 33, 100, 100, 5, 2, 100},
    {3, 20, 21, 36, 60, 3, 1, 4},    {1, 7, 7, 512, 200, 3, 1, 1},  {5, 47, 45, 5, 11, 5, 1, 1},
    {2, 29, 31, 104, 104, 3, 1, 13}, {1, 57, 55, 36, 36, 3, 2, 9},
};
static const int32_t thread_counts[] = {2, 3, 7};
#define COUNTS (sizeof thread_counts / sizeof *thread_counts)

static void draw_layer(const int32_t *shape, int extras, conv2d_case *layer, check_random *random)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.batch = shape[0];
    desc.input_height = shape[1];
    desc.input_width = shape[2];
    desc.input_channels = shape[3];
    desc.output_channels = shape[4];
    desc.kernel_height = desc.kernel_width = shape[5];
    desc.stride_height = desc.stride_width = shape[6];
    desc.groups = shape[7];
    desc.padding_mode = CNN_PADDING_SAME;
    desc.activation = CNN_ACTIVATION_SILU;
    shape_shrink(&desc, (double)check_thinned(1000000000, 4000000)); /* still enough for seven threads */
    conv2d_case_create(layer, &desc, extras, random);
}

static void check_convolutions(cnn_isa isa)
{
    check_random random = {99};
    for (size_t n = 0; n < 2 * (sizeof shapes / sizeof *shapes); n++) {
        conv2d_case layer;
        draw_layer(shapes[n / 2], n % 2 ? CONV2D_BIAS | CONV2D_TRANSPOSED : CONV2D_BIAS, &layer, &random);
        for (int32_t algorithm = CNN_CONV2D_AUTO; algorithm <= CNN_CONV2D_GROUPED; algorithm++) {
            if (n % 2 && algorithm != CNN_CONV2D_SCATTER) continue; /* the others are those of the plain ones */
            cnn_context *one = check_context(isa, 1);
            const float *expected = conv2d_case_run(&layer, one, (cnn_conv2d_algorithm)algorithm, CHECK_END);
            for (size_t i = 0; expected && i < COUNTS; i++) {
                cnn_context *several = check_context(isa, thread_counts[i]);
                const float *found = conv2d_case_run(&layer, several, (cnn_conv2d_algorithm)algorithm, CHECK_END);
                if (found) check_same_bits(found, expected, layer.output_count, "convolution by several threads");
                cnn_context_destroy(several);
            }
            cnn_context_destroy(one);
            check_release();
        }
        conv2d_case_free(&layer);
    }
}

/* Every other operator, one after the other, into one long row of results. */
#define PIXELS (67 * 71)
#define CHANNELS 65
#define ELEMENTS ((int64_t)PIXELS * CHANNELS)
static void run_others(const cnn_context *context, const cnn_buffer *input, float *results)
{
    cnn_buffer *output = check_buffer(ELEMENTS, CHECK_END);
    cnn_pool2d_desc pool;
    int32_t height = 0, width = 0;
    cnn_pool2d_desc_init(&pool);
    pool.input_height = 67;
    pool.input_width = 71;
    pool.channels = CHANNELS;
    pool.window_height = pool.window_width = 3;
    pool.stride_height = pool.stride_width = 2;
    CHECK_OK(cnn_pool2d_output_size(&pool, &height, &width, &check_error));
    const size_t pooled = (size_t)height * (size_t)width * CHANNELS, all = ELEMENTS;
    CHECK_OK(cnn_max_pool2d(context, &pool, input, output, &check_error));
    memcpy(results, check_data(output), pooled * sizeof(float));
    CHECK_OK(cnn_average_pool2d(context, &pool, input, output, &check_error));
    memcpy(results += pooled, check_data(output), pooled * sizeof(float));
    CHECK_OK(cnn_global_average_pool(context, 1, PIXELS, CHANNELS, input, output, &check_error));
    memcpy(results += pooled, check_data(output), CHANNELS * sizeof(float));
    CHECK_OK(cnn_softmax(context, PIXELS, CHANNELS, input, output, &check_error));
    memcpy(results += CHANNELS, check_data(output), all * sizeof(float));
    CHECK_OK(cnn_activate(context, CNN_ACTIVATION_GELU, 0, 0, ELEMENTS, input, output, &check_error));
    memcpy(results += all, check_data(output), all * sizeof(float));
    CHECK_OK(cnn_add(context, CNN_ACTIVATION_TANH, 0, 0, ELEMENTS, input, input, output, &check_error));
    memcpy(results += all, check_data(output), all * sizeof(float));
}

static void check_other_operators(cnn_isa isa)
{
    const size_t count = 5 * (size_t)ELEMENTS;
    float *expected = calloc(count, sizeof *expected), *found = calloc(count, sizeof *found);
    check_random random = {123};
    if (!expected || !found) abort();
    cnn_buffer *input = check_buffer(ELEMENTS, CHECK_END);
    check_fill_normal(&random, check_data(input), ELEMENTS);
    check_case("%s: other operators", cnn_isa_name(isa));
    cnn_context *one = check_context(isa, 1);
    run_others(one, input, expected);
    cnn_context_destroy(one);
    for (size_t i = 0; i < COUNTS; i++) {
        cnn_context *several = check_context(isa, thread_counts[i]);
        check_case("%s: other operators by %d threads", cnn_isa_name(isa), (int)thread_counts[i]);
        run_others(several, input, found);
        check_same_bits(found, expected, (int64_t)count, "operators by several threads");
        cnn_context_destroy(several);
    }
    check_release();
    free(expected);
    free(found);
}

/* Subnormals are flushed inside a job only: the caller's own arithmetic keeps them. */
static void check_floating_point_mode(cnn_isa isa)
{
    volatile float tiny = 1e-38f;
    const cnn_buffer *buffer = check_buffer(8, CHECK_END);
    cnn_context *context = check_context(isa, 2);
    check_case("%s: floating-point mode", cnn_isa_name(isa));
    CHECK_OK(cnn_activate(context, CNN_ACTIVATION_RELU, 0, 0, 8, buffer, buffer, &check_error));
    CHECK(tiny / 4 > 0, "the caller lost its subnormal numbers");
    cnn_context_destroy(context);
    check_release();
}

#if !defined(_WIN32)

/* What one of several callers does at the same time as the others, with a workspace of its own. */
#define CALLERS 4
typedef struct caller {
    const conv2d_case *layer;
    const cnn_context *context;
    const cnn_conv2d_plan *plan;
    cnn_buffer *packed, *input, *output, *workspace;
    cnn_status status;
} caller;

static void *call_often(void *argument)
{
    caller *c = argument;
    for (int i = 0; i < 20 && c->status == CNN_OK; i++)
        c->status = cnn_conv2d_run(c->context, c->plan, c->packed, c->input, NULL, c->output, c->workspace, NULL);
    return NULL;
}

/* Concurrent callers share plan, weights, input and the pool. */
static void check_concurrent_callers(cnn_isa isa)
{
    check_random random = {1};
    conv2d_case layer;
    caller callers[CALLERS];
    pthread_t threads[CALLERS];
    cnn_conv2d_plan *plan = NULL;
    cnn_conv2d_plan_info info;
    cnn_context *context = check_context(isa, 3);
    draw_layer(shapes[1], CONV2D_BIAS, &layer, &random);
    cnn_conv2d_plan_info_init(&info);
    const float *expected = conv2d_case_run(&layer, context, CNN_CONV2D_AUTO, CHECK_END);
    CHECK_OK(cnn_conv2d_plan_create(context, &layer.desc, &plan, &check_error));
    CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
    cnn_buffer *packed = check_aligned_buffer(info.packed_bytes);
    cnn_buffer *input = check_buffer_of(layer.input, layer.input_count, CHECK_END);
    const cnn_buffer *weights = check_buffer_of(layer.weights, layer.weights_count, CHECK_END);
    const cnn_buffer *bias = check_buffer_of(layer.bias, layer.desc.output_channels, CHECK_END);
    CHECK_OK(cnn_conv2d_pack(context, plan, weights, bias, packed, &check_error));
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (caller){&layer,
                              context,
                              plan,
                              packed,
                              input,
                              check_buffer(layer.output_count, CHECK_END),
                              check_aligned_buffer(3 * info.workspace_bytes_per_thread),
                              CNN_OK};
        CHECK(pthread_create(&threads[i], NULL, call_often, &callers[i]) == 0, "caller %d", i);
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(callers[i].status == CNN_OK, "status %d", (int)callers[i].status);
        if (expected) check_same_bits(check_data(callers[i].output), expected, layer.output_count, "concurrent callers");
    }
    cnn_conv2d_plan_destroy(plan);
    cnn_context_destroy(context);
    conv2d_case_free(&layer);
    check_release();
}

#else

static void check_concurrent_callers(cnn_isa isa)
{
    (void)isa;
}

#endif

void test_threads(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        check_convolutions(isas[i]);
        check_other_operators(isas[i]);
        check_floating_point_mode(isas[i]);
        check_concurrent_callers(isas[i]);
    }
}
