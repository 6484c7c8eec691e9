/* optimizer.c - optimiser steps and the norm of a gradient: checks, and the constants of a step, worked out in float64. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "pieces.h"
#include "platform.h"
#include "threads.h"

#include <math.h>

#define SLAB 32768 /* elements whose squares are summed by one kernel call */

typedef struct optimizer_job {
    const cnn_kernels *kernels;
    cnn_optimizer_work work;
    int64_t count;
    float *parameters;
    const float *gradient;
    float *first;
    float *second;
    double *partials;
} optimizer_job;

static void step_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const optimizer_job *job = argument;
    const int64_t first = begin * CNN_PIECE, last = cnn_smaller(end * CNN_PIECE, job->count);
    (void)thread;
    job->kernels->optimize(&job->work, last - first, job->parameters + first, job->gradient + first,
                           job->first ? job->first + first : NULL, job->second ? job->second + first : NULL);
}

void cnn_optimizer_desc_init(cnn_optimizer_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_optimizer_desc){.struct_size = (uint32_t)sizeof *desc,
                                 .step = 1,
                                 .learning_rate = 0.001,
                                 .beta1 = 0.9,
                                 .beta2 = 0.999,
                                 .epsilon = 1e-8,
                                 .gradient_scale = 1};
}

static int is_adam(const cnn_optimizer_desc *desc)
{
    return desc->kind == CNN_OPTIMIZER_ADAM || desc->kind == CNN_OPTIMIZER_ADAMW;
}

static cnn_status check_desc(const cnn_optimizer_desc *desc, cnn_error *error)
{
    const char *const operation = "optimizer_step";
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_optimizer_desc", error));
    if (desc->kind < CNN_OPTIMIZER_SGD || desc->kind > CNN_OPTIMIZER_RMSPROP || desc->step < 1)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: kind is %d and step %lld, expected a value of cnn_optimizer_kind and at least 1.", operation,
                        (int)desc->kind, (long long)desc->step);
    if (!(desc->beta1 >= 0 && desc->beta1 < 1 && desc->beta2 >= 0 && desc->beta2 < 1))
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: beta1 is %g and beta2 %g, expected at least 0 and less than 1.",
                        operation, desc->beta1, desc->beta2);
    return CNN_OK;
}

static cnn_optimizer_work work_of(const cnn_optimizer_desc *desc)
{
    const int adam = is_adam(desc), apart = desc->kind == CNN_OPTIMIZER_ADAMW;
    const double step = (double)desc->step;
    return (cnn_optimizer_work){
        .kind = desc->kind,
        .nesterov = desc->kind == CNN_OPTIMIZER_SGD && desc->nesterov != 0,
        .scale = (float)desc->gradient_scale,
        .decay = apart ? 0 : (float)desc->weight_decay,
        .shrink = apart ? (float)(1 - desc->learning_rate * desc->weight_decay) : 1,
        .keep1 = (float)(adam ? desc->beta1 : desc->momentum),
        .take1 = adam ? (float)(1 - desc->beta1) : 1,
        .keep2 = (float)desc->beta2,
        .take2 = (float)(1 - desc->beta2),
        .inverse = adam ? (float)(1 / sqrt(1 - pow(desc->beta2, step))) : 1,
        .epsilon = (float)desc->epsilon,
        .rate = (float)(adam ? desc->learning_rate / (1 - pow(desc->beta1, step)) : desc->learning_rate)};
}

/* The state is there where the rule has it, holds `count` elements, and no two tensors overlap. */
static cnn_status check_tensors(const cnn_buffer *const *tensors, const int *wanted, int64_t count, cnn_error *error)
{
    static const char *const names[] = {"parameters", "gradient", "first", "second"};
    const char *const operation = "optimizer_step";
    for (int i = 0; i < 4; i++) {
        if (!wanted[i] && tensors[i])
            return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: '%s' is given, but this rule has none; expected null.",
                            operation, names[i]);
        if (!wanted[i]) continue;
        CNN_TRY(cnn_buffer_check(tensors[i], count, operation, names[i], error));
        for (int j = 0; j < i; j++)
            if (tensors[j]) CNN_TRY(cnn_buffer_check_apart(tensors[j], count, tensors[i], count, operation, error));
    }
    return CNN_OK;
}

