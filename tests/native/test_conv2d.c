/* test_conv2d.c - every way to compute a convolution, on every instruction set, against the sum that defines it; with
 * buffers whose next or previous byte may not be touched. */
#include "check_run.h"
#include "conv2d_case.h"
#include "shapes.h"

#include <stdlib.h>

#define RANDOM_CASES 600
#define WINOGRAD_ERROR 1e-4 /* of the largest output, on data of unit variance: what the header promises */

static const cnn_conv2d_algorithm algorithms[] = {CNN_CONV2D_AUTO,         CNN_CONV2D_IMPLICIT_GEMM, CNN_CONV2D_DEPTHWISE,
                                                  CNN_CONV2D_WINOGRAD_4X4, CNN_CONV2D_WINOGRAD_2X2,  CNN_CONV2D_SCATTER,
                                                  CNN_CONV2D_PLANES,       CNN_CONV2D_GROUPED};

typedef struct shape {
    int32_t batch, height, width, inputs, outputs, kernel, stride, padding, groups;
} shape;

/* Layers of known networks, in size or in the kind of their tails. */
static const shape shapes[] = {
    {1, 224, 224, 3, 64, 7, 2, 3, 1},   {1, 57, 55, 3, 32, 3, 2, 1, 1},     {2, 28, 28, 1, 6, 5, 1, 2, 1},
    {1, 14, 14, 256, 256, 3, 1, 1, 1},  {1, 7, 7, 512, 512, 3, 1, 1, 1},    {1, 28, 28, 128, 128, 3, 1, 1, 1},
    {1, 14, 14, 1024, 256, 1, 1, 0, 1}, {1, 7, 7, 2048, 512, 1, 1, 0, 1},   {1, 14, 14, 384, 384, 3, 1, 1, 384},
    {1, 30, 30, 32, 32, 3, 2, 1, 32},   {1, 14, 14, 64, 64, 5, 1, 2, 64},   {1, 14, 14, 128, 128, 3, 1, 1, 32},
    {1, 56, 56, 64, 64, 3, 1, 1, 1},    {3, 9, 9, 20, 50, 3, 1, 1, 1},      {1, 56, 56, 128, 128, 3, 1, 1, 32},
    {1, 28, 28, 512, 512, 3, 2, 1, 32}, {2, 29, 29, 104, 104, 3, 2, 1, 13}, {1, 17, 17, 24, 24, 3, 1, 1, 12}};

static void check_algorithms(const conv2d_case *given, const cnn_context *context, check_side side)
{
    const int is_3x3 = given->desc.kernel_height == 3 && given->desc.kernel_width == 3;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        const int may_be_winograd = algorithms[i] == CNN_CONV2D_AUTO || algorithms[i] == CNN_CONV2D_WINOGRAD_4X4 ||
                                    algorithms[i] == CNN_CONV2D_WINOGRAD_2X2;
        const float *output = conv2d_case_run(given, context, algorithms[i], side);
        if (output) conv2d_case_check(given, output, may_be_winograd && is_3x3 ? WINOGRAD_ERROR : 0);
        check_release();
    }
}

/* One case on every instruction set that the machine has. */
static void check_everywhere(const cnn_conv2d_desc *desc, int extras, int32_t threads, check_side side, check_random *random)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    conv2d_case given;
    conv2d_case_create(&given, desc, extras, random);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], threads);
        check_algorithms(&given, context, side);
        cnn_context_destroy(context);
    }
    conv2d_case_free(&given);
}

void test_conv2d(void)
{
    check_random random = {20261123};
    const int32_t cases = (int32_t)check_thinned(RANDOM_CASES, RANDOM_CASES / 3);
    for (int32_t n = 0; n < cases; n++) {
        cnn_conv2d_desc desc = conv2d_random_desc(&random);
        const int extras = check_range(&random, 0, 7);
        const int32_t channels = extras & CONV2D_TRANSPOSED ? desc.input_channels : desc.output_channels;
        if (n % 3 == 0) desc.output_stride = channels + check_range(&random, 0, 5);
        if (n % 5 == 0) desc.residual_stride = channels + check_range(&random, 0, 5);
        check_everywhere(&desc, extras, 1, n % 2 ? CHECK_START : CHECK_END, &random);
    }
}

void test_conv2d_layers(void)
{
    check_random random = {7};
    for (size_t n = 0; n < sizeof shapes / sizeof *shapes; n++) {
        const shape *s = &shapes[n];
        cnn_conv2d_desc desc;
        cnn_conv2d_desc_init(&desc);
        desc.batch = s->batch;
        desc.input_height = s->height;
        desc.input_width = s->width;
        desc.input_channels = s->inputs;
        desc.output_channels = s->outputs;
        desc.kernel_height = desc.kernel_width = s->kernel;
        desc.stride_height = desc.stride_width = s->stride;
        desc.padding_top = desc.padding_left = desc.padding_bottom = desc.padding_right = s->padding;
        desc.groups = s->groups;
        desc.activation = CNN_ACTIVATION_RELU;
        shape_shrink(&desc, (double)check_thinned(1000000000, 4000000)); /* channels and windows stay */
        check_everywhere(&desc, CONV2D_BIAS, 2, CHECK_END, &random);
        check_everywhere(&desc, CONV2D_TRANSPOSED | CONV2D_RESIDUAL, 2, CHECK_END, &random);
    }
}

/* Runs the convolution with Winograd's algorithm on two threads; returns the output, whose buffer check_release frees. */
static const float *run_large(const conv2d_case *given, const cnn_context *context, int32_t output_stride)
{
    conv2d_case one = *given;
    one.desc.output_stride = output_stride;
    return conv2d_case_run(&one, context, CNN_CONV2D_WINOGRAD_4X4, CHECK_END);
}

/* Outputs of 17 MB go past the caches, unless their pixels start in the middle of a cache line: to the same numbers. */
void test_conv2d_large_output(void)
{
    check_random random = {11};
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    cnn_conv2d_desc desc;
    conv2d_case given;
    cnn_conv2d_desc_init(&desc);
    desc.batch = 1;
    desc.input_height = desc.input_width = 130;
    desc.input_channels = 3;
    desc.output_channels = 256;
    desc.kernel_height = desc.kernel_width = 3;
    desc.padding_top = desc.padding_left = desc.padding_bottom = desc.padding_right = 1;
    desc.activation = CNN_ACTIVATION_RELU;
    conv2d_case_create(&given, &desc, CONV2D_BIAS, &random);
    const int64_t pixels = given.output_count / desc.output_channels;
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 2);
        const float *found = run_large(&given, context, desc.output_channels);
        const float *expected = run_large(&given, context, desc.output_channels + 1);
        for (int64_t p = 0; p < pixels; p++)
            if (!check_same_bits(found + p * desc.output_channels, expected + p * (desc.output_channels + 1),
                                 desc.output_channels, "large output"))
                break;
        conv2d_case_check(&given, found, WINOGRAD_ERROR);
        check_release();
        cnn_context_destroy(context);
    }
    conv2d_case_free(&given);
}
