/* operator_case.c - the calls. Sizes are the same wherever that makes sense. */
#include "operator_case.h"

#include <string.h>

#define HEIGHT OPERATOR_HEIGHT
#define WIDTH OPERATOR_WIDTH
#define PIXELS OPERATOR_PIXELS
#define CHANNELS OPERATOR_CHANNELS
#define ELEMENTS OPERATOR_ELEMENTS
#define WORKSPACE_BYTES ((int64_t)16 << 20)
#define STATIC_SIZE(array) ((int32_t)(sizeof(array) / sizeof *(array)))

#define CALL(name) static cnn_status name(const cnn_context *context, operator_room *r)

/* ---- convolutions */

static cnn_conv2d_desc convolution(cnn_conv2d_algorithm algorithm, int32_t groups)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.input_height = HEIGHT;
    desc.input_width = WIDTH;
    desc.input_channels = desc.output_channels = CHANNELS;
    desc.kernel_height = desc.kernel_width = 3;
    desc.padding_mode = CNN_PADDING_SAME;
    desc.activation = CNN_ACTIVATION_TANH;
    desc.algorithm = algorithm;
    desc.groups = groups;
    return desc;
}

static cnn_status convolve(const cnn_context *context, operator_room *r, const cnn_conv2d_desc *desc, int transposed)
{
    cnn_conv2d_plan *plan = NULL;
    cnn_status status =
        (transposed ? cnn_conv2d_transpose_plan_create : cnn_conv2d_plan_create)(r->preparing, desc, &plan, &check_error);
    if (status == CNN_OK) status = cnn_conv2d_pack(r->preparing, plan, r->right, r->vector, r->packed, &check_error);
    if (status == CNN_OK)
        status = cnn_conv2d_run(context, plan, r->packed, r->left, NULL, r->big[0], r->workspace, &check_error);
    cnn_conv2d_plan_destroy(plan);
    return status;
}

static cnn_status pack(const cnn_context *context, operator_room *r, const cnn_conv2d_desc *desc)
{
    cnn_conv2d_plan *plan = NULL;
    cnn_status status = cnn_conv2d_plan_create(r->preparing, desc, &plan, &check_error);
    if (status == CNN_OK) status = cnn_conv2d_pack(context, plan, r->right, r->vector, r->big[0], &check_error);
    cnn_conv2d_plan_destroy(plan);
    return status;
}

static cnn_status backward(const cnn_context *context, operator_room *r, const cnn_conv2d_desc *desc)
{
    cnn_conv2d_plan *plan = NULL;
    cnn_status status = cnn_conv2d_plan_create(r->preparing, desc, &plan, &check_error);
    if (status == CNN_OK)
        status = cnn_conv2d_backward_weights(context, plan, r->left, r->right, 1, r->big[0], r->small[0], r->workspace,
                                             &check_error);
    cnn_conv2d_plan_destroy(plan);
    return status;
}

#define CONVOLUTION(name, how, algorithm, groups, ...)                                                                      \
    CALL(name)                                                                                                              \
    {                                                                                                                       \
        const cnn_conv2d_desc desc = convolution(algorithm, groups);                                                        \
        return how(context, r, &desc __VA_ARGS__);                                                                          \
    }
#define NOT_TRANSPOSED , 0
#define TRANSPOSED , 1
CONVOLUTION(gemm, convolve, CNN_CONV2D_IMPLICIT_GEMM, 1, NOT_TRANSPOSED)
CONVOLUTION(grouped, convolve, CNN_CONV2D_GROUPED, CHANNELS / 2, NOT_TRANSPOSED)
CONVOLUTION(depthwise, convolve, CNN_CONV2D_DEPTHWISE, CHANNELS, NOT_TRANSPOSED)
CONVOLUTION(winograd_4, convolve, CNN_CONV2D_WINOGRAD_4X4, 1, NOT_TRANSPOSED)
CONVOLUTION(winograd_2, convolve, CNN_CONV2D_WINOGRAD_2X2, 1, NOT_TRANSPOSED)
CONVOLUTION(scatter, convolve, CNN_CONV2D_SCATTER, 1, TRANSPOSED)
CONVOLUTION(planes, convolve, CNN_CONV2D_PLANES, 1, NOT_TRANSPOSED)
CONVOLUTION(pack_gemm, pack, CNN_CONV2D_IMPLICIT_GEMM, 1, )
CONVOLUTION(pack_depthwise, pack, CNN_CONV2D_DEPTHWISE, CHANNELS, )
CONVOLUTION(pack_winograd, pack, CNN_CONV2D_WINOGRAD_4X4, 1, )
CONVOLUTION(backward_weights, backward, CNN_CONV2D_AUTO, 1, )
CONVOLUTION(backward_depthwise, backward, CNN_CONV2D_AUTO, CHANNELS, )

