/* lrn.c - local response normalisation: some hundred channels of a pixel at a time, with the neighbours that their windows
 * reach copied beside them and zeros where there are no channels, so that every window is whole. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "operands.h"
#include "platform.h"
#include "threads.h"

#include <stddef.h>

#define BLOCK 256
#define REACH 254 /* neighbours of a channel on both sides: the largest window less one */
#define COST 8    /* of an element beside its window, in multiply-accumulates */

typedef struct lrn_job {
    const cnn_kernels *kernels;
    int64_t rows;
    int64_t channels;
    int64_t size;
    int64_t before; /* channels of a window before its own */
    int64_t after;
    float scale; /* alpha / size */
    float beta;
    float bias;
    float slope; /* 2 alpha beta / size */
    const float *input;
    const float *gradient;
    float *output;
} lrn_job;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* squares = input^2 of the channels first..first+count-1, which may lie outside. */
static void square(const lrn_job *job, const float *input, int64_t first, int64_t count, float *squares)
{
    int64_t inside = first < 0 ? -first : 0, end = smaller(count, job->channels - first);
    if (inside > end) inside = end;
    for (int64_t i = 0; i < inside; i++)
        squares[i] = 0;
    for (int64_t i = inside; i < end; i++)
        squares[i] = input[first + i] * input[first + i];
    for (int64_t i = end; i < count; i++)
        squares[i] = 0;
}

static void lrn_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const lrn_job *job = argument;
    float squares[BLOCK + REACH], sums[BLOCK], kept[REACH];
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *input = job->input + row * job->channels;
        float *output = job->output + row * job->channels;
        for (int64_t first = 0; first < job->channels; first += BLOCK) {
            const int64_t count = smaller(BLOCK, job->channels - first), next = first + count - job->before;
            square(job, input, first - job->before, count + job->size - 1, squares);
            /* The output may be the input: the squares before this block are those that the last block kept. */
            for (int64_t i = 0; first > 0 && i < job->before; i++)
                squares[i] = kept[i];
            for (int64_t i = 0; i < job->before && count == BLOCK; i++)
                kept[i] = input[next + i] * input[next + i];
            job->kernels->window_sums(count, job->size, squares, job->scale, job->bias, sums);
            job->kernels->inverse_power(count, sums, job->beta, sums);
            for (int64_t i = 0; i < count; i++)
                output[first + i] = input[first + i] * sums[i];
        }
    }
}

/* products[i] = g x sum^(-beta - 1) for the channels first..first+count-1, 0 for those outside; powers = sum^-beta. */
static void find_products(const lrn_job *job, const float *input, const float *gradient, int64_t first, int64_t count,
                          float *powers, float *products)
{
    float squares[BLOCK + 2 * REACH], sums[BLOCK + REACH];
    square(job, input, first - job->before, count + job->size - 1, squares);
    job->kernels->window_sums(count, job->size, squares, job->scale, job->bias, sums);
    job->kernels->inverse_power(count, sums, job->beta, powers);
    for (int64_t i = 0; i < count; i++) {
        const int64_t c = first + i;
        products[i] = c < 0 || c >= job->channels ? 0.0f : gradient[c] * input[c] * powers[i] / sums[i];
    }
}

static void lrn_gradient_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const lrn_job *job = argument;
    float powers[BLOCK + REACH], products[BLOCK + REACH], sums[BLOCK];
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *input = job->input + row * job->channels, *gradient = job->gradient + row * job->channels;
        float *output = job->output + row * job->channels;
        for (int64_t first = 0; first < job->channels; first += BLOCK) {
            const int64_t count = smaller(BLOCK, job->channels - first);
            /* The channels whose windows hold c reach `after` back and `before` ahead: the window mirrored. */
            find_products(job, input, gradient, first - job->after, count + job->size - 1, powers, products);
            job->kernels->window_sums(count, job->size, products, job->slope, 0.0f, sums);
            for (int64_t i = 0; i < count; i++)
                output[first + i] = gradient[first + i] * powers[job->after + i] - input[first + i] * sums[i];
        }
    }
}

void cnn_lrn_desc_init(cnn_lrn_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_lrn_desc){.struct_size = (uint32_t)sizeof *desc, .alpha = 1e-4f, .beta = 0.75f, .bias = 1.0f};
}

static cnn_status place(const cnn_lrn_desc *d, const char *operation, lrn_job *job, int64_t *elements, cnn_error *error)
{
    CNN_TRY(cnn_require(d, operation, "desc", error));
    CNN_TRY(cnn_require_size(d->struct_size, sizeof *d, "cnn_lrn_desc", error));
    const int64_t sizes[] = {d->rows, d->channels, d->size};
    static const char *const names[] = {"rows", "channels", "size"};
    CNN_TRY(cnn_sizes_check(3, sizes, names, operation, error));
    if (d->size > REACH + 1)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: size is %d, expected at most %d.", operation, (int)d->size,
                        REACH + 1);
    CNN_TRY(cnn_sizes_multiply(2, sizes, operation, "input", elements, error));
    const uint64_t mode = cnn_begin_arithmetic();
    *job = (lrn_job){.rows = d->rows,
                     .channels = d->channels,
                     .size = d->size,
                     .before = (d->size - 1) / 2,
                     .after = d->size / 2,
                     .scale = (float)((double)d->alpha / d->size),
                     .beta = d->beta,
                     .bias = d->bias,
                     .slope = (float)(2.0 * d->alpha * d->beta / d->size)};
    cnn_end_arithmetic(mode, job);
    return CNN_OK;
}

static int64_t cost_of(const lrn_job *job)
{
    return smaller(job->channels, INT32_MAX) * (COST + job->size / 8);
}

cnn_status cnn_lrn(const cnn_context *context, const cnn_lrn_desc *desc, const cnn_buffer *input, const cnn_buffer *output,
                   cnn_error *error)
{
    const char *const operation = "lrn";
    lrn_job job;
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &job, &elements, error));
    const cnn_operand operands[] = {{input, elements, "input", CNN_READ | CNN_IN_PLACE},
                                    {output, elements, "output", CNN_WRITE | CNN_IN_PLACE}};
    CNN_TRY(cnn_operands_check(2, operands, operation, error));
    job.kernels = context->kernels;
    job.input = cnn_buffer_floats(input);
    job.output = cnn_buffer_floats_mutable(output);
    return cnn_report(cnn_parallel(context, job.rows, cost_of(&job), lrn_rows, &job), operation, error);
}

cnn_status cnn_lrn_backward(const cnn_context *context, const cnn_lrn_desc *desc, const cnn_buffer *input,
                            const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "lrn_backward";
    lrn_job job;
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &job, &elements, error));
    const cnn_operand operands[] = {{input, elements, "input", CNN_READ},
                                    {output_gradient, elements, "output_gradient", CNN_READ},
                                    {input_gradient, elements, "input_gradient", CNN_WRITE}};
    CNN_TRY(cnn_operands_check(3, operands, operation, error));
    job.kernels = context->kernels;
    job.input = cnn_buffer_floats(input);
    job.gradient = cnn_buffer_floats(output_gradient);
    job.output = cnn_buffer_floats_mutable(input_gradient);
    return cnn_report(cnn_parallel(context, job.rows, 2 * cost_of(&job), lrn_gradient_rows, &job), operation, error);
}
