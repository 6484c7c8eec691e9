/* reduce.c - sums of a tensor over some of its dimensions. Neighbours that are both kept or both summed are joined; what is
 * left are sums over rows of a kept innermost dimension, or along a summed one. A long sum is cut into slabs, whose length
 * depends on the sizes alone, so that the number of threads changes nothing. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "pieces.h"
#include "threads.h"

#define MOST_DIMENSIONS 6
#define GROUP 64      /* rows that are added in float32 */
#define COLUMNS 512   /* columns that are summed at once, on the stack */
#define SEGMENT 4096  /* elements of a summed innermost dimension that count as a row */
#define OF_SLAB 32768 /* elements of a slab, about */

typedef struct dimensions {
    int32_t rank;
    int64_t shape[MOST_DIMENSIONS];
    int64_t strides[MOST_DIMENSIONS];
    int64_t count; /* product of the shape */
} dimensions;

typedef struct reduce_job {
    const cnn_kernels *kernels;
    int64_t input_elements;
    int64_t outputs;
    dimensions kept;
    dimensions summed;
    int64_t columns;  /* of a kept innermost dimension, else 1 */
    int64_t length;   /* of a summed innermost dimension, else 0 */
    int64_t segments; /* of it, else 1 */
    int64_t rows;     /* segments or rows that one output sums */
    int64_t slab;     /* of these */
    int64_t slabs;
    int64_t blocks; /* of columns */
    float scale;
    int accumulate;
    const float *input;
    float *output;
    double *partials; /* outputs for each slab; unused with one slab */
} reduce_job;

static int64_t offset_of(const dimensions *d, int64_t index)
{
    int64_t offset = 0;
    for (int32_t i = d->rank - 1; i > 0; i--) {
        offset += index % d->shape[i] * d->strides[i];
        index /= d->shape[i];
    }
    return d->rank > 0 ? offset + index * d->strides[0] : 0;
}

static void finish(const reduce_job *job, float *output, double sum)
{
    *output = (float)((job->accumulate ? *output : 0) + sum * job->scale);
}

/* Adds the rows first..last-1 of up to COLUMNS columns from `source` on. */
static void sum_slab_of_rows(const reduce_job *job, const float *source, int64_t first, int64_t last, int64_t columns,
                             double *sums)
{
    float group[COLUMNS];
    const float *rows[GROUP];
    for (int64_t c = 0; c < columns; c++)
        sums[c] = 0;
    for (int64_t row = first; row < last; row += GROUP) {
        const int64_t count = cnn_smaller(GROUP, last - row);
        for (int64_t r = 0; r < count; r++)
            rows[r] = source + offset_of(&job->summed, row + r);
        job->kernels->sum_rows(count, rows, columns, 1.0f, group);
        for (int64_t c = 0; c < columns; c++)
            sums[c] += group[c];
    }
}

static double sum_slab_of_segments(const reduce_job *job, const float *source, int64_t first, int64_t last)
{
    double sum = 0;
    for (int64_t row = first; row < last; row++) {
        const int64_t at = row % job->segments * SEGMENT;
        sum += job->kernels->sum(cnn_smaller(SEGMENT, job->length - at),
                                 source + offset_of(&job->summed, row / job->segments) + at);
    }
    return sum;
}

/* An item is a block of columns of a slab of an output's sum. */
static void sum_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const reduce_job *job = argument;
    double sums[COLUMNS];
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const int64_t column = item % job->blocks * COLUMNS, slab = item / job->blocks % job->slabs;
        const int64_t kept = item / job->blocks / job->slabs, columns = cnn_smaller(COLUMNS, job->columns - column);
        const int64_t first = slab * job->slab, last = cnn_smaller(first + job->slab, job->rows);
        const float *source = job->input + offset_of(&job->kept, kept) + column;
        const int64_t to = kept * job->columns + column;
        if (job->length > 0)
            sums[0] = sum_slab_of_segments(job, source, first, last);
        else
            sum_slab_of_rows(job, source, first, last, columns, sums);
        for (int64_t c = 0; c < columns; c++)
            if (job->slabs == 1)
                finish(job, job->output + to + c, sums[c]);
            else
                job->partials[slab * job->outputs + to + c] = sums[c];
    }
}

static void add_slabs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const reduce_job *job = argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        double sum = 0;
        for (int64_t slab = 0; slab < job->slabs; slab++)
            sum += job->partials[slab * job->outputs + i];
        finish(job, job->output + i, sum);
    }
}

static void add_dimension(dimensions *to, int64_t size, int64_t stride)
{
    to->shape[to->rank] = size;
    to->strides[to->rank++] = stride;
    to->count *= size;
}

