/* test_lrn.c - local response normalisation and its gradient against their formulas in float64, and the formula of the
 * gradient against central differences. */
#include "check_run.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 700 /* channels */

static double sum_at(const cnn_lrn_desc *d, const double *x, int64_t c)
{
    double sum = 0;
    for (int64_t i = c - (d->size - 1) / 2; i <= c + d->size / 2; i++)
        if (i >= 0 && i < d->channels) sum += x[i] * x[i];
    return d->bias + (double)d->alpha / d->size * sum;
}

/* Checks rows of float32 results. A sum of `size` squares is off by at most (size + 3) u of itself, which the exponent
 * multiplies; the power and the products add some roundings each. */
static void check_rows(const cnn_lrn_desc *d, const float *input, const float *gradient, const float *output,
                       const float *input_gradient)
{
    const double unit = 0x1p-24, forward = unit * ((d->size + 3) * (double)d->beta + 8);
    double x[MOST];
    for (int64_t row = 0; row < d->rows; row++) {
        const int64_t at = row * d->channels;
        for (int64_t c = 0; c < d->channels; c++)
            x[c] = input[at + c];
        for (int64_t c = 0; c < d->channels; c++) {
            const double expected = x[c] * pow(sum_at(d, x, c), -(double)d->beta);
            double across = 0, magnitude = 0;
            for (int64_t j = c - d->size / 2; j <= c + (d->size - 1) / 2; j++) {
                if (j < 0 || j >= d->channels) continue;
                const double term = gradient[at + j] * x[j] * pow(sum_at(d, x, j), -(double)d->beta - 1);
                across += term;
                magnitude += fabs(term);
            }
            const double own = gradient[at + c] * pow(sum_at(d, x, c), -(double)d->beta);
            const double by = 2.0 * d->alpha * d->beta / d->size * x[c];
            check_near(output[at + c], expected, forward * fabs(expected) + 1e-37, "lrn", c);
            check_near(input_gradient[at + c], own - by * across,
                       (2 * forward + unit * (2 * d->size + 12)) * (fabs(own) + fabs(by) * magnitude) + 1e-37,
                       "lrn gradient", c);
        }
    }
}

static void name_case(const cnn_lrn_desc *d, const cnn_context *context)
{
    check_case("%s %d threads: lrn of %lld x %lld, size %d, alpha %g, beta %g, bias %g",
               cnn_isa_name(cnn_context_isa(context)), (int)cnn_context_threads(context), (long long)d->rows,
               (long long)d->channels, (int)d->size, (double)d->alpha, (double)d->beta, (double)d->bias);
}

/* Runs one case on one context. The results live until check_release. */
static const float *run(const cnn_lrn_desc *d, const cnn_context *context, const float *input, const float *gradient,
                        check_side side, const float **output)
{
    const int64_t elements = d->rows * d->channels;
    const cnn_buffer *x = check_buffer_of(input, elements, side), *dy = check_buffer_of(gradient, elements, side);
    const cnn_buffer *y = check_buffer(elements, side), *dx = check_buffer(elements, side);
    name_case(d, context);
    CHECK_OK(cnn_lrn(context, d, x, y, &check_error));
    CHECK_OK(cnn_lrn_backward(context, d, x, dy, dx, &check_error));
    CHECK_OK(cnn_lrn(context, d, x, x, &check_error));
    check_same_bits(check_data(x), check_data(y), elements, "in place");
    *output = check_data(y);
    return check_data(dx);
}

static void check_sizes(const cnn_lrn_desc *d, check_random *random, check_side side)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    const int64_t elements = d->rows * d->channels;
    float *input = malloc((size_t)elements * sizeof *input), *gradient = malloc((size_t)elements * sizeof *gradient);
    check_fill_normal(random, input, elements);
    check_fill_normal(random, gradient, elements);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *one = check_context(isas[i], 1), *many = check_context(isas[i], 3);
        const float *output, *shared, *result = run(d, one, input, gradient, side, &output);
        const float *other = run(d, many, input, gradient, side, &shared);
        check_rows(d, input, gradient, output, result);
        check_same_bits(shared, output, elements, "threads");
        check_same_bits(other, result, elements, "threads of the gradient");
        check_release();
        cnn_context_destroy(one);
        cnn_context_destroy(many);
    }
    free(input);
    free(gradient);
}

