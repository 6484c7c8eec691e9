/* test_footprint.c - what convolutions may take beside their tensors and their exactness: workspace of all layers that are
 * timed, of known networks, and of the shared list, and Winograd's error and the two ways to do without it. */
#include "bench.h"
#include "check.h"
#include "check_run.h"
#include "reference_sample.h"
#include "shapes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_WORKSPACE (8 << 20) /* bytes for each thread */
#define WINOGRAD_ERROR 1e-4      /* of the largest output, on data of unit variance: what the header promises */
#define WINOGRAD_WORK 2e7        /* multiply-accumulates of a shape whose error is measured */
#define SAMPLES 400
#define DRAWN 65537       /* random numbers, repeated in longer tensors; a prime, so that rows differ */
#define MOST_ELEMENTS 1e9 /* of a tensor: larger ones no test could run */
#define THREADS 4

/* Size, input and output channels, kernel, stride, groups; padding keeps the size. */
static const int32_t networks[][6] = {
    /* ResNet-50, He et al. 2015; the stride stands in the 3x3 layer */
    {224, 3, 64, 7, 2, 1},
    {56, 64, 64, 1, 1, 1},
    {56, 64, 64, 3, 1, 1},
    {56, 64, 256, 1, 1, 1},
    {56, 256, 64, 1, 1, 1},
    {56, 256, 128, 1, 1, 1},
    {56, 128, 128, 3, 2, 1},
    {56, 256, 512, 1, 2, 1},
    {28, 128, 512, 1, 1, 1},
    {28, 512, 128, 1, 1, 1},
    {28, 128, 128, 3, 1, 1},
    {28, 512, 256, 1, 1, 1},
    {28, 256, 256, 3, 2, 1},
    {28, 512, 1024, 1, 2, 1},
    {14, 256, 1024, 1, 1, 1},
    {14, 1024, 256, 1, 1, 1},
    {14, 256, 256, 3, 1, 1},
    {14, 1024, 512, 1, 1, 1},
    {14, 512, 512, 3, 2, 1},
    {14, 1024, 2048, 1, 2, 1},
    {7, 512, 2048, 1, 1, 1},
    {7, 2048, 512, 1, 1, 1},
    {7, 512, 512, 3, 1, 1},
    {1, 2048, 1000, 1, 1, 1},
    /* VGG-16, Simonyan and Zisserman 2014 */
    {224, 3, 64, 3, 1, 1},
    {224, 64, 64, 3, 1, 1},
    {112, 64, 128, 3, 1, 1},
    {112, 128, 128, 3, 1, 1},
    {56, 128, 256, 3, 1, 1},
    {56, 256, 256, 3, 1, 1},
    {28, 256, 512, 3, 1, 1},
    {28, 512, 512, 3, 1, 1},
    {14, 512, 512, 3, 1, 1},
    {1, 25088, 4096, 1, 1, 1},
    {1, 4096, 4096, 1, 1, 1},
    {1, 4096, 1000, 1, 1, 1},
    /* MobileNetV2, Sandler et al. 2018 */
    {224, 3, 32, 3, 2, 1},
    {112, 32, 32, 3, 1, 32},
    {112, 32, 16, 1, 1, 1},
    {112, 16, 96, 1, 1, 1},
    {112, 96, 96, 3, 2, 96},
    {56, 96, 24, 1, 1, 1},
    {56, 24, 144, 1, 1, 1},
    {56, 144, 144, 3, 1, 144},
    {56, 144, 24, 1, 1, 1},
    {56, 144, 144, 3, 2, 144},
    {28, 144, 32, 1, 1, 1},
    {28, 32, 192, 1, 1, 1},
    {28, 192, 192, 3, 1, 192},
    {28, 192, 32, 1, 1, 1},
    {28, 192, 192, 3, 2, 192},
    {14, 192, 64, 1, 1, 1},
    {14, 64, 384, 1, 1, 1},
    {14, 384, 384, 3, 1, 384},
    {14, 384, 64, 1, 1, 1},
    {14, 384, 96, 1, 1, 1},
    {14, 96, 576, 1, 1, 1},
    {14, 576, 576, 3, 1, 576},
    {14, 576, 96, 1, 1, 1},
    {14, 576, 576, 3, 2, 576},
    {7, 576, 160, 1, 1, 1},
    {7, 160, 960, 1, 1, 1},
    {7, 960, 960, 3, 1, 960},
    {7, 960, 160, 1, 1, 1},
    {7, 960, 320, 1, 1, 1},
    {7, 320, 1280, 1, 1, 1},
    {1, 1280, 1000, 1, 1, 1},
};

