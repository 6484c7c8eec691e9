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

/* What a value reaches: an output of its own statistics (or of its channel), in an array that the caller indexes. */
static void mark(const norm_case *given, int64_t at, int by_channel, unsigned char *elements, unsigned char *channels)
{
    const reference_norm *n = &given->shape;
    const int64_t c = at % given->channels, sample = at / given->channels / n->pixels;
    for (int64_t i = 0; i < given->elements; i++) {
        const int64_t other = i % given->channels;
        const int same_group = i / given->channels / n->pixels == sample && other / n->depth == c / n->depth;
        elements[i] = (unsigned char)(by_channel ? other == c : same_group);
    }
    for (int64_t i = 0; i < given->channels; i++)
        channels[i] = (unsigned char)(i == c);
}

/* A special value in one input or gradient spoils what its own mean and variance are for, forward or backward, a special
 * gamma or beta its channel; no other result may change by a bit. */
static void check_spread_of(norm_kind kind, reference_norm n, cnn_isa isa)
{
    static const float specials[] = {NAN, INFINITY, -INFINITY};
    enum { MOST = 1200 };
    static unsigned char reached[MOST], channel[MOST];
    static float output[MOST], gradient[MOST], by_gamma[MOST], by_beta[MOST];
    cnn_context *context = check_context(isa, 1);
    check_random random = {6};
    norm_case given;
    norm_case_create(&given, kind, &n, 1, 0, &random);
    norm_result r = norm_case_run(&given, context, CHECK_END);
    memcpy(output, r.output, (size_t)given.elements * sizeof(float));
    memcpy(gradient, r.input_gradient, (size_t)given.elements * sizeof(float));
    memcpy(by_gamma, r.gamma_gradient, (size_t)given.channels * sizeof(float));
    memcpy(by_beta, r.beta_gradient, (size_t)given.channels * sizeof(float));
    check_release();
    for (int32_t i = 0; i < 36; i++) {
        const int64_t at = check_range(&random, 0, (int32_t)given.elements - 1), c = at % given.channels;
        const int32_t list = i % 4; /* input, gradient, gamma, beta */
        float *const lists[] = {given.input + at, given.gradient + at, given.gamma + c, given.beta + c};
        const float was = *lists[list], special = specials[i / 4 % 3];
        *lists[list] = special;
        mark(&given, at, list >= 2, reached, channel);
        r = norm_case_run(&given, context, i % 2 ? CHECK_START : CHECK_END);
        if (list == 0) { /* 1 / deviation is NaN */
            check_spread(r.output, output, given.elements, reached, NAN, "output");
            check_spread(r.input_gradient, gradient, given.elements, reached, NAN, "input gradient");
            check_same_bits(r.beta_gradient, by_beta, given.channels, "gradient of beta");
        } else if (list == 1) {
            check_same_bits(r.output, output, given.elements, "output");
            check_spread(r.input_gradient, gradient, given.elements, reached, special, "input gradient");
            check_spread(r.gamma_gradient, by_gamma, given.channels, channel, special, "gradient of gamma");
            check_spread(r.beta_gradient, by_beta, given.channels, channel, special, "gradient of beta");
        } else {
            check_spread(r.output, output, given.elements, reached, special, "output");
            check_same_bits(r.gamma_gradient, by_gamma, given.channels, "gradient of gamma");
            if (list == 3) check_same_bits(r.input_gradient, gradient, given.elements, "input gradient");
        }
        *lists[list] = was;
        check_release();
    }
    norm_case_free(&given);
    cnn_context_destroy(context);
}

/* Subnormal numbers count as zeros: where there is nothing else, the output is beta, as it is for zeros of either sign. */
static void check_tiny_values(norm_kind kind, reference_norm n, cnn_isa isa)
{
    static const float values[] = {0.0f, -0.0f, 1e-40f, -1e-40f};
    cnn_context *context = check_context(isa, 1);
    check_random random = {7};
    norm_case given;
    norm_case_create(&given, kind, &n, 1, 0, &random);
    for (int32_t i = 0; i < 4; i++) {
        for (int64_t e = 0; e < given.elements; e++)
            given.input[e] = values[i];
        const norm_result r = norm_case_run(&given, context, CHECK_END);
        /* 1e-40 / sqrt(1e-5) gamma is what it may be off by where it is not flushed */
        for (int64_t e = 0; e < given.elements; e++)
            if (!check_near(r.output[e], given.beta[e % given.channels], 1e-36, "beta", e)) break;
        for (int64_t e = 0; e < given.elements; e++)
            if (!CHECK(isfinite(r.input_gradient[e]), "gradient %lld of zeros", (long long)e)) break;
        check_release();
    }
    norm_case_free(&given);
    cnn_context_destroy(context);
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
    for (int32_t i = 0; i < count; i++) {
        const reference_norm batch = {1, 23, 37, 1, 1e-5, 0}, group = {3, 5, 4, 19, 1e-5, 0}, layer = {9, 1, 1, 75, 1e-5, 0};
        check_hard_values(isas[i]);
        check_spread_of(NORM_BATCH, batch, isas[i]);
        check_spread_of(NORM_GROUP, group, isas[i]);
        check_spread_of(NORM_LAYER, layer, isas[i]);
        check_tiny_values(NORM_BATCH, batch, isas[i]);
        check_tiny_values(NORM_GROUP, group, isas[i]);
        check_tiny_values(NORM_LAYER, layer, isas[i]);
    }
}
