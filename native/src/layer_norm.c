/* layer_norm.c - layer normalisation: rows of neighbouring elements, so that sums go along the data and only the gradients
 * of gamma and beta go across it. Short rows go through all passes while they lie in a cache; long ones are cut into slabs.
 */
#include "buffer.h"
#include "error.h"
#include "geometry.h"
#include "norm.h"
#include "operands.h"
#include "platform.h"
#include "threads.h"

#include <stddef.h>

#define SLAB 16384         /* elements that a thread takes at once */
#define SLABS 64           /* of a row, and blocks of rows, at most */
#define LONG_ROW 65536     /* elements from which a row is cut */
#define COLUMNS 4096       /* whose parameter gradients are one piece of work */
#define PARTIALS (1 << 20) /* elements of the parameter gradients' partial sums, at most where there is a choice */
#define COST 4

typedef struct layer_job {
    const cnn_kernels *kernels;
    int64_t rows;
    int64_t length;
    int64_t slabs; /* of a row */
    int64_t slab_length;
    int64_t blocks; /* of rows that share sums of the parameter gradients */
    int64_t block_rows;
    float epsilon;
    const float *input, *gradient, *gamma, *beta;
    float *output, *mean, *inverse, *gamma_gradient, *beta_gradient;
    double *sums;     /* two for each slab of each row */
    double *partials; /* for each block: `length` sums for beta, then for gamma, rounded up to 16 */
} layer_job;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t padded(const layer_job *job)
{
    return (job->length + 15) / 16 * 16;
}

void cnn_layer_norm_desc_init(cnn_layer_norm_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_layer_norm_desc){.struct_size = (uint32_t)sizeof *desc, .epsilon = 1e-5f};
}

static cnn_status place(const cnn_layer_norm_desc *d, const char *operation, layer_job *job, int64_t *elements,
                        int64_t *bytes, cnn_error *error)
{
    CNN_TRY(cnn_require(d, operation, "desc", error));
    CNN_TRY(cnn_require_size(d->struct_size, sizeof *d, "cnn_layer_norm_desc", error));
    const int64_t sizes[] = {d->rows, d->length};
    static const char *const names[] = {"rows", "length"};
    CNN_TRY(cnn_sizes_check(2, sizes, names, operation, error));
    CNN_TRY(cnn_norm_check_epsilon(d->epsilon, operation, error));
    const int64_t all[] = {d->rows, d->length, 8}; /* the workspace is never more than so many elements, and 64 rows */
    CNN_TRY(cnn_sizes_multiply(3, all, operation, "input", elements, error));
    *elements /= 8;
    *job = (layer_job){.rows = d->rows, .length = d->length, .epsilon = d->epsilon};
    const int64_t cuts = d->length < LONG_ROW ? 1 : smaller(d->length / SLAB, SLABS);
    job->slab_length = (d->length + cuts - 1) / cuts;
    job->slabs = (d->length + job->slab_length - 1) / job->slab_length;
    const int64_t blocks = smaller(smaller(d->rows, SLABS), smaller(*elements / SLAB, PARTIALS / d->length));
    job->block_rows = (d->rows + larger(blocks, 1) - 1) / larger(blocks, 1);
    job->blocks = (d->rows + job->block_rows - 1) / job->block_rows;
    *bytes = 2 * (d->rows * job->slabs + job->blocks * padded(job)) * (int64_t)sizeof(double);
    return CNN_OK;
}

static void use_workspace(layer_job *job, void *workspace)
{
    job->partials = workspace;
    job->sums = job->partials + 2 * job->blocks * padded(job);
}

cnn_status cnn_layer_norm_workspace_bytes(const cnn_layer_norm_desc *desc, int64_t *bytes, cnn_error *error)
{
    const char *const operation = "cnn_layer_norm_workspace_bytes";
    layer_job job;
    int64_t elements, needed;
    CNN_TRY(cnn_require(bytes, operation, "bytes", error));
    CNN_TRY(place(desc, operation, &job, &elements, &needed, error));
    *bytes = needed;
    return CNN_OK;
}

/* The sums of one slab of a row. */
static void sum_slab(const layer_job *job, int64_t row, int64_t slab)
{
    const int64_t first = slab * job->slab_length, count = smaller(job->slab_length, job->length - first);
    const float *input = job->input + row * job->length + first;
    double *sums = job->sums + 2 * (row * job->slabs + slab);
    if (job->gradient)
        job->kernels->row_products(count, job->gradient + row * job->length + first, job->gamma ? job->gamma + first : NULL,
                                   input, job->mean[row], sums);
    else
        job->kernels->row_moments(count, input, job->input[row * job->length], sums);
}

