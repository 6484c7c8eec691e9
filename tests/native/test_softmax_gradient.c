/* test_softmax_gradient.c - the gradients of softmax and log-softmax against float64, in place, with any number of threads.
 * The reference takes the gradient of the sum of dY y through central differences too, so that no formula stands alone. */
#include "check.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MOST 1100

typedef cnn_status (*gradient)(const cnn_context *, int64_t, int64_t, const cnn_buffer *, const cnn_buffer *,
                               const cnn_buffer *, cnn_error *);

static void softmax(int logarithm, int64_t channels, const double *x, double *y)
{
    double sum = 0;
    for (int64_t c = 0; c < channels; c++)
        sum += exp(x[c]);
    for (int64_t c = 0; c < channels; c++)
        y[c] = logarithm ? x[c] - log(sum) : exp(x[c]) / sum;
}

static double objective(int logarithm, int64_t channels, const double *x, const float *dy)
{
    double y[MOST], sum = 0;
    softmax(logarithm, channels, x, y);
    for (int64_t c = 0; c < channels; c++)
        sum += y[c] * (double)dy[c];
    return sum;
}

static void check_row(const cnn_context *context, int logarithm, int64_t channels, check_random *random)
{
    const gradient run = logarithm ? cnn_log_softmax_backward : cnn_softmax_backward;
    const check_side side = channels % 2 ? CHECK_END : CHECK_START;
    cnn_buffer *y = check_buffer(channels, side), *dy = check_buffer(channels, side), *dx = check_buffer(channels, side);
    double x[MOST], exact[MOST], scale = 0;
    for (int64_t c = 0; c < channels; c++) {
        x[c] = (double)check_normal(random);
        check_data(dy)[c] = check_normal(random);
        scale += fabs((double)check_data(dy)[c]);
    }
    softmax(logarithm, channels, x, exact);
    for (int64_t c = 0; c < channels; c++)
        check_data(y)[c] = (float)exact[c];
    CHECK_OK(run(context, 1, channels, y, dy, dx, &check_error));
    for (int64_t c = 0; c<channels; c += channels> 40 ? 37 : 1) {
        const double step = 1e-5, old = x[c];
        x[c] = old + step;
        const double above = objective(logarithm, channels, x, check_data(dy));
        x[c] = old - step;
        const double below = objective(logarithm, channels, x, check_data(dy));
        x[c] = old;
        /* Rounding of y, of the products and of the sum: a few eps of the sum of |dY|, times 4 ulp of the exponential and
         * the logarithm's magnitude of up to 12; the differences are exact to about 1e-10. */
        check_near((double)check_data(dx)[c], (above - below) / (2 * step),
                   16 * FLT_EPSILON * (scale + 1) + 1e-9 * (scale + 1), logarithm ? "log_softmax" : "softmax", c);
    }
    cnn_buffer *in_place = check_buffer_of(check_data(dy), channels, side);
    CHECK_OK(run(context, 1, channels, y, in_place, in_place, &check_error));
    check_same_bits(check_data(in_place), check_data(dx), channels, "over the gradient");
    CHECK_OK(run(context, 1, channels, y, dy, y, &check_error));
    check_same_bits(check_data(y), check_data(dx), channels, "over the output");
    check_release();
}

static void check_threads(cnn_isa isa, int logarithm, check_random *random)
{
    const int64_t rows = 601, channels = 513, count = rows * channels;
    const gradient run = logarithm ? cnn_log_softmax_backward : cnn_softmax_backward;
    cnn_buffer *y = check_buffer(count, CHECK_END), *dy = check_buffer(count, CHECK_END);
    cnn_buffer *first = check_buffer(count, CHECK_END), *other = check_buffer(count, CHECK_END);
    check_fill_normal(random, check_data(y), count);
    check_fill_normal(random, check_data(dy), count);
    for (int32_t threads = 1; threads <= 7; threads += threads == 3 ? 4 : 1) {
        cnn_context *context = check_context(isa, threads);
        CHECK_OK(run(context, rows, channels, y, dy, threads == 1 ? first : other, &check_error));
        if (threads > 1) check_same_bits(check_data(other), check_data(first), count, "threads");
        cnn_context_destroy(context);
    }
    check_release();
}

static void check_misuse(const cnn_context *context, gradient run)
{
    cnn_buffer *y = check_buffer(13, CHECK_END), *part = NULL;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(NULL, 1, 12, y, y, y, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, 0, 12, y, y, y, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, 1, -1, y, y, y, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, 1, 12, NULL, y, y, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, 1, 12, y, NULL, y, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, 1, 12, y, y, NULL, &check_error));
    CHECK_STATUS(CNN_SIZE_OVERFLOW, run(context, INT64_MAX / 2, 12, y, y, y, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, run(context, 2, 12, y, y, y, &check_error));
    CHECK_OK(cnn_buffer_view(y, 4, 48, &part, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, run(context, 1, 12, y, y, part, &check_error));
    cnn_buffer_destroy(part);
    check_release();
}

void test_softmax_gradient(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        check_random random = {.state = 71};
        cnn_context *context = check_context(isas[i], 1);
        for (int logarithm = 0; logarithm < 2; logarithm++) {
            for (int64_t channels = 1; channels <= MOST; channels += channels < 40 ? 1 : 353) {
                check_case("%s, %d channels, logarithm %d", cnn_isa_name(isas[i]), (int)channels, logarithm);
                check_row(context, logarithm, channels, &random);
            }
            check_threads(isas[i], logarithm, &random);
            check_misuse(context, logarithm ? cnn_log_softmax_backward : cnn_softmax_backward);
        }
        cnn_context_destroy(context);
    }
}