static cnn_conv2d_desc network_desc(const int32_t *layer)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.input_height = desc.input_width = layer[0];
    desc.input_channels = layer[1];
    desc.output_channels = layer[2];
    desc.kernel_height = desc.kernel_width = layer[3];
    desc.stride_height = desc.stride_width = layer[4];
    desc.groups = layer[5];
    desc.padding_top = desc.padding_left = desc.padding_bottom = desc.padding_right = layer[3] / 2;
    return desc;
}

/* Calls `check` for every shape, with the name of where it comes from. */
static void for_shapes(const cnn_context *context, void (*check)(const cnn_context *, const cnn_conv2d_desc *, const char *))
{
    cnn_conv2d_desc desc;
    char path[1024];
    shape_list list;
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        desc = network_desc(networks[i]);
        check(context, &desc, "network");
    }
    for (size_t i = 0; bench_convolution(i, &desc); i++)
        check(context, &desc, "benchmark");
    if (!shape_list_shared(path, sizeof path)) {
        printf("the shapes of CNN_SHARED_DATA are not here, and are skipped\n");
        return;
    }
    if (!CHECK(shape_list_read(&list, path), "%s", path)) return;
    for (int32_t i = 0; i < list.count; i++)
        check(context, &list.rows[i].desc, list.rows[i].name);
    shape_list_free(&list);
}

static void name_case(const cnn_context *context, const cnn_conv2d_desc *d, const char *from, const char *what)
{
    check_case("%s %s of %s: %dx%dx%dx%d to %d, kernel %dx%d stride %dx%d dilation %dx%d groups %d",
               cnn_isa_name(cnn_context_isa(context)), what, from, (int)d->batch, (int)d->input_height, (int)d->input_width,
               (int)d->input_channels, (int)d->output_channels, (int)d->kernel_height, (int)d->kernel_width,
               (int)d->stride_height, (int)d->stride_width, (int)d->dilation_height, (int)d->dilation_width, (int)d->groups);
}

static void check_workspace(const cnn_context *context, const cnn_conv2d_desc *desc, const char *from)
{
    if (shape_largest_tensor(desc) > MOST_ELEMENTS) return;
    for (int transposed = 0; transposed < 2; transposed++) {
        cnn_conv2d_plan *plan = NULL;
        cnn_conv2d_plan_info info;
        int64_t bytes = 0;
        name_case(context, desc, from, transposed ? "workspace by data" : "workspace");
        if (!CHECK_OK((transposed ? cnn_conv2d_transpose_plan_create : cnn_conv2d_plan_create)(context, desc, &plan,
                                                                                               &check_error)))
            continue;
        cnn_conv2d_plan_info_init(&info);
        CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
        CHECK(info.workspace_bytes_per_thread < MOST_WORKSPACE, "%lld bytes", (long long)info.workspace_bytes_per_thread);
        if (!transposed) {
            CHECK_OK(cnn_conv2d_backward_weights_workspace(context, plan, &bytes, &check_error));
            CHECK((double)bytes < THREADS * MOST_WORKSPACE, "gradient by weights: %lld bytes", (long long)bytes);
        }
        cnn_conv2d_plan_destroy(plan);
    }
}

static cnn_buffer *normal_tensor(int64_t bytes)
{
    check_random random = {(uint64_t)bytes};
    cnn_buffer *made = check_buffer(bytes / 4, CHECK_END);
    float *values = check_data(made);
    const int64_t count = bytes / 4, drawn = count < DRAWN ? count : DRAWN;
    check_fill_normal(&random, values, drawn);
    for (int64_t i = drawn; i < count; i++)
        values[i] = values[i - DRAWN];
    return made;
}

