/* bench_training_rows.c - what lies between the layers of a step of training: work that reads and writes its data once or
 * twice, measured against reading as many bytes. */
#include "bench_training.h"
#include "check.h"

#include <stdio.h>

#define PARAMETERS 61706 /* of LeNet-5 */

/* What the operators of a case work with; each uses some of it. */
typedef struct training_job {
    cnn_context *context;
    int64_t elements; /* of an input tensor */
    int64_t rows;     /* of pixels, or of logits */
    int64_t channels;
    cnn_pool2d_desc pool;
    cnn_batch_norm_desc norm;
    cnn_cross_entropy_desc entropy;
    cnn_optimizer_desc optimizer;
    cnn_conv2d_plan *plan;
    cnn_buffer *input, *output, *gradient, *pooled, *indices, *labels, *workspace;
    cnn_buffer *vectors[6]; /* of `channels` elements */
} training_job;

typedef struct training_case {
    const char *name;
    void (*run)(void *);
    int32_t bytes; /* for each element of the input: what is read and written at least, with pooling to a quarter */
    int32_t batch, size, channels;
} training_case;

static void max_pool(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_max_pool2d(job->context, &job->pool, job->input, job->pooled, &check_error));
}

static void max_pool_indexed(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_max_pool2d_indexed(job->context, &job->pool, job->input, job->pooled, job->indices, &check_error));
}

static void max_pool_backward(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_max_pool2d_backward(job->context, &job->pool, job->input, job->pooled, NULL, job->output, &check_error));
}

static void max_pool_backward_indexed(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_max_pool2d_backward(job->context, &job->pool, NULL, job->pooled, job->indices, job->output, &check_error));
}

static void average_pool(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_average_pool2d(job->context, &job->pool, job->input, job->pooled, &check_error));
}

static void average_pool_backward(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_average_pool2d_backward(job->context, &job->pool, job->pooled, job->output, &check_error));
}

static void relu(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_activate(job->context, CNN_ACTIVATION_RELU, 0, 0, job->elements, job->input, job->output, &check_error));
}

static void relu_backward(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_activate_backward(job->context, CNN_ACTIVATION_RELU, 0, 0, 0, job->elements, job->input, job->gradient,
                                   job->output, &check_error));
}

static void tanh_forward(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_activate(job->context, CNN_ACTIVATION_TANH, 0, 0, job->elements, job->input, job->output, &check_error));
}

static void norm_train(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_batch_norm_train(job->context, &job->norm, job->input, job->vectors[0], job->vectors[1], NULL, NULL,
                                  job->output, job->vectors[2], job->vectors[3], job->workspace, &check_error));
}

static void norm_backward(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_batch_norm_backward(job->context, &job->norm, job->input, job->gradient, job->vectors[0], job->vectors[1],
                                     job->vectors[2], job->vectors[3], job->output, job->vectors[4], job->vectors[5],
                                     job->workspace, &check_error));
}

static void entropy_hard(void *argument)
{
    const training_job *job = argument;
    double loss = 0;
    CHECK_OK(cnn_cross_entropy(job->context, &job->entropy, job->input, job->labels, NULL, NULL, job->output, job->workspace,
                               &loss, &check_error));
}

static void entropy_soft(void *argument)
{
    const training_job *job = argument;
    double loss = 0;
    CHECK_OK(cnn_cross_entropy(job->context, &job->entropy, job->input, NULL, job->gradient, NULL, job->output,
                               job->workspace, &loss, &check_error));
}

static void optimize(void *argument)
{
    const training_job *job = argument;
    CHECK_OK(cnn_optimizer_step(job->context, &job->optimizer, job->elements, job->input, job->gradient, job->output,
                                job->optimizer.kind == CNN_OPTIMIZER_SGD ? NULL : job->pooled, &check_error));
}

static void adam(void *argument)
{
    training_job *job = argument;
    job->optimizer.kind = CNN_OPTIMIZER_ADAM;
    optimize(argument);
}

