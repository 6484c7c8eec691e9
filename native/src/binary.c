/* binary.c - arithmetic on two tensors with broadcasting. Dimensions that lie one behind the other on all sides are joined,
 * so that most cases become one long row, or rows against a channel vector; what is left is walked row by row. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "pieces.h"
#include "threads.h"

#define MOST_DIMENSIONS 6
#define GATHERED 512 /* elements of a row that is collected from strides other than 0 and 1 */

typedef struct operand {
    const float *data;
    int64_t strides[MOST_DIMENSIONS];
    int64_t elements; /* from the first to the last that is read */
    int repeated;     /* the last dimension but one is 0: a vector that several rows share */
} operand;

typedef struct binary_job {
    const cnn_kernels *kernels;
    cnn_binary_kind kind;
    int32_t rank; /* after joining */
    int64_t shape[MOST_DIMENSIONS];
    operand sides[2];
    int64_t count;
    int32_t outer;    /* dimensions that are walked index by index */
    int64_t pieces;   /* of what is left, for each of these indices */
    int64_t piece;    /* elements of the row, or rows where a vector is repeated */
    int64_t together; /* rows of one kernel call */
    float *output;
} binary_job;

/* Collects a row whose stride is neither 0 nor 1. */
static const float *gather(const float *source, int64_t stride, int64_t count, float *space)
{
    for (int64_t i = 0; i < count; i++)
        space[i] = source[i * stride];
    return space;
}

/* A row of the last dimension. */
static void run_row(const binary_job *job, const float *const *sources, int64_t count, float *output)
{
    const int64_t strides[2] = {job->sides[0].strides[job->rank - 1], job->sides[1].strides[job->rank - 1]};
    float space[2][GATHERED];
    if (strides[0] <= 1 && strides[1] <= 1) {
        job->kernels->binary(job->kind, count, sources[0], (int)strides[0], sources[1], (int)strides[1], output);
        return;
    }
    for (int64_t i = 0; i < count; i += GATHERED) {
        const int64_t some = cnn_smaller(GATHERED, count - i);
        const float *rows[2];
        for (int s = 0; s < 2; s++)
            rows[s] = strides[s] <= 1 ? sources[s] + i * strides[s]
                                      : gather(sources[s] + i * strides[s], strides[s], some, space[s]);
        job->kernels->binary(job->kind, some, rows[0], strides[0] != 0, rows[1], strides[1] != 0, output + i);
    }
}

/* Rows of the last but one dimension, of which one side is a vector that all of them share. */
static void run_shared(const binary_job *job, const float *const *sources, int64_t rows, float *output)
{
    const int64_t channels = job->shape[job->rank - 1];
    float space[CNN_REPEATED];
    const float *starts[2] = {sources[0], sources[1]};
    for (int s = 0; s < 2; s++)
        if (job->sides[s].repeated) starts[s] = cnn_repeat(sources[s], channels, cnn_smaller(job->together, rows), space);
    for (int64_t row = 0; row < rows; row += job->together) {
        const int64_t at = row * channels, count = cnn_smaller(job->together, rows - row) * channels;
        job->kernels->binary(job->kind, count, starts[0] + (job->sides[0].repeated ? 0 : at), 1,
                             starts[1] + (job->sides[1].repeated ? 0 : at), 1, output + at);
    }
}

static void run_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const binary_job *job = argument;
    const int shared = job->outer < job->rank - 1;
    int64_t inner = 1; /* elements of the result for each outer index */
    (void)thread;
    for (int32_t d = job->outer; d < job->rank; d++)
        inner *= job->shape[d];
    for (int64_t item = begin; item < end; item++) {
        int64_t index = item / job->pieces;
        const int64_t first = item % job->pieces * job->piece;
        const int64_t count = cnn_smaller(job->piece, job->shape[job->outer] - first);
        const int64_t length = shared ? job->shape[job->rank - 1] : 1;
        float *output = job->output + index * inner + first * length;
        const float *sources[2] = {job->sides[0].data + first * job->sides[0].strides[job->outer],
                                   job->sides[1].data + first * job->sides[1].strides[job->outer]};
        for (int32_t d = job->outer - 1; d >= 0; d--) {
            for (int s = 0; s < 2; s++)
                sources[s] += index % job->shape[d] * job->sides[s].strides[d];
            index /= job->shape[d];
        }
        if (shared)
            run_shared(job, sources, count, output);
        else
            run_row(job, sources, count, output);
    }
}

/* Joins a dimension with the next one where one step of it is as far as all steps of the next, on both sides. */
static void join_dimensions(binary_job *job)
{
    int32_t rank = 0;
    for (int32_t d = 0; d < job->rank; d++) {
        if (job->shape[d] == 1) continue;
        int joins = rank > 0;
        for (int s = 0; s < 2 && joins; s++)
            joins = job->sides[s].strides[rank - 1] == job->sides[s].strides[d] * job->shape[d];
        const int32_t to = joins ? rank - 1 : rank++;
        job->shape[to] = joins ? job->shape[to] * job->shape[d] : job->shape[d];
        for (int s = 0; s < 2; s++)
            job->sides[s].strides[to] = job->sides[s].strides[d];
    }
    if (rank == 0) { /* one element */
        rank = 1;
        job->shape[0] = 1;
        job->sides[0].strides[0] = job->sides[1].strides[0] = 0;
    }
    job->rank = rank;
}

