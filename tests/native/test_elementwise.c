/* test_elementwise.c - activations over the whole range of a float, softmax, addition and strided copies. */
#include "check.h"
#include "check_run.h"
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_ULP 4.0 /* what the header promises for exp, tanh and sigmoid */

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Inputs that are spread over all exponents and both signs, and the special ones. */
#define SPREAD 60000
static void fill_spread(float *values)
{
    static const float special[] = {0.0f,          -0.0f,          NAN,    INFINITY, -INFINITY,
                                    3.4028235e38f, -3.4028235e38f, 88.72f, -87.33f,  1e-38f};
    for (uint32_t i = 0; i < SPREAD; i++)
        values[i] = float_of(i * 71583u + 12345u); /* 2^32 / 60000, an odd step */
    memcpy(values, special, sizeof special);
}

/* How far the result may be off. Subnormals are flushed, so a result or an input among them may be zero. */
static double bound_of(cnn_activation_kind kind, double alpha, double x, double expected)
{
    const double smallest = 1.2e-38, ulp = 0x1p-23 * fabs(expected) + smallest;
    switch (kind) {
    case CNN_ACTIVATION_TANH:
    case CNN_ACTIVATION_SIGMOID:
        return MOST_ULP * ulp;
    case CNN_ACTIVATION_ELU:
        return MOST_ULP * ulp + 0x1p-24 * fabs(alpha) * (x < 0 && x > -1 ? fabs(x) : 0);
    case CNN_ACTIVATION_GELU:
    case CNN_ACTIVATION_SILU:
    case CNN_ACTIVATION_SELU:
        return 2 * MOST_ULP * ulp + smallest * fabs(x);
    default:
        return 2 * ulp;
    }
}

static void check_kind(const cnn_context *context, cnn_activation_kind kind, float alpha)
{
    const cnn_buffer *input = check_buffer(SPREAD, CHECK_END), *output = check_buffer(SPREAD, CHECK_END);
    double worst = 0;
    fill_spread(check_data(input));
    check_case("%s: activation %d", cnn_isa_name(cnn_context_isa(context)), (int)kind);
    CHECK_OK(cnn_activate(context, kind, alpha, 0, SPREAD, input, output, &check_error));
    for (int64_t i = 0; i < SPREAD; i++) {
        const double x = check_data(input)[i], expected = (float)reference_activation(kind, alpha, 0, x);
        if (!check_near(check_data(output)[i], expected, bound_of(kind, alpha, x, expected), "activation", i))
            printf("  at x = %.9g\n", x);
        if (fabs(expected) > 1e-37) worst = fmax(worst, check_ulp(check_data(output)[i], expected));
    }
    if (kind == CNN_ACTIVATION_TANH || kind == CNN_ACTIVATION_SIGMOID) CHECK(worst <= MOST_ULP, "%.2f ulp", worst);
    check_release();
}

/* In place and beside it, every length up to 70, against both ends. */
static void check_lengths(const cnn_context *context)
{
    check_random random = {11};
    for (int32_t count = 1; count <= 70; count++)
        for (int32_t kind = 0; kind <= CNN_ACTIVATION_HARD_SWISH; kind++) {
            const check_side side = count % 2 ? CHECK_END : CHECK_START;
            const cnn_buffer *input = check_buffer(count, side), *output = check_buffer(count, side);
            const cnn_buffer *sum = check_buffer(count, side);
            check_case("%s: %d elements, activation %d", cnn_isa_name(cnn_context_isa(context)), (int)count, (int)kind);
            check_fill_normal(&random, check_data(input), count);
            CHECK_OK(cnn_activate(context, (cnn_activation_kind)kind, 0.3f, 0, count, input, output, &check_error));
            CHECK_OK(cnn_add(context, (cnn_activation_kind)kind, 0.3f, 0, count, input, output, sum, &check_error));
            for (int64_t i = 0; i < count; i++) {
                const double x = check_data(input)[i], y = check_data(output)[i];
                const double total = check_data(input)[i] + check_data(output)[i];
                check_near(y, reference_activation((cnn_activation_kind)kind, 0.3f, 0, x), 4e-7 * (1 + fabs(x)),
                           "activation", i);
                check_near(check_data(sum)[i], reference_activation((cnn_activation_kind)kind, 0.3f, 0, total),
                           4e-7 * (1 + fabs(total)), "sum", i);
            }
            CHECK_OK(cnn_activate(context, (cnn_activation_kind)kind, 0.3f, 0, count, input, input, &check_error));
            check_same_bits(check_data(input), check_data(output), count, "in place");
            check_release();
        }
}

