/* conv2d_case.c - making, running and judging one convolution. */
#include "conv2d_case.h"

#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t bytes)
{
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) {
        fprintf(stderr, "no memory for a test\n");
        exit(2);
    }
    return memory;
}

static int32_t one_of(check_random *random, const int32_t *values, int32_t count)
{
    return values[check_range(random, 0, count - 1)];
}

static void draw_channels(check_random *random, cnn_conv2d_desc *desc)
{
    static const int32_t channels[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 33, 48, 65};
    static const int32_t groups[] = {2, 3, 4, 7};
    const int32_t count = (int32_t)(sizeof channels / sizeof *channels);
    desc->input_channels = one_of(random, channels, count);
    desc->output_channels = one_of(random, channels, count);
    switch (check_range(random, 0, 5)) {
    case 0: /* depthwise */
        desc->groups = desc->output_channels = desc->input_channels;
        break;
    case 1: /* depthwise with a multiplier */
        desc->groups = desc->input_channels;
        desc->output_channels = desc->input_channels * check_range(random, 2, 3);
        break;
    case 2: /* groups that divide a vector */
        desc->groups = check_range(random, 2, 11);
        desc->input_channels = desc->output_channels = desc->groups * (2 << check_range(random, 0, 3));
        break;
    case 3:
        desc->groups = one_of(random, groups, 4);
        desc->input_channels = desc->groups * check_range(random, 1, 9);
        desc->output_channels = desc->groups * check_range(random, 1, 19);
        break;
    default:
        break;
    }
}

static int fits(const cnn_conv2d_desc *d)
{
    return reference_place(d->padding_mode, d->input_height, d->kernel_height, d->stride_height, d->dilation_height,
                           d->padding_top, d->padding_bottom, 0)
                   .output > 0 &&
           reference_place(d->padding_mode, d->input_width, d->kernel_width, d->stride_width, d->dilation_width,
                           d->padding_left, d->padding_right, 0)
                   .output > 0;
}

cnn_conv2d_desc conv2d_random_desc(check_random *random)
{
    cnn_conv2d_desc d;
    do {
        const int square = check_range(random, 0, 2) > 0;
        cnn_conv2d_desc_init(&d);
        d.batch = check_range(random, 1, 3);
        d.input_height = check_range(random, 1, 13);
        d.input_width = check_range(random, 1, 19);
        d.kernel_height = check_range(random, 0, 1) ? 3 : check_range(random, 1, 8);
        d.kernel_width = square ? d.kernel_height : check_range(random, 1, 8);
        if (check_range(random, 0, 2) == 0) {
            d.stride_height = check_range(random, 1, 3);
            d.stride_width = check_range(random, 1, 3);
        }
        if (check_range(random, 0, 3) == 0) {
            d.dilation_height = check_range(random, 1, 3);
            d.dilation_width = check_range(random, 1, 3);
        }
        d.padding_mode = (cnn_padding_mode)check_range(random, 0, 3);
        d.padding_top = check_range(random, 0, 4);
        d.padding_left = check_range(random, 0, 4);
        d.padding_bottom = check_range(random, 0, 4);
        d.padding_right = check_range(random, 0, 4);
        d.activation = (cnn_activation_kind)check_range(random, 0, CNN_ACTIVATION_CLIP);
        d.activation_alpha = check_uniform(random, 0, 1);
        d.activation_beta = check_uniform(random, 0, 2);
        draw_channels(random, &d);
    } while (!fits(&d));
    return d;
}

static float *normal_values(int64_t count, double deviation, check_random *random)
{
    float *values = allocate((size_t)count * sizeof *values);
    for (int64_t i = 0; i < count; i++)
        values[i] = (float)deviation * check_normal(random);
    return values;
}

/* Where element i of a tensor without gaps lies, when its pixels are `stride` elements apart. */
static int64_t strided(int64_t i, int64_t channels, int64_t stride)
{
    return stride == 0 ? i : i / channels * stride + i % channels;
}

