/* test_norm.c - batch, group, instance and layer normalisation and their gradients on every instruction set: against float64
 * formulas, those against central differences, for any number of threads, with values that are hard, and misused. */
#include "check_run.h"
#include "norm_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_CASES 300

static reference_norm draw_shape(norm_kind kind, check_random *random)
{
    reference_norm n = {1, 1, 1, 1, 1e-5, 0};
    const int small = check_range(random, 0, 2) > 0;
    switch (kind) {
    case NORM_BATCH:
        n.pixels = check_range(random, 2, small ? 40 : 3000);
        n.groups = check_range(random, 1, small ? 40 : 300);
        break;
    case NORM_GROUP:
        n.samples = check_range(random, 1, 4);
        n.pixels = check_range(random, 1, small ? 40 : 900);
        n.groups = check_range(random, 1, 9);
        n.depth = check_range(random, 1, small ? 9 : 40);
        break;
    default:
        n.samples = check_range(random, 1, 40);
        n.depth = check_range(random, 1, small ? 40 : 1500);
        break;
    }
    n.relu = kind != NORM_LAYER && check_range(random, 0, 1);
    return n;
}

static void check_random_cases(void)
{
    static const double means[] = {0, 0, 1, -100, 3000};
    check_random random = {20261124};
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    const int32_t cases = (int32_t)check_thinned(RANDOM_CASES, RANDOM_CASES / 4);
    for (int32_t i = 0; i < cases; i++) {
        const norm_kind kind = (norm_kind)(i % 3);
        const reference_norm shape = draw_shape(kind, &random);
        norm_case given;
        norm_case_create(&given, kind, &shape, i % 4 != 0, means[i % 5], &random);
        given.in_place = i % 7 == 0;
        for (int32_t k = 0; k < count; k++) {
            cnn_context *context = check_context(isas[k], 1);
            const norm_result result = norm_case_run(&given, context, i % 2 ? CHECK_START : CHECK_END);
            norm_case_check(&given, &result);
            check_release();
            cnn_context_destroy(context);
        }
        norm_case_free(&given);
    }
}

/* sum of weights[i] output[i], which has the gradient `weights` at the output. */
static double loss(const reference_norm *n, const double *input, const double *gamma, const double *beta,
                   const float *weights, double *scratch)
{
    const int64_t elements = n->samples * n->pixels * n->groups * n->depth, statistics = n->samples * n->groups;
    double sum = 0, *output = scratch + 2 * statistics;
    reference_norm_forward(n, input, gamma, beta, scratch, scratch + statistics, output);
    for (int64_t i = 0; i < elements; i++)
        sum += weights[i] * output[i];
    return sum;
}

/* Central differences with step h = 1e-5 in float64: their own error is of the order of h^2 times the third derivative,
 * which is some 1e-8 here, and 2^-53 times the loss over h, some 1e-10; float32 results add some 1e-6. */
static void check_differences(norm_kind kind, reference_norm n, check_random *random)
{
    const double step = 1e-5, bound = 2e-5;
    norm_case given;
    norm_case_create(&given, kind, &n, 1, 0.5, random);
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const norm_result r = norm_case_run(&given, context, CHECK_END);
    double *values = calloc((size_t)(2 * given.elements + 2 * given.channels + 2 * given.statistics), sizeof *values);
    double *x = values, *gamma = x + given.elements, *beta = gamma + given.channels, *scratch = beta + given.channels;
    double *lists[] = {x, gamma, beta};
    const float *sources[] = {given.input, given.gamma, given.beta};
    const float *found[] = {r.input_gradient, r.gamma_gradient, r.beta_gradient};
    const int64_t counts[] = {given.elements, given.channels, given.channels};
    for (int list = 0; list < 3; list++)
        for (int64_t i = 0; i < counts[list]; i++)
            lists[list][i] = sources[list][i];
    for (int list = 0; list < 3; list++)
        for (int64_t i = 0; i < counts[list]; i++) {
            const double value = lists[list][i];
            lists[list][i] = value + step;
            const double above = loss(&n, x, gamma, beta, given.gradient, scratch);
            lists[list][i] = value - step;
            const double below = loss(&n, x, gamma, beta, given.gradient, scratch);
            lists[list][i] = value;
            check_near(found[list][i], (above - below) / (2 * step), bound, "difference", i);
        }
    free(values);
    check_release();
    cnn_context_destroy(context);
    norm_case_free(&given);
}