CALL(transposed_convolution)
{
    cnn_conv2d_desc desc = convolution(CNN_CONV2D_AUTO, 1);
    desc.input_height = 31;
    desc.input_width = 33;
    desc.stride_height = desc.stride_width = 2;
    return convolve(context, r, &desc, 1);
}

/* ---- windows */

static cnn_pool2d_desc pooling(void)
{
    cnn_pool2d_desc desc;
    cnn_pool2d_desc_init(&desc);
    desc.input_height = HEIGHT;
    desc.input_width = WIDTH;
    desc.channels = CHANNELS;
    desc.window_height = desc.window_width = 3;
    desc.stride_height = desc.stride_width = 2;
    return desc;
}

static cnn_adaptive_pool2d_desc adaptive(void)
{
    cnn_adaptive_pool2d_desc desc;
    cnn_adaptive_pool2d_desc_init(&desc);
    desc.input_height = HEIGHT;
    desc.input_width = WIDTH;
    desc.channels = CHANNELS;
    desc.output_height = 11;
    desc.output_width = 13;
    return desc;
}

#define WITH(type, make, name, ...)                                                                                         \
    CALL(name)                                                                                                              \
    {                                                                                                                       \
        const type desc = make;                                                                                             \
        return cnn_##name(context, &desc, __VA_ARGS__, &check_error);                                                       \
    }
WITH(cnn_pool2d_desc, pooling(), max_pool2d, r->left, r->big[0])
WITH(cnn_pool2d_desc, pooling(), average_pool2d, r->left, r->big[0])
WITH(cnn_pool2d_desc, pooling(), max_pool2d_indexed, r->left, r->big[0], r->big[1])
WITH(cnn_pool2d_desc, pooling(), max_pool2d_backward, r->left, r->right, NULL, r->big[0])
WITH(cnn_pool2d_desc, pooling(), average_pool2d_backward, r->right, r->big[0])
WITH(cnn_adaptive_pool2d_desc, adaptive(), adaptive_max_pool2d, r->left, r->big[0], r->big[1])
WITH(cnn_adaptive_pool2d_desc, adaptive(), adaptive_average_pool2d, r->left, r->big[0])
WITH(cnn_adaptive_pool2d_desc, adaptive(), adaptive_max_pool2d_backward, r->left, r->right, NULL, r->big[0])
WITH(cnn_adaptive_pool2d_desc, adaptive(), adaptive_average_pool2d_backward, r->right, r->big[0])

static cnn_status resize(const cnn_context *context, operator_room *r, int is_backward)
{
    cnn_resize_plan *plan = NULL;
    cnn_resize_desc desc;
    cnn_resize_desc_init(&desc);
    desc.input_height = HEIGHT;
    desc.input_width = WIDTH;
    desc.channels = CHANNELS;
    desc.output_height = 59;
    desc.output_width = 61;
    desc.mode = CNN_RESIZE_CUBIC;
    cnn_status status = cnn_resize_plan_create(&desc, &plan, &check_error);
    if (status == CNN_OK)
        status = is_backward ? cnn_resize_backward(context, plan, r->right, r->big[0], r->workspace, &check_error)
                             : cnn_resize_run(context, plan, r->left, r->big[0], r->workspace, &check_error);
    cnn_resize_plan_destroy(plan);
    return status;
}

CALL(resize_run)
{
    return resize(context, r, 0);
}

CALL(resize_backward)
{
    return resize(context, r, 1);
}

/* ---- norms */