static void check_error_of(const cnn_context *context, const cnn_conv2d_desc *desc, const cnn_conv2d_plan *plan)
{
    cnn_conv2d_plan_info info;
    double error = 0, largest = 0;
    check_random random = {5};
    cnn_conv2d_plan_info_init(&info);
    CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
    const cnn_buffer *input = normal_tensor(info.input_bytes), *weights = normal_tensor(info.weights_bytes);
    const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes),
                     *output = check_buffer(info.output_bytes / 4, CHECK_END);
    const cnn_buffer *workspace = check_aligned_buffer(info.workspace_bytes_per_thread * cnn_context_threads(context));
    CHECK_OK(cnn_conv2d_pack(context, plan, weights, NULL, packed, &check_error));
    CHECK_OK(cnn_conv2d_run(context, plan, packed, input, NULL, output, workspace, &check_error));
    for (int n = 0; n < SAMPLES; n++) {
        const int64_t place = (int64_t)(check_next(&random) % (uint64_t)(info.output_bytes / 4));
        const double sum = reference_sample_forward(desc, check_data(input), check_data(weights), place).sum;
        const double distance = fabs(check_data(output)[place] - sum);
        if (!(distance <= error)) error = distance; /* keeps a NaN */
        if (fabs(sum) > largest) largest = fabs(sum);
    }
    CHECK(error <= WINOGRAD_ERROR * largest, "error %g, largest output of the sample %g", error, largest);
}

static void check_winograd(const cnn_context *context, const cnn_conv2d_desc *given, const char *from)
{
    static const cnn_conv2d_algorithm algorithms[] = {CNN_CONV2D_WINOGRAD_4X4, CNN_CONV2D_WINOGRAD_2X2};
    const double most = WINOGRAD_WORK / (double)check_thinned(1, 10);
    for (int i = 0; i < 2; i++) {
        cnn_conv2d_desc desc = *given;
        cnn_conv2d_plan *plan = NULL;
        shape_shrink(&desc, most);
        desc.algorithm = algorithms[i];
        desc.activation = CNN_ACTIVATION_NONE;
        name_case(context, &desc, from, i == 0 ? "winograd 4x4" : "winograd 2x2");
        if (shape_largest_tensor(&desc) > most) continue;
        const cnn_status status = cnn_conv2d_plan_create(context, &desc, &plan, &check_error);
        if (status == CNN_UNSUPPORTED || !CHECK_OK(status)) continue;
        check_error_of(context, &desc, plan);
        cnn_conv2d_plan_destroy(plan);
        check_release();
    }
}

static void set_winograd(const char *value)
{
#if defined(_WIN32)
    _putenv_s("CNN_WINOGRAD", value);
#else
    setenv("CNN_WINOGRAD", value, 1);
#endif
}

/* What a plan chooses for a layer that Winograd's algorithm is made for. */
static cnn_conv2d_algorithm choice(int32_t winograd)
{
    cnn_context_options options;
    cnn_context *context = NULL;
    cnn_conv2d_plan *plan = NULL;
    cnn_conv2d_plan_info info;
    cnn_conv2d_desc desc = network_desc((const int32_t[]){56, 64, 64, 3, 1, 1});
    cnn_context_options_init(&options);
    options.threads = 1;
    options.winograd = winograd;
    cnn_conv2d_plan_info_init(&info);
    CHECK_OK(cnn_context_create(&options, &context, &check_error));
    CHECK_OK(cnn_conv2d_plan_create(context, &desc, &plan, &check_error));
    CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
    cnn_conv2d_plan_destroy(plan);
    cnn_context_destroy(context);
    return info.algorithm;
}

static void check_choice(void)
{
    check_case("turning Winograd off");
    set_winograd("");
    CHECK(choice(1) >= CNN_CONV2D_WINOGRAD_4X4, "it is on unless asked");
    CHECK(choice(0) == CNN_CONV2D_IMPLICIT_GEMM, "the option turns it off");
    set_winograd("1");
    CHECK(choice(1) >= CNN_CONV2D_WINOGRAD_4X4, "1 leaves it on");
    CHECK(choice(0) == CNN_CONV2D_IMPLICIT_GEMM, "the variable does not overrule the option");
    set_winograd("0");
    CHECK(choice(1) == CNN_CONV2D_IMPLICIT_GEMM, "0 turns it off");
    set_winograd("");
}

void test_footprint(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_choice();
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], THREADS);
        for_shapes(context, check_workspace);
        cnn_context_destroy(context);
        context = check_context(isas[i], 1);
        for_shapes(context, check_winograd);
        cnn_context_destroy(context);
    }
}