/* The formula of the gradient, by step 1e-5: float32 results are what limits the agreement. */
static void check_differences(int32_t size, float beta)
{
    enum { CHANNELS = 11 };
    check_random random = {3};
    cnn_lrn_desc d;
    cnn_lrn_desc_init(&d);
    d.rows = 1;
    d.channels = CHANNELS;
    d.size = size;
    d.alpha = 0.7f;
    d.beta = beta;
    float input[CHANNELS], gradient[CHANNELS];
    double x[CHANNELS];
    check_fill_normal(&random, input, CHANNELS);
    check_fill_normal(&random, gradient, CHANNELS);
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const float *output, *found = run(&d, context, input, gradient, CHECK_END, &output);
    for (int64_t i = 0; i < CHANNELS; i++)
        x[i] = input[i];
    for (int64_t i = 0; i < CHANNELS; i++) {
        double sides[2] = {0, 0};
        for (int side = 0; side < 2; side++) {
            x[i] = input[i] + (side ? 1e-5 : -1e-5);
            for (int64_t c = 0; c < CHANNELS; c++)
                sides[side] += gradient[c] * x[c] * pow(sum_at(&d, x, c), -(double)beta);
        }
        x[i] = input[i];
        check_near(found[i], (sides[1] - sides[0]) / 2e-5, 4e-6, "difference", i);
    }
    check_release();
    cnn_context_destroy(context);
}

static void check_misuse(void)
{
    cnn_lrn_desc d;
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const cnn_buffer *buffer = check_buffer(12, CHECK_END), *other = check_buffer(12, CHECK_END);
    const cnn_buffer *small = check_buffer(11, CHECK_END);
    cnn_lrn_desc_init(&d);
    check_case("misuse of lrn");
    d.rows = 3;
    d.channels = 4;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_lrn(context, &d, buffer, other, &check_error));
    d.size = 256;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_lrn(context, &d, buffer, other, &check_error));
    d.size = 5;
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_lrn(context, &d, buffer, small, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_lrn(NULL, &d, buffer, other, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_lrn(context, NULL, buffer, other, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_lrn(context, &d, NULL, other, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_lrn_backward(context, &d, buffer, other, other, &check_error));
    d.rows = INT64_MAX / 2;
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_lrn(context, &d, buffer, other, &check_error));
    d.struct_size = 0;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_lrn(context, &d, buffer, other, &check_error));
    check_release();
    cnn_context_destroy(context);
}

void test_lrn(void)
{
    static const float betas[] = {0.75f, 0.5f, 1.0f, 0.6f};
    check_random random = {11};
    cnn_lrn_desc d;
    cnn_lrn_desc_init(&d);
    for (int32_t n = 0; n < 160; n++) {
        if (!check_wanted(n / 16, 3)) continue; /* sixteen have all kinds of sizes */
        d.rows = check_range(&random, 1, 5);
        d.channels = n < 80 ? check_range(&random, 1, 40) : check_range(&random, 200, MOST);
        d.size = n % 16 == 15 ? check_range(&random, 100, 255) : check_range(&random, 1, 9);
        d.alpha = check_uniform(&random, 0, 2);
        d.beta = betas[n % 4];
        d.bias = check_uniform(&random, 0.5f, 2);
        check_sizes(&d, &random, n % 2 ? CHECK_START : CHECK_END);
    }
    d.rows = 900;
    d.channels = 64;
    d.size = 5;
    check_sizes(&d, &random, CHECK_END);
    check_differences(5, 0.75f);
    check_differences(4, 0.6f);
    check_misuse();
}
