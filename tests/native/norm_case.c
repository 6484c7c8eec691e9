/* norm_case.c - making, running and judging one normalisation. */
#include "norm_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOMENTUM 0.25f
#define UNIT 0x1p-24

static void *allocate(int64_t count, size_t size)
{
    void *memory = calloc((size_t)(count > 0 ? count : 1), size);
    if (!memory) {
        fprintf(stderr, "no memory for a test\n");
        exit(2);
    }
    return memory;
}

void norm_case_create(norm_case *made, norm_kind kind, const reference_norm *shape, int affine, double mean,
                      check_random *random)
{
    *made = (norm_case){.kind = kind, .shape = *shape, .affine = affine};
    made->channels = shape->groups * shape->depth;
    made->elements = shape->samples * shape->pixels * made->channels;
    made->statistics = shape->samples * shape->groups;
    made->input = allocate(made->elements, sizeof(float));
    made->gradient = allocate(made->elements, sizeof(float));
    made->gamma = allocate(made->channels, sizeof(float));
    made->beta = allocate(made->channels, sizeof(float));
    check_fill_normal(random, made->input, made->elements);
    check_fill_normal(random, made->gradient, made->elements);
    check_fill_normal(random, made->gamma, made->channels);
    check_fill_normal(random, made->beta, made->channels);
    for (int64_t i = 0; i < made->elements; i++)
        made->input[i] += (float)mean;
}

void norm_case_free(norm_case *made)
{
    free(made->input);
    free(made->gradient);
    free(made->gamma);
    free(made->beta);
}

typedef struct norm_buffers {
    const cnn_buffer *input, *gamma, *beta, *output, *mean, *inverse, *running_mean, *running_variance, *gradient;
    const cnn_buffer *input_gradient, *gamma_gradient, *beta_gradient;
} norm_buffers;

static void run_batch(const norm_case *given, const cnn_context *context, const norm_buffers *b)
{
    cnn_batch_norm_desc desc;
    int64_t bytes = 0;
    cnn_batch_norm_desc_init(&desc);
    desc.rows = given->shape.pixels;
    desc.channels = given->channels;
    desc.epsilon = (float)given->shape.epsilon;
    desc.momentum = MOMENTUM;
    desc.activation = given->shape.relu ? CNN_ACTIVATION_RELU : CNN_ACTIVATION_NONE;
    CHECK_OK(cnn_batch_norm_workspace_bytes(&desc, &bytes, &check_error));
    const cnn_buffer *workspace = check_aligned_buffer(bytes);
    CHECK_OK(cnn_batch_norm_train(context, &desc, b->input, b->gamma, b->beta, b->running_mean, b->running_variance,
                                  b->output, b->mean, b->inverse, workspace, &check_error));
    if (given->in_place) memcpy(check_data(b->input), given->input, (size_t)given->elements * sizeof(float));
    CHECK_OK(cnn_batch_norm_backward(context, &desc, b->input, b->gradient, b->gamma, b->beta, b->mean, b->inverse,
                                     b->input_gradient, b->gamma_gradient, b->beta_gradient, workspace, &check_error));
}

static void run_group(const norm_case *given, const cnn_context *context, const norm_buffers *b)
{
    cnn_group_norm_desc desc;
    int64_t bytes = 0;
    cnn_group_norm_desc_init(&desc);
    desc.batch = given->shape.samples;
    desc.pixels = given->shape.pixels;
    desc.channels = given->channels;
    desc.groups = given->shape.groups;
    desc.epsilon = (float)given->shape.epsilon;
    desc.activation = given->shape.relu ? CNN_ACTIVATION_RELU : CNN_ACTIVATION_NONE;
    CHECK_OK(cnn_group_norm_workspace_bytes(&desc, &bytes, &check_error));
    const cnn_buffer *workspace = check_aligned_buffer(bytes);
    CHECK_OK(cnn_group_norm(context, &desc, b->input, b->gamma, b->beta, b->output, b->mean, b->inverse, workspace,
                            &check_error));
    if (given->in_place) memcpy(check_data(b->input), given->input, (size_t)given->elements * sizeof(float));
    CHECK_OK(cnn_group_norm_backward(context, &desc, b->input, b->gradient, b->gamma, b->beta, b->mean, b->inverse,
                                     b->input_gradient, b->gamma_gradient, b->beta_gradient, workspace, &check_error));
}

