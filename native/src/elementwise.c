/* elementwise.c - activations, softmax, addition and strided copies: checks, and a split over threads in pieces that a
 * first-level cache holds, so that two passes over a piece cost one pass over memory. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "threads.h"

#include <string.h>

#define PIECE 4096           /* elements of a work item */
#define COST_OF_ACTIVATION 8 /* in multiply-accumulates: most of them need an exponential */

typedef struct element_job {
    const cnn_kernels *kernels;
    cnn_activation_kind kind;
    float alpha;
    float beta;
    int64_t count; /* elements, or rows for softmax */
    int64_t channels;
    const float *left;
    const float *right;
    float *output;
} element_job;

static cnn_status check_kind(cnn_activation_kind kind, const char *operation, cnn_error *error)
{
    if (kind >= CNN_ACTIVATION_NONE && kind <= CNN_ACTIVATION_CLIP) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: kind is %d, expected a value of cnn_activation_kind.", operation,
                    (int)kind);
}

static int64_t pieces(int64_t count)
{
    return (count + PIECE - 1) / PIECE;
}

static void activate_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const element_job *job = argument;
    int64_t first = begin * PIECE, last = end * PIECE < job->count ? end * PIECE : job->count;
    (void)thread;
    job->kernels->activate(job->kind, job->alpha, job->beta, last - first, job->left + first, job->output + first);
}

cnn_status cnn_activate(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta, int64_t count,
                        const cnn_buffer *input, const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "activate";
    static const char *const names[] = {"count"};
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(check_kind(kind, operation, error));
    CNN_TRY(cnn_sizes_check(1, &count, names, operation, error));
    CNN_TRY(cnn_buffer_check(input, count, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, count, operation, "output", error));
    CNN_TRY(cnn_buffer_check_in_place(input, output, count, operation, error));
    element_job job = {.kernels = context->kernels,
                       .kind = kind,
                       .alpha = alpha,
                       .beta = beta,
                       .count = count,
                       .left = cnn_buffer_floats(input),
                       .output = cnn_buffer_floats_mutable(output)};
    return cnn_report(cnn_parallel(context, pieces(count), PIECE * COST_OF_ACTIVATION, activate_pieces, &job), operation,
                      error);
}

static void softmax_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const element_job *job = argument;
    (void)thread;
    job->kernels->softmax_rows(end - begin, job->channels, job->left + begin * job->channels,
                               job->output + begin * job->channels);
}

cnn_status cnn_softmax(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                       const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "softmax";
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_of_rows(rows, channels, operation, "input", &elements, error));
    CNN_TRY(cnn_buffer_check(input, elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check_in_place(input, output, elements, operation, error));
    element_job job = {.kernels = context->kernels,
                       .channels = channels,
                       .left = cnn_buffer_floats(input),
                       .output = cnn_buffer_floats_mutable(output)};
    return cnn_report(cnn_parallel(context, rows, channels * COST_OF_ACTIVATION, softmax_rows, &job), operation, error);
}

static void add_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const element_job *job = argument;
    (void)thread;
    for (int64_t piece = begin; piece < end; piece++) {
        int64_t first = piece * PIECE, count = job->count - first < PIECE ? job->count - first : PIECE;
        job->kernels->add(count, job->left + first, job->right + first, job->output + first);
        if (job->kind != CNN_ACTIVATION_NONE)
            job->kernels->activate(job->kind, job->alpha, job->beta, count, job->output + first, job->output + first);
    }
}

cnn_status cnn_add(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta, int64_t count,
                   const cnn_buffer *left, const cnn_buffer *right, const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "add";
    static const char *const names[] = {"count"};
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(check_kind(kind, operation, error));
    CNN_TRY(cnn_sizes_check(1, &count, names, operation, error));
    CNN_TRY(cnn_buffer_check(left, count, operation, "left", error));
    CNN_TRY(cnn_buffer_check(right, count, operation, "right", error));
    CNN_TRY(cnn_buffer_check(output, count, operation, "output", error));
    CNN_TRY(cnn_buffer_check_in_place(left, output, count, operation, error));
    CNN_TRY(cnn_buffer_check_in_place(right, output, count, operation, error));
    element_job job = {.kernels = context->kernels,
                       .kind = kind,
                       .alpha = alpha,
                       .beta = beta,
                       .count = count,
                       .left = cnn_buffer_floats(left),
                       .right = cnn_buffer_floats(right),
                       .output = cnn_buffer_floats_mutable(output)};
    return cnn_report(cnn_parallel(context, pieces(count), PIECE * (kind == CNN_ACTIVATION_NONE ? 1 : COST_OF_ACTIVATION),
                                   add_pieces, &job),
                      operation, error);
}

typedef struct copy_job {
    int64_t row_length;
    const float *source;
    int64_t source_stride;
    float *destination;
    int64_t destination_stride;
} copy_job;

static void copy_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const copy_job *job = argument;
    (void)thread;
    for (int64_t row = begin; row < end; row++)
        memcpy(job->destination + row * job->destination_stride, job->source + row * job->source_stride,
               (size_t)job->row_length * sizeof(float));
}

/* Elements from the start of a buffer to the end of the last row. */
static cnn_status check_rows(int64_t rows, int64_t row_length, int64_t offset, int64_t stride, const char *name,
                             int64_t *elements, cnn_error *error)
{
    const char *const operation = "copy_rows";
    const int64_t limit = INT64_MAX / (int64_t)sizeof(float);
    if (offset < 0 || stride < row_length)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: %s has offset %lld and stride %lld, expected an offset of at least 0 and a stride of at least "
                        "the row's %lld elements.",
                        operation, name, (long long)offset, (long long)stride, (long long)row_length);
    if (offset > limit - row_length || (rows > 1 && stride > (limit - row_length - offset) / (rows - 1)))
        return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: the %s has more bytes than 63 bits can count.", operation, name);
    *elements = offset + (rows - 1) * stride + row_length;
    return CNN_OK;
}

cnn_status cnn_copy_rows(const cnn_context *context, int64_t rows, int64_t row_length, const cnn_buffer *source,
                         int64_t source_offset, int64_t source_stride, const cnn_buffer *destination,
                         int64_t destination_offset, int64_t destination_stride, cnn_error *error)
{
    const char *const operation = "copy_rows";
    const int64_t sizes[] = {rows, row_length};
    static const char *const names[] = {"rows", "row_length"};
    int64_t source_elements = 0, destination_elements = 0;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_check(2, sizes, names, operation, error));
    CNN_TRY(check_rows(rows, row_length, source_offset, source_stride, "source", &source_elements, error));
    CNN_TRY(
        check_rows(rows, row_length, destination_offset, destination_stride, "destination", &destination_elements, error));
    CNN_TRY(cnn_buffer_check(source, source_elements, operation, "source", error));
    CNN_TRY(cnn_buffer_check(destination, destination_elements, operation, "destination", error));
    CNN_TRY(cnn_buffer_check_apart(source, source_elements, destination, destination_elements, operation, error));
    copy_job job = {row_length, cnn_buffer_floats(source) + source_offset, source_stride,
                    cnn_buffer_floats_mutable(destination) + destination_offset, destination_stride};
    return cnn_report(cnn_parallel(context, rows, row_length, copy_rows, &job), operation, error);
}
