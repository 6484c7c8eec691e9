/* test_activation.c - activations, their derivatives and PReLU, on every instruction set, against float64: values, tails of
 * vectors, kinks, infinities, work in place, and the same bits for any number of threads. */
#include "check.h"
#include "check_run.h"
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KINDS (CNN_ACTIVATION_CLIP + 1)
#define MANY 400003 /* elements that are worth seven threads */
#define ULP 0x1p-23

static const float alphas[KINDS] = {0, 0, 0.1f, 0, 0, 0.7f, 0, 0, 0, 0, 0, 0.2f, 0, -1.5f};
static const float betas[KINDS] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5f, 0, 2.25f};

/* Each vector operation rounds once, and no formula has more than 16 of them on its way; the terms that are added up are at
 * most 1 + |x|, of which tails that are subtracted from 1 keep only the absolute part. */
static double bound_of(double x, double expected)
{
    return 16 * ULP * (fabs(expected) + (fabs(x) < 0.1 ? fabs(x) : 0.01 * (1 + fabs(x)))) + 1e-37;
}

static double derivative(cnn_activation_kind kind, double x)
{
    const double h = 1e-5, a = alphas[kind], b = betas[kind];
    return (reference_activation(kind, a, b, x + h) - reference_activation(kind, a, b, x - h)) / (2 * h);
}

/* The points where a derivative jumps. */
static int near_kink(cnn_activation_kind kind, double x)
{
    static const double kinks[KINDS][2] = {[CNN_ACTIVATION_HARD_SWISH] = {-3, 3},
                                           [CNN_ACTIVATION_HARD_SIGMOID] = {-2.5, 2.5},
                                           [CNN_ACTIVATION_CLIP] = {-1.5, 2.25}};
    return fabs(x - kinks[kind][0]) < 1e-4 || fabs(x - kinks[kind][1]) < 1e-4;
}

static void check_forward(const cnn_context *context, cnn_activation_kind kind, const float *x, int64_t count,
                          check_side side)
{
    const cnn_buffer *input = check_buffer_of(x, count, side), *output = check_buffer(count, side);
    const float a = alphas[kind], b = betas[kind];
    CHECK_OK(cnn_activate(context, kind, a, b, count, input, output, &check_error));
    CHECK_OK(cnn_activate(context, kind, a, b, count, input, input, &check_error));
    for (int64_t i = 0; i < count; i++) {
        const double expected = reference_activation(kind, a, b, x[i]);
        check_near(check_data(output)[i], expected, bound_of(x[i], expected), "activation", i);
    }
    check_same_bits(check_data(input), check_data(output), count, "in place");
}

static void check_backward(const cnn_context *context, cnn_activation_kind kind, const float *x, const float *dy,
                           int64_t count, check_side side)
{
    const cnn_buffer *input = check_buffer_of(x, count, side), *gradient = check_buffer_of(dy, count, side);
    const cnn_buffer *output = check_buffer(count, side), *sum = check_buffer_of(x, count, side);
    const float a = alphas[kind], b = betas[kind];
    CHECK_OK(cnn_activate_backward(context, kind, a, b, 0, count, input, gradient, output, &check_error));
    CHECK_OK(cnn_activate_backward(context, kind, a, b, 1, count, input, gradient, sum, &check_error));
    CHECK_OK(cnn_activate_backward(context, kind, a, b, 0, count, input, gradient, gradient, &check_error));
    for (int64_t i = 0; i < count; i++) {
        if (near_kink(kind, x[i])) continue;
        /* The difference quotient is off by h^2 / 6 times a third derivative below 2, and by rounding over h. */
        const double expected = dy[i] * derivative(kind, x[i]);
        const double bound = fabs(dy[i]) * (32 * ULP + 1e-9 * (1 + fabs(x[i])));
        check_near(check_data(output)[i], expected, bound, "gradient", i);
        check_near(check_data(sum)[i], x[i] + expected, bound + ULP * (fabs(x[i]) + fabs(expected)), "added gradient", i);
    }
    check_same_bits(check_data(gradient), check_data(output), count, "in place");
}

