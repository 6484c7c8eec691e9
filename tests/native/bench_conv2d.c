/* bench_conv2d.c - speed of convolutions and their gradients, on the layers of known networks, and of a
 * chain of tiny operators, where what counts is everything around the kernels. */
#include "bench.h"
#include "check.h"
#include "shapes.h"

#include <stdio.h>
#include <string.h>

typedef struct bench_case {
    const char *name;
    bench_kind kind;
    cnn_conv2d_algorithm algorithm;
    double floor; /* per cent of the peak, for one thread */
    int32_t batch, size, inputs, outputs, kernel, stride, groups;
} bench_case;

#define GEMM CNN_CONV2D_IMPLICIT_GEMM
#define AUTO CNN_CONV2D_AUTO
static const bench_case forward_cases[] = {
    {"resnet50 1x1 56x56 64-64", BENCH_FORWARD, GEMM, 93, 1, 56, 64, 64, 1, 1, 1},
    {"resnet50 1x1 56x56 64-256", BENCH_FORWARD, GEMM, 93, 1, 56, 64, 256, 1, 1, 1},
    {"resnet50 1x1 56x56 256-64", BENCH_FORWARD, GEMM, 93, 1, 56, 256, 64, 1, 1, 1},
    {"resnet50 1x1 56x56 256-128", BENCH_FORWARD, GEMM, 93, 1, 56, 256, 128, 1, 1, 1},
    {"resnet50 1x1/2 56x56 256-512", BENCH_FORWARD, GEMM, 93, 1, 56, 256, 512, 1, 2, 1},
    {"resnet50 1x1 28x28 128-512", BENCH_FORWARD, GEMM, 93, 1, 28, 128, 512, 1, 1, 1},
    {"resnet50 1x1 28x28 512-128", BENCH_FORWARD, GEMM, 93, 1, 28, 512, 128, 1, 1, 1},
    {"resnet50 1x1 28x28 512-256", BENCH_FORWARD, GEMM, 93, 1, 28, 512, 256, 1, 1, 1},
    {"resnet50 1x1/2 28x28 512-1024", BENCH_FORWARD, GEMM, 93, 1, 28, 512, 1024, 1, 2, 1},
    {"resnet50 1x1 14x14 256-1024", BENCH_FORWARD, GEMM, 93, 1, 14, 256, 1024, 1, 1, 1},
    {"resnet50 1x1 14x14 1024-256", BENCH_FORWARD, GEMM, 93, 1, 14, 1024, 256, 1, 1, 1},
    {"resnet50 1x1 14x14 1024-512", BENCH_FORWARD, GEMM, 93, 1, 14, 1024, 512, 1, 1, 1},
    {"resnet50 1x1/2 14x14 1024-2048", BENCH_FORWARD, GEMM, 85, 1, 14, 1024, 2048, 1, 2, 1},
    {"resnet50 1x1 7x7 512-2048", BENCH_FORWARD, GEMM, 85, 1, 7, 512, 2048, 1, 1, 1},
    {"resnet50 1x1 7x7 2048-512", BENCH_FORWARD, GEMM, 85, 1, 7, 2048, 512, 1, 1, 1},
    {"resnet50 3x3 56x56 64 direct", BENCH_FORWARD, GEMM, 93, 1, 56, 64, 64, 3, 1, 1},
    {"resnet50 3x3/2 56x56 128 direct", BENCH_FORWARD, GEMM, 93, 1, 56, 128, 128, 3, 2, 1},
    {"resnet50 3x3 28x28 128 direct", BENCH_FORWARD, GEMM, 93, 1, 28, 128, 128, 3, 1, 1},
    {"resnet50 3x3/2 28x28 256 direct", BENCH_FORWARD, GEMM, 93, 1, 28, 256, 256, 3, 2, 1},
    {"resnet50 3x3 14x14 256 direct", BENCH_FORWARD, GEMM, 93, 1, 14, 256, 256, 3, 1, 1},
    {"resnet50 3x3/2 14x14 512 direct", BENCH_FORWARD, GEMM, 85, 1, 14, 512, 512, 3, 2, 1},
    {"resnet50 3x3 7x7 512 direct", BENCH_FORWARD, GEMM, 85, 1, 7, 512, 512, 3, 1, 1},
    {"first layer 7x7/2 224x224 3-64", BENCH_FORWARD, AUTO, 70, 1, 224, 3, 64, 7, 2, 1},
    {"first layer 3x3/2 224x224 3-32", BENCH_FORWARD, AUTO, 0, 1, 224, 3, 32, 3, 2, 1},
    {"first layer 5x5 28x28 1-6", BENCH_FORWARD, AUTO, 0, 1, 28, 1, 6, 5, 1, 1},
    {"first layer 5x5 28x28 1-6, batch 64", BENCH_FORWARD, AUTO, 0, 64, 28, 1, 6, 5, 1, 1},
    {"first layer 3x3 28x28 1-8, batch 64", BENCH_FORWARD, AUTO, 0, 64, 28, 1, 8, 3, 1, 1},
    {"first layer 3x3 28x28 1-16, batch 64", BENCH_FORWARD, AUTO, 0, 64, 28, 1, 16, 3, 1, 1},
    {"one filter 3x3 224x224 1-1", BENCH_FORWARD, AUTO, 0, 1, 224, 1, 1, 3, 1, 1},
    {"winograd 3x3 56x56 64", BENCH_FORWARD, AUTO, 230, 1, 56, 64, 64, 3, 1, 1},
    {"winograd 3x3 28x28 128", BENCH_FORWARD, AUTO, 230, 1, 28, 128, 128, 3, 1, 1},
    {"winograd 3x3 112x112 128", BENCH_FORWARD, AUTO, 230, 1, 112, 128, 128, 3, 1, 1},
    {"winograd 3x3 56x56 256", BENCH_FORWARD, AUTO, 230, 1, 56, 256, 256, 3, 1, 1},
    {"winograd 3x3 14x14 256", BENCH_FORWARD, AUTO, 140, 1, 14, 256, 256, 3, 1, 1},
    {"winograd 3x3 14x14 512", BENCH_FORWARD, AUTO, 140, 1, 14, 512, 512, 3, 1, 1},
    {"vgg16 3x3 224x224 64", BENCH_FORWARD, AUTO, 0, 1, 224, 64, 64, 3, 1, 1},
    {"depthwise 3x3 112x112 32", BENCH_FORWARD, AUTO, 45, 1, 112, 32, 32, 3, 1, 32},
    {"depthwise 3x3 14x14 384", BENCH_FORWARD, AUTO, 45, 1, 14, 384, 384, 3, 1, 384},
    {"depthwise 3x3/2 112x112 96", BENCH_FORWARD, AUTO, 0, 1, 112, 96, 96, 3, 2, 96},
    {"depthwise 3x3 56x56 144", BENCH_FORWARD, AUTO, 0, 1, 56, 144, 144, 3, 1, 144},
    {"depthwise 3x3/2 56x56 144", BENCH_FORWARD, AUTO, 0, 1, 56, 144, 144, 3, 2, 144},
    {"depthwise 3x3 28x28 192", BENCH_FORWARD, AUTO, 0, 1, 28, 192, 192, 3, 1, 192},
    {"depthwise 3x3 14x14 576", BENCH_FORWARD, AUTO, 0, 1, 14, 576, 576, 3, 1, 576},
    {"depthwise 3x3 7x7 960", BENCH_FORWARD, AUTO, 0, 1, 7, 960, 960, 3, 1, 960},
    {"depthwise 5x5 28x28 240", BENCH_FORWARD, AUTO, 0, 1, 28, 240, 240, 5, 1, 240},
    {"depthwise 5x5 14x14 480", BENCH_FORWARD, AUTO, 0, 1, 14, 480, 480, 5, 1, 480},
    {"depthwise 5x5 14x14 672", BENCH_FORWARD, AUTO, 0, 1, 14, 672, 672, 5, 1, 672},
    {"depthwise 5x5 7x7 1152", BENCH_FORWARD, AUTO, 0, 1, 7, 1152, 1152, 5, 1, 1152},
    {"depthwise 7x7 56x56 96", BENCH_FORWARD, AUTO, 0, 1, 56, 96, 96, 7, 1, 96},
    {"depthwise 7x7 28x28 192", BENCH_FORWARD, AUTO, 0, 1, 28, 192, 192, 7, 1, 192},
    {"depthwise 7x7 14x14 384", BENCH_FORWARD, AUTO, 0, 1, 14, 384, 384, 7, 1, 384},
    {"depthwise 7x7 7x7 768", BENCH_FORWARD, AUTO, 0, 1, 7, 768, 768, 7, 1, 768},
    {"grouped 3x3 28x28 128, 32 groups", BENCH_FORWARD, AUTO, 0, 1, 28, 128, 128, 3, 1, 32},
};