/* Adds up the slabs of a row. In the forward pass its statistics follow at once, before output may overwrite the input. */
static void finish_row(const layer_job *job, int64_t row)
{
    double *sums = job->sums + 2 * row * job->slabs;
    for (int64_t s = 1; s < job->slabs; s++) {
        sums[0] += sums[2 * s];
        sums[1] += sums[2 * s + 1];
    }
    if (!job->gradient)
        cnn_norm_statistics(sums, (double)job->length, job->input[row * job->length], job->epsilon, job->mean + row,
                            job->inverse + row);
}

static void write_slab(const layer_job *job, int64_t row, int64_t slab)
{
    const int64_t first = slab * job->slab_length, count = smaller(job->slab_length, job->length - first);
    const int64_t at = row * job->length + first;
    const float *gamma = job->gamma ? job->gamma + first : NULL;
    if (!job->gradient) {
        const float offset = cnn_norm_offset(0.0f, job->mean[row], job->inverse[row]);
        job->kernels->layer_row(count, job->input + at, job->inverse[row], offset, gamma,
                                job->beta ? job->beta + first : NULL, job->output + at);
        return;
    }
    const double *sums = job->sums + 2 * row * job->slabs, n = (double)job->length;
    const double inverse = job->inverse[row];
    const float slope = (float)(-inverse * inverse * inverse * sums[1] / n);
    const float coefficients[3] = {job->inverse[row], slope,
                                   (float)(-inverse * sums[0] / n - (double)job->mean[row] * slope)};
    job->kernels->layer_gradient_row(count, job->gradient + at, gamma, job->input + at, coefficients, job->output + at);
}

/* Adds rows to the sums of a block for `count` columns from `column` on. */
static void add_products(const layer_job *job, int64_t block, int64_t row, int64_t rows, int64_t column, int64_t count)
{
    double *partial = job->partials + 2 * block * padded(job) + column;
    const int64_t at = row * job->length + column;
    cnn_column_sums work = {.rows = rows,
                            .stride = job->length,
                            .count = count,
                            .input = job->input + at,
                            .gradient = job->gradient + at,
                            .row_center = job->mean + row,
                            .row_factor = job->inverse + row,
                            .first = partial,
                            .second = partial + padded(job)};
    if (job->gamma_gradient || job->beta_gradient) job->kernels->layer_products(&work);
}

static void clear_products(const layer_job *job, int64_t block, int64_t column, int64_t count)
{
    double *partial = job->partials + 2 * block * padded(job);
    const int64_t end = column + count == job->length ? padded(job) : column + count;
    for (int64_t i = column; i < end; i++)
        partial[i] = partial[padded(job) + i] = 0;
}

/* Blocks of rows that are not cut: a few rows at a time go through all passes. */
static void run_blocks(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const layer_job *job = argument;
    const int64_t step = larger(SLAB / job->length, 1);
    (void)thread;
    for (int64_t block = begin; block < end; block++) {
        const int64_t last = smaller((block + 1) * job->block_rows, job->rows);
        if (job->gradient) clear_products(job, block, 0, job->length);
        for (int64_t row = block * job->block_rows; row < last; row += step) {
            const int64_t rows = smaller(step, last - row);
            if (job->gradient) add_products(job, block, row, rows, 0, job->length);
            for (int64_t r = row; r < row + rows && job->output; r++) {
                sum_slab(job, r, 0);
                finish_row(job, r);
                write_slab(job, r, 0);
            }
        }
    }
}

static void sum_slabs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const layer_job *job = argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++)
        sum_slab(job, i / job->slabs, i % job->slabs);
}

static void write_slabs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const layer_job *job = argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++)
        write_slab(job, i / job->slabs, i % job->slabs);
}

static int64_t column_pieces(const layer_job *job)
{
    return (job->length + COLUMNS - 1) / COLUMNS;
}

static void sum_columns(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const layer_job *job = argument;
    const int64_t pieces = column_pieces(job);
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int64_t block = i / pieces, column = i % pieces * COLUMNS, row = block * job->block_rows;
        const int64_t count = smaller(COLUMNS, job->length - column);
        clear_products(job, block, column, count);
        add_products(job, block, row, smaller(job->block_rows, job->rows - row), column, count);
    }
}

/* The parameter gradients of some columns, from the blocks in order. */
static void finish_columns(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const layer_job *job = argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        double beta = 0, gamma = 0;
        for (int64_t b = 0; b < job->blocks; b++) {
            beta += job->partials[2 * b * padded(job) + i];
            gamma += job->partials[(2 * b + 1) * padded(job) + i];
        }
        if (job->beta_gradient) job->beta_gradient[i] = (float)beta;
        if (job->gamma_gradient) job->gamma_gradient[i] = (float)gamma;
    }
}

