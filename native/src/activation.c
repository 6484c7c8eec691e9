/* activation.c - the gradients of activations, and PReLU, whose slopes are learned: checks, and the split into pieces.
 * The slopes' gradient is a sum over all rows, taken over slabs whose size depends on the sizes alone. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "pieces.h"
#include "platform.h"
#include "threads.h"

#define SLAB_STEPS 64 /* kernel calls whose products are added in float32 before they go into a slab's float64 sum */

typedef struct activation_job {
    const cnn_kernels *kernels;
    cnn_activation_kind kind;
    float alpha;
    float beta;
    int accumulate;
    int64_t count; /* elements, or rows for PReLU */
    int64_t channels;
    int64_t slab; /* rows */
    const float *input;
    const float *slopes;
    const float *gradient;
    float *output;
    double *partials; /* channels for each slab */
} activation_job;

static cnn_status check_accumulate(int32_t accumulate, const char *operation, cnn_error *error)
{
    if (accumulate == 0 || accumulate == 1) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: accumulate is %d, expected 0 or 1.", operation, (int)accumulate);
}

static void backward_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const activation_job *job = argument;
    const int64_t first = begin * CNN_PIECE, last = cnn_smaller(end * CNN_PIECE, job->count);
    (void)thread;
    job->kernels->activate_backward(job->kind, job->alpha, job->beta, job->accumulate, last - first, job->input + first,
                                    job->gradient + first, job->output + first);
}

cnn_status cnn_activate_backward(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta,
                                 int32_t accumulate, int64_t count, const cnn_buffer *input,
                                 const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "activate_backward";
    static const char *const names[] = {"count"};
    CNN_TRY(cnn_require(context, operation, "context", error));
    if (kind < CNN_ACTIVATION_NONE || kind > CNN_ACTIVATION_CLIP)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: kind is %d, expected a value of cnn_activation_kind.", operation,
                        (int)kind);
    CNN_TRY(check_accumulate(accumulate, operation, error));
    CNN_TRY(cnn_sizes_check(1, &count, names, operation, error));
    CNN_TRY(cnn_buffer_check(input, count, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output_gradient, count, operation, "output_gradient", error));
    CNN_TRY(cnn_buffer_check(input_gradient, count, operation, "input_gradient", error));
    CNN_TRY(cnn_buffer_check_apart(input, count, input_gradient, count, operation, error));
    CNN_TRY(cnn_buffer_check_in_place(output_gradient, input_gradient, count, operation, error));
    activation_job job = {.kernels = context->kernels,
                          .kind = kind,
                          .alpha = alpha,
                          .beta = beta,
                          .accumulate = accumulate,
                          .count = count,
                          .input = cnn_buffer_floats(input),
                          .gradient = cnn_buffer_floats(output_gradient),
                          .output = cnn_buffer_floats_mutable(input_gradient)};
    return cnn_report(
        cnn_parallel(context, cnn_pieces(count, CNN_PIECE), CNN_PIECE * CNN_COST_OF_FUNCTION, backward_pieces, &job),
        operation, error);
}

static void prelu_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const activation_job *job = argument;
    const int64_t step = cnn_repetitions(job->channels);
    float space[CNN_REPEATED];
    const float *slopes = cnn_repeat(job->slopes, job->channels, step, space);
    (void)thread;
    for (int64_t row = begin; row < end; row += step) {
        const int64_t count = cnn_smaller(step, end - row) * job->channels, at = row * job->channels;
        job->kernels->prelu(count, job->input + at, slopes, job->output + at);
    }
}

