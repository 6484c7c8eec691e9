/* test_hostile.c - convolutions of values that nobody wishes for: NaN, infinities, subnormals and very large floats. */
#include "check_run.h"
#include "conv2d_case.h"

#include <math.h>

/* Winograd's transforms mix the pixels of a tile, so that a special value spreads over the tile; the direct sums must be
 * special exactly where the definition is. */
static void compare(const conv2d_case *given, const float *output, int mixes)
{
    for (int64_t i = 0; i < given->output_count; i++) {
        const double expected = given->sums[i];
        if (isnan(expected))
            CHECK(isnan(output[i]), "element %lld is %g", (long long)i, (double)output[i]);
        else if (isinf(expected))
            CHECK(mixes ? !isfinite(output[i]) : (double)output[i] == expected, "element %lld is %g, expected %g",
                  (long long)i, (double)output[i], expected);
        else if (!mixes)
            CHECK(isfinite(output[i]), "element %lld is %g, expected %g", (long long)i, (double)output[i], expected);
    }
}

static void check_algorithms(const conv2d_case *given, cnn_isa isa)
{
    cnn_context *context = check_context(isa, 1);
    for (int32_t algorithm = CNN_CONV2D_IMPLICIT_GEMM; algorithm <= CNN_CONV2D_GROUPED; algorithm++) {
        const int mixes = algorithm == CNN_CONV2D_WINOGRAD_4X4 || algorithm == CNN_CONV2D_WINOGRAD_2X2;
        const float *output = conv2d_case_run(given, context, (cnn_conv2d_algorithm)algorithm, CHECK_END);
        if (output) compare(given, output, mixes);
        check_release();
    }
    cnn_context_destroy(context);
}

/* One special element in the input or in the weights, with one group, groups of four and one for each channel. */
static void check_special_values(cnn_isa isa)
{
    static const float specials[] = {NAN, INFINITY, -INFINITY};
    static const int32_t groups[] = {1, 3, 12};
    for (int32_t n = 0; n < 18; n++) {
        const int in_input = n % 6 < 3;
        check_random random = {(uint64_t)n};
        conv2d_case drawn;
        cnn_conv2d_desc desc;
        cnn_conv2d_desc_init(&desc);
        desc.input_height = 9;
        desc.input_width = 10;
        desc.input_channels = desc.output_channels = 12;
        desc.groups = groups[n % 3];
        desc.kernel_height = desc.kernel_width = 3;
        /* Zeros of the padding may be multiplied with an infinite weight or left out: either is allowed. */
        desc.padding_mode = in_input ? CNN_PADDING_SAME : CNN_PADDING_VALID;
        conv2d_case_create(&drawn, &desc, 1, &random);
        (in_input ? drawn.input : drawn.weights)[70] = specials[n / 6];
        conv2d_case_expect(&drawn);
        check_algorithms(&drawn, isa);
        conv2d_case_free(&drawn);
    }
}

/* All inputs the same extreme value: the bounds of the sums hold, or the sum overflows as the definition does. */
static void check_extreme_values(cnn_isa isa)
{
    static const float extremes[] = {1e-40f, 1e-30f, 1e30f, 0.0f, -0.0f};
    for (int32_t n = 0; n < 5; n++) {
        check_random random = {(uint64_t)n};
        conv2d_case drawn;
        const cnn_conv2d_desc desc = conv2d_random_desc(&random);
        conv2d_case_create(&drawn, &desc, 0, &random);
        drawn.desc.activation = CNN_ACTIVATION_NONE;
        for (int64_t i = 0; i < drawn.input_count; i++)
            drawn.input[i] = extremes[n];
        conv2d_case_expect(&drawn);
        for (int32_t algorithm = CNN_CONV2D_AUTO; algorithm <= CNN_CONV2D_GROUPED; algorithm++) {
            cnn_context *context = check_context(isa, 1);
            const float *output = conv2d_case_run(&drawn, context, (cnn_conv2d_algorithm)algorithm, CHECK_END);
            if (output) conv2d_case_check(&drawn, output, 1e-4);
            cnn_context_destroy(context);
            check_release();
        }
        conv2d_case_free(&drawn);
    }
}

void test_hostile(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        check_special_values(isas[i]);
        check_extreme_values(isas[i]);
    }
}