static cnn_batch_norm_desc batch_norm(void)
{
    cnn_batch_norm_desc desc;
    cnn_batch_norm_desc_init(&desc);
    desc.rows = PIXELS;
    desc.channels = CHANNELS;
    return desc;
}

static cnn_group_norm_desc group_norm_of(int64_t batch)
{
    cnn_group_norm_desc desc;
    cnn_group_norm_desc_init(&desc);
    desc.batch = batch;
    desc.pixels = PIXELS / batch;
    desc.channels = CHANNELS;
    desc.groups = 3;
    desc.activation = CNN_ACTIVATION_RELU;
    return desc;
}

static cnn_layer_norm_desc layer_norm_of(int64_t rows, int64_t length)
{
    cnn_layer_norm_desc desc;
    cnn_layer_norm_desc_init(&desc);
    desc.rows = rows;
    desc.length = length;
    return desc;
}

WITH(cnn_batch_norm_desc, batch_norm(), batch_norm_train, r->left, r->vector, r->positive, r->small[0], r->small[1],
     r->big[0], r->small[2], r->small[3], r->workspace)
WITH(cnn_batch_norm_desc, batch_norm(), batch_norm_infer, r->left, r->vector, r->vector, r->vector, r->positive, r->big[0],
     r->workspace)
WITH(cnn_batch_norm_desc, batch_norm(), batch_norm_backward, r->left, r->right, r->vector, r->vector, r->vector, r->positive,
     r->big[0], r->small[0], r->small[1], r->workspace)
CALL(batch_norm_fold)
{
    const cnn_batch_norm_desc desc = batch_norm();
    return cnn_batch_norm_fold(context, &desc, PIXELS, r->vector, r->vector, r->vector, r->positive, r->left, NULL,
                               r->big[0], r->small[0], &check_error);
}
WITH(cnn_group_norm_desc, group_norm_of(1), group_norm, r->left, r->vector, r->vector, r->big[0], r->small[0], r->small[1],
     r->workspace)
WITH(cnn_group_norm_desc, group_norm_of(1), group_norm_backward, r->left, r->right, r->vector, r->vector, r->vector,
     r->positive, r->big[0], r->small[0], r->small[1], r->workspace)
WITH(cnn_layer_norm_desc, layer_norm_of(PIXELS, CHANNELS), layer_norm, r->left, r->vector, r->vector, r->big[0], r->small[0],
     r->small[1], r->workspace)
WITH(cnn_layer_norm_desc, layer_norm_of(PIXELS, CHANNELS), layer_norm_backward, r->left, r->right, r->vector, r->left,
     r->positive, r->big[0], r->small[0], r->small[1], r->workspace)

CALL(small_group_norm)
{
    const cnn_group_norm_desc desc = group_norm_of(HEIGHT);
    return cnn_group_norm(context, &desc, r->left, r->vector, r->vector, r->big[0], r->small[0], r->small[1], r->workspace,
                          &check_error);
}

CALL(small_group_norm_backward)
{
    const cnn_group_norm_desc desc = group_norm_of(HEIGHT);
    return cnn_group_norm_backward(context, &desc, r->left, r->right, r->vector, r->vector, r->left, r->positive, r->big[0],
                                   r->small[0], r->small[1], r->workspace, &check_error);
}

CALL(long_layer_norm)
{
    const cnn_layer_norm_desc desc = layer_norm_of(1, ELEMENTS);
    return cnn_layer_norm(context, &desc, r->left, NULL, r->right, r->big[0], r->small[0], r->small[1], r->workspace,
                          &check_error);
}

CALL(long_layer_norm_backward)
{
    const cnn_layer_norm_desc desc = layer_norm_of(1, ELEMENTS);
    return cnn_layer_norm_backward(context, &desc, r->left, r->right, NULL, r->vector, r->positive, r->big[0], r->big[1],
                                   r->big[2], r->workspace, &check_error);
}

static cnn_lrn_desc lrn_desc(void)
{
    cnn_lrn_desc desc;
    cnn_lrn_desc_init(&desc);
    desc.size = 5;
    desc.rows = PIXELS;
    desc.channels = CHANNELS;
    return desc;
}