cnn_status cnn_prelu(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                     const cnn_buffer *slopes, const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "prelu";
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_of_rows(rows, channels, operation, "input", &elements, error));
    CNN_TRY(cnn_buffer_check(input, elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(slopes, channels, operation, "slopes", error));
    CNN_TRY(cnn_buffer_check(output, elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check_in_place(input, output, elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(slopes, channels, output, elements, operation, error));
    activation_job job = {.kernels = context->kernels,
                          .channels = channels,
                          .input = cnn_buffer_floats(input),
                          .slopes = cnn_buffer_floats(slopes),
                          .output = cnn_buffer_floats_mutable(output)};
    return cnn_report(cnn_parallel(context, rows, channels, prelu_rows, &job), operation, error);
}

static int64_t slab_rows(int64_t channels)
{
    return cnn_repetitions(channels) * SLAB_STEPS;
}

cnn_status cnn_prelu_backward_workspace(int64_t rows, int64_t channels, int64_t *bytes, cnn_error *error)
{
    const char *const operation = "prelu_backward";
    int64_t elements;
    CNN_TRY(cnn_require(bytes, operation, "bytes", error));
    CNN_TRY(cnn_sizes_of_rows(rows, channels, operation, "input", &elements, error));
    /* A slab has 64 rows or more, or is the only one: where the input can be counted in bytes, this can. */
    const int64_t slabs = cnn_pieces(rows, slab_rows(channels));
    if (channels > INT64_MAX / (int64_t)sizeof(double) / slabs)
        return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: the workspace has more bytes than 63 bits can count.", operation);
    *bytes = slabs * channels * (int64_t)sizeof(double);
    return CNN_OK;
}

/* Does a range of at most CNN_REPEATED columns of the rows first..last-1 and adds their products up for each channel. */
static void prelu_slab(const activation_job *job, int64_t first, int64_t last, int64_t column, int64_t columns,
                       double *partials)
{
    const int64_t step = cnn_repetitions(job->channels), channels = job->channels;
    float space[CNN_REPEATED], sums[CNN_REPEATED] = {0};
    const float *slopes = cnn_repeat(job->slopes + column, columns, step, space);
    for (int64_t row = first; row < last; row += step) {
        const int64_t count = cnn_smaller(step, last - row) * columns, at = row * channels + column;
        job->kernels->prelu_backward(job->accumulate, count, job->input + at, slopes, job->gradient + at, job->output + at,
                                     sums);
    }
    for (int64_t c = 0; c < columns; c++) {
        double sum = 0;
        for (int64_t i = c; i < step * columns; i += columns)
            sum += sums[i];
        partials[c] = sum;
    }
}

static void prelu_slabs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const activation_job *job = argument;
    (void)thread;
    for (int64_t slab = begin; slab < end; slab++) {
        const int64_t first = slab * job->slab, last = cnn_smaller(first + job->slab, job->count);
        for (int64_t c = 0; c < job->channels; c += CNN_REPEATED)
            prelu_slab(job, first, last, c, cnn_smaller(CNN_REPEATED, job->channels - c),
                       job->partials + slab * job->channels + c);
    }
}

cnn_status cnn_prelu_backward(const cnn_context *context, int64_t rows, int64_t channels, int32_t accumulate,
                              const cnn_buffer *input, const cnn_buffer *slopes, const cnn_buffer *output_gradient,
                              const cnn_buffer *input_gradient, const cnn_buffer *slope_gradient,
                              const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "prelu_backward";
    const cnn_buffer *const inputs[] = {input, slopes, output_gradient}, *const outputs[] = {input_gradient, slope_gradient};
    static const char *const names[] = {"input", "slopes", "output_gradient", "input_gradient", "slope_gradient"};
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(check_accumulate(accumulate, operation, error));
    CNN_TRY(cnn_sizes_of_rows(rows, channels, operation, "input", &elements, error));
    CNN_TRY(cnn_prelu_backward_workspace(rows, channels, &bytes, error));
    const int64_t input_sizes[] = {elements, channels, elements}, output_sizes[] = {elements, channels};
    for (int i = 0; i < 3; i++)
        CNN_TRY(cnn_buffer_check(inputs[i], input_sizes[i], operation, names[i], error));
    for (int i = 0; i < 2; i++)
        CNN_TRY(cnn_buffer_check(outputs[i], output_sizes[i], operation, names[3 + i], error));
    CNN_TRY(cnn_buffer_check(workspace, bytes / (int64_t)sizeof(float), operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
    for (int i = 0; i < 3; i++)
        for (int o = 0; o < 2; o++)
            if (i != 2 || o != 0)
                CNN_TRY(cnn_buffer_check_apart(inputs[i], input_sizes[i], outputs[o], output_sizes[o], operation, error));
    CNN_TRY(cnn_buffer_check_in_place(output_gradient, input_gradient, elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(input_gradient, elements, slope_gradient, channels, operation, error));
    activation_job job = {.kernels = context->kernels,
                          .accumulate = accumulate,
                          .count = rows,
                          .channels = channels,
                          .slab = slab_rows(channels),
                          .input = cnn_buffer_floats(input),
                          .slopes = cnn_buffer_floats(slopes),
                          .gradient = cnn_buffer_floats(output_gradient),
                          .output = cnn_buffer_floats_mutable(input_gradient),
                          .partials = workspace->data};
    const int64_t slabs = cnn_pieces(rows, job.slab);
    CNN_TRY(cnn_report(cnn_parallel(context, slabs, cnn_smaller(job.slab, rows) * channels, prelu_slabs, &job), operation,
                       error));
    float *sums = cnn_buffer_floats_mutable(slope_gradient);
    const uint64_t mode = cnn_begin_arithmetic();
    for (int64_t c = 0; c < channels; c++) {
        double sum = accumulate ? sums[c] : 0;
        for (int64_t slab = 0; slab < slabs; slab++)
            sum += job.partials[slab * channels + c];
        sums[c] = (float)sum;
    }
    cnn_end_arithmetic(mode, NULL);
    return CNN_OK;
}