static const bench_case gradient_cases[] = {
    {"by data 3x3 56x56 64, batch 32", BENCH_BY_DATA, AUTO, 220, 32, 56, 64, 64, 3, 1, 1},
    {"by data 3x3 28x28 128, batch 32", BENCH_BY_DATA, AUTO, 220, 32, 28, 128, 128, 3, 1, 1},
    {"by data 3x3 112x112 128, batch 32", BENCH_BY_DATA, AUTO, 220, 32, 112, 128, 128, 3, 1, 1},
    {"by data 3x3 56x56 256, batch 32", BENCH_BY_DATA, AUTO, 220, 32, 56, 256, 256, 3, 1, 1},
    {"by data 3x3/2 56x56 128, batch 32", BENCH_BY_DATA, AUTO, 0, 32, 56, 128, 128, 3, 2, 1},
    {"by data depthwise 3x3 56x56 64, batch 8", BENCH_BY_DATA, AUTO, 0, 8, 56, 64, 64, 3, 1, 64},
    {"by weights 3x3 28x28 128, batch 32", BENCH_BY_WEIGHTS, AUTO, 90, 32, 28, 128, 128, 3, 1, 1},
    {"by weights 3x3 56x56 64, batch 32", BENCH_BY_WEIGHTS, AUTO, 90, 32, 56, 64, 64, 3, 1, 1},
    {"by weights 3x3 28x28 128 direct, batch 32", BENCH_BY_WEIGHTS, GEMM, 90, 32, 28, 128, 128, 3, 1, 1},
    {"by weights 3x3 56x56 64 direct, batch 32", BENCH_BY_WEIGHTS, GEMM, 90, 32, 56, 64, 64, 3, 1, 1},
    {"by weights 3x3 7x7 512, batch 32", BENCH_BY_WEIGHTS, AUTO, 0, 32, 7, 512, 512, 3, 1, 1},
    {"by weights 1x1 28x28 128-512, batch 32", BENCH_BY_WEIGHTS, AUTO, 0, 32, 28, 128, 512, 1, 1, 1},
    {"by weights 7x7/2 224x224 3-64, batch 4", BENCH_BY_WEIGHTS, AUTO, 0, 4, 224, 3, 64, 7, 2, 1},
    {"by weights 5x5 28x28 1-6, batch 32", BENCH_BY_WEIGHTS, AUTO, 0, 32, 28, 1, 6, 5, 1, 1},
    {"by weights 3x3 28x28 2-4, batch 64", BENCH_BY_WEIGHTS, AUTO, 0, 64, 28, 2, 4, 3, 1, 1},
    {"by data 3x3 28x28 8-16, batch 64", BENCH_BY_DATA, AUTO, 0, 64, 28, 8, 16, 3, 1, 1},
    {"by weights depthwise 3x3 56x56 64, batch 8", BENCH_BY_WEIGHTS, AUTO, 0, 8, 56, 64, 64, 3, 1, 64},
};