static void check_sizes(const cnn_context *context, check_random *random)
{
    float x[300], dy[300];
    for (int32_t n = 1; n <= 41; n++) {
        const int32_t count = n <= 40 ? n : 300;
        for (int32_t i = 0; i < count; i++) {
            x[i] = check_normal(random) * (i % 3 == 0 ? 10.0f : 1.5f);
            dy[i] = check_normal(random);
        }
        for (int32_t kind = 0; kind < KINDS; kind++) {
            check_case("%s activation %d, %d elements", cnn_isa_name(cnn_context_isa(context)), (int)kind, (int)count);
            check_forward(context, (cnn_activation_kind)kind, x, count, n % 2 ? CHECK_END : CHECK_START);
            check_backward(context, (cnn_activation_kind)kind, x, dy, count, n % 2 ? CHECK_END : CHECK_START);
            check_release();
        }
    }
}

typedef struct point {
    cnn_activation_kind kind;
    float x;
    float y;
    float slope;
} point;

/* Where the derivative jumps, and at the ends of the line. The values of y at -infinity that are 0 times infinity are NaN.
 */
static const point points[] = {
    {CNN_ACTIVATION_RELU, 0, 0, 0},
    {CNN_ACTIVATION_RELU, INFINITY, INFINITY, 1},
    {CNN_ACTIVATION_RELU, -INFINITY, 0, 0},
    {CNN_ACTIVATION_LEAKY_RELU, 0, 0, 0.1f},
    {CNN_ACTIVATION_TANH, INFINITY, 1, 0},
    {CNN_ACTIVATION_TANH, -3e38f, -1, 0},
    {CNN_ACTIVATION_TANH, 0, 0, 1},
    {CNN_ACTIVATION_SIGMOID, -INFINITY, 0, 0},
    {CNN_ACTIVATION_SIGMOID, 0, 0.5f, 0.25f},
    {CNN_ACTIVATION_SIGMOID, 3e38f, 1, 0},
    {CNN_ACTIVATION_ELU, 0, 0, 0.7f},
    {CNN_ACTIVATION_ELU, -INFINITY, -0.7f, 0},
    {CNN_ACTIVATION_SELU, 0, 0, 1.7580993408473766f},
    {CNN_ACTIVATION_GELU, INFINITY, INFINITY, 1},
    {CNN_ACTIVATION_GELU, -INFINITY, NAN, 0},
    {CNN_ACTIVATION_GELU, -3e38f, 0, 0},
    {CNN_ACTIVATION_SILU, INFINITY, INFINITY, 1},
    {CNN_ACTIVATION_SILU, -INFINITY, NAN, 0},
    {CNN_ACTIVATION_HARD_SWISH, -3, 0, -0.5f},
    {CNN_ACTIVATION_HARD_SWISH, 3, 3, 1.5f},
    {CNN_ACTIVATION_HARD_SWISH, -INFINITY, 0, 0},
    {CNN_ACTIVATION_HARD_SWISH, INFINITY, INFINITY, 1},
    {CNN_ACTIVATION_MISH, INFINITY, INFINITY, 1},
    {CNN_ACTIVATION_MISH, -INFINITY, NAN, 0},
    {CNN_ACTIVATION_MISH, 3e38f, 3e38f, 1},
    {CNN_ACTIVATION_MISH, 0, 0, 0.6f},
    {CNN_ACTIVATION_HARD_SIGMOID, 2.5f, 1, 0},
    {CNN_ACTIVATION_HARD_SIGMOID, -INFINITY, 0, 0},
    {CNN_ACTIVATION_SOFTPLUS, -INFINITY, 0, 0},
    {CNN_ACTIVATION_SOFTPLUS, INFINITY, INFINITY, 1},
    {CNN_ACTIVATION_SOFTPLUS, 3e38f, 3e38f, 1},
    {CNN_ACTIVATION_CLIP, -1.5f, -1.5f, 0},
    {CNN_ACTIVATION_CLIP, 2.25f, 2.25f, 0},
    {CNN_ACTIVATION_CLIP, INFINITY, 2.25f, 0},
    {CNN_ACTIVATION_CLIP, -INFINITY, -1.5f, 0},
};