static void run_layer(const norm_case *given, const cnn_context *context, const norm_buffers *b)
{
    cnn_layer_norm_desc desc;
    int64_t bytes = 0;
    cnn_layer_norm_desc_init(&desc);
    desc.rows = given->shape.samples;
    desc.length = given->channels;
    desc.epsilon = (float)given->shape.epsilon;
    CHECK_OK(cnn_layer_norm_workspace_bytes(&desc, &bytes, &check_error));
    const cnn_buffer *workspace = check_aligned_buffer(bytes);
    CHECK_OK(cnn_layer_norm(context, &desc, b->input, b->gamma, b->beta, b->output, b->mean, b->inverse, workspace,
                            &check_error));
    if (given->in_place) memcpy(check_data(b->input), given->input, (size_t)given->elements * sizeof(float));
    CHECK_OK(cnn_layer_norm_backward(context, &desc, b->input, b->gradient, b->gamma, b->mean, b->inverse, b->input_gradient,
                                     b->gamma_gradient, b->beta_gradient, workspace, &check_error));
}

norm_result norm_case_run(const norm_case *given, const cnn_context *context, check_side side)
{
    const int64_t elements = given->elements, channels = given->channels, statistics = given->statistics;
    const int running = given->kind == NORM_BATCH;
    norm_buffers b = {.input = check_buffer_of(given->input, elements, side),
                      .gradient = check_buffer_of(given->gradient, elements, side),
                      .gamma = given->affine ? check_buffer_of(given->gamma, channels, side) : NULL,
                      .beta = given->affine ? check_buffer_of(given->beta, channels, side) : NULL,
                      .mean = check_buffer(statistics, side),
                      .inverse = check_buffer(statistics, side),
                      .running_mean = running ? check_buffer_of(given->beta, channels, side) : NULL,
                      .running_variance = running ? check_buffer_of(given->gamma, channels, side) : NULL,
                      .gamma_gradient = check_buffer(channels, side),
                      .beta_gradient = check_buffer(channels, side)};
    float *forward = check_floats(elements, side);
    b.output = given->in_place ? b.input : check_buffer(elements, side);
    b.input_gradient = given->in_place ? b.gradient : check_buffer(elements, side);
    check_case("%s %d threads: norm %d of %lld x %lld x %lld x %lld, relu %d, affine %d, in place %d",
               cnn_isa_name(cnn_context_isa(context)), (int)cnn_context_threads(context), (int)given->kind,
               (long long)given->shape.samples, (long long)given->shape.pixels, (long long)given->shape.groups,
               (long long)given->shape.depth, given->shape.relu, given->affine, given->in_place);
    norm_result result = {.mean = check_data(b.mean),
                          .inverse = check_data(b.inverse),
                          .running_mean = running ? check_data(b.running_mean) : NULL,
                          .running_variance = running ? check_data(b.running_variance) : NULL,
                          .input_gradient = check_data(b.input_gradient),
                          .gamma_gradient = check_data(b.gamma_gradient),
                          .beta_gradient = check_data(b.beta_gradient)};
    if (given->in_place) { /* the output is overwritten by the input again, so it is taken from a run that is not */
        norm_case apart = *given;
        apart.in_place = 0;
        const norm_result other = norm_case_run(&apart, context, side);
        memcpy(forward, other.output, (size_t)elements * sizeof(float));
        result.output = forward;
    } else {
        result.output = check_data(b.output);
    }
    (given->kind == NORM_BATCH ? run_batch : given->kind == NORM_GROUP ? run_group : run_layer)(given, context, &b);
    return result;
}

static double *widened(const float *values, int64_t count)
{
    double *wide = allocate(count, sizeof *wide);
    for (int64_t i = 0; i < count; i++)
        wide[i] = values[i];
    return wide;
}

static double largest(const float *values, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)values[i]));
    return most;
}

/* With u = 2^-24: mean, 1 / deviation, scale and offset are each rounded once from float64, and the result once more, so an
 * output is off by at most u (3 |xn gamma| + 2 |mean scale| + |beta| + |y|). Float64 sums add what is nothing beside it. */
