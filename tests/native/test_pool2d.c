/* test_pool2d.c - pooling against its definition: every option, tails of every length, beside untouchable pages. */
#include "check.h"
#include "check_run.h"
#include "reference.h"

#include <math.h>
#include <stdlib.h>

#define RANDOM_CASES 600

typedef struct pool_case {
    cnn_pool2d_desc desc;
    reference_axis vertical;
    reference_axis horizontal;
    int64_t input_count;
    int64_t output_count;
} pool_case;

static void place(pool_case *c)
{
    const cnn_pool2d_desc *d = &c->desc;
    c->vertical = reference_place(d->padding_mode, d->input_height, d->window_height, d->stride_height, d->dilation_height,
                                  d->padding_top, d->padding_bottom, d->ceil_mode);
    c->horizontal = reference_place(d->padding_mode, d->input_width, d->window_width, d->stride_width, d->dilation_width,
                                    d->padding_left, d->padding_right, d->ceil_mode);
    c->input_count = (int64_t)d->batch * d->input_height * d->input_width * d->channels;
    c->output_count = d->batch * c->vertical.output * c->horizontal.output * d->channels;
}

/* Padding stays below the dilated window, as the header asks. */
static int32_t draw_padding(check_random *random, int32_t window, int32_t dilation)
{
    const int32_t most = (window - 1) * dilation;
    return check_range(random, 0, most < 4 ? most : 4);
}

static pool_case draw(check_random *random)
{
    pool_case c;
    do {
        cnn_pool2d_desc *d = &c.desc;
        cnn_pool2d_desc_init(d);
        d->batch = check_range(random, 1, 3);
        d->input_height = check_range(random, 1, 17);
        d->input_width = check_range(random, 1, 40);
        d->channels = check_range(random, 0, 1) ? check_range(random, 1, 3) : check_range(random, 1, 70);
        d->window_height = check_range(random, 1, 5);
        d->window_width = check_range(random, 1, 5);
        d->stride_height = check_range(random, 1, 3);
        d->stride_width = check_range(random, 1, 3);
        d->dilation_height = check_range(random, 0, 3) ? 1 : 2;
        d->dilation_width = check_range(random, 0, 3) ? 1 : 2;
        d->padding_mode = (cnn_padding_mode)check_range(random, 0, 3);
        d->padding_top = draw_padding(random, d->window_height, d->dilation_height);
        d->padding_left = draw_padding(random, d->window_width, d->dilation_width);
        d->padding_bottom = draw_padding(random, d->window_height, d->dilation_height);
        d->padding_right = draw_padding(random, d->window_width, d->dilation_width);
        d->ceil_mode = check_range(random, 0, 1);
        d->count_include_pad = check_range(random, 0, 1);
        place(&c);
    } while (c.output_count == 0);
    return c;
}

typedef struct window_sum {
    double largest;
    double sum;
    double magnitude;
    int64_t inside;
    int64_t counted; /* with the padding, but without what hangs over because of ceil_mode */
    int nan;
} window_sum;

static window_sum look(const pool_case *c, const float *image, int64_t y, int64_t x, int64_t channel)
{
    const cnn_pool2d_desc *d = &c->desc;
    window_sum w = {.largest = -INFINITY};
    for (int64_t ky = 0; ky < d->window_height; ky++)
        for (int64_t kx = 0; kx < d->window_width; kx++) {
            const int64_t row = y * d->stride_height - c->vertical.before + ky * d->dilation_height;
            const int64_t column = x * d->stride_width - c->horizontal.before + kx * d->dilation_width;
            w.counted += row < d->input_height + c->vertical.after && column < d->input_width + c->horizontal.after;
            if (row < 0 || row >= d->input_height || column < 0 || column >= d->input_width) continue;
            const double value = image[(row * d->input_width + column) * d->channels + channel];
            w.inside++;
            w.sum += value;
            w.magnitude += fabs(value);
            w.nan |= isnan(value);
            if (value > w.largest) w.largest = value;
        }
    return w;
}

static void compare(const pool_case *c, const float *input, const float *largest, const float *mean)
{
    const cnn_pool2d_desc *d = &c->desc;
    const int64_t image = (int64_t)d->input_height * d->input_width * d->channels;
    int64_t i = 0;
    for (int64_t n = 0; n < d->batch; n++)
        for (int64_t y = 0; y < c->vertical.output; y++)
            for (int64_t x = 0; x < c->horizontal.output; x++)
                for (int64_t channel = 0; channel < d->channels; channel++, i++) {
                    const window_sum w = look(c, input + n * image, y, x, channel);
                    const int64_t counted = d->count_include_pad ? w.counted : w.inside;
                    const double by = counted > 0 ? (double)counted : 1;
                    check_near(largest[i], w.nan ? NAN : w.largest, 0, "maximum", i);
                    check_near(mean[i], w.sum / by, ((double)w.inside + 2) * 0x1p-24 * w.magnitude / by + 1e-37, "mean", i);
                }
}