static void check_points(const cnn_context *context)
{
    const float one = 1, nan = NAN;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        const point *p = &points[i];
        check_case("%s activation %d at %g", cnn_isa_name(cnn_context_isa(context)), (int)p->kind, (double)p->x);
        const cnn_buffer *x = check_buffer_of(&p->x, 1, CHECK_END), *dy = check_buffer_of(&one, 1, CHECK_END);
        const cnn_buffer *y = check_buffer(1, CHECK_END);
        const float a = alphas[p->kind], b = betas[p->kind];
        CHECK_OK(cnn_activate(context, p->kind, a, b, 1, x, y, &check_error));
        check_near(check_data(y)[0], p->y, fabs(p->y) * 2 * ULP, "value", (int64_t)i);
        CHECK_OK(cnn_activate_backward(context, p->kind, a, b, 0, 1, x, dy, y, &check_error));
        check_near(check_data(y)[0], p->slope, 4 * ULP, "slope", (int64_t)i);
        check_release();
    }
    for (int32_t kind = 0; kind < KINDS; kind++) {
        check_case("%s activation %d of NaN", cnn_isa_name(cnn_context_isa(context)), (int)kind);
        const cnn_buffer *x = check_buffer_of(&nan, 1, CHECK_END), *y = check_buffer_of(&one, 1, CHECK_END);
        CHECK_OK(cnn_activate(context, (cnn_activation_kind)kind, alphas[kind], betas[kind], 1, x, y, &check_error));
        CHECK(isnan(check_data(y)[0]), "found %g", (double)check_data(y)[0]);
        check_release();
    }
}

static float *random_values(check_random *random, int64_t count)
{
    float *values = check_floats(count, CHECK_END);
    check_fill_normal(random, values, count);
    return values;
}

static void check_threads(cnn_isa isa, check_random *random)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    const int64_t channels = 37, rows = MANY / channels, count = rows * channels;
    int64_t bytes = 0;
    float *x = random_values(random, count), *dy = random_values(random, count), *slopes = random_values(random, channels);
    CHECK_OK(cnn_prelu_backward_workspace(rows, channels, &bytes, &check_error));
    const cnn_buffer *input = check_buffer_of(x, count, CHECK_END), *gradient = check_buffer_of(dy, count, CHECK_END);
    const cnn_buffer *slope = check_buffer_of(slopes, channels, CHECK_END), *workspace = check_aligned_buffer(bytes);
    const float *first[4] = {0};
    for (int32_t t = 0; t < 4; t++) {
        cnn_context *context = check_context(isa, threads[t]);
        const cnn_buffer *out[4] = {check_buffer(count, CHECK_END), check_buffer(count, CHECK_END),
                                    check_buffer(count, CHECK_END), check_buffer(channels, CHECK_END)};
        const int64_t sizes[4] = {count, count, count, channels};
        check_case("%s with %d threads", cnn_isa_name(isa), (int)threads[t]);
        CHECK_OK(cnn_activate_backward(context, CNN_ACTIVATION_MISH, 0, 0, 0, count, input, gradient, out[0], &check_error));
        CHECK_OK(cnn_prelu(context, rows, channels, input, slope, out[1], &check_error));
        CHECK_OK(
            cnn_prelu_backward(context, rows, channels, 0, input, slope, gradient, out[2], out[3], workspace, &check_error));
        for (int32_t o = 0; o < 4; o++) {
            if (t == 0) first[o] = check_data(out[o]);
            check_same_bits(check_data(out[o]), first[o], sizes[o], "threads");
        }
        cnn_context_destroy(context);
    }
    check_release();
}