void conv2d_case_create(conv2d_case *made, const cnn_conv2d_desc *d, int extras, check_random *random)
{
    const int64_t depth = (int64_t)d->kernel_height * d->kernel_width * (d->input_channels / d->groups);
    const reference_axis v = reference_place(d->padding_mode, d->input_height, d->kernel_height, d->stride_height,
                                             d->dilation_height, d->padding_top, d->padding_bottom, 0);
    const reference_axis h = reference_place(d->padding_mode, d->input_width, d->kernel_width, d->stride_width,
                                             d->dilation_width, d->padding_left, d->padding_right, 0);
    const int64_t before = (int64_t)d->batch * d->input_height * d->input_width * d->input_channels;
    const int64_t after = d->batch * v.output * h.output * d->output_channels;
    const int transposed = (extras & CONV2D_TRANSPOSED) != 0;
    *made = (conv2d_case){.desc = *d,
                          .transposed = transposed,
                          .input_count = transposed ? after : before,
                          .weights_count = d->output_channels * depth,
                          .output_count = transposed ? before : after,
                          .output_channels = transposed ? d->input_channels : d->output_channels};
    made->input = normal_values(made->input_count, 1, random);
    made->weights = normal_values(made->weights_count, 1 / sqrt((double)depth), random);
    if (extras & CONV2D_BIAS) made->bias = normal_values(made->output_channels, 1, random);
    if (extras & CONV2D_RESIDUAL) {
        const int64_t count = strided(made->output_count - 1, made->output_channels, d->residual_stride) + 1;
        made->residual = normal_values(count, 1, random);
        for (int64_t i = 0; d->residual_stride > 0 && i < count; i++)
            if (i % d->residual_stride >= made->output_channels) made->residual[i] = NAN;
    }
    made->sums = allocate((size_t)made->output_count * sizeof *made->sums);
    made->magnitudes = allocate((size_t)made->output_count * sizeof *made->magnitudes);
    conv2d_case_expect(made);
}

void conv2d_case_expect(conv2d_case *made)
{
    (made->transposed ? reference_conv2d_transpose : reference_conv2d)(&made->desc, made->input, made->weights, made->bias,
                                                                       made->sums, made->magnitudes);
    for (int64_t i = 0; made->residual && i < made->output_count; i++) {
        const double residual = made->residual[strided(i, made->output_channels, made->desc.residual_stride)];
        made->sums[i] += residual;
        made->magnitudes[i] += fabs(residual);
    }
}

void conv2d_case_free(conv2d_case *made)
{
    free(made->input);
    free(made->weights);
    free(made->bias);
    free(made->residual);
    free(made->sums);
    free(made->magnitudes);
}

void conv2d_case_name(const conv2d_case *given, const cnn_context *context, const char *algorithm)
{
    const cnn_conv2d_desc *d = &given->desc;
    check_case("%s %d threads: %s%s, %dx%dx%dx%d to %d, kernel %dx%d stride %dx%d dilation %dx%d groups %d padding %d "
               "(%d %d %d %d) activation %d bias %d residual %d strides %d %d",
               cnn_isa_name(cnn_context_isa(context)), (int)cnn_context_threads(context), algorithm,
               given->transposed ? " transposed" : "", (int)d->batch, (int)d->input_height, (int)d->input_width,
               (int)d->input_channels, (int)d->output_channels, (int)d->kernel_height, (int)d->kernel_width,
               (int)d->stride_height, (int)d->stride_width, (int)d->dilation_height, (int)d->dilation_width, (int)d->groups,
               (int)d->padding_mode, (int)d->padding_top, (int)d->padding_left, (int)d->padding_bottom,
               (int)d->padding_right, (int)d->activation, given->bias != NULL, given->residual != NULL,
               (int)d->output_stride, (int)d->residual_stride);
}

/* Packing in three parts at most, the last one first, gives the same bits as packing at once. */
static void check_parts(const conv2d_case *given, const cnn_context *context, const cnn_conv2d_plan *plan,
                        const cnn_buffer *bias, const cnn_buffer *packed, int64_t packed_bytes, check_side side)
{
    const int64_t least = cnn_conv2d_pack_step(plan), channels = given->output_channels;
    if (least == 0) return;
    const int64_t step = ((channels + least - 1) / least + 2) / 3 * least;
    const cnn_buffer *parts = check_aligned_buffer(packed_bytes);
    const int64_t filter = given->weights_count / channels;
    for (int64_t first = (channels - 1) / step * step; first >= 0; first -= step) {
        const int64_t count = channels - first < step ? channels - first : step;
        const cnn_buffer *weights = check_buffer_of(given->weights + first * filter, count * filter, side);
        CHECK_OK(cnn_conv2d_pack_part(context, plan, first, count, weights, bias, parts, &check_error));
    }
    CHECK(memcmp(check_data(parts), check_data(packed), (size_t)packed_bytes) == 0, "parts of %lld filters",
          (long long)step);
}