/* Joins neighbours of one kind and sorts them into kept and summed ones. */
static void split_dimensions(reduce_job *job, const cnn_reduce_desc *desc)
{
    int64_t shape[MOST_DIMENSIONS], stride = 1;
    int summed[MOST_DIMENSIONS], rank = 0;
    for (int32_t d = 0; d < desc->rank; d++) {
        const int sums = desc->output_shape[d] != desc->shape[d];
        if (desc->shape[d] == 1) continue;
        if (rank > 0 && summed[rank - 1] == sums) {
            shape[rank - 1] *= desc->shape[d];
        } else {
            shape[rank] = desc->shape[d];
            summed[rank++] = sums;
        }
    }
    job->kept.count = job->summed.count = job->columns = 1;
    if (rank > 0) {
        stride = shape[--rank];
        *(summed[rank] ? &job->length : &job->columns) = stride;
    }
    int64_t strides[MOST_DIMENSIONS];
    for (int d = rank - 1; d >= 0; stride *= shape[d--])
        strides[d] = stride;
    for (int d = 0; d < rank; d++)
        add_dimension(summed[d] ? &job->summed : &job->kept, shape[d], strides[d]);
}

static void plan_slabs(reduce_job *job)
{
    job->segments = job->length > 0 ? cnn_pieces(job->length, SEGMENT) : 1;
    job->rows = job->summed.count * job->segments;
    job->blocks = cnn_pieces(job->columns, COLUMNS);
    job->outputs = job->kept.count * job->columns;
    const int64_t row = cnn_smaller(job->length > 0 ? SEGMENT : COLUMNS, job->length > 0 ? job->length : job->columns);
    const int64_t wanted = cnn_pieces(OF_SLAB, row);
    job->slab = job->length > 0 ? wanted : cnn_pieces(wanted, GROUP) * GROUP;
    job->slabs = cnn_pieces(job->rows, job->slab);
}

void cnn_reduce_desc_init(cnn_reduce_desc *desc)
{
    if (desc) *desc = (cnn_reduce_desc){.struct_size = (uint32_t)sizeof *desc, .scale = 1};
}

static cnn_status resolve(const cnn_reduce_desc *desc, reduce_job *job, int64_t *bytes, cnn_error *error)
{
    const char *const operation = "reduce_sum";
    static const char *const names[] = {"shape[0]", "shape[1]", "shape[2]", "shape[3]", "shape[4]", "shape[5]"};
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_reduce_desc", error));
    if (desc->rank < 1 || desc->rank > MOST_DIMENSIONS || desc->accumulate < 0 || desc->accumulate > 1)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: rank is %d and accumulate %d, expected 1 to %d dimensions and 0 or 1.", operation,
                        (int)desc->rank, (int)desc->accumulate, MOST_DIMENSIONS);
    *job = (reduce_job){.scale = desc->scale, .accumulate = desc->accumulate};
    CNN_TRY(cnn_sizes_check(desc->rank, desc->shape, names, operation, error));
    CNN_TRY(cnn_sizes_multiply(desc->rank, desc->shape, operation, "input", &job->input_elements, error));
    for (int32_t d = 0; d < desc->rank; d++)
        if (desc->output_shape[d] != 1 && desc->output_shape[d] != desc->shape[d])
            return cnn_fail(error, CNN_SHAPE_MISMATCH, "%s: output_shape[%d] is %lld, expected 1 or the input's %lld.",
                            operation, (int)d, (long long)desc->output_shape[d], (long long)desc->shape[d]);
    split_dimensions(job, desc);
    plan_slabs(job);
    /* Several slabs have 64 rows each, or 32768 elements, so that eight bytes of each output cannot overflow. */
    *bytes = job->slabs == 1 ? 0 : job->slabs * job->outputs * (int64_t)sizeof(double);
    return CNN_OK;
}

cnn_status cnn_reduce_sum_workspace(const cnn_reduce_desc *desc, int64_t *bytes, cnn_error *error)
{
    reduce_job job;
    int64_t needed = 0;
    CNN_TRY(cnn_require(bytes, "reduce_sum", "bytes", error));
    CNN_TRY(resolve(desc, &job, &needed, error));
    *bytes = needed;
    return CNN_OK;
}

cnn_status cnn_reduce_sum(const cnn_context *context, const cnn_reduce_desc *desc, const cnn_buffer *input,
                          const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "reduce_sum";
    reduce_job job;
    int64_t bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(resolve(desc, &job, &bytes, error));
    CNN_TRY(cnn_buffer_check(input, job.input_elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, job.outputs, operation, "output", error));
    CNN_TRY(cnn_buffer_check_apart(input, job.input_elements, output, job.outputs, operation, error));
    if (bytes > 0) {
        CNN_TRY(cnn_buffer_check(workspace, bytes / (int64_t)sizeof(float), operation, "workspace", error));
        CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
        job.partials = workspace->data;
    }
    job.kernels = context->kernels;
    job.input = cnn_buffer_floats(input);
    job.output = cnn_buffer_floats_mutable(output);
    const int64_t items = job.kept.count * job.slabs * job.blocks;
    CNN_TRY(cnn_report(cnn_parallel(context, items, job.input_elements / items + 1, sum_items, &job), operation, error));
    if (job.slabs == 1) return CNN_OK;
    return cnn_report(cnn_parallel(context, job.outputs, job.slabs, add_slabs, &job), operation, error);
}