static void check_forward(const norm_case *given, const norm_result *r, const double *x, double *gamma, double *beta)
{
    const reference_norm *n = &given->shape;
    double *mean = allocate(given->statistics, sizeof *mean), *variance = allocate(given->statistics, sizeof *variance);
    double *output = allocate(given->elements, sizeof *output);
    const double count = (double)(n->pixels * n->depth), most = largest(given->input, given->elements);
    reference_norm_forward(n, x, gamma, beta, mean, variance, output);
    for (int64_t i = 0; i < given->statistics; i++) {
        const double inverse = 1 / sqrt(variance[i] + n->epsilon);
        if (!check_near(r->mean[i], mean[i], UNIT * fabs(mean[i]) + 1e-12 * most, "mean", i)) break;
        if (!check_near(r->inverse[i], inverse, 1.01 * UNIT * inverse, "inverse", i)) break;
        if (given->kind != NORM_BATCH) continue;
        const double running = 0.75 * given->beta[i] + 0.25 * mean[i];
        const double spread = 0.75 * given->gamma[i] + 0.25 * variance[i] * count / (count - 1);
        check_near(r->running_mean[i], running, 2 * UNIT * (fabs(mean[i]) + fabs(running)) + 1e-12 * most, "running mean",
                   i);
        check_near(r->running_variance[i], spread, 2 * UNIT * fabs(spread) + 1e-12, "running variance", i);
    }
    for (int64_t i = 0; i < given->elements; i++) {
        const int64_t c = i % given->channels, k = i / given->channels / n->pixels * n->groups + c / n->depth;
        const double scale = fabs(gamma ? gamma[c] : 1) / sqrt(variance[k] + n->epsilon);
        const double bound = 4 * UNIT * (scale * (fabs(x[i] - mean[k]) + fabs(mean[k])) + fabs(beta ? beta[c] : 0));
        if (!check_near(r->output[i], output[i], bound + 1e-37, "normalised", i)) break;
    }
    free(mean);
    free(variance);
    free(output);
}

/* The reference gets the same rounded statistics. by_gradient, slope and constant are rounded once each, and two results:
 * u (2 |gamma inverse g| + 3 |slope| (|x| + |mean|) + 3 |inverse mean(gamma g)|). The last term is for float64 sums. */
static void check_backward(const norm_case *given, const norm_result *r, const double *x, double *gamma)
{
    const reference_norm *n = &given->shape;
    double *dy = widened(given->gradient, given->elements), *dx = allocate(given->elements, sizeof *dx);
    double *mean = widened(r->mean, given->statistics), *inverse = widened(r->inverse, given->statistics);
    double *dgamma = allocate(given->channels, sizeof *dgamma), *dbeta = allocate(given->channels, sizeof *dbeta);
    unsigned char *active = allocate(given->elements, 1);
    const double most = largest(given->gradient, given->elements) * (gamma ? largest(given->gamma, given->channels) : 1);
    for (int64_t i = 0; i < given->elements; i++)
        active[i] = r->output[i] > 0;
    reference_norm_backward(n, x, dy, gamma, mean, inverse, n->relu ? active : NULL, dx, dgamma, dbeta);
    for (int64_t i = 0; i < given->elements; i++) {
        const int64_t c = i % given->channels, k = i / given->channels / n->pixels * n->groups + c / n->depth;
        const double own = fabs((gamma ? gamma[c] : 1) * dy[i]), normal = fabs(x[i] - mean[k]) * inverse[k];
        const double bound = 4 * UNIT * inverse[k] * (own + most + most * (normal + 2 * fabs(mean[k]) * inverse[k]));
        if (!check_near(r->input_gradient[i], dx[i], bound + 1e-37, "input gradient", i)) break;
    }
    const double terms = (double)(n->samples * n->pixels) * 1e-14, wide = largest(given->gradient, given->elements);
    const double reach = wide * (1 + largest(given->input, given->elements) * largest(r->inverse, given->statistics));
    for (int64_t c = 0; c < given->channels; c++) {
        check_near(r->gamma_gradient[c], dgamma[c], 1.01 * UNIT * fabs(dgamma[c]) + terms * reach, "gamma gradient", c);
        check_near(r->beta_gradient[c], dbeta[c], 1.01 * UNIT * fabs(dbeta[c]) + terms * wide, "beta gradient", c);
    }
    free(dy);
    free(dx);
    free(mean);
    free(inverse);
    free(dgamma);
    free(dbeta);
    free(active);
}

void norm_case_check(const norm_case *given, const norm_result *result)
{
    double *x = widened(given->input, given->elements);
    double *gamma = given->affine ? widened(given->gamma, given->channels) : NULL;
    double *beta = given->affine ? widened(given->beta, given->channels) : NULL;
    check_forward(given, result, x, gamma, beta);
    check_backward(given, result, x, gamma);
    free(x);
    free(gamma);
    free(beta);
}