cnn_status cnn_optimizer_step(const cnn_context *context, const cnn_optimizer_desc *desc, int64_t count,
                              const cnn_buffer *parameters, const cnn_buffer *gradient, const cnn_buffer *first,
                              const cnn_buffer *second, cnn_error *error)
{
    static const char *const names[] = {"count"};
    const cnn_buffer *const tensors[] = {parameters, gradient, first, second};
    CNN_TRY(cnn_require(context, "optimizer_step", "context", error));
    CNN_TRY(check_desc(desc, error));
    CNN_TRY(cnn_sizes_check(1, &count, names, "optimizer_step", error));
    const int momentum = desc->momentum > 0 || desc->momentum < 0;
    const int wanted[] = {1, 1, is_adam(desc) || momentum, desc->kind != CNN_OPTIMIZER_SGD};
    CNN_TRY(check_tensors(tensors, wanted, count, error));
    const uint64_t mode = cnn_begin_arithmetic();
    const cnn_optimizer_work work = work_of(desc);
    cnn_end_arithmetic(mode, &work);
    optimizer_job job = {.kernels = context->kernels,
                         .work = work,
                         .count = count,
                         .parameters = cnn_buffer_floats_mutable(parameters),
                         .gradient = cnn_buffer_floats(gradient),
                         .first = first ? cnn_buffer_floats_mutable(first) : NULL,
                         .second = second ? cnn_buffer_floats_mutable(second) : NULL};
    return cnn_report(cnn_parallel(context, cnn_pieces(count, CNN_PIECE), CNN_PIECE * 2, step_pieces, &job),
                      "optimizer_step", error);
}

static void square_slabs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const optimizer_job *job = argument;
    (void)thread;
    for (int64_t slab = begin; slab < end; slab++)
        job->partials[slab] =
            job->kernels->sum_of_squares(cnn_smaller(SLAB, job->count - slab * SLAB), job->gradient + slab * SLAB);
}

cnn_status cnn_sum_of_squares_workspace(int64_t count, int64_t *bytes, cnn_error *error)
{
    static const char *const names[] = {"count"};
    CNN_TRY(cnn_require(bytes, "sum_of_squares", "bytes", error));
    CNN_TRY(cnn_sizes_check(1, &count, names, "sum_of_squares", error));
    *bytes = cnn_pieces(count, SLAB) * (int64_t)sizeof(double);
    return CNN_OK;
}

cnn_status cnn_sum_of_squares(const cnn_context *context, int64_t count, const cnn_buffer *input,
                              const cnn_buffer *workspace, double *sum, cnn_error *error)
{
    const char *const operation = "sum_of_squares";
    int64_t bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(sum, operation, "sum", error));
    CNN_TRY(cnn_sum_of_squares_workspace(count, &bytes, error));
    CNN_TRY(cnn_buffer_check(input, count, operation, "input", error));
    CNN_TRY(cnn_buffer_check(workspace, bytes / (int64_t)sizeof(float), operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
    optimizer_job job = {
        .kernels = context->kernels, .count = count, .gradient = cnn_buffer_floats(input), .partials = workspace->data};
    const int64_t slabs = cnn_pieces(count, SLAB);
    CNN_TRY(cnn_report(cnn_parallel(context, slabs, SLAB, square_slabs, &job), operation, error));
    double total = 0;
    const uint64_t mode = cnn_begin_arithmetic();
    for (int64_t slab = 0; slab < slabs; slab++)
        total += job.partials[slab];
    *sum = total;
    cnn_end_arithmetic(mode, NULL);
    return CNN_OK;
}