typedef struct bench_job {
    bench_kind kind;
    cnn_context *context;
    cnn_conv2d_plan *plan;
    cnn_buffer *input, *output, *weights, *bias, *packed, *workspace;
} bench_job;

static void run_job(void *argument)
{
    const bench_job *job = argument;
    if (job->kind == BENCH_BY_WEIGHTS)
        CHECK_OK(cnn_conv2d_backward_weights(job->context, job->plan, job->input, job->output, 0, job->weights, job->bias,
                                             job->workspace, &check_error));
    else
        CHECK_OK(cnn_conv2d_run(job->context, job->plan, job->packed, job->input, NULL, job->output, job->workspace,
                                &check_error));
}

static cnn_conv2d_desc describe(const bench_case *given)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.batch = given->batch;
    desc.input_height = desc.input_width = given->size;
    desc.input_channels = given->inputs;
    desc.output_channels = given->outputs;
    desc.kernel_height = desc.kernel_width = given->kernel;
    desc.stride_height = desc.stride_width = given->stride;
    desc.padding_top = desc.padding_left = desc.padding_bottom = desc.padding_right = given->kernel / 2;
    desc.groups = given->groups;
    desc.activation = given->kind == BENCH_FORWARD ? CNN_ACTIVATION_RELU : CNN_ACTIVATION_NONE;
    desc.algorithm = given->algorithm;
    return desc;
}

