/* test_conv2d_gradient.c - the gradient of convolutions by weights and bias, against the sums that define it. The gradient
 * by the input is a transposed convolution, which test_conv2d.c checks. */
#include "check_run.h"
#include "conv2d_case.h"
#include "reference.h"
#include "shapes.h"

#include <math.h>
#include <stdlib.h>

#define RANDOM_CASES 500

/* Gradients of a case, and the sums of the absolute values of their terms. */
typedef struct gradients {
    double *weights, *weight_magnitudes, *bias, *bias_magnitudes;
    int64_t pixels;
} gradients;

static double *zeros(int64_t count)
{
    double *values = calloc((size_t)count, sizeof *values);
    if (!values) abort();
    return values;
}

static gradients reference_gradients(const conv2d_case *given, const float *output_gradient)
{
    gradients g = {zeros(given->weights_count), zeros(given->weights_count), zeros(given->output_channels),
                   zeros(given->output_channels), given->output_count / given->output_channels};
    const cnn_conv2d_desc *d = &given->desc;
    for (int64_t i = 0; i < given->output_count; i++) {
        g.bias[i % given->output_channels] += output_gradient[i];
        g.bias_magnitudes[i % given->output_channels] += fabs((double)output_gradient[i]);
    }
    reference_conv2d_weights(d, given->input, output_gradient, g.weights, g.weight_magnitudes);
    return g;
}

static void free_gradients(gradients *g)
{
    free(g->weights);
    free(g->weight_magnitudes);
    free(g->bias);
    free(g->bias_magnitudes);
}

/* What one call gave, in memory that check_release frees. */
typedef struct result {
    const float *weights, *bias;
} result;

static result run(const conv2d_case *given, const float *output_gradient, const cnn_context *context, int32_t accumulate,
                  float before, check_side side)
{
    cnn_conv2d_plan *plan = NULL;
    int64_t bytes = 0;
    CHECK_OK(cnn_conv2d_plan_create(context, &given->desc, &plan, &check_error));
    CHECK_OK(cnn_conv2d_backward_weights_workspace(context, plan, &bytes, &check_error));
    const cnn_buffer *input = check_buffer_of(given->input, given->input_count, side);
    const cnn_buffer *gradient = check_buffer_of(output_gradient, given->output_count, side);
    const cnn_buffer *weights = check_buffer(given->weights_count, side);
    const cnn_buffer *bias = check_buffer(given->output_channels, side), *workspace = check_aligned_buffer(bytes);
    if (accumulate) CHECK_OK(cnn_buffer_fill(weights, before, &check_error));
    if (accumulate) CHECK_OK(cnn_buffer_fill(bias, before, &check_error));
    CHECK_OK(
        cnn_conv2d_backward_weights(context, plan, input, gradient, accumulate, weights, bias, workspace, &check_error));
    cnn_conv2d_plan_destroy(plan);
    const result made = {check_data(weights), check_data(bias)};
    return made;
}

/* What the library promises of Winograd's algorithm, relative to the largest gradient. */
#define WINOGRAD_ERROR 1e-4

static int may_use_winograd(const cnn_conv2d_desc *d)
{
    return d->algorithm != CNN_CONV2D_IMPLICIT_GEMM && d->kernel_height == 3 && d->kernel_width == 3 && d->groups == 1;
}

static void compare(const gradients *expected, const conv2d_case *given, const result *found, double before)
{
    const double unit = 0x1p-24, terms = (double)expected->pixels + 3;
    double largest = 0;
    for (int64_t i = 0; i < given->weights_count && may_use_winograd(&given->desc); i++)
        largest = fmax(largest, fabs(expected->weights[i]));
    for (int64_t i = 0; i < given->weights_count; i++) {
        const double direct = terms * unit * (expected->weight_magnitudes[i] + before) + 1e-36;
        const double bound = direct + WINOGRAD_ERROR * largest;
        if (!check_near(found->weights[i], expected->weights[i] + before, bound, "gradient of the weights", i)) break;
    }
    for (int64_t i = 0; i < given->output_channels; i++) {
        const double bound = terms * unit * (expected->bias_magnitudes[i] + before) + 1e-36;
        if (!check_near(found->bias[i], expected->bias[i] + before, bound, "gradient of the bias", i)) break;
    }
}

