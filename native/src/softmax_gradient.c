/* softmax_gradient.c - the gradients of softmax and log-softmax, from their results: a product of each row is summed piece
 * by piece in float64, then taken off every element. Kernels that are there already do it, through a piece on the stack. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "pieces.h"
#include "threads.h"

#define PIECE 1024 /* elements on the stack */

typedef struct gradient_job {
    const cnn_kernels *kernels;
    int64_t channels;
    const float *result;
    const float *upstream;
    float *gradient;
} gradient_job;

/* y (dy - sum of y dy) */
static void softmax_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gradient_job *job = argument;
    const cnn_kernels *kernels = job->kernels;
    float piece[PIECE];
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *y = job->result + row * job->channels, *dy = job->upstream + row * job->channels;
        float *dx = job->gradient + row * job->channels;
        double sum = 0;
        for (int64_t c = 0; c < job->channels; c += PIECE) {
            const int64_t count = cnn_smaller(PIECE, job->channels - c);
            kernels->binary(CNN_BINARY_MUL, count, y + c, 1, dy + c, 1, piece);
            sum += kernels->sum(count, piece);
        }
        const float mean = (float)sum;
        for (int64_t c = 0; c < job->channels; c += PIECE) {
            const int64_t count = cnn_smaller(PIECE, job->channels - c);
            kernels->binary(CNN_BINARY_SUB, count, dy + c, 1, &mean, 0, piece);
            kernels->binary(CNN_BINARY_MUL, count, y + c, 1, piece, 1, dx + c);
        }
    }
}

/* dy - exp(y) sum of dy */
static void log_softmax_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gradient_job *job = argument;
    const cnn_kernels *kernels = job->kernels;
    float piece[PIECE];
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *y = job->result + row * job->channels, *dy = job->upstream + row * job->channels;
        float *dx = job->gradient + row * job->channels;
        const float sum = (float)kernels->sum(job->channels, dy);
        for (int64_t c = 0; c < job->channels; c += PIECE) {
            const int64_t count = cnn_smaller(PIECE, job->channels - c);
            kernels->scaled_exponentials(count, y + c, 0, sum, piece);
            kernels->binary(CNN_BINARY_SUB, count, dy + c, 1, piece, 1, dx + c);
        }
    }
}

static cnn_status prepare(const cnn_context *context, int64_t rows, const cnn_buffer *output,
                          const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, const char *operation,
                          gradient_job *job, cnn_error *error)
{
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_of_rows(rows, job->channels, operation, "output", &elements, error));
    CNN_TRY(cnn_buffer_check(output, elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check(output_gradient, elements, operation, "output_gradient", error));
    CNN_TRY(cnn_buffer_check(input_gradient, elements, operation, "input_gradient", error));
    CNN_TRY(cnn_buffer_check_in_place(output, input_gradient, elements, operation, error));
    CNN_TRY(cnn_buffer_check_in_place(output_gradient, input_gradient, elements, operation, error));
    job->kernels = context->kernels;
    job->result = cnn_buffer_floats(output);
    job->upstream = cnn_buffer_floats(output_gradient);
    job->gradient = cnn_buffer_floats_mutable(input_gradient);
    return CNN_OK;
}

cnn_status cnn_softmax_backward(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *output,
                                const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error)
{
    gradient_job job = {.channels = channels};
    CNN_TRY(prepare(context, rows, output, output_gradient, input_gradient, "softmax_backward", &job, error));
    return cnn_report(cnn_parallel(context, rows, channels * 2, softmax_rows, &job), "softmax_backward", error);
}

cnn_status cnn_log_softmax_backward(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *output,
                                    const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error)
{
    gradient_job job = {.channels = channels};
    CNN_TRY(prepare(context, rows, output, output_gradient, input_gradient, "log_softmax_backward", &job, error));
    return cnn_report(cnn_parallel(context, rows, channels * CNN_COST_OF_FUNCTION, log_softmax_rows, &job),
                      "log_softmax_backward", error);
}