static void check_case_on(const pool_case *c, const float *values, const cnn_context *context, check_side side)
{
    const cnn_pool2d_desc *d = &c->desc;
    int32_t height = 0, width = 0;
    check_case("%s: %dx%dx%dx%d, window %dx%d stride %dx%d dilation %dx%d padding %d (%d %d %d %d) ceil %d include %d",
               cnn_isa_name(cnn_context_isa(context)), (int)d->batch, (int)d->input_height, (int)d->input_width,
               (int)d->channels, (int)d->window_height, (int)d->window_width, (int)d->stride_height, (int)d->stride_width,
               (int)d->dilation_height, (int)d->dilation_width, (int)d->padding_mode, (int)d->padding_top,
               (int)d->padding_left, (int)d->padding_bottom, (int)d->padding_right, (int)d->ceil_mode,
               (int)d->count_include_pad);
    CHECK_OK(cnn_pool2d_output_size(d, &height, &width, &check_error));
    if (!CHECK(height == c->vertical.output && width == c->horizontal.output, "found %dx%d, expected %lldx%lld", (int)height,
               (int)width, (long long)c->vertical.output, (long long)c->horizontal.output))
        return;
    const cnn_buffer *input = check_buffer_of(values, c->input_count, side);
    const cnn_buffer *largest = check_buffer(c->output_count, side), *mean = check_buffer(c->output_count, side);
    CHECK_OK(cnn_max_pool2d(context, d, input, largest, &check_error));
    CHECK_OK(cnn_average_pool2d(context, d, input, mean, &check_error));
    compare(c, check_data(input), check_data(largest), check_data(mean));
    check_release();
}

static void check_everywhere(const pool_case *c, const float *values, check_side side)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_case_on(c, values, context, side);
        cnn_context_destroy(context);
    }
}

static void check_random_windows(void)
{
    static const float special[] = {NAN, INFINITY, -INFINITY, -0.0f, 1e37f, -1e37f}; /* sums of 25 stay finite */
    check_random random = {42};
    const int32_t cases = (int32_t)check_thinned(RANDOM_CASES, RANDOM_CASES / 3);
    for (int32_t n = 0; n < cases; n++) {
        const pool_case c = draw(&random);
        float *values = malloc((size_t)c.input_count * sizeof *values);
        if (!values) abort();
        check_fill_normal(&random, values, c.input_count);
        if (n % 5 == 0) /* a third of the elements cannot be averaged away */
            for (int64_t i = 0; i < c.input_count; i += 3)
                values[i] = special[check_range(&random, 0, 5)];
        if (n % 7 == 0) /* padding must not win over negative inputs, nor over minus infinity */
            for (int64_t i = 0; i < c.input_count; i++)
                values[i] = n % 2 ? -INFINITY : -1 - fabsf(values[i]);
        check_everywhere(&c, values, n % 2 ? CHECK_START : CHECK_END);
        free(values);
    }
}

static void check_global_average(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_random random = {3};
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        for (int32_t n = 0; n < 80; n++) {
            const int64_t batch = check_range(&random, 1, 3), pixels = check_range(&random, 1, 60);
            const int64_t channels = check_range(&random, 1, 40);
            const cnn_buffer *input = check_buffer(batch * pixels * channels, n % 2 ? CHECK_START : CHECK_END);
            const cnn_buffer *output = check_buffer(batch * channels, n % 2 ? CHECK_START : CHECK_END);
            check_case("%s: global average %lldx%lldx%lld", cnn_isa_name(isas[i]), (long long)batch, (long long)pixels,
                       (long long)channels);
            check_fill_normal(&random, check_data(input), batch * pixels * channels);
            CHECK_OK(cnn_global_average_pool(context, batch, pixels, channels, input, output, &check_error));
            for (int64_t o = 0; o < batch * channels; o++) {
                const float *first = check_data(input) + o / channels * pixels * channels + o % channels;
                double sum = 0, magnitude = 0;
                for (int64_t p = 0; p < pixels; p++) {
                    sum += first[p * channels];
                    magnitude += fabs((double)first[p * channels]);
                }
                check_near(check_data(output)[o], sum / (double)pixels,
                           ((double)pixels + 2) * 0x1p-24 * magnitude / (double)pixels, "global average", o);
            }
            check_release();
        }
        cnn_context_destroy(context);
    }
}

void test_pool2d(void)
{
    check_random_windows();
    check_global_average();
}