static void check_one(const cnn_conv2d_desc *desc, int32_t n, check_random *random)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    conv2d_case given;
    conv2d_case_create(&given, desc, CONV2D_PLAIN, random);
    float *output_gradient = malloc((size_t)given.output_count * sizeof(float));
    if (!output_gradient) abort();
    check_fill_normal(random, output_gradient, given.output_count);
    gradients expected = reference_gradients(&given, output_gradient);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1 + n % 2);
        conv2d_case_name(&given, context, "weight gradient");
        const result found = run(&given, output_gradient, context, n % 3 == 0, 0.5f, n % 2 ? CHECK_START : CHECK_END);
        compare(&expected, &given, &found, n % 3 == 0 ? 0.5 : 0);
        cnn_context_destroy(context);
        check_release();
    }
    free_gradients(&expected);
    free(output_gradient);
    conv2d_case_free(&given);
}

/* Slabs that are parts of images, single images and several; chunks; rows with and without padding; long sums. */
static const int32_t layers[][9] = {
    /* batch, height, width, inputs, outputs, kernel, stride, padding, groups */
    {2, 56, 56, 16, 24, 3, 1, 1, 1},
    {9, 7, 7, 40, 33, 3, 1, 1, 1},
    {2, 224, 224, 3, 16, 7, 2, 3, 1},
    {3, 28, 28, 1, 6, 5, 1, 0, 1},
    {5, 14, 14, 50, 70, 1, 1, 0, 1},
    {2, 29, 31, 20, 20, 3, 2, 1, 20},
    {3, 15, 14, 48, 48, 5, 1, 2, 48},
    {2, 9, 17, 37, 37, 7, 1, 3, 37},
    {3, 21, 20, 32, 32, 5, 2, 1, 32},
    {1, 5, 6, 512, 512, 3, 1, 1, 512},
    {3, 210, 230, 16, 16, 3, 2, 1, 16},
    {4, 12, 12, 12, 24, 3, 1, 1, 4},
    {2, 400, 3, 4, 5, 3, 1, 1, 1},
    {11, 3, 5, 8, 17, 3, 1, 2, 1},
    {3, 28, 28, 1, 32, 3, 1, 1, 1},
    {2, 32, 30, 3, 64, 3, 2, 1, 1},
    {1, 9, 300, 2, 16, 5, 1, 2, 1},
    /* Pixels that are copied apart, on either side and on both; more than a cache holds, so that the next slab is fetched */
    {2, 9, 8, 512, 48, 1, 1, 0, 1},
    {3, 7, 7, 48, 512, 1, 1, 0, 1},
    {2, 11, 12, 512, 512, 1, 2, 0, 1},
    {3, 100, 100, 32, 48, 1, 1, 0, 1},
    {3, 99, 101, 32, 48, 1, 2, 0, 1},
    {2, 120, 130, 24, 48, 3, 1, 1, 1},
    /* Winograd: several chunks, parts of the output channels, tails, and tiles over the edge */
    {6, 18, 22, 67, 72, 3, 1, 1, 1},
    {3, 16, 16, 32, 150, 3, 1, 1, 1},
    {9, 13, 9, 19, 37, 3, 1, 0, 1},
};

static cnn_conv2d_desc layer_desc(const int32_t *layer)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.batch = layer[0];
    desc.input_height = layer[1];
    desc.input_width = layer[2];
    desc.input_channels = layer[3];
    desc.output_channels = layer[4];
    desc.kernel_height = desc.kernel_width = layer[5];
    desc.stride_height = desc.stride_width = layer[6];
    desc.padding_top = desc.padding_left = desc.padding_bottom = desc.padding_right = layer[7];
    desc.groups = layer[8];
    return desc;
}