static void check_softmax_row(const float *input, const float *output, int64_t channels)
{
    double largest = -INFINITY, sum = 0;
    int nan = 0;
    for (int64_t c = 0; c < channels; c++) {
        nan |= isnan(input[c]) || input[c] == INFINITY;
        largest = fmax(largest, input[c]);
    }
    for (int64_t c = 0; c < channels; c++)
        sum += exp(input[c] - largest);
    for (int64_t c = 0; c < channels; c++) {
        const double expected = nan || isinf(largest) ? NAN : exp(input[c] - largest) / sum;
        /* x - max is rounded, which exp multiplies; then the exponential's ulps, the sum's, and the division's. */
        const double argument = isfinite(expected) ? fmin(104, largest - input[c]) : 0;
        check_near(output[c], expected, (argument + 8 + (double)channels / 4) * 0x1p-24 * expected + 1.2e-38, "softmax", c);
    }
}

static void check_softmax_rows(const cnn_context *context)
{
    static const float special[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 200.0f, -200.0f};
    check_random random = {5};
    for (int32_t n = 0; n < 300; n++) {
        const int64_t rows = check_range(&random, 1, 4), channels = n < 70 ? n + 1 : check_range(&random, 1, 1100);
        const check_side side = n % 2 ? CHECK_END : CHECK_START;
        const cnn_buffer *input = check_buffer(rows * channels, side), *output = check_buffer(rows * channels, side);
        check_case("%s: softmax %lldx%lld", cnn_isa_name(cnn_context_isa(context)), (long long)rows, (long long)channels);
        for (int64_t i = 0; i < rows * channels; i++)
            check_data(input)[i] = 5 * check_normal(&random);
        if (n % 3 == 0) check_data(input)[check_range(&random, 0, (int32_t)channels - 1)] = special[n / 3 % 7];
        CHECK_OK(cnn_softmax(context, rows, channels, input, output, &check_error));
        for (int64_t row = 0; row < rows; row++)
            check_softmax_row(check_data(input) + row * channels, check_data(output) + row * channels, channels);
        CHECK_OK(cnn_softmax(context, rows, channels, input, input, &check_error));
        for (int64_t i = 0; i < rows * channels; i++)
            check_near(check_data(input)[i], check_data(output)[i], 0, "softmax in place", i);
        check_release();
    }
}

static void check_copies(const cnn_context *context)
{
    check_random random = {6};
    for (int32_t n = 0; n < 100; n++) {
        const int64_t rows = check_range(&random, 1, 9), length = check_range(&random, 1, 20);
        const int64_t from = check_range(&random, 0, 5), from_stride = length + check_range(&random, 0, 7);
        const int64_t to = check_range(&random, 0, 5), to_stride = length + check_range(&random, 0, 7);
        const int64_t to_count = to + (rows - 1) * to_stride + length;
        const cnn_buffer *source = check_buffer(from + (rows - 1) * from_stride + length, CHECK_END);
        const cnn_buffer *destination = check_buffer(to_count, CHECK_END);
        check_case("copy %lld rows of %lld", (long long)rows, (long long)length);
        check_fill_normal(&random, check_data(source), from + (rows - 1) * from_stride + length);
        CHECK_OK(cnn_copy_rows(context, rows, length, source, from, from_stride, destination, to, to_stride, &check_error));
        for (int64_t i = 0; i < to_count; i++) {
            const int64_t row = (i - to) / to_stride, column = (i - to) % to_stride;
            const int copied = i >= to && column < length;
            check_near(check_data(destination)[i], copied ? check_data(source)[from + row * from_stride + column] : NAN, 0,
                       "copy", i);
        }
        check_release();
    }
}

void test_elementwise(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        for (int32_t kind = 0; kind <= CNN_ACTIVATION_HARD_SWISH; kind++)
            check_kind(context, (cnn_activation_kind)kind, 0.2f);
        check_lengths(context);
        check_softmax_rows(context);
        check_copies(context);
        cnn_context_destroy(context);
    }
}
