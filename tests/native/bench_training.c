/* bench_training.c - the convolutions and fully connected layers of three networks as a step of training meets them:
 * forward, by data and by weights, with the batches that frameworks are compared on. A fully connected layer is a
 * convolution of as many rows as images. */
#include "bench_training.h"
#include "bench.h"
#include "check.h"

#include <stdio.h>

typedef struct layer {
    const char *net;
    int32_t batch, size, inputs, outputs, kernel, stride, padding;
    int32_t first; /* 1: nobody asks for the gradient of what it reads */
} layer;

static const layer layers[] = {
    {"lenet-5", 64, 28, 1, 6, 5, 1, 2, 1},      {"lenet-5", 64, 14, 6, 16, 5, 1, 0, 0},
    {"lenet-5", 64, 1, 400, 120, 1, 1, 0, 0},   {"lenet-5", 64, 1, 120, 84, 1, 1, 0, 0},
    {"lenet-5", 64, 1, 84, 10, 1, 1, 0, 0},     {"4-conv", 64, 28, 1, 32, 3, 1, 1, 1},
    {"4-conv", 64, 28, 32, 32, 3, 1, 1, 0},     {"4-conv", 64, 14, 32, 64, 3, 1, 1, 0},
    {"4-conv", 64, 14, 64, 64, 3, 1, 1, 0},     {"4-conv", 64, 1, 3136, 128, 1, 1, 0, 0},
    {"4-conv", 64, 1, 128, 10, 1, 1, 0, 0},     {"resnet-20", 128, 32, 3, 16, 3, 1, 1, 1},
    {"resnet-20", 128, 32, 16, 16, 3, 1, 1, 0}, {"resnet-20", 128, 32, 16, 32, 3, 2, 1, 0},
    {"resnet-20", 128, 16, 32, 32, 3, 1, 1, 0}, {"resnet-20", 128, 16, 32, 64, 3, 2, 1, 0},
    {"resnet-20", 128, 8, 64, 64, 3, 1, 1, 0},  {"resnet-20", 128, 1, 64, 10, 1, 1, 0, 0},
};

static cnn_conv2d_desc describe(const layer *given)
{
    const int dense = given->size == 1;
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.batch = dense ? 1 : given->batch;
    desc.input_height = given->size;
    desc.input_width = dense ? given->batch : given->size;
    desc.input_channels = given->inputs;
    desc.output_channels = given->outputs;
    desc.kernel_height = desc.kernel_width = given->kernel;
    desc.stride_height = desc.stride_width = given->stride;
    desc.padding_top = desc.padding_left = desc.padding_bottom = desc.padding_right = given->padding;
    return desc;
}

static void run_layer(bench_report *report, const layer *given)
{
    static const char *const kinds[] = {"forward", "by data", "by weights"};
    const cnn_conv2d_desc desc = describe(given);
    for (int kind = BENCH_FORWARD; kind <= BENCH_BY_WEIGHTS; kind++) {
        char name[96];
        if (kind == BENCH_BY_DATA && given->first) continue;
        if (given->size == 1)
            snprintf(name, sizeof name, "%s %s, dense %d-%d", given->net, kinds[kind], (int)given->inputs,
                     (int)given->outputs);
        else
            snprintf(name, sizeof name, "%s %s, %dx%d%s %dx%d %d-%d", given->net, kinds[kind], (int)given->kernel,
                     (int)given->kernel, given->stride == 2 ? "/2" : "", (int)given->size, (int)given->size,
                     (int)given->inputs, (int)given->outputs);
        if (!bench_wants(report, name)) continue;
        const bench_result one = bench_convolve((bench_kind)kind, &desc, report->isa, 1);
        const bench_result two = bench_convolve((bench_kind)kind, &desc, report->isa, 2);
        const bench_label label = {"layers in training", name, "peak", 0};
        bench_rows(report, &label, &one, &two);
    }
}

void bench_training(bench_report *report)
{
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        run_layer(report, &layers[i]);
    bench_training_rows(report);
}