bench_result bench_convolve(bench_kind kind, const cnn_conv2d_desc *desc, cnn_isa isa, int32_t threads)
{
    bench_job job = {.kind = kind, .context = check_context(isa, threads)};
    cnn_conv2d_plan_info info;
    cnn_conv2d_plan_info_init(&info);
    CHECK_OK((kind == BENCH_BY_DATA ? cnn_conv2d_transpose_plan_create : cnn_conv2d_plan_create)(job.context, desc,
                                                                                                 &job.plan, &check_error));
    CHECK_OK(cnn_conv2d_plan_describe(job.plan, &info, &check_error));
    int64_t workspace = info.workspace_bytes_per_thread * threads;
    if (kind == BENCH_BY_WEIGHTS)
        CHECK_OK(cnn_conv2d_backward_weights_workspace(job.context, job.plan, &workspace, &check_error));
    job.input = bench_buffer(info.input_bytes);
    job.output = bench_buffer(info.output_bytes);
    job.weights = bench_buffer(info.weights_bytes);
    job.bias = bench_buffer(info.bias_bytes);
    job.packed = bench_buffer(info.packed_bytes);
    job.workspace = bench_buffer(workspace);
    CHECK_OK(cnn_conv2d_pack(job.context, job.plan, job.weights, job.bias, job.packed, &check_error));
    const bench_result result = bench_measure(job.context, 2.0 * (double)info.multiply_accumulates, run_job, &job);
    cnn_buffer *all[] = {job.input, job.output, job.weights, job.bias, job.packed, job.workspace};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cnn_buffer_destroy(all[i]);
    cnn_conv2d_plan_destroy(job.plan);
    cnn_context_destroy(job.context);
    return result;
}

static const char *family(const bench_case *given)
{
    if (given->kind == BENCH_BY_DATA) return "gradients by data";
    if (given->kind == BENCH_BY_WEIGHTS) return "gradients by weights";
    if (given->groups > 1) return "depthwise and grouped convolutions";
    if (given->inputs <= 3) return "first layers";
    if (given->algorithm == AUTO) return "3x3 convolutions by Winograd";
    return given->kernel == 1 ? "1x1 convolutions" : "3x3 convolutions, direct";
}

static void run_cases(bench_report *report, const bench_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!bench_wants(report, cases[i].name)) continue;
        const cnn_conv2d_desc desc = describe(&cases[i]);
        const bench_result one = bench_convolve(cases[i].kind, &desc, report->isa, 1);
        const bench_result two = bench_convolve(cases[i].kind, &desc, report->isa, 2);
        const bench_label label = {family(&cases[i]), cases[i].name, "peak", cases[i].floor};
        bench_rows(report, &label, &one, &two);
    }
}

int bench_convolution(size_t i, cnn_conv2d_desc *desc)
{
    const size_t forward = sizeof forward_cases / sizeof *forward_cases;
    if (i >= forward + sizeof gradient_cases / sizeof *gradient_cases) return 0;
    *desc = describe(i < forward ? &forward_cases[i] : &gradient_cases[i - forward]);
    return 1;
}

void bench_convolutions(bench_report *report)
{
    run_cases(report, forward_cases, sizeof forward_cases / sizeof *forward_cases);
}

void bench_gradients(bench_report *report)
{
    run_cases(report, gradient_cases, sizeof gradient_cases / sizeof *gradient_cases);
}

/* Work and elements of a tensor that a shape may have here: some seconds for nine rounds, some hundred megabytes. */
#define MOST_SHAPE_WORK 2e10
#define MOST_SHAPE_ELEMENTS 1e8

/* The name with what tells apart shapes that share it, and nothing that JSON or Markdown would trip over. */
static void name_shape(const shape_row *row, const cnn_conv2d_desc *d, char *name, size_t size)
{
    snprintf(name, size, "%s: %dx%dx%dx%d-%d %dx%d/%dx%d, groups %d, dilation %dx%d, padding %d %d", row->name,
             (int)d->batch, (int)d->input_height, (int)d->input_width, (int)d->input_channels, (int)d->output_channels,
             (int)d->kernel_height, (int)d->kernel_width, (int)d->stride_height, (int)d->stride_width, (int)d->groups,
             (int)d->dilation_height, (int)d->dilation_width, (int)d->padding_top, (int)d->padding_left);
    for (char *c = name; *c; c++)
        if (*c < ' ' || strchr("\"\\|", *c)) *c = '_';
}

int bench_shapes(bench_report *report, const char *path)
{
    shape_list list;
    if (!shape_list_read(&list, path)) return 0;
    int32_t left_out = 0;
    for (int32_t i = 0; i < list.count; i++) {
        char name[256];
        cnn_conv2d_desc desc = list.rows[i].desc;
        shape_shrink(&desc, MOST_SHAPE_WORK);
        name_shape(&list.rows[i], &desc, name, sizeof name);
        if (!bench_wants(report, name)) continue;
        if (shape_largest_tensor(&desc) > MOST_SHAPE_ELEMENTS || shape_work(&desc) > 2 * MOST_SHAPE_WORK) {
            left_out++;
            continue;
        }
        const bench_result result = bench_convolve(BENCH_FORWARD, &desc, report->isa, 1);
        const bench_label label = {"convolutions of a list", name, "peak", 0};
        bench_rows(report, &label, &result, NULL);
    }
    if (left_out > 0) printf("\n%d shapes were left out as too large\n", (int)left_out);
    shape_list_free(&list);
    return 1;
}
