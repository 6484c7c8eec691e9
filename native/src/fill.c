/* fill.c - constants and arithmetic sequences: the tensors that are made of nothing. Split over threads, for one thread
 * alone does not reach the speed of the memory everywhere. */
#include "fill.h"

#include "buffer.h"
#include "error.h"
#include "geometry.h"
#include "threads.h"

#define PIECE 4096 /* elements of a work item */

typedef struct fill_job {
    const cnn_kernels *kernels;
    int64_t count;
    double start;
    double step;
    float *output;
} fill_job;

static int64_t length(const fill_job *job, int64_t begin, int64_t end)
{
    return (end * PIECE < job->count ? end * PIECE : job->count) - begin * PIECE;
}

static void fill_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const fill_job *job = argument;
    (void)thread;
    job->kernels->fill(length(job, begin, end), (float)job->start, job->output + begin * PIECE);
}

static void range_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const fill_job *job = argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++)
        job->kernels->range(i * PIECE, length(job, i, i + 1), job->start, job->step, job->output + i * PIECE);
}

cnn_status cnn_fill_elements(const cnn_context *context, int64_t count, float value, float *output)
{
    const fill_job job = {.kernels = context->kernels, .count = count, .start = value, .output = output};
    return cnn_parallel(context, (count + PIECE - 1) / PIECE, PIECE, fill_pieces, &job);
}

static cnn_status check(const cnn_context *context, int64_t count, const cnn_buffer *output, const char *operation,
                        cnn_error *error)
{
    static const char *const names[] = {"count"};
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_check(1, &count, names, operation, error));
    return cnn_buffer_check(output, count, operation, "output", error);
}

cnn_status cnn_fill(const cnn_context *context, int64_t count, float value, const cnn_buffer *output, cnn_error *error)
{
    CNN_TRY(check(context, count, output, "fill", error));
    return cnn_report(cnn_fill_elements(context, count, value, cnn_buffer_floats_mutable(output)), "fill", error);
}

cnn_status cnn_range(const cnn_context *context, int64_t count, double start, double step, const cnn_buffer *output,
                     cnn_error *error)
{
    CNN_TRY(check(context, count, output, "range", error));
    const fill_job job = {.kernels = context->kernels,
                          .count = count,
                          .start = start,
                          .step = step,
                          .output = cnn_buffer_floats_mutable(output)};
    return cnn_report(cnn_parallel(context, (count + PIECE - 1) / PIECE, PIECE, range_pieces, &job), "range", error);
}
