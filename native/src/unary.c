/* unary.c - functions of one element: checks, and a split over threads in pieces. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "pieces.h"
#include "threads.h"

#include <math.h>

#define COST_OF_POW 64 /* a call of the C library's, in vectorised multiply-accumulates */

typedef struct unary_job {
    const cnn_kernels *kernels;
    cnn_unary_kind kind;
    float parameter;
    int64_t count;
    const float *input;
    float *output;
} unary_job;

static void unary_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const unary_job *job = argument;
    const int64_t first = begin * CNN_PIECE, last = cnn_smaller(end * CNN_PIECE, job->count);
    (void)thread;
    job->kernels->unary(job->kind, job->parameter, last - first, job->input + first, job->output + first);
}

cnn_status cnn_unary(const cnn_context *context, cnn_unary_kind kind, float parameter, int64_t count,
                     const cnn_buffer *input, const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "unary";
    static const char *const names[] = {"count"};
    CNN_TRY(cnn_require(context, operation, "context", error));
    if (kind < CNN_UNARY_EXP || kind > CNN_UNARY_POW)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: kind is %d, expected a value of cnn_unary_kind.", operation,
                        (int)kind);
    CNN_TRY(cnn_sizes_check(1, &count, names, operation, error));
    CNN_TRY(cnn_buffer_check(input, count, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, count, operation, "output", error));
    CNN_TRY(cnn_buffer_check_in_place(input, output, count, operation, error));
    unary_job job = {context->kernels, kind, parameter, count, cnn_buffer_floats(input), cnn_buffer_floats_mutable(output)};
    const int64_t cost = kind == CNN_UNARY_POW ? COST_OF_POW : kind <= CNN_UNARY_LOG ? CNN_COST_OF_FUNCTION : 1;
    return cnn_report(cnn_parallel(context, cnn_pieces(count, CNN_PIECE), CNN_PIECE * cost, unary_pieces, &job), operation,
                      error);
}