static void check_threads(norm_kind kind, reference_norm n, check_random *random)
{
    static const int32_t threads[] = {2, 3, 7};
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    norm_case given;
    norm_case_create(&given, kind, &n, 1, 1, random);
    for (int32_t k = 0; k < count; k++) {
        cnn_context *one = check_context(isas[k], 1);
        const norm_result first = norm_case_run(&given, one, CHECK_END);
        norm_case_check(&given, &first);
        for (int32_t t = 0; t < 3; t++) {
            cnn_context *many = check_context(isas[k], threads[t]);
            const norm_result other = norm_case_run(&given, many, CHECK_START);
            check_same_bits(other.output, first.output, given.elements, "output");
            check_same_bits(other.mean, first.mean, given.statistics, "mean");
            check_same_bits(other.inverse, first.inverse, given.statistics, "inverse");
            check_same_bits(other.input_gradient, first.input_gradient, given.elements, "input gradient");
            check_same_bits(other.gamma_gradient, first.gamma_gradient, given.channels, "gamma gradient");
            check_same_bits(other.beta_gradient, first.beta_gradient, given.channels, "beta gradient");
            cnn_context_destroy(many);
        }
        check_release();
        cnn_context_destroy(one);
    }
    norm_case_free(&given);
}

/* A NaN or an infinity spoils its own group and no other; huge values have a finite variance; constants give beta. */
static void check_hard_values(cnn_isa isa)
{
    enum { ROWS = 37, CHANNELS = 19 };
    const reference_norm n = {1, ROWS, CHANNELS, 1, 1e-5, isa & 1};
    check_random random = {5};
    norm_case given;
    norm_case_create(&given, NORM_BATCH, &n, 1, 0, &random);
    given.input[5 * CHANNELS + 2] = NAN;
    given.input[0 * CHANNELS + 3] = INFINITY;
    given.input[9 * CHANNELS + 4] = -INFINITY;
    for (int64_t row = 0; row < ROWS; row++) {
        given.input[row * CHANNELS + 6] = row % 2 ? 3e38f : -3e38f;
        given.input[row * CHANNELS + 18] = 12345.678f;
    }
    cnn_context *context = check_context(isa, 1);
    const norm_result r = norm_case_run(&given, context, CHECK_END);
    for (int64_t i = 0; i < given.elements; i++) {
        const int64_t c = i % CHANNELS;
        const double beta = given.beta[c] < 0 && n.relu ? 0 : given.beta[c];
        if (c == 2 || c == 3 || c == 4)
            CHECK(isnan(r.output[i]), "channel %d gives %g", (int)c, (double)r.output[i]);
        else
            CHECK(isfinite(r.output[i]), "channel %d gives %g", (int)c, (double)r.output[i]);
        /* scale is gamma / sqrt(epsilon), and mean scale is rounded once before it cancels */
        if (c == 18) check_near(r.output[i], beta, 12346 * 317 * 4 * 0x1p-24, "constant", i);
    }
    check_release();
    cnn_context_destroy(context);
    norm_case_free(&given);
}

void test_norm(void)
{
    check_random random = {99};
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_random_cases();
    check_differences(NORM_BATCH, (reference_norm){1, 11, 5, 1, 1e-5, 0}, &random);
    check_differences(NORM_BATCH, (reference_norm){1, 6, 3, 1, 1e-3, 1}, &random);
    check_differences(NORM_GROUP, (reference_norm){2, 5, 3, 2, 1e-5, 0}, &random);
    check_differences(NORM_GROUP, (reference_norm){2, 6, 1, 4, 1e-5, 1}, &random);
    check_differences(NORM_GROUP, (reference_norm){3, 7, 4, 1, 1e-5, 0}, &random);
    check_differences(NORM_LAYER, (reference_norm){4, 1, 1, 9, 1e-5, 0}, &random);
    check_threads(NORM_BATCH, (reference_norm){1, 9001, 24, 1, 1e-5, 1}, &random);
    check_threads(NORM_BATCH, (reference_norm){1, 500000, 1, 1, 1e-5, 0}, &random);
    check_threads(NORM_BATCH, (reference_norm){1, 700, 513, 1, 1e-5, 0}, &random);
    check_threads(NORM_GROUP, (reference_norm){3, 3000, 8, 4, 1e-5, 1}, &random);
    check_threads(NORM_GROUP, (reference_norm){9, 100, 64, 1, 1e-5, 0}, &random);
    check_threads(NORM_LAYER, (reference_norm){3000, 1, 1, 96, 1e-5, 0}, &random);
    check_threads(NORM_LAYER, (reference_norm){3, 1, 1, 150001, 1e-5, 0}, &random);
    check_threads(NORM_LAYER, (reference_norm){40, 1, 1, 5000, 1e-5, 0}, &random);
    for (int32_t i = 0; i < count; i++)
        check_hard_values(isas[i]);
}