static cnn_status run(const cnn_context *context, layer_job *job, void *workspace)
{
    const int64_t slabs = job->rows * job->slabs, cost = job->slab_length * COST;
    const int parameters = job->gamma_gradient || job->beta_gradient;
    job->kernels = context->kernels;
    use_workspace(job, workspace);
    if (job->slabs == 1) {
        CNN_TRY(cnn_parallel(context, job->blocks, 2 * job->block_rows * cost, run_blocks, job));
    } else {
        if (parameters)
            CNN_TRY(
                cnn_parallel(context, job->blocks * column_pieces(job), job->block_rows * COLUMNS * COST, sum_columns, job));
        if (job->output) {
            CNN_TRY(cnn_parallel(context, slabs, cost, sum_slabs, job));
            const uint64_t mode = cnn_begin_arithmetic();
            for (int64_t row = 0; row < job->rows; row++)
                finish_row(job, row);
            cnn_end_arithmetic(mode, NULL);
            CNN_TRY(cnn_parallel(context, slabs, cost, write_slabs, job));
        }
    }
    if (!parameters) return CNN_OK;
    return cnn_parallel(context, job->length, job->blocks * COST, finish_columns, job);
}

cnn_status cnn_layer_norm(const cnn_context *context, const cnn_layer_norm_desc *desc, const cnn_buffer *input,
                          const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *output,
                          const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse, const cnn_buffer *workspace,
                          cnn_error *error)
{
    const char *const operation = "layer_norm";
    layer_job job;
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &job, &elements, &bytes, error));
    const cnn_operand operands[] = {{input, elements, "input", CNN_READ | CNN_IN_PLACE},
                                    {gamma, job.length, "gamma", CNN_READ | CNN_OPTIONAL},
                                    {beta, job.length, "beta", CNN_READ | CNN_OPTIONAL},
                                    {output, elements, "output", CNN_WRITE | CNN_IN_PLACE},
                                    {saved_mean, job.rows, "saved_mean", CNN_WRITE},
                                    {saved_inverse, job.rows, "saved_inverse", CNN_WRITE},
                                    {workspace, bytes / (int64_t)sizeof(float), "workspace", CNN_WORKSPACE}};
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, operation, error));
    job.input = cnn_buffer_floats(input);
    job.gamma = cnn_operand_floats(gamma);
    job.beta = cnn_operand_floats(beta);
    job.output = cnn_buffer_floats_mutable(output);
    job.mean = cnn_buffer_floats_mutable(saved_mean);
    job.inverse = cnn_buffer_floats_mutable(saved_inverse);
    return cnn_report(run(context, &job, workspace->data), operation, error);
}

cnn_status cnn_layer_norm_backward(const cnn_context *context, const cnn_layer_norm_desc *desc, const cnn_buffer *input,
                                   const cnn_buffer *output_gradient, const cnn_buffer *gamma, const cnn_buffer *saved_mean,
                                   const cnn_buffer *saved_inverse, const cnn_buffer *input_gradient,
                                   const cnn_buffer *gamma_gradient, const cnn_buffer *beta_gradient,
                                   const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "layer_norm_backward";
    layer_job job;
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &job, &elements, &bytes, error));
    const cnn_norm_gradients wanted = {
        .input_gradient = input_gradient, .gamma_gradient = gamma_gradient, .beta_gradient = beta_gradient};
    const cnn_operand operands[] = {{input, elements, "input", CNN_READ},
                                    {output_gradient, elements, "output_gradient", CNN_READ | CNN_IN_PLACE},
                                    {gamma, job.length, "gamma", CNN_READ | CNN_OPTIONAL},
                                    {saved_mean, job.rows, "saved_mean", CNN_READ},
                                    {saved_inverse, job.rows, "saved_inverse", CNN_READ},
                                    {input_gradient, elements, "input_gradient", CNN_WRITE | CNN_OPTIONAL | CNN_IN_PLACE},
                                    {gamma_gradient, job.length, "gamma_gradient", CNN_WRITE | CNN_OPTIONAL},
                                    {beta_gradient, job.length, "beta_gradient", CNN_WRITE | CNN_OPTIONAL},
                                    {workspace, bytes / (int64_t)sizeof(float), "workspace", CNN_WORKSPACE}};
    CNN_TRY(cnn_norm_check_wanted(&wanted, operation, error));
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, operation, error));
    job.input = cnn_buffer_floats(input);
    job.gradient = cnn_buffer_floats(output_gradient);
    job.gamma = cnn_operand_floats(gamma);
    job.mean = cnn_buffer_floats_mutable(saved_mean);
    job.inverse = cnn_buffer_floats_mutable(saved_inverse);
    job.output = cnn_operand_floats(input_gradient);
    job.gamma_gradient = cnn_operand_floats(gamma_gradient);
    job.beta_gradient = cnn_operand_floats(beta_gradient);
    return cnn_report(run(context, &job, workspace->data), operation, error);
}
