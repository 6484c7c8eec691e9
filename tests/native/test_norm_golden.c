/* test_norm_golden.c - normalisations and poolings against what PyTorch gives for the same small tensor, on every
 * instruction set; inference and folding of batch normalisation; and calls that must be refused. */
#include "check_run.h"

#include "check.h"
#include "golden/norm_golden.h"

#include <math.h>

enum { BATCH = 2, HEIGHT = 3, WIDTH = 5, CHANNELS = 4, PIXELS = HEIGHT * WIDTH, ELEMENTS = BATCH * PIXELS * CHANNELS };

/* Values are of the order of 10 and pass through some ten roundings of 2^-24 each, sums of 30 of them included. */
#define BOUND 2e-5

static const cnn_buffer *floats(const double *values, int64_t count)
{
    const cnn_buffer *buffer = check_buffer(count, CHECK_END);
    for (int64_t i = 0; i < count; i++)
        check_data(buffer)[i] = (float)values[i];
    return buffer;
}

static void compare(const cnn_buffer *found, const double *expected, int64_t count, const char *what)
{
    for (int64_t i = 0; i < count; i++)
        if (!check_near(check_data(found)[i], expected[i], BOUND * (1 + fabs(expected[i])), what, i)) return;
}

#define COMPARE(found, table) compare(found, table, (int64_t)(sizeof(table) / sizeof *(table)), #table)
#define BUFFER(table) floats(table, (int64_t)(sizeof(table) / sizeof *(table)))

typedef struct given {
    const cnn_context *context;
    const cnn_buffer *x, *dy, *gamma, *beta, *y, *dx, *dgamma, *dbeta, *mean, *inverse;
} given;

static given give(const cnn_context *context)
{
    return (given){context,
                   BUFFER(golden_input),
                   BUFFER(golden_weights),
                   BUFFER(golden_gamma),
                   BUFFER(golden_beta),
                   check_buffer(ELEMENTS, CHECK_END),
                   check_buffer(ELEMENTS, CHECK_END),
                   check_buffer(CHANNELS, CHECK_END),
                   check_buffer(CHANNELS, CHECK_END),
                   check_buffer(BATCH * PIXELS, CHECK_END),
                   check_buffer(BATCH * PIXELS, CHECK_END)};
}