WITH(cnn_lrn_desc, lrn_desc(), lrn, r->left, r->big[0])
WITH(cnn_lrn_desc, lrn_desc(), lrn_backward, r->left, r->right, r->big[0])

/* ---- elements */

#define PLAIN(name, ...)                                                                                                    \
    CALL(name)                                                                                                              \
    {                                                                                                                       \
        return cnn_##name(context, __VA_ARGS__, &check_error);                                                              \
    }
PLAIN(global_average_pool, 1, PIXELS, CHANNELS, r->left, r->small[0])
PLAIN(global_average_pool_backward, 1, PIXELS, CHANNELS, r->right, r->big[0])
PLAIN(activate, CNN_ACTIVATION_GELU, 0, 0, ELEMENTS, r->left, r->big[0])
PLAIN(activate_backward, CNN_ACTIVATION_MISH, 0, 0, 1, ELEMENTS, r->left, r->right, r->big[0])
PLAIN(softmax, PIXELS, CHANNELS, r->left, r->big[0])
PLAIN(log_softmax, PIXELS, CHANNELS, r->left, r->big[0])
PLAIN(add, CNN_ACTIVATION_SILU, 0, 0, ELEMENTS, r->left, r->right, r->big[0])
PLAIN(copy_rows, PIXELS, CHANNELS, r->left, 0, CHANNELS, r->big[0], 0, CHANNELS)
PLAIN(prelu, PIXELS, CHANNELS, r->left, r->vector, r->big[0])
PLAIN(prelu_backward, PIXELS, CHANNELS, 1, r->left, r->vector, r->right, r->big[0], r->small[0], r->workspace)
PLAIN(unary, CNN_UNARY_EXP, 0, ELEMENTS, r->left, r->big[0])
PLAIN(fill, ELEMENTS, 0.1f, r->big[0])
PLAIN(range, ELEMENTS, 0.1, 0.3, r->big[0])
PLAIN(random_uniform, 1, 2, ELEMENTS, -0.3f, 0.7f, r->big[0])
PLAIN(random_normal, 1, 2, ELEMENTS, 0.3f, 0.7f, r->big[0])
PLAIN(sum_of_squares, ELEMENTS, r->left, r->workspace, &r->result)

static cnn_dropout_desc dropping(void)
{
    cnn_dropout_desc desc;
    cnn_dropout_desc_init(&desc);
    desc.probability = 0.3f;
    return desc;
}

WITH(cnn_dropout_desc, dropping(), dropout, ELEMENTS, r->left, r->big[0])
WITH(cnn_dropout_desc, dropping(), dropout_backward, ELEMENTS, r->right, r->big[0])
WITH(cnn_dropout_desc, dropping(), spatial_dropout, 1, PIXELS, CHANNELS, r->left, r->big[0])
WITH(cnn_dropout_desc, dropping(), spatial_dropout_backward, 1, PIXELS, CHANNELS, r->right, r->big[0])

static cnn_binary_desc division(void)
{
    cnn_binary_desc desc;
    cnn_binary_desc_init(&desc);
    desc.kind = CNN_BINARY_DIV;
    desc.rank = 2;
    desc.shape[0] = PIXELS;
    desc.shape[1] = CHANNELS;
    desc.left_strides[0] = CHANNELS;
    desc.left_strides[1] = desc.right_strides[1] = 1;
    return desc;
}

static cnn_reduce_desc reduction(void)
{
    cnn_reduce_desc desc;
    cnn_reduce_desc_init(&desc);
    desc.rank = 2;
    desc.shape[0] = PIXELS;
    desc.shape[1] = desc.output_shape[1] = CHANNELS;
    desc.output_shape[0] = 1;
    desc.scale = 0.3f;
    desc.accumulate = 1;
    return desc;
}

static cnn_optimizer_desc adam(void)
{
    cnn_optimizer_desc desc;
    cnn_optimizer_desc_init(&desc);
    desc.kind = CNN_OPTIMIZER_ADAMW;
    desc.step = 3;
    return desc;
}

WITH(cnn_binary_desc, division(), binary, r->left, r->positive, r->big[0])
WITH(cnn_reduce_desc, reduction(), reduce_sum, r->left, r->small[0], r->workspace)
WITH(cnn_optimizer_desc, adam(), optimizer_step, ELEMENTS, r->big[0], r->left, r->big[1], r->big[2])