const float *conv2d_case_run(const conv2d_case *given, const cnn_context *context, cnn_conv2d_algorithm algorithm,
                             check_side side)
{
    cnn_conv2d_desc desc = given->desc;
    cnn_conv2d_plan *plan = NULL;
    cnn_conv2d_plan_info info;
    desc.algorithm = algorithm;
    conv2d_case_name(given, context, "not planned yet");
    const cnn_status status =
        (given->transposed ? cnn_conv2d_transpose_plan_create : cnn_conv2d_plan_create)(context, &desc, &plan, &check_error);
    const int64_t output_elements = strided(given->output_count - 1, given->output_channels, desc.output_stride) + 1;
    if (algorithm != CNN_CONV2D_AUTO && status == CNN_UNSUPPORTED) return NULL;
    if (!CHECK_OK(status)) return NULL;
    cnn_conv2d_plan_info_init(&info);
    CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
    conv2d_case_name(given, context, info.algorithm_name);
    CHECK(algorithm == CNN_CONV2D_AUTO || info.algorithm == algorithm, "found algorithm %d", (int)info.algorithm);
    CHECK(info.output_bytes == output_elements * 4 && info.input_bytes == given->input_count * 4 &&
              info.weights_bytes == given->weights_count * 4,
          "%lld bytes of output", (long long)info.output_bytes);

    const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes);
    const cnn_buffer *workspace = check_aligned_buffer(info.workspace_bytes_per_thread * cnn_context_threads(context));
    const cnn_buffer *input = check_buffer_of(given->input, given->input_count, side);
    const cnn_buffer *weights = check_buffer_of(given->weights, given->weights_count, side);
    const cnn_buffer *bias = given->bias ? check_buffer_of(given->bias, given->output_channels, side) : NULL;
    const int64_t residual_elements = strided(given->output_count - 1, given->output_channels, desc.residual_stride) + 1;
    const cnn_buffer *residual = given->residual ? check_buffer_of(given->residual, residual_elements, side) : NULL;
    /* The residual may be the output. */
    const int in_place = residual && desc.residual_stride == desc.output_stride && given->output_count % 2 == 0;
    const cnn_buffer *output = in_place ? residual : check_buffer(output_elements, side);
    CHECK_OK(cnn_conv2d_pack(context, plan, weights, bias, packed, &check_error));
    check_parts(given, context, plan, bias, packed, info.packed_bytes, side);
    CHECK_OK(cnn_conv2d_run(context, plan, packed, input, residual, output, workspace, &check_error));
    cnn_conv2d_plan_destroy(plan);
    return check_data(output);
}

void conv2d_case_check(const conv2d_case *given, const float *output, double winograd)
{
    const cnn_conv2d_desc *d = &given->desc;
    const int64_t channels = given->transposed ? d->output_channels : d->input_channels;
    const double unit = 0x1p-24, terms = (double)d->kernel_height * d->kernel_width * (double)(channels / d->groups);
    const double slope = reference_slope(d->activation, d->activation_alpha);
    const double *sums = given->sums, *magnitudes = given->magnitudes;
    double largest = 0;
    for (int64_t i = 0; i < given->output_count; i++)
        largest = fabs(sums[i]) > largest ? fabs(sums[i]) : largest;
    for (int64_t i = 0; i < given->output_count; i++) {
        const double expected = reference_activation(d->activation, d->activation_alpha, d->activation_beta, sums[i]);
        /* The activation itself is within 8 ulp of its result, or of 1 where it cancels. */
        const double own = d->activation > CNN_ACTIVATION_LEAKY_RELU ? 8 * unit * (fabs(expected) + fabs(sums[i])) : 0;
        const int64_t place = strided(i, given->output_channels, d->output_stride);
        const double bound = slope * ((terms + 3) * unit * magnitudes[i] + winograd * largest) + own + 1e-37;
        if (!check_near(output[place], expected, bound, "convolution", i)) break;
        const int last_channel = (i + 1) % given->output_channels == 0 && i + 1 < given->output_count;
        if (last_channel && d->output_stride > given->output_channels)
            CHECK(isnan(output[place + 1]), "the gap after element %lld was written", (long long)i);
    }
}