/* Whether the last two dimensions are short rows, dense on one side and the same vector on the other. */
static int shares_vector(binary_job *job)
{
    const int32_t last = job->rank - 1;
    const int64_t channels = job->shape[last];
    if (job->rank < 2 || job->sides[0].strides[last] != 1 || job->sides[1].strides[last] != 1) return 0;
    for (int s = 0; s < 2; s++)
        if (job->sides[s].strides[last - 1] == 0 && job->sides[1 - s].strides[last - 1] == channels)
            job->sides[s].repeated = cnn_repetitions(channels) > 1;
    return job->sides[0].repeated || job->sides[1].repeated;
}

static void plan_items(binary_job *job)
{
    join_dimensions(job);
    const int shared = shares_vector(job);
    job->outer = job->rank - (shared ? 2 : 1);
    job->together = shared ? cnn_repetitions(job->shape[job->rank - 1]) : 1;
    job->piece = shared ? 16 * job->together : 2 * CNN_PIECE;
    job->pieces = cnn_pieces(job->shape[job->outer], job->piece);
}

void cnn_binary_desc_init(cnn_binary_desc *desc)
{
    if (desc) *desc = (cnn_binary_desc){.struct_size = (uint32_t)sizeof *desc};
}

static cnn_status measure(operand *side, const binary_job *job, const char *name, cnn_error *error)
{
    const int64_t limit = INT64_MAX / (int64_t)sizeof(float);
    int64_t last = 0;
    for (int32_t d = 0; d < job->rank; d++) {
        if (side->strides[d] < 0)
            return cnn_fail(error, CNN_INVALID_ARGUMENT, "binary: stride %d of '%s' is %lld, expected at least 0.", (int)d,
                            name, (long long)side->strides[d]);
        if (job->shape[d] > 1 && side->strides[d] > (limit - 1 - last) / (job->shape[d] - 1))
            return cnn_fail(error, CNN_SIZE_OVERFLOW, "binary: '%s' has more bytes than 63 bits can count.", name);
        last += (job->shape[d] - 1) * side->strides[d];
    }
    side->elements = last + 1;
    return CNN_OK;
}

/* Whether the side has the layout of the result, so that an element is read before it is written. */
static int is_dense(const operand *side, const binary_job *job)
{
    int64_t stride = 1;
    for (int32_t d = job->rank - 1; d >= 0; d--) {
        if (job->shape[d] > 1 && side->strides[d] != stride) return 0;
        stride *= job->shape[d];
    }
    return 1;
}

static cnn_status check_side(const binary_job *job, const operand *side, const cnn_buffer *buffer, const cnn_buffer *output,
                             cnn_error *error)
{
    if (is_dense(side, job)) return cnn_buffer_check_in_place(buffer, output, job->count, "binary", error);
    return cnn_buffer_check_apart(buffer, side->elements, output, job->count, "binary", error);
}

cnn_status cnn_binary(const cnn_context *context, const cnn_binary_desc *desc, const cnn_buffer *left,
                      const cnn_buffer *right, const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "binary";
    static const char *const names[] = {"shape[0]", "shape[1]", "shape[2]", "shape[3]", "shape[4]", "shape[5]"};
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_binary_desc", error));
    if (desc->kind < CNN_BINARY_ADD || desc->kind > CNN_BINARY_EQUAL || desc->rank < 1 || desc->rank > MOST_DIMENSIONS)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: kind is %d and rank %d, expected a value of cnn_binary_kind and 1 to %d dimensions.", operation,
                        (int)desc->kind, (int)desc->rank, MOST_DIMENSIONS);
    binary_job job = {.kernels = context->kernels, .kind = desc->kind, .rank = desc->rank};
    CNN_TRY(cnn_sizes_check(desc->rank, desc->shape, names, operation, error));
    CNN_TRY(cnn_sizes_multiply(desc->rank, desc->shape, operation, "output", &job.count, error));
    memcpy(job.shape, desc->shape, sizeof job.shape);
    memcpy(job.sides[0].strides, desc->left_strides, sizeof desc->left_strides);
    memcpy(job.sides[1].strides, desc->right_strides, sizeof desc->right_strides);
    CNN_TRY(measure(&job.sides[0], &job, "left", error));
    CNN_TRY(measure(&job.sides[1], &job, "right", error));
    CNN_TRY(cnn_buffer_check(left, job.sides[0].elements, operation, "left", error));
    CNN_TRY(cnn_buffer_check(right, job.sides[1].elements, operation, "right", error));
    CNN_TRY(cnn_buffer_check(output, job.count, operation, "output", error));
    CNN_TRY(check_side(&job, &job.sides[0], left, output, error));
    CNN_TRY(check_side(&job, &job.sides[1], right, output, error));
    job.sides[0].data = cnn_buffer_floats(left);
    job.sides[1].data = cnn_buffer_floats(right);
    job.output = cnn_buffer_floats_mutable(output);
    plan_items(&job);
    int64_t items = job.pieces;
    for (int32_t d = 0; d < job.outer; d++)
        items *= job.shape[d];
    return cnn_report(cnn_parallel(context, items, job.count / items, run_items, &job), operation, error);
}