/* ---- losses */

static cnn_cross_entropy_desc entropy(void)
{
    cnn_cross_entropy_desc desc;
    cnn_cross_entropy_desc_init(&desc);
    desc.rows = PIXELS;
    desc.classes = CHANNELS;
    desc.label_smoothing = 0.1f;
    return desc;
}

static cnn_loss_desc focal(void)
{
    cnn_loss_desc desc;
    cnn_loss_desc_init(&desc);
    desc.kind = CNN_LOSS_FOCAL;
    desc.rows = PIXELS;
    desc.channels = CHANNELS;
    return desc;
}

WITH(cnn_cross_entropy_desc, entropy(), cross_entropy, r->left, r->labels, NULL, r->positive, r->big[0], r->workspace,
     &r->result)
WITH(cnn_loss_desc, focal(), loss, r->left, r->right, NULL, r->big[0], r->workspace, &r->result)

/* ---- places */

static cnn_transpose_desc transposition(void)
{
    cnn_transpose_desc desc;
    cnn_transpose_desc_init(&desc);
    desc.rank = 2;
    desc.sizes[0] = PIXELS;
    desc.sizes[1] = CHANNELS;
    desc.axes[0] = 1;
    desc.axes[1] = 0;
    return desc;
}

static cnn_pad_desc padding(void)
{
    cnn_pad_desc desc;
    cnn_pad_desc_init(&desc);
    desc.rank = 3;
    desc.sizes[0] = HEIGHT - 4;
    desc.sizes[1] = WIDTH - 4;
    desc.sizes[2] = CHANNELS;
    desc.before[0] = desc.before[1] = desc.after[0] = desc.after[1] = 2;
    desc.mode = CNN_PAD_REFLECT;
    return desc;
}

static cnn_slice_desc slicing(void)
{
    cnn_slice_desc desc;
    cnn_slice_desc_init(&desc);
    desc.rank = 2;
    desc.sizes[0] = PIXELS;
    desc.sizes[1] = CHANNELS;
    desc.starts[0] = 1;
    desc.steps[0] = desc.steps[1] = 1;
    desc.counts[0] = PIXELS - 1;
    desc.counts[1] = CHANNELS - 1;
    return desc;
}

static cnn_gather_desc gathering(void)
{
    cnn_gather_desc desc;
    cnn_gather_desc_init(&desc);
    desc.index_type = CNN_INDEX_INT32;
    desc.axis = PIXELS;
    desc.inner = CHANNELS;
    desc.index_count = PIXELS;
    return desc;
}

WITH(cnn_transpose_desc, transposition(), transpose, r->left, r->big[0])
WITH(cnn_pad_desc, padding(), pad, r->left, r->big[0])
WITH(cnn_pad_desc, padding(), pad_backward, r->right, r->big[0])
WITH(cnn_slice_desc, slicing(), slice, r->left, r->big[0])
WITH(cnn_slice_desc, slicing(), slice_backward, r->right, r->big[0])
WITH(cnn_gather_desc, gathering(), gather, r->left, r->indices, r->big[0])
CALL(gather_backward)
{
    const cnn_gather_desc desc = gathering();
    return cnn_gather_backward(context, &desc, r->right, r->indices, r->big[0], &check_error);
}

