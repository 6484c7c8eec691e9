/* random.c - tensors of random numbers, for weights: checks and the split over threads. The generator has no state, so each
 * piece computes its own positions, and how the work is split changes nothing. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "threads.h"

#include <math.h>

#define PIECE 4096  /* elements of a work item */
#define COST_WORD 4 /* of an element, in vectorised multiply-accumulates */
#define COST_NORMAL 40

typedef struct random_job {
    const cnn_kernels *kernels;
    uint64_t seed;
    uint64_t offset;
    int64_t count;
    float first;  /* low or mean */
    float second; /* high or deviation */
    float *output;
} random_job;

static int64_t end_of(const random_job *job, int64_t end)
{
    return end * PIECE < job->count ? end * PIECE : job->count;
}

static void uniform_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const random_job *job = argument;
    const int64_t first = begin * PIECE;
    (void)thread;
    job->kernels->random_uniform(job->seed, job->offset + (uint64_t)first, end_of(job, end) - first, job->first, job->second,
                                 job->output + first);
}

static void normal_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const random_job *job = argument;
    const int64_t first = begin * PIECE;
    (void)thread;
    job->kernels->random_normal(job->seed, job->offset + (uint64_t)first, end_of(job, end) - first, job->first, job->second,
                                job->output + first);
}

static cnn_status check(const cnn_context *context, random_job *job, const cnn_buffer *output, const char *operation,
                        cnn_error *error)
{
    static const char *const names[] = {"count"};
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_check(1, &job->count, names, operation, error));
    CNN_TRY(cnn_buffer_check(output, job->count, operation, "output", error));
    job->kernels = context->kernels;
    job->output = cnn_buffer_floats_mutable(output);
    return CNN_OK;
}

cnn_status cnn_random_uniform(const cnn_context *context, uint64_t seed, uint64_t offset, int64_t count, float low,
                              float high, const cnn_buffer *output, cnn_error *error)
{
    random_job job = {.seed = seed, .offset = offset, .count = count, .first = low, .second = high};
    CNN_TRY(check(context, &job, output, "random_uniform", error));
    if (!isfinite(low) || !isfinite(high) || high < low)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "random_uniform: the range is %g to %g, expected finite values in rising order.", (double)low,
                        (double)high);
    return cnn_report(cnn_parallel(context, (count + PIECE - 1) / PIECE, PIECE * COST_WORD, uniform_pieces, &job),
                      "random_uniform", error);
}

cnn_status cnn_random_normal(const cnn_context *context, uint64_t seed, uint64_t offset, int64_t count, float mean,
                             float deviation, const cnn_buffer *output, cnn_error *error)
{
    random_job job = {.seed = seed, .offset = offset, .count = count, .first = mean, .second = deviation};
    CNN_TRY(check(context, &job, output, "random_normal", error));
    if (!isfinite(mean) || !isfinite(deviation) || deviation < 0)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "random_normal: mean %g and deviation %g, expected finite values and a deviation of at least 0.",
                        (double)mean, (double)deviation);
    return cnn_report(cnn_parallel(context, (count + PIECE - 1) / PIECE, PIECE * COST_NORMAL, normal_pieces, &job),
                      "random_normal", error);
}