static void check_prelu_case(const cnn_context *context, int64_t rows, int64_t channels, check_random *random)
{
    const int64_t count = rows * channels;
    const check_side side = rows % 2 ? CHECK_END : CHECK_START;
    int64_t bytes = 0;
    float *x = random_values(random, count), *dy = random_values(random, count), *s = random_values(random, channels);
    check_case("%s prelu %lld x %lld", cnn_isa_name(cnn_context_isa(context)), (long long)rows, (long long)channels);
    CHECK_OK(cnn_prelu_backward_workspace(rows, channels, &bytes, &check_error));
    const cnn_buffer *input = check_buffer_of(x, count, side), *slopes = check_buffer_of(s, channels, side);
    const cnn_buffer *gradient = check_buffer_of(dy, count, side), *output = check_buffer(count, side);
    const cnn_buffer *dx = check_buffer(count, side), *ds = check_buffer(channels, side);
    const cnn_buffer *workspace = check_aligned_buffer(bytes);
    CHECK_OK(cnn_prelu(context, rows, channels, input, slopes, output, &check_error));
    CHECK_OK(cnn_prelu_backward(context, rows, channels, 0, input, slopes, gradient, dx, ds, workspace, &check_error));
    CHECK_OK(cnn_prelu_backward(context, rows, channels, 1, input, slopes, gradient, dx, ds, workspace, &check_error));
    for (int64_t c = 0; c < channels; c++) {
        double sum = 0, magnitude = 0;
        for (int64_t i = c; i < count; i += channels) {
            const double y = x[i] < 0 ? (double)s[c] * x[i] : x[i], slope = x[i] > 0 ? 1 : s[c];
            check_near(check_data(output)[i], y, ULP * fabs(y), "prelu", i);
            check_near(check_data(dx)[i], 2 * slope * dy[i], 2 * ULP * fabs(slope * dy[i]), "prelu gradient", i);
            sum += x[i] < 0 ? (double)x[i] * dy[i] : 0;
            magnitude += fabs((double)x[i] * dy[i]);
        }
        /* At most 64 products are added in float32 before float64 takes over. */
        check_near(check_data(ds)[c], 2 * sum, 2 * 66 * 0x1p-24 * magnitude, "slope gradient", c);
    }
    check_release();
}

static void check_prelu_cases(const cnn_context *context, check_random *random)
{
    static const int64_t sizes[][2] = {{100, 1}, {9, 513}, {2, 1025}, {3, 2100}, {30000, 3}, {700, 256}, {130, 600}};
    for (int64_t n = 1; n <= 40; n++)
        check_prelu_case(context, 1 + n % 7, n, random);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_prelu_case(context, sizes[i][0], sizes[i][1], random);
}

static void check_misuse(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const cnn_buffer *a = check_buffer(12, CHECK_END), *b = check_buffer(12, CHECK_END), *c = check_buffer(12, CHECK_END);
    const cnn_buffer *w = check_aligned_buffer(1024);
    cnn_buffer *shifted = NULL;
    int64_t bytes = 0;
    const cnn_activation_kind relu = CNN_ACTIVATION_RELU, wrong = (cnn_activation_kind)KINDS;
    check_case("misuse");
    CHECK_OK(cnn_buffer_view(a, 4, 40, &shifted, &check_error));
#define BACKWARD(kind, accumulate, count, x, dy, dx)                                                                        \
    cnn_activate_backward(context, kind, 0, 0, accumulate, count, x, dy, dx, &check_error)
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate_backward(NULL, relu, 0, 0, 0, 4, a, b, c, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, BACKWARD(wrong, 0, 4, a, b, c));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_activate(context, wrong, 0, 0, 4, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, BACKWARD(relu, 2, 4, a, b, c));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, BACKWARD(relu, 0, 0, a, b, c));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, BACKWARD(relu, 0, 4, NULL, b, c));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, BACKWARD(relu, 0, 4, a, NULL, c));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, BACKWARD(relu, 0, 4, a, b, NULL));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, BACKWARD(relu, 0, 13, a, b, c));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, BACKWARD(relu, 0, INT64_MAX, a, b, c));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, BACKWARD(relu, 0, 4, a, b, a));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, BACKWARD(relu, 0, 4, b, a, shifted));
#undef BACKWARD
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_prelu(context, INT64_MAX, 2, a, b, c, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_prelu(context, -1, 2, a, b, c, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_prelu(context, 5, 3, a, b, c, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_prelu(context, 4, 3, a, b, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_prelu_backward_workspace(4, 3, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_prelu_backward_workspace(0, 3, &bytes, &check_error));
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_prelu_backward_workspace(INT64_MAX, 3, &bytes, &check_error));
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_prelu_backward_workspace(1, INT64_MAX / 5, &bytes, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_prelu_backward(context, 3, 2, 0, a, b, c, c, b, w, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_prelu_backward(context, 3, 2, 0, a, b, c, c, c, w, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_prelu_backward(context, 3, 2, 0, a, b, a, a, c, w, &check_error));
    cnn_buffer_destroy(shifted);
    cnn_context_destroy(context);
    check_release();
}

void test_activation(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_random random = {1};
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_sizes(context, &random);
        check_points(context);
        check_prelu_cases(context, &random);
        cnn_context_destroy(context);
        check_threads(isas[i], &random);
    }
    check_misuse();
}