/* clang-format off */
#define EACH_CASE \
    CASE(gemm) CASE(grouped) CASE(depthwise) CASE(winograd_4) CASE(winograd_2) CASE(scatter) CASE(planes) \
    CASE(transposed_convolution) CASE(pack_gemm) CASE(pack_depthwise) CASE(pack_winograd) CASE(backward_weights) CASE(backward_depthwise) \
    CASE(max_pool2d) CASE(average_pool2d) CASE(max_pool2d_indexed) CASE(max_pool2d_backward) \
    CASE(average_pool2d_backward) CASE(adaptive_max_pool2d) CASE(adaptive_average_pool2d) \
    CASE(adaptive_max_pool2d_backward) CASE(adaptive_average_pool2d_backward) CASE(global_average_pool) \
    CASE(global_average_pool_backward) CASE(resize_run) CASE(resize_backward) CASE(batch_norm_train) \
    CASE(batch_norm_infer) CASE(batch_norm_backward) CASE(batch_norm_fold) CASE(group_norm) CASE(group_norm_backward) \
    CASE(small_group_norm) CASE(small_group_norm_backward) CASE(layer_norm) CASE(layer_norm_backward) \
    CASE(long_layer_norm) CASE(long_layer_norm_backward) CASE(lrn) CASE(lrn_backward) CASE(activate) \
    CASE(activate_backward) CASE(softmax) CASE(log_softmax) CASE(add) CASE(copy_rows) CASE(prelu) CASE(prelu_backward) \
    CASE(unary) CASE(fill) CASE(range) CASE(random_uniform) CASE(random_normal) CASE(sum_of_squares) CASE(dropout) \
    CASE(dropout_backward) CASE(spatial_dropout) CASE(spatial_dropout_backward) CASE(binary) CASE(reduce_sum) \
    CASE(optimizer_step) CASE(cross_entropy) CASE(loss) CASE(transpose) CASE(pad) CASE(pad_backward) CASE(slice) \
    CASE(slice_backward) CASE(gather) CASE(gather_backward)
/* clang-format on */

#define CASE(name) {#name, name},
const operator_case operator_cases[] = {EACH_CASE};
const int32_t operator_count = STATIC_SIZE(operator_cases);

/* ---- the tensors */

void operator_room_create(operator_room *r, const cnn_context *preparing)
{
    check_random random = {77};
    *r = (operator_room){.preparing = preparing};
    r->left = check_buffer(ELEMENTS, CHECK_END);
    r->right = check_buffer(ELEMENTS, CHECK_END);
    r->vector = check_buffer(PIXELS, CHECK_END);
    r->positive = check_buffer(PIXELS, CHECK_END);
    r->indices = check_buffer(PIXELS, CHECK_END);
    r->labels = check_buffer(PIXELS, CHECK_END);
    r->packed = check_aligned_buffer(1 << 20);
    r->workspace = check_aligned_buffer(WORKSPACE_BYTES);
    for (int i = 0; i < OPERATOR_BIG; i++)
        r->big[i] = check_aligned_buffer(ELEMENTS * (int64_t)sizeof(float));
    for (int i = 0; i < OPERATOR_SMALL; i++)
        r->small[i] = check_buffer(PIXELS, CHECK_END);
    check_fill_normal(&random, check_data(r->left), ELEMENTS);
    check_fill_normal(&random, check_data(r->right), ELEMENTS);
    check_fill_normal(&random, check_data(r->vector), PIXELS);
    int32_t *const indices = cnn_buffer_data(r->indices), *const labels = cnn_buffer_data(r->labels);
    for (int32_t i = 0; i < PIXELS; i++) {
        check_data(r->positive)[i] = check_uniform(&random, 0.3f, 2.0f);
        indices[i] = i * 2 % PIXELS;
        labels[i] = i % CHANNELS;
    }
}

void operator_room_reset(operator_room *r)
{
    for (int i = 0; i < OPERATOR_BIG; i++)
        for (int64_t j = 0; j < ELEMENTS; j++)
            check_data(r->big[i])[j] = 0.25f + (float)(j % 7);
    for (int i = 0; i < OPERATOR_SMALL; i++)
        for (int64_t j = 0; j < PIXELS; j++)
            check_data(r->small[i])[j] = 0.125f + (float)(j % 5);
    r->result = -1;
}

int64_t operator_outputs(void)
{
    return OPERATOR_BIG * ELEMENTS + OPERATOR_SMALL * PIXELS + 2;
}

void operator_collect(const operator_room *r, float *results)
{
    for (int i = 0; i < OPERATOR_BIG; i++, results += ELEMENTS)
        memcpy(results, check_data(r->big[i]), ELEMENTS * sizeof(float));
    for (int i = 0; i < OPERATOR_SMALL; i++, results += PIXELS)
        memcpy(results, check_data(r->small[i]), PIXELS * sizeof(float));
    memcpy(results, &r->result, sizeof r->result);
}