static const training_case cases[] = {
    {"lenet-5 max pooling 28x28x6", max_pool, 5, 64, 28, 6},
    {"lenet-5 max pooling with positions 28x28x6", max_pool_indexed, 6, 64, 28, 6},
    {"lenet-5 max pooling by data 28x28x6", max_pool_backward, 9, 64, 28, 6},
    {"lenet-5 max pooling by data from positions 28x28x6", max_pool_backward_indexed, 6, 64, 28, 6},
    {"lenet-5 average pooling 28x28x6", average_pool, 5, 64, 28, 6},
    {"lenet-5 average pooling by data 28x28x6", average_pool_backward, 5, 64, 28, 6},
    {"lenet-5 tanh 28x28x6", tanh_forward, 8, 64, 28, 6},
    {"lenet-5 max pooling 10x10x16", max_pool, 5, 64, 10, 16},
    {"lenet-5 max pooling with positions 10x10x16", max_pool_indexed, 6, 64, 10, 16},
    {"lenet-5 max pooling by data 10x10x16", max_pool_backward, 9, 64, 10, 16},
    {"lenet-5 max pooling by data from positions 10x10x16", max_pool_backward_indexed, 6, 64, 10, 16},
    {"lenet-5 average pooling 10x10x16", average_pool, 5, 64, 10, 16},
    {"lenet-5 average pooling by data 10x10x16", average_pool_backward, 5, 64, 10, 16},
    {"4-conv max pooling 28x28x32", max_pool, 5, 64, 28, 32},
    {"4-conv max pooling with positions 28x28x32", max_pool_indexed, 6, 64, 28, 32},
    {"4-conv max pooling by data 28x28x32", max_pool_backward, 9, 64, 28, 32},
    {"4-conv max pooling by data from positions 28x28x32", max_pool_backward_indexed, 6, 64, 28, 32},
    {"4-conv relu 28x28x32", relu, 8, 64, 28, 32},
    {"4-conv relu by data 28x28x32", relu_backward, 12, 64, 28, 32},
    {"resnet-20 batch norm and relu 32x32x16", norm_train, 12, 128, 32, 16},
    {"resnet-20 batch norm and relu by data 32x32x16", norm_backward, 20, 128, 32, 16},
    {"resnet-20 batch norm and relu 16x16x32", norm_train, 12, 128, 16, 32},
    {"resnet-20 batch norm and relu by data 16x16x32", norm_backward, 20, 128, 16, 32},
    {"resnet-20 batch norm and relu 8x8x64", norm_train, 12, 128, 8, 64},
    {"resnet-20 batch norm and relu by data 8x8x64", norm_backward, 20, 128, 8, 64},
    {"cross-entropy 64x10", entropy_hard, 8, 64, 1, 10},
    {"cross-entropy 64x10, soft labels", entropy_soft, 12, 64, 1, 10},
    {"cross-entropy 64x1000", entropy_hard, 8, 64, 1, 1000},
    {"cross-entropy 64x1000, soft labels", entropy_soft, 12, 64, 1, 1000},
    {"sgd with momentum, 16 parameters", optimize, 20, 1, 1, 16},
    {"sgd with momentum, lenet-5", optimize, 20, 1, 1, PARAMETERS},
    {"adam, 16 parameters", adam, 28, 1, 1, 16},
    {"adam, lenet-5", adam, 28, 1, 1, PARAMETERS},
};

static void describe(training_job *job, const training_case *given)
{
    job->channels = given->channels;
    job->rows = (int64_t)given->batch * given->size * given->size;
    job->elements = job->rows * job->channels;
    cnn_pool2d_desc_init(&job->pool);
    job->pool.batch = given->batch;
    job->pool.input_height = job->pool.input_width = given->size;
    job->pool.channels = given->channels;
    job->pool.window_height = job->pool.window_width = job->pool.stride_height = job->pool.stride_width = 2;
    cnn_batch_norm_desc_init(&job->norm);
    job->norm.rows = job->rows;
    job->norm.channels = job->channels;
    job->norm.activation = CNN_ACTIVATION_RELU;
    cnn_cross_entropy_desc_init(&job->entropy);
    job->entropy.rows = job->rows;
    job->entropy.classes = job->channels;
    cnn_optimizer_desc_init(&job->optimizer);
    job->optimizer.momentum = 0.9;
}

static int64_t workspace_bytes(const training_job *job)
{
    int64_t norm = 0, entropy = 0;
    if (job->rows > 1) CHECK_OK(cnn_batch_norm_workspace_bytes(&job->norm, &norm, &check_error));
    CHECK_OK(cnn_cross_entropy_workspace(&job->entropy, &entropy, &check_error));
    return norm > entropy ? norm : entropy;
}

static bench_result measure(const training_case *given, cnn_isa isa, int32_t threads)
{
    training_job job = {.context = check_context(isa, threads)};
    describe(&job, given);
    const int64_t bytes = job.elements * 4;
    cnn_buffer **const tensors[] = {&job.input, &job.output, &job.gradient, &job.pooled};
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
        *tensors[i] = bench_buffer(bytes);
    for (size_t i = 0; i < sizeof job.vectors / sizeof *job.vectors; i++)
        job.vectors[i] = bench_buffer(job.channels * 4);
    CHECK_OK(cnn_buffer_fill(job.pooled, 1, &check_error)); /* second moments are not negative */
    job.indices = bench_buffer(bytes);
    job.labels = bench_buffer(job.rows * 4);
    job.workspace = bench_buffer(workspace_bytes(&job));
    int32_t *labels = cnn_buffer_data(job.labels);
    for (int64_t i = 0; i < job.rows; i++)
        labels[i] = (int32_t)(i * 7 % job.channels);
    if (given->size > 1) max_pool_indexed(&job);
    const bench_result result = bench_measure_read(job.context, job.elements * given->bytes, given->run, &job);
    cnn_buffer *all[] = {job.input, job.output, job.gradient, job.pooled, job.indices, job.labels, job.workspace};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cnn_buffer_destroy(all[i]);
    for (size_t i = 0; i < sizeof job.vectors / sizeof *job.vectors; i++)
        cnn_buffer_destroy(job.vectors[i]);
    cnn_context_destroy(job.context);
    return result;
}

void bench_training_rows(bench_report *report)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!bench_wants(report, cases[i].name)) continue;
        const bench_result one = measure(&cases[i], report->isa, 1), two = measure(&cases[i], report->isa, 2);
        const bench_label label = {"between the layers, in training", cases[i].name, "read", 0};
        bench_rows(report, &label, &one, &two);
    }
}
