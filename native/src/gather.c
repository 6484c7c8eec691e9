/* gather.c - rows chosen by index, and their gradient. All indices are checked before the first element moves, so a wrong
 * one leaves the output as it was; the gradient is split between elements of a row, so that each sum stays on one thread. */
#include "buffer.h"
#include "error.h"
#include "fill.h"
#include "geometry.h"
#include "threads.h"

#include <string.h>

#define PIECE 64 /* elements of a row that one item of the gradient sums up: four cache lines */

typedef struct gather_job {
    const cnn_kernels *kernels;
    cnn_gather_desc desc;
    const char *indices;
    const float *source;
    float *destination;
} gather_job;

void cnn_gather_desc_init(cnn_gather_desc *desc)
{
    if (desc) *desc = (cnn_gather_desc){.struct_size = (uint32_t)sizeof *desc, .outer = 1, .inner = 1};
}

/* The index as it stands in the buffer; 64 bits need not be aligned there. */
static int64_t raw_index(const cnn_gather_desc *desc, const char *indices, int64_t k)
{
    int32_t narrow;
    int64_t wide;
    if (desc->index_type == CNN_INDEX_INT64) {
        memcpy(&wide, indices + k * (int64_t)sizeof wide, sizeof wide);
        return wide;
    }
    memcpy(&narrow, indices + k * (int64_t)sizeof narrow, sizeof narrow);
    return narrow;
}

static int64_t index_of(const gather_job *job, int64_t k)
{
    const int64_t index = raw_index(&job->desc, job->indices, k);
    return index < 0 ? index + job->desc.axis : index;
}

static cnn_status check_indices(const cnn_gather_desc *desc, const cnn_buffer *indices, const char *operation,
                                cnn_error *error)
{
    for (int64_t k = 0; k < desc->index_count; k++) {
        const int64_t index = raw_index(desc, cnn_buffer_data(indices), k);
        if (index < -desc->axis || index >= desc->axis)
            return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: index %lld is %lld, expected %lld to %lld.", operation,
                            (long long)k, (long long)index, -(long long)desc->axis, (long long)desc->axis - 1);
    }
    return CNN_OK;
}

/* Checks everything; `dense` is the tensor that is indexed, and `chosen` the one of index_count rows. */
static cnn_status check(const cnn_context *context, const cnn_gather_desc *desc, const cnn_buffer *dense,
                        const cnn_buffer *indices, const cnn_buffer *chosen, const char *operation, int backward,
                        cnn_error *error)
{
    static const char *const names[] = {"outer", "axis", "inner", "index_count"};
    int64_t dense_elements = 0, chosen_elements = 0;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_gather_desc", error));
    if (desc->index_type != CNN_INDEX_INT32 && desc->index_type != CNN_INDEX_INT64)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: index_type is %d, expected a value of cnn_index_type.", operation,
                        (int)desc->index_type);
    const int64_t sizes[] = {desc->outer, desc->axis, desc->inner, desc->index_count};
    CNN_TRY(cnn_sizes_check(4, sizes, names, operation, error));
    CNN_TRY(cnn_sizes_multiply(3, sizes, operation, "tensor", &dense_elements, error));
    const int64_t kept[] = {desc->outer, desc->index_count, desc->inner};
    CNN_TRY(cnn_sizes_multiply(3, kept, operation, "choice", &chosen_elements, error));
    const int64_t width = desc->index_type == CNN_INDEX_INT64 ? 2 : 1, widths[] = {desc->index_count, width};
    int64_t words = 0;
    CNN_TRY(cnn_sizes_multiply(2, widths, operation, "indices", &words, error));
    CNN_TRY(cnn_buffer_check(dense, dense_elements, operation, backward ? "input_gradient" : "input", error));
    CNN_TRY(cnn_buffer_check(indices, words, operation, "indices", error));
    CNN_TRY(cnn_buffer_check(chosen, chosen_elements, operation, backward ? "output_gradient" : "output", error));
    CNN_TRY(cnn_buffer_check_apart(dense, dense_elements, chosen, chosen_elements, operation, error));
    CNN_TRY(backward ? cnn_buffer_check_apart(indices, words, dense, dense_elements, operation, error)
                     : cnn_buffer_check_apart(indices, words, chosen, chosen_elements, operation, error));
    return check_indices(desc, indices, operation, error);
}

static void gather_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gather_job *job = argument;
    const int64_t axis = job->desc.axis, inner = job->desc.inner;
    int64_t outer = begin / job->desc.index_count, k = begin % job->desc.index_count;
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *from = job->source + (outer * axis + index_of(job, k)) * inner;
        if (inner == 1)
            job->destination[row] = *from;
        else
            memcpy(job->destination + row * inner, from, (size_t)inner * sizeof *from);
        if (++k < job->desc.index_count) continue;
        k = 0;
        outer++;
    }
}

cnn_status cnn_gather(const cnn_context *context, const cnn_gather_desc *desc, const cnn_buffer *input,
                      const cnn_buffer *indices, const cnn_buffer *output, cnn_error *error)
{
    CNN_TRY(check(context, desc, input, indices, output, "gather", 0, error));
    const gather_job job = {context->kernels, *desc, cnn_buffer_data(indices), cnn_buffer_floats(input),
                            cnn_buffer_floats_mutable(output)};
    return cnn_report(cnn_parallel(context, desc->outer * desc->index_count, desc->inner, gather_rows, &job), "gather",
                      error);
}

/* An item is PIECE elements of all rows of one outer index: no other item adds to them. */
static void scatter_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gather_job *job = argument;
    const int64_t inner = job->desc.inner, pieces = (inner + PIECE - 1) / PIECE, count = job->desc.index_count;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const int64_t outer = item / pieces, first = item % pieces * PIECE;
        const int64_t length = inner - first < PIECE ? inner - first : PIECE;
        const float *from = job->source + outer * count * inner + first;
        float *const dense = job->destination + outer * job->desc.axis * inner + first;
        for (int64_t k = 0; k < count; k++, from += inner) {
            float *const to = dense + index_of(job, k) * inner;
            if (length == 1)
                *to += *from;
            else
                job->kernels->add(length, to, from, to);
        }
    }
}

cnn_status cnn_gather_backward(const cnn_context *context, const cnn_gather_desc *desc, const cnn_buffer *output_gradient,
                               const cnn_buffer *indices, const cnn_buffer *input_gradient, cnn_error *error)
{
    CNN_TRY(check(context, desc, input_gradient, indices, output_gradient, "gather_backward", 1, error));
    const gather_job job = {context->kernels, *desc, cnn_buffer_data(indices), cnn_buffer_floats(output_gradient),
                            cnn_buffer_floats_mutable(input_gradient)};
    const int64_t pieces = (desc->inner + PIECE - 1) / PIECE;
    const int64_t length = desc->inner < PIECE ? desc->inner : PIECE;
    CNN_TRY(cnn_report(cnn_fill_elements(context, desc->outer * desc->axis * desc->inner, 0.0f, job.destination),
                       "gather_backward", error));
    return cnn_report(cnn_parallel(context, desc->outer * pieces, desc->index_count * length, scatter_pieces, &job),
                      "gather_backward", error);
}
