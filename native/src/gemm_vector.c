/* gemm_vector.c - a matrix times a vector, from either side, or times a few. Each element of the matrix comes from memory
 * once, so all that counts is to read it in the order in which it lies, while the vectors and the sums stay in the cache. */
#include "gemm.h"

#include "pieces.h"
#include "threads.h"

#include <stddef.h>

#define SUMMED_ROWS 8  /* rows of the matrix that are added to the sums at once */
#define DOT_ROWS 256   /* rows that share a piece of the vector; */
#define SHARED_ROWS 16 /* with several vectors, pieces of rows that stay in the second-level cache until all had them */
#define LANE_STEP 16   /* outputs of an item: a cache line */

/* The product as a matrix and vectors; output i of vector r lies at output + r * output_stride + i * output_step. */
typedef struct vector_job {
    const cnn_gemm_work *work;
    const float *matrix;
    int64_t matrix_step;
    const float *vector;
    int64_t vector_step;
    int64_t next_vector; /* from one vector to the next */
    int64_t vectors;
    int64_t outputs;
    int64_t output_step;
    int64_t residual_step;
    int64_t bias_step;
} vector_job;

static vector_job open_job(const cnn_gemm_work *work)
{
    const cnn_gemm_desc *d = &work->plan->desc;
    vector_job job = {.work = work, .vectors = 1};
    if (d->columns == 1) {
        job.matrix = work->left;
        job.matrix_step = d->left_stride;
        job.vector = work->right;
        job.vector_step = d->transpose_right || d->packed_right ? 1 : d->right_stride;
        job.outputs = d->rows;
        job.output_step = d->output_stride;
        job.residual_step = d->residual_stride;
    } else {
        job.matrix = work->right;
        job.matrix_step = d->right_stride;
        job.vector = work->left;
        job.vector_step = d->transpose_left ? d->left_stride : 1;
        job.next_vector = d->transpose_left ? 1 : d->left_stride;
        job.vectors = d->rows;
        job.outputs = d->columns;
        job.output_step = job.residual_step = job.bias_step = 1;
    }
    return job;
}

/* The elements first..first+count-1 of vector r without gaps. */
static const float *gather(const vector_job *job, int64_t r, int64_t first, int64_t count, float *space)
{
    const float *vector = job->vector + r * job->next_vector + first * job->vector_step;
    if (job->vector_step == 1) return vector;
    for (int64_t k = 0; k < count; k++)
        space[k] = vector[k * job->vector_step];
    return space;
}

/* The sums of vector r go to sums + r * CNN_GEMM_VECTOR. */
static void dot_products(const vector_job *job, int64_t first, int64_t count, float *space, float *sums)
{
    const cnn_gemm_plan *plan = job->work->plan;
    for (int64_t k = 0; k < plan->desc.depth; k += CNN_GEMM_VECTOR) {
        const int64_t depth = cnn_smaller(plan->desc.depth - k, CNN_GEMM_VECTOR);
        for (int64_t r = 0; r < job->vectors; r++)
            plan->kernels->dot_rows(count, job->matrix_step, depth, job->matrix + first * job->matrix_step + k,
                                    gather(job, r, k, depth, space), k > 0, sums + r * CNN_GEMM_VECTOR);
    }
}

static void sum_of_rows(const vector_job *job, int64_t first, int64_t count, float *space, float *sums)
{
    const cnn_gemm_plan *plan = job->work->plan;
    for (int64_t k = 0; k < plan->desc.depth; k += SUMMED_ROWS) {
        const int64_t depth = cnn_smaller(plan->desc.depth - k, SUMMED_ROWS);
        const float *rows[SUMMED_ROWS];
        for (int64_t i = 0; i < depth; i++)
            rows[i] = job->matrix + (k + i) * job->matrix_step + first;
        for (int64_t r = 0; r < job->vectors; r++)
            plan->kernels->weighted_rows(depth, rows, gather(job, r, k, depth, space), k > 0, count,
                                         sums + r * CNN_GEMM_VECTOR);
    }
}

/* Adds what else there is to the sums, applies the activation, and puts them where they belong. */
static void finish(const vector_job *job, int64_t r, int64_t first, int64_t count, float *sums)
{
    const cnn_gemm_work *work = job->work;
    const cnn_gemm_plan *plan = work->plan;
    float *output = work->output + r * plan->desc.output_stride + first * job->output_step;
    const int64_t offset = r * plan->desc.residual_stride + first * job->residual_step;
    for (int64_t i = 0; work->bias && i < count; i++)
        sums[i] += work->bias[(first + i) * job->bias_step];
    for (int64_t i = 0; work->residual && i < count; i++)
        sums[i] += work->residual[offset + i * job->residual_step];
    for (int64_t i = 0; plan->desc.accumulate && i < count; i++)
        sums[i] += output[i * job->output_step];
    for (int64_t i = 0; !plan->activate_after && i < count; i++) { /* a NaN passes */
        sums[i] = sums[i] < plan->lower ? plan->lower : sums[i];
        sums[i] = sums[i] > plan->upper ? plan->upper : sums[i];
    }
    if (plan->activate_after)
        plan->kernels->activate(plan->desc.activation, plan->desc.activation_alpha, plan->desc.activation_beta, count, sums,
                                sums);
    for (int64_t i = 0; i < count; i++)
        output[i * job->output_step] = sums[i];
}

/* Items are runs of LANE_STEP outputs. */
static void run_outputs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const vector_job *job = argument;
    const cnn_gemm_plan *plan = job->work->plan;
    const int dots = plan->algorithm == CNN_GEMM_DOTS;
    const int64_t most = !dots ? CNN_GEMM_VECTOR : job->vectors > 1 ? SHARED_ROWS : DOT_ROWS;
    const int64_t last = cnn_smaller(end * LANE_STEP, job->outputs);
    float *space = (float *)(void *)(job->work->workspace + thread * plan->workspace_bytes);
    float *sums = space + CNN_GEMM_VECTOR;
    for (int64_t first = begin * LANE_STEP; first < last && !cnn_is_cancelled(job->work->context); first += most) {
        const int64_t count = cnn_smaller(last - first, most);
        if (dots)
            dot_products(job, first, count, space, sums);
        else
            sum_of_rows(job, first, count, space, sums);
        for (int64_t r = 0; r < job->vectors; r++)
            finish(job, r, first, count, sums + r * CNN_GEMM_VECTOR);
    }
}

cnn_status cnn_gemm_run_vector(const cnn_gemm_work *work)
{
    const vector_job job = open_job(work);
    const int64_t items = cnn_pieces(job.outputs, LANE_STEP);
    return cnn_parallel_whole(work->context, items, work->plan->expected_cost / items, run_outputs, &job);
}