#define COMPARE_ALL(g, name)                                                                                                \
    COMPARE((g).y, golden_##name);                                                                                          \
    COMPARE((g).dx, golden_##name##_dx);                                                                                    \
    COMPARE((g).dgamma, golden_##name##_dgamma);                                                                            \
    COMPARE((g).dbeta, golden_##name##_dbeta)

static void check_batch(const cnn_context *context)
{
    const given g = give(context);
    const cnn_buffer *mean = BUFFER(golden_mean), *variance = BUFFER(golden_variance);
    cnn_batch_norm_desc d;
    int64_t bytes = 0;
    cnn_batch_norm_desc_init(&d);
    d.rows = BATCH * PIXELS;
    d.channels = CHANNELS;
    CHECK_OK(cnn_batch_norm_workspace_bytes(&d, &bytes, &check_error));
    const cnn_buffer *w = check_aligned_buffer(bytes);
    CHECK_OK(cnn_batch_norm_infer(context, &d, g.x, g.gamma, g.beta, mean, variance, g.y, w, &check_error));
    COMPARE(g.y, golden_infer);
    for (int relu = 0; relu < 2; relu++) {
        d.activation = relu ? CNN_ACTIVATION_RELU : CNN_ACTIVATION_NONE;
        CHECK_OK(cnn_batch_norm_train(context, &d, g.x, g.gamma, g.beta, relu ? NULL : mean, relu ? NULL : variance, g.y,
                                      g.mean, g.inverse, w, &check_error));
        CHECK_OK(cnn_batch_norm_backward(context, &d, g.x, g.dy, g.gamma, g.beta, g.mean, g.inverse, g.dx, g.dgamma, g.dbeta,
                                         w, &check_error));
        if (relu) {
            COMPARE_ALL(g, batch_relu);
        } else {
            COMPARE_ALL(g, batch);
        }
    }
    COMPARE(mean, golden_running_mean);
    COMPARE(variance, golden_running_variance);
    check_release();
}

static void check_groups(const cnn_context *context)
{
    const given g = give(context);
    cnn_group_norm_desc d;
    int64_t bytes = 0;
    cnn_group_norm_desc_init(&d);
    d.batch = BATCH;
    d.pixels = PIXELS;
    d.channels = CHANNELS;
    for (d.groups = 2; d.groups <= 4; d.groups += 2) {
        CHECK_OK(cnn_group_norm_workspace_bytes(&d, &bytes, &check_error));
        const cnn_buffer *w = check_aligned_buffer(bytes);
        CHECK_OK(cnn_group_norm(context, &d, g.x, g.gamma, g.beta, g.y, g.mean, g.inverse, w, &check_error));
        CHECK_OK(cnn_group_norm_backward(context, &d, g.x, g.dy, g.gamma, NULL, g.mean, g.inverse, g.dx, g.dgamma, g.dbeta,
                                         w, &check_error));
        if (d.groups == 2) {
            COMPARE_ALL(g, group);
        } else {
            COMPARE_ALL(g, instance);
        }
    }
    check_release();
}

static void check_layer_and_response(const cnn_context *context)
{
    const given g = give(context);
    cnn_layer_norm_desc d;
    cnn_lrn_desc r;
    int64_t bytes = 0;
    cnn_layer_norm_desc_init(&d);
    d.rows = BATCH * PIXELS;
    d.length = CHANNELS;
    CHECK_OK(cnn_layer_norm_workspace_bytes(&d, &bytes, &check_error));
    const cnn_buffer *w = check_aligned_buffer(bytes);
    CHECK_OK(cnn_layer_norm(context, &d, g.x, g.gamma, g.beta, g.y, g.mean, g.inverse, w, &check_error));
    CHECK_OK(cnn_layer_norm_backward(context, &d, g.x, g.dy, g.gamma, g.mean, g.inverse, g.dx, g.dgamma, g.dbeta, w,
                                     &check_error));
    COMPARE_ALL(g, layer);
    cnn_lrn_desc_init(&r);
    r.rows = BATCH * PIXELS;
    r.channels = CHANNELS;
    r.size = 3;
    r.alpha = 0.5f;
    r.bias = 1.25f;
    CHECK_OK(cnn_lrn(context, &r, g.x, g.y, &check_error));
    CHECK_OK(cnn_lrn_backward(context, &r, g.x, g.dy, g.dx, &check_error));
    COMPARE(g.y, golden_lrn);
    COMPARE(g.dx, golden_lrn_dx);
    check_release();
}

static void compare_indices(const cnn_buffer *found, const int32_t *expected, int64_t count)
{
    const int32_t *indices = cnn_buffer_data(found);
    for (int64_t i = 0; i < count; i++)
        CHECK(indices[i] == expected[i], "position %d is %d, expected %d", (int)i, (int)indices[i], (int)expected[i]);
}

#define COMPARE_INDICES(found, table) compare_indices(found, table, (int64_t)(sizeof(table) / sizeof *(table)))

static cnn_pool2d_desc pool_desc(int32_t height, int32_t width)
{
    cnn_pool2d_desc d;
    cnn_pool2d_desc_init(&d);
    d.batch = BATCH;
    d.input_height = HEIGHT;
    d.input_width = WIDTH;
    d.channels = CHANNELS;
    d.window_height = height;
    d.window_width = width;
    d.stride_height = d.stride_width = 2;
    d.padding_top = d.padding_left = d.padding_bottom = d.padding_right = 1;
    d.ceil_mode = 1;
    return d;
}

static void check_pools(const cnn_context *context)
{
    const given g = give(context);
    const cnn_buffer *indices = check_buffer(ELEMENTS, CHECK_END);
    cnn_pool2d_desc maximum = pool_desc(3, 2), average = pool_desc(3, 2), inside = pool_desc(3, 3);
    cnn_adaptive_pool2d_desc a;
    maximum.stride_width = 1;
    maximum.padding_left = maximum.padding_right = 0;
    maximum.dilation_width = 2;
    average.count_include_pad = 1;
    CHECK_OK(cnn_max_pool2d_indexed(context, &maximum, g.x, g.y, indices, &check_error));
    CHECK_OK(cnn_max_pool2d_backward(context, &maximum, NULL, g.dy, indices, g.dx, &check_error));
    COMPARE(g.y, golden_max);
    COMPARE_INDICES(indices, golden_max_indices);
    COMPARE(g.dx, golden_max_dx);
    CHECK_OK(cnn_average_pool2d(context, &average, g.x, g.y, &check_error));
    CHECK_OK(cnn_average_pool2d_backward(context, &average, g.dy, g.dx, &check_error));
    COMPARE(g.y, golden_average);
    COMPARE(g.dx, golden_average_dx);
    CHECK_OK(cnn_average_pool2d(context, &inside, g.x, g.y, &check_error));
    CHECK_OK(cnn_average_pool2d_backward(context, &inside, g.dy, g.dx, &check_error));
    COMPARE(g.y, golden_average_inside);
    COMPARE(g.dx, golden_average_inside_dx);
    cnn_adaptive_pool2d_desc_init(&a);
    a.batch = BATCH;
    a.input_height = HEIGHT;
    a.input_width = WIDTH;
    a.channels = CHANNELS;
    a.output_height = 2;
    a.output_width = 4;
    CHECK_OK(cnn_adaptive_max_pool2d(context, &a, g.x, g.y, indices, &check_error));
    CHECK_OK(cnn_adaptive_max_pool2d_backward(context, &a, g.x, g.dy, NULL, g.dx, &check_error));
    COMPARE(g.y, golden_adaptive_max);
    COMPARE_INDICES(indices, golden_adaptive_max_indices);
    COMPARE(g.dx, golden_adaptive_max_dx);
    CHECK_OK(cnn_adaptive_average_pool2d(context, &a, g.x, g.y, &check_error));
    CHECK_OK(cnn_adaptive_average_pool2d_backward(context, &a, g.dy, g.dx, &check_error));
    COMPARE(g.y, golden_adaptive_average);
    COMPARE(g.dx, golden_adaptive_average_dx);
    check_release();
}

/* A 1x1 filter per output channel, folded in place: w' x + b' is the normalised w x + b, up to some roundings of each term.
 */
static void check_fold(const cnn_context *context)
{
    enum { INPUTS = 9 };
    check_random random = {8};
    const cnn_buffer *weights = check_buffer(CHANNELS * INPUTS, CHECK_END), *bias = check_buffer(CHANNELS, CHECK_END);
    const cnn_buffer *gamma = BUFFER(golden_gamma), *beta = BUFFER(golden_beta), *mean = BUFFER(golden_mean);
    const cnn_buffer *variance = BUFFER(golden_variance), *scale = check_buffer(CHANNELS, CHECK_END);
    const cnn_buffer *offset = check_buffer(CHANNELS, CHECK_END);
    float x[INPUTS];
    double sums[CHANNELS];
    cnn_batch_norm_desc d;
    cnn_batch_norm_desc_init(&d);
    d.channels = CHANNELS;
    check_fill_normal(&random, x, INPUTS);
    check_fill_normal(&random, check_data(weights), CHANNELS * INPUTS);
    check_fill_normal(&random, check_data(bias), CHANNELS);
    for (int c = 0; c < CHANNELS; c++) {
        sums[c] = check_data(bias)[c];
        for (int i = 0; i < INPUTS; i++)
            sums[c] += (double)check_data(weights)[c * INPUTS + i] * x[i];
    }
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_batch_norm_fold(context, &d, INPUTS, gamma, beta, mean, variance, weights, bias,
                                                           weights, weights, &check_error));
    CHECK_OK(cnn_batch_norm_scale_offset(&d, gamma, beta, mean, variance, scale, offset, &check_error));
    CHECK_OK(
        cnn_batch_norm_fold(context, &d, INPUTS, gamma, beta, mean, variance, weights, bias, weights, bias, &check_error));
    for (int c = 0; c < CHANNELS; c++) {
        const double factor = golden_gamma[c] / sqrt(golden_variance[c] + 1e-5);
        const double expected = (sums[c] - golden_mean[c]) * factor + golden_beta[c];
        double folded = check_data(bias)[c];
        for (int i = 0; i < INPUTS; i++)
            folded += (double)check_data(weights)[c * INPUTS + i] * x[i];
        check_near(folded, expected, 1e-5, "folded", c);
        check_near(check_data(scale)[c], factor, 1e-6, "scale", c);
        check_near(check_data(offset)[c], golden_beta[c] - golden_mean[c] * factor, 2e-6, "offset", c);
    }
    check_release();
}

static void check_misuse(const cnn_context *context)
{
    const given g = give(context);
    const cnn_buffer *w = check_aligned_buffer(1 << 16), *small = check_buffer(3, CHECK_END);
    const cnn_buffer *odd = check_buffer(1 << 14, CHECK_END), *m = g.mean, *i = g.inverse;
    cnn_buffer *shifted = NULL;
    cnn_batch_norm_desc d, wrong;
    cnn_group_norm_desc n;
    CHECK_OK(cnn_buffer_view(odd, 4, 4096, &shifted, &check_error));
    check_case("misuse of normalisation");
    cnn_batch_norm_desc_init(&d);
    d.rows = BATCH * PIXELS;
    d.channels = CHANNELS;
#define TRAIN(status, desc, x, gamma, y, mean, workspace)                                                                   \
    CHECK_STATUS(status,                                                                                                    \
                 cnn_batch_norm_train(context, desc, x, gamma, NULL, NULL, NULL, y, mean, i, workspace, &check_error))
    TRAIN(CNN_INVALID_ARGUMENT, NULL, g.x, NULL, g.y, m, w);
    TRAIN(CNN_INVALID_ARGUMENT, &d, NULL, NULL, g.y, m, w);
    TRAIN(CNN_INVALID_ARGUMENT, &d, g.x, NULL, NULL, m, w);
    TRAIN(CNN_INVALID_ARGUMENT, &d, g.x, NULL, g.y, m, NULL);
    TRAIN(CNN_INVALID_ARGUMENT, &d, g.x, NULL, g.y, i, w); /* saved_mean is saved_inverse */
    TRAIN(CNN_INVALID_ARGUMENT, &d, g.x, NULL, g.y, m, shifted);
    TRAIN(CNN_BUFFER_TOO_SMALL, &d, g.x, small, g.y, m, w);
    TRAIN(CNN_BUFFER_TOO_SMALL, &d, g.x, NULL, g.y, small, w);
    TRAIN(CNN_BUFFER_TOO_SMALL, &d, g.x, NULL, g.y, m, small);
    wrong = d, wrong.rows = 1;
    TRAIN(CNN_INVALID_ARGUMENT, &wrong, g.x, NULL, g.y, m, w);
    wrong = d, wrong.rows = INT64_MAX;
    TRAIN(CNN_SIZE_OVERFLOW, &wrong, g.x, NULL, g.y, m, w);
    wrong = d, wrong.channels = -1;
    TRAIN(CNN_INVALID_ARGUMENT, &wrong, g.x, NULL, g.y, m, w);
    wrong = d, wrong.epsilon = NAN;
    TRAIN(CNN_INVALID_ARGUMENT, &wrong, g.x, NULL, g.y, m, w);
    wrong = d, wrong.momentum = 2;
    TRAIN(CNN_INVALID_ARGUMENT, &wrong, g.x, NULL, g.y, m, w);
    wrong = d, wrong.activation = CNN_ACTIVATION_TANH;
    TRAIN(CNN_INVALID_ARGUMENT, &wrong, g.x, NULL, g.y, m, w);
    wrong = d, wrong.struct_size = 4;
    TRAIN(CNN_INVALID_ARGUMENT, &wrong, g.x, NULL, g.y, m, w);
#undef TRAIN
    CHECK_STATUS(CNN_INVALID_ARGUMENT,
                 cnn_batch_norm_backward(context, &d, g.x, g.dy, NULL, NULL, m, i, NULL, NULL, NULL, w, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT,
                 cnn_batch_norm_backward(context, &d, g.x, g.dy, NULL, NULL, m, i, g.x, NULL, NULL, w, &check_error));
    cnn_group_norm_desc_init(&n);
    n.pixels = n.channels = 4;
    n.groups = 3;
    CHECK_STATUS(CNN_SHAPE_MISMATCH, cnn_group_norm(context, &n, g.x, NULL, NULL, g.y, m, i, w, &check_error));
    cnn_buffer_destroy(shifted);
    check_release();
}

void test_norm_golden(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t k = 0; k < count; k++) {
        cnn_context *context = check_context(isas[k], 2);
        check_case("%s against PyTorch", cnn_isa_name(isas[k]));
        check_batch(context);
        check_groups(context);
        check_layer_and_response(context);
        check_pools(context);
        check_fold(context);
        check_misuse(context);
        cnn_context_destroy(context);
    }
}