static void check_same_for_threads(const cnn_conv2d_desc *desc, check_random *random)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    conv2d_case given;
    conv2d_case_create(&given, desc, CONV2D_PLAIN, random);
    float *output_gradient = malloc((size_t)given.output_count * sizeof(float));
    if (!output_gradient) abort();
    check_fill_normal(random, output_gradient, given.output_count);
    for (int32_t i = 0; i < count; i++) {
        result first = {NULL, NULL};
        for (int32_t threads = 1; threads <= 7; threads += 2) {
            cnn_context *context = check_context(isas[i], threads);
            conv2d_case_name(&given, context, "weight gradient");
            const result found = run(&given, output_gradient, context, 0, 0, CHECK_END);
            if (!first.weights) first = found;
            check_same_bits(found.weights, first.weights, given.weights_count, "gradient by several threads");
            check_same_bits(found.bias, first.bias, given.output_channels, "gradient by several threads");
            cnn_context_destroy(context);
        }
        check_release();
    }
    free(output_gradient);
    conv2d_case_free(&given);
}

static void check_misuse_of_gradients(void)
{
    const cnn_conv2d_desc desc = layer_desc(layers[5]);
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    cnn_conv2d_plan *plan = NULL;
    cnn_buffer *input = check_buffer(2 * 29 * 31 * 20, CHECK_END), *workspace = check_aligned_buffer(1 << 20);
    cnn_buffer *gradient = check_buffer(2 * 15 * 16 * 20, CHECK_END), *weights = check_buffer(180, CHECK_END);
    cnn_buffer *small = check_buffer(3, CHECK_END);
    int64_t bytes = 0;
    check_case("misuse of gradients");
    CHECK_OK(cnn_conv2d_transpose_plan_create(context, &desc, &plan, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_backward_weights_workspace(context, plan, &bytes, &check_error));
    cnn_conv2d_plan_destroy(plan);
    CHECK_OK(cnn_conv2d_plan_create(context, &desc, &plan, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_conv2d_backward_weights_workspace(context, plan, NULL, &check_error));
    const struct {
        const cnn_buffer *input, *gradient, *weights, *bias, *workspace;
        cnn_status status;
    } calls[] = {
        {NULL, gradient, weights, NULL, workspace, CNN_INVALID_ARGUMENT},
        {input, NULL, weights, NULL, workspace, CNN_INVALID_ARGUMENT},
        {input, gradient, NULL, NULL, workspace, CNN_INVALID_ARGUMENT},
        {input, gradient, weights, NULL, NULL, CNN_INVALID_ARGUMENT},
        {small, gradient, weights, NULL, workspace, CNN_BUFFER_TOO_SMALL},
        {input, small, weights, NULL, workspace, CNN_BUFFER_TOO_SMALL},
        {input, gradient, small, NULL, workspace, CNN_BUFFER_TOO_SMALL},
        {input, gradient, weights, small, workspace, CNN_BUFFER_TOO_SMALL},
        {input, gradient, weights, NULL, small, CNN_BUFFER_TOO_SMALL},
        {input, gradient, gradient, NULL, workspace, CNN_INVALID_ARGUMENT},
        {input, gradient, weights, weights, workspace, CNN_INVALID_ARGUMENT},
        {workspace, gradient, weights, NULL, workspace, CNN_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        check_case("misuse of gradients, call %d", (int)i);
        CHECK_STATUS(calls[i].status,
                     cnn_conv2d_backward_weights(context, plan, calls[i].input, calls[i].gradient, 0, calls[i].weights,
                                                 calls[i].bias, calls[i].workspace, &check_error));
    }
    cnn_conv2d_plan_destroy(plan);
    cnn_context_destroy(context);
    check_release();
}

void test_conv2d_gradient(void)
{
    check_random random = {77};
    const int32_t cases = (int32_t)check_thinned(RANDOM_CASES, RANDOM_CASES / 4);
    for (int32_t n = 0; n < cases; n++) {
        const cnn_conv2d_desc desc = conv2d_random_desc(&random);
        check_one(&desc, n, &random);
    }
    for (size_t n = 0; n < 2 * sizeof layers / sizeof *layers; n++) {
        cnn_conv2d_desc desc = layer_desc(layers[n / 2]);
        desc.algorithm = n % 2 ? CNN_CONV2D_AUTO : CNN_CONV2D_IMPLICIT_GEMM;
        if (n % 2 && !may_use_winograd(&desc)) continue;
        shape_shrink(&desc, (double)check_thinned(1000000000, 3000000)); /* three times what is worth a second thread */
        check_one(&desc, (int32_t)n, &random);
        check_same_for_threads(&desc, &random);
    }
    check_misuse_of_gradients();
}
