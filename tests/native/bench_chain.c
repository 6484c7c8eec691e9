/* bench_chain.c - LeNet-5 for one image, as ten small operators in a row: two convolutions, four activations, two poolings
 * and three fully connected layers would take longer around the kernels than in them, if the library let them. */
#include "bench.h"
#include "check.h"

#include <string.h>

#define MOST_SECONDS 14e-6 /* for the whole chain */

typedef struct layer {
    cnn_conv2d_plan *plan;
    cnn_buffer *packed, *workspace, *output;
} layer;

typedef struct chain {
    cnn_context *context;
    cnn_buffer *image;
    layer first, second, dense[3];
    cnn_pool2d_desc pools[2];
    cnn_buffer *pooled[2], *probabilities;
    double operations;
} chain;

static cnn_buffer *buffer(int64_t bytes)
{
    cnn_buffer *made = NULL;
    CHECK_OK(cnn_buffer_create(bytes > 0 ? bytes : 4, &made, &check_error));
    CHECK_OK(cnn_buffer_fill(made, 0.01f, &check_error));
    return made;
}

static void finish_layer(chain *net, layer *made)
{
    cnn_conv2d_plan_info info;
    cnn_conv2d_plan_info_init(&info);
    CHECK_OK(cnn_conv2d_plan_describe(made->plan, &info, &check_error));
    cnn_buffer *weights = buffer(info.weights_bytes);
    made->packed = buffer(info.packed_bytes);
    made->workspace = buffer(info.workspace_bytes_per_thread);
    made->output = buffer(info.output_bytes);
    CHECK_OK(cnn_conv2d_pack(net->context, made->plan, weights, NULL, made->packed, &check_error));
    cnn_buffer_destroy(weights);
    net->operations += 2.0 * (double)info.multiply_accumulates;
}

static void add_convolution(chain *net, layer *made, int32_t size, int32_t inputs, int32_t outputs, int32_t padding)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.input_height = desc.input_width = size;
    desc.input_channels = inputs;
    desc.output_channels = outputs;
    desc.kernel_height = desc.kernel_width = 5;
    desc.padding_top = desc.padding_left = desc.padding_bottom = desc.padding_right = padding;
    CHECK_OK(cnn_conv2d_plan_create(net->context, &desc, &made->plan, &check_error));
    finish_layer(net, made);
}

static void add_dense(chain *net, layer *made, int32_t inputs, int32_t outputs, cnn_activation_kind activation)
{
    cnn_linear_desc desc;
    cnn_linear_desc_init(&desc);
    desc.input_features = inputs;
    desc.output_features = outputs;
    desc.activation = activation;
    CHECK_OK(cnn_linear_plan_create(net->context, &desc, &made->plan, &check_error));
    finish_layer(net, made);
}

static void add_pool(chain *net, int which, int32_t size, int32_t channels)
{
    cnn_pool2d_desc *desc = &net->pools[which];
    cnn_pool2d_desc_init(desc);
    desc->input_height = desc->input_width = size;
    desc->channels = channels;
    desc->window_height = desc->window_width = desc->stride_height = desc->stride_width = 2;
    net->pooled[which] = buffer((int64_t)size * size / 4 * channels * 4);
}

static void run_layer(const chain *net, const layer *given, const cnn_buffer *input)
{
    CHECK_OK(cnn_conv2d_run(net->context, given->plan, given->packed, input, NULL, given->output, given->workspace,
                            &check_error));
}

static void activate(const chain *net, const layer *given)
{
    CHECK_OK(cnn_activate(net->context, CNN_ACTIVATION_RELU, 0, 0, cnn_buffer_bytes(given->output) / 4, given->output,
                          given->output, &check_error));
}

/* Ten calls: convolution, ReLU, pooling, twice; three fully connected layers, two with their ReLU fused; softmax. */
static void run_chain(void *argument)
{
    const chain *net = argument;
    run_layer(net, &net->first, net->image);
    activate(net, &net->first);
    CHECK_OK(cnn_max_pool2d(net->context, &net->pools[0], net->first.output, net->pooled[0], &check_error));
    run_layer(net, &net->second, net->pooled[0]);
    activate(net, &net->second);
    CHECK_OK(cnn_max_pool2d(net->context, &net->pools[1], net->second.output, net->pooled[1], &check_error));
    run_layer(net, &net->dense[0], net->pooled[1]);
    run_layer(net, &net->dense[1], net->dense[0].output);
    run_layer(net, &net->dense[2], net->dense[1].output);
    CHECK_OK(cnn_softmax(net->context, 1, 10, net->dense[2].output, net->probabilities, &check_error));
}

static void destroy_layer(layer *old)
{
    cnn_conv2d_plan_destroy(old->plan);
    cnn_buffer_destroy(old->packed);
    cnn_buffer_destroy(old->workspace);
    cnn_buffer_destroy(old->output);
}

void bench_chain(bench_report *report)
{
    static const char name[] = "lenet-5, ten operators, batch 1";
    if (!bench_wants(report, name)) return;
    chain net = {.context = check_context(report->isa, 1)};
    net.image = buffer(28 * 28 * 4);
    add_convolution(&net, &net.first, 28, 1, 6, 2);
    add_pool(&net, 0, 28, 6);
    add_convolution(&net, &net.second, 14, 6, 16, 0);
    add_pool(&net, 1, 10, 16);
    add_dense(&net, &net.dense[0], 400, 120, CNN_ACTIVATION_RELU);
    add_dense(&net, &net.dense[1], 120, 84, CNN_ACTIVATION_RELU);
    add_dense(&net, &net.dense[2], 84, 10, CNN_ACTIVATION_NONE);
    net.probabilities = buffer(40);
    const bench_result result = bench_measure(net.context, net.operations, run_chain, &net);
    const bench_label label = {"a small network", name, "peak", result.percent_of_peak * result.seconds / MOST_SECONDS};
    bench_rows(report, &label, &result, NULL);
    destroy_layer(&net.first);
    destroy_layer(&net.second);
    for (int i = 0; i < 3; i++)
        destroy_layer(&net.dense[i]);
    cnn_buffer_destroy(net.pooled[0]);
    cnn_buffer_destroy(net.pooled[1]);
    cnn_buffer_destroy(net.probabilities);
    cnn_buffer_destroy(net.image);
    cnn_context_destroy(net.context);
}
