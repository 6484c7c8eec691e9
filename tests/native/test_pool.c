/* test_pool.c - pooling with positions, adaptive pooling and all gradients of pooling, window by window against their
 * definitions in float64, and those against central differences. Small integers as data make ties, which order decides. */
#include "check_run.h"

#include "check.h"
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_CASES 400
#define MOST_TAPS 4096

typedef struct pool_case {
    int adaptive;
    cnn_pool2d_desc sliding; /* adaptive: input sizes, batch and channels only */
    reference_axis vertical, horizontal;
    int64_t input_count, output_count;
} pool_case;

typedef struct taps {
    int64_t count, divisor;
    int64_t positions[MOST_TAPS];
} taps;

/* Marks the elements of one axis that a window holds. Returns how many; divisor is what an average counts. */
static int64_t axis_taps(const pool_case *p, int is_width, int64_t o, int64_t *places, int64_t *divisor)
{
    const cnn_pool2d_desc *d = &p->sliding;
    const reference_axis *axis = is_width ? &p->horizontal : &p->vertical;
    const int64_t input = is_width ? d->input_width : d->input_height,
                  window = is_width ? d->window_width : d->window_height;
    const int64_t stride = is_width ? d->stride_width : d->stride_height;
    const int64_t dilation = is_width ? d->dilation_width : d->dilation_height;
    int64_t count = 0;
    *divisor = 0;
    if (p->adaptive) {
        for (int64_t i = 0; i < input; i++)
            if (i >= (int64_t)floor((double)(o * input) / (double)axis->output) &&
                i < (int64_t)ceil((double)((o + 1) * input) / (double)axis->output))
                places[count++] = i;
        *divisor = count;
        return count;
    }
    for (int64_t t = 0; t < window; t++) {
        const int64_t i = o * stride - axis->before + t * dilation;
        if (i >= 0 && i < input) places[count++] = i;
        if (d->count_include_pad ? i < input + axis->after : i >= 0 && i < input) ++*divisor;
    }
    return count;
}

static void window_taps(const pool_case *p, int64_t y, int64_t x, taps *found)
{
    int64_t rows[64], columns[64], by_rows, by_columns;
    const int64_t height = axis_taps(p, 0, y, rows, &by_rows), width = axis_taps(p, 1, x, columns, &by_columns);
    found->count = 0;
    found->divisor = by_rows * by_columns;
    for (int64_t i = 0; i < height; i++)
        for (int64_t j = 0; j < width; j++)
            found->positions[found->count++] = rows[i] * p->sliding.input_width + columns[j];
}

/* The place of a window's first maximum, or first NaN; -1 when it holds nothing. */
static int64_t first_maximum(const taps *window, const double *plane, int64_t channels)
{
    int64_t best = -1;
    for (int64_t t = 0; t < window->count; t++) {
        const double value = plane[window->positions[t] * channels];
        if (isnan(value)) return window->positions[t];
        if (best < 0 || value > plane[best * channels]) best = window->positions[t];
    }
    return best;
}

typedef struct expected {
    double *maximum, *average, *maximum_gradient, *average_gradient, *magnitude;
    int64_t *position;
} expected;

/* Everything at once. dy is the gradient of both outputs. */
static void reference_pool(const pool_case *p, const double *x, const float *dy, expected *e)
{
    const cnn_pool2d_desc *d = &p->sliding;
    const int64_t channels = d->channels, plane = (int64_t)d->input_height * d->input_width * channels;
    static taps window;
    for (int64_t i = 0; i < p->input_count; i++)
        e->maximum_gradient[i] = e->average_gradient[i] = e->magnitude[i] = 0;
    for (int64_t o = 0; o < p->output_count; o++) {
        const int64_t c = o % channels, ox = o / channels % p->horizontal.output;
        const int64_t oy = o / channels / p->horizontal.output % p->vertical.output;
        const int64_t base = o / channels / p->horizontal.output / p->vertical.output * plane + c;
        window_taps(p, oy, ox, &window);
        e->position[o] = first_maximum(&window, x + base, channels);
        e->maximum[o] = e->position[o] < 0 ? -INFINITY : x[base + e->position[o] * channels];
        e->average[o] = 0;
        for (int64_t t = 0; t < window.count; t++) {
            const int64_t i = base + window.positions[t] * channels;
            e->average[o] += x[i] / (double)window.divisor;
            e->average_gradient[i] += dy[o] / (double)window.divisor;
            e->magnitude[i] += fabs((double)dy[o]);
        }
        if (e->position[o] >= 0) e->maximum_gradient[base + e->position[o] * channels] += dy[o];
    }
}

static pool_case draw_case(check_random *random)
{
    pool_case p;
    cnn_pool2d_desc *d = &p.sliding;
    do {
        memset(&p, 0, sizeof p);
        cnn_pool2d_desc_init(d);
        p.adaptive = check_range(random, 0, 2) == 0;
        d->batch = check_range(random, 1, 3);
        d->input_height = check_range(random, 1, 14);
        d->input_width = check_range(random, 1, 40);
        d->channels = check_range(random, 0, 1) ? check_range(random, 1, 9) : check_range(random, 1, 40);
        d->window_height = check_range(random, 1, 9);
        d->window_width = check_range(random, 1, 9);
        d->stride_height = check_range(random, 1, 3);
        d->stride_width = check_range(random, 1, 3);
        d->dilation_height = check_range(random, 0, 2) ? 1 : 2;
        d->dilation_width = check_range(random, 0, 2) ? 1 : 3;
        d->padding_mode = (cnn_padding_mode)check_range(random, 0, 3);
        d->padding_top = check_range(random, 0, (d->window_height - 1) * d->dilation_height);
        d->padding_bottom = check_range(random, 0, (d->window_height - 1) * d->dilation_height);
        d->padding_left = check_range(random, 0, (d->window_width - 1) * d->dilation_width);
        d->padding_right = check_range(random, 0, (d->window_width - 1) * d->dilation_width);
        d->ceil_mode = check_range(random, 0, 1);
        d->count_include_pad = check_range(random, 0, 1);
        p.vertical = reference_place(d->padding_mode, d->input_height, d->window_height, d->stride_height,
                                     d->dilation_height, d->padding_top, d->padding_bottom, d->ceil_mode);
        p.horizontal = reference_place(d->padding_mode, d->input_width, d->window_width, d->stride_width, d->dilation_width,
                                       d->padding_left, d->padding_right, d->ceil_mode);
        if (p.adaptive) {
            p.vertical = (reference_axis){check_range(random, 1, 17), 0, 0};
            p.horizontal = (reference_axis){check_range(random, 1, 17), 0, 0};
        }
    } while (p.vertical.output < 1 || p.horizontal.output < 1);
    p.input_count = (int64_t)d->batch * d->input_height * d->input_width * d->channels;
    p.output_count = d->batch * p.vertical.output * p.horizontal.output * d->channels;
    return p;
}

/* What the library gives, in the order of `expected`: maximum, average, their gradients, and the maximum's without indices.
 */
typedef struct found {
    const float *maximum, *average, *maximum_gradient, *average_gradient, *recomputed_gradient, *plain_maximum;
    const int32_t *position;
} found;

static found run(const pool_case *p, const cnn_context *context, const float *x, const float *dy, check_side side)
{
    const cnn_pool2d_desc *d = &p->sliding;
    const cnn_buffer *input = check_buffer_of(x, p->input_count, side),
                     *gradient = check_buffer_of(dy, p->output_count, side);
    const cnn_buffer *maximum = check_buffer(p->output_count, side), *average = check_buffer(p->output_count, side);
    const cnn_buffer *plain = check_buffer(p->output_count, side), *indices = check_buffer(p->output_count, side);
    const cnn_buffer *by_maximum = check_buffer(p->input_count, side), *by_average = check_buffer(p->input_count, side);
    const cnn_buffer *again = check_buffer(p->input_count, side);
    check_case(
        "%s %d threads: adaptive %d, %dx%dx%dx%d to %dx%d, window %dx%d stride %dx%d dilation %dx%d padding %d (%d %d "
        "%d %d) ceil %d include %d",
        cnn_isa_name(cnn_context_isa(context)), (int)cnn_context_threads(context), p->adaptive, (int)d->batch,
        (int)d->input_height, (int)d->input_width, (int)d->channels, (int)p->vertical.output, (int)p->horizontal.output,
        (int)d->window_height, (int)d->window_width, (int)d->stride_height, (int)d->stride_width, (int)d->dilation_height,
        (int)d->dilation_width, (int)d->padding_mode, (int)d->padding_top, (int)d->padding_left, (int)d->padding_bottom,
        (int)d->padding_right, (int)d->ceil_mode, (int)d->count_include_pad);
    if (p->adaptive) {
        cnn_adaptive_pool2d_desc a;
        cnn_adaptive_pool2d_desc_init(&a);
        a.batch = d->batch;
        a.input_height = d->input_height;
        a.input_width = d->input_width;
        a.channels = d->channels;
        a.output_height = (int32_t)p->vertical.output;
        a.output_width = (int32_t)p->horizontal.output;
        CHECK_OK(cnn_adaptive_max_pool2d(context, &a, input, maximum, indices, &check_error));
        CHECK_OK(cnn_adaptive_max_pool2d(context, &a, input, plain, NULL, &check_error));
        CHECK_OK(cnn_adaptive_average_pool2d(context, &a, input, average, &check_error));
        CHECK_OK(cnn_adaptive_max_pool2d_backward(context, &a, NULL, gradient, indices, by_maximum, &check_error));
        CHECK_OK(cnn_adaptive_max_pool2d_backward(context, &a, input, gradient, NULL, again, &check_error));
        CHECK_OK(cnn_adaptive_average_pool2d_backward(context, &a, gradient, by_average, &check_error));
    } else {
        CHECK_OK(cnn_max_pool2d_indexed(context, d, input, maximum, indices, &check_error));
        CHECK_OK(cnn_max_pool2d(context, d, input, plain, &check_error));
        CHECK_OK(cnn_average_pool2d(context, d, input, average, &check_error));
        CHECK_OK(cnn_max_pool2d_backward(context, d, NULL, gradient, indices, by_maximum, &check_error));
        CHECK_OK(cnn_max_pool2d_backward(context, d, input, gradient, NULL, again, &check_error));
        CHECK_OK(cnn_average_pool2d_backward(context, d, gradient, by_average, &check_error));
    }
    return (found){check_data(maximum), check_data(average), check_data(by_maximum),  check_data(by_average),
                   check_data(again),   check_data(plain),   cnn_buffer_data(indices)};
}

static void *allocate(int64_t count)
{
    void *memory = calloc((size_t)count, sizeof(double));
    if (!memory) exit(2);
    return memory;
}

static void compare(const pool_case *p, const found *f, const expected *e, double most)
{
    const double unit = 0x1p-24;
    for (int64_t o = 0; o < p->output_count; o++) {
        /* a sum of up to 81 (adaptive: 560) products, in any order, of elements up to `most` */
        const double bound = unit * 600 * most;
        if (!check_near(f->maximum[o], e->maximum[o], 0, "maximum", o)) break;
        if (!check_near(f->plain_maximum[o], e->maximum[o], 0, "maximum without positions", o)) break;
        if (!CHECK(f->position[o] == e->position[o], "output %d: %d, expected %d", (int)o, (int)f->position[o],
                   (int)e->position[o]))
            break;
        if (!check_near(f->average[o], e->average[o], bound, "average", o)) break;
    }
    for (int64_t i = 0; i < p->input_count; i++) {
        /* up to 81 terms (adaptive: 289), each rounded, then summed */
        const double reach =
            isfinite(e->magnitude[i]) ? e->magnitude[i] : 1e38; /* what stays finite there is checked, too */
        const double bound = unit * 300 * reach + 1e-37;
        if (!check_near(f->maximum_gradient[i], e->maximum_gradient[i], bound, "gradient of the maximum", i)) break;
        if (!check_near(f->average_gradient[i], e->average_gradient[i], bound, "gradient of the average", i)) break;
    }
    check_same_bits(f->recomputed_gradient, f->maximum_gradient, p->input_count, "gradient without positions");
}

/* Central differences of the definitions, whose step is smaller than any gap between elements. Both are linear there, so
 * that only rounding is left. */
static void check_differences(const pool_case *p, double *x, const float *dy, expected *e)
{
    const double step = 1e-6;
    double *maximum = allocate(p->input_count), *average = allocate(p->input_count);
    memcpy(maximum, e->maximum_gradient, (size_t)p->input_count * sizeof *maximum);
    memcpy(average, e->average_gradient, (size_t)p->input_count * sizeof *average);
    for (int64_t i = 0; i < p->input_count; i++) {
        double by_maximum = 0, by_average = 0, value = x[i];
        for (int side = -1; side <= 1; side += 2) {
            x[i] = value + side * step;
            reference_pool(p, x, dy, e);
            for (int64_t o = 0; o < p->output_count; o++) {
                if (e->position[o] >= 0) by_maximum += (double)side * dy[o] * e->maximum[o];
                by_average += (double)side * dy[o] * e->average[o];
            }
        }
        x[i] = value;
        check_near(maximum[i], by_maximum / (2 * step), 1e-6, "difference of the maximum", i);
        check_near(average[i], by_average / (2 * step), 1e-6, "difference of the average", i);
    }
    reference_pool(p, x, dy, e);
    free(maximum);
    free(average);
}

static void check_one(const pool_case *p, check_random *random, int ties, int nans, int32_t threads, check_side side)
{
    static const float hostile[] = {NAN, INFINITY, -INFINITY, -0.0f, 1e-40f, 1e36f, -1e36f}; /* sums of 289 stay finite */
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    float *x = allocate(p->input_count), *dy = allocate(p->output_count);
    double *wide = allocate(p->input_count);
    expected e = {allocate(p->output_count), allocate(p->output_count), allocate(p->input_count),
                  allocate(p->input_count),  allocate(p->input_count),  allocate(p->output_count)};
    check_fill_normal(random, dy, p->output_count);
    for (int64_t o = 0; nans && o < p->output_count; o++) /* averages and sums of them follow their definitions, too */
        if (check_range(random, 0, 29) == 0) dy[o] = hostile[check_range(random, 0, 6)];
    for (int64_t i = 0; i < p->input_count; i++) {
        x[i] = ties ? (float)check_range(random, -3, 3) : check_normal(random);
        if (nans && check_range(random, 0, 9) == 0) x[i] = NAN;
        wide[i] = x[i];
    }
    reference_pool(p, wide, dy, &e);
    if (!ties && !nans && p->input_count * p->output_count < 20000) check_differences(p, wide, dy, &e);
    for (int32_t k = 0; k < count; k++) {
        cnn_context *one = check_context(isas[k], 1), *many = check_context(isas[k], threads);
        const found f = run(p, one, x, dy, side);
        compare(p, &f, &e, 6);
        if (threads > 1) {
            const found g = run(p, many, x, dy, side);
            check_same_bits(g.maximum, f.maximum, p->output_count, "maximum");
            check_same_bits((const float *)g.position, (const float *)f.position, p->output_count, "positions");
            check_same_bits(g.average, f.average, p->output_count, "average");
            check_same_bits(g.maximum_gradient, f.maximum_gradient, p->input_count, "gradient of the maximum");
            check_same_bits(g.recomputed_gradient, f.recomputed_gradient, p->input_count, "gradient without positions");
            check_same_bits(g.average_gradient, f.average_gradient, p->input_count, "gradient of the average");
        }
        check_release();
        cnn_context_destroy(one);
        cnn_context_destroy(many);
    }
    void *all[] = {x, dy, wide, e.maximum, e.average, e.maximum_gradient, e.average_gradient, e.magnitude, e.position};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* Positions that a caller made up: anywhere in the plane or outside it, and some of them in their windows. Each element has
 * the sum of what points to it, to the rounding of additions in any order, and the same bits everywhere. */
static void check_positions_of_a_caller(int32_t channels, check_random *random)
{
    enum { BATCH = 2, SIDE = 61, OUTPUT = 30, PLANE = SIDE * SIDE };
    static const int32_t threads[] = {1, 2, 3, 7};
    const int64_t count = (int64_t)BATCH * OUTPUT * OUTPUT * channels, elements = (int64_t)BATCH * PLANE * channels;
    const cnn_buffer *gradient = check_buffer(count, CHECK_END), *indices = check_buffer(count, CHECK_START);
    const cnn_buffer *result = check_buffer(elements, CHECK_END), *first = check_buffer(elements, CHECK_END);
    double *sums = allocate(elements), *magnitudes = allocate(elements);
    int32_t *positions = cnn_buffer_data(indices);
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t isa_count = check_isas(isas);
    cnn_pool2d_desc d;
    cnn_pool2d_desc_init(&d);
    d.batch = BATCH;
    d.input_height = d.input_width = SIDE;
    d.channels = channels;
    d.window_height = d.window_width = 3;
    d.stride_height = d.stride_width = 2;
    check_fill_normal(random, check_data(gradient), count);
    for (int64_t o = 0; o < count; o++) {
        const int64_t window = o / channels, y = window / OUTPUT % OUTPUT, x = window % OUTPUT;
        const int wild = check_range(random, 0, 99) == 0 && y % 7 != 0; /* rows of windows without any, too */
        positions[o] = wild ? check_range(random, -PLANE / 8, PLANE + PLANE / 8)
                            : (int32_t)((2 * y + check_range(random, 0, 2)) * SIDE + 2 * x + check_range(random, 0, 2));
        if (positions[o] < 0 || positions[o] >= PLANE) continue;
        const int64_t at = (window / OUTPUT / OUTPUT * PLANE + positions[o]) * channels + o % channels;
        sums[at] += check_data(gradient)[o];
        magnitudes[at] += fabs((double)check_data(gradient)[o]);
    }
    for (int32_t i = 0; i < isa_count; i++)
        for (int32_t t = 0; t < 4; t++) {
            const int is_first = i == 0 && t == 0;
            cnn_context *context = check_context(isas[i], threads[t]);
            check_case("%s %d threads: made up positions, %d channels", cnn_isa_name(isas[i]), (int)threads[t],
                       (int)channels);
            CHECK_OK(cnn_max_pool2d_backward(context, &d, NULL, gradient, indices, is_first ? first : result, &check_error));
            for (int64_t e = 0; is_first && e < elements; e++) /* up to a dozen windows point to an element */
                if (!check_near(check_data(first)[e], sums[e], 12 * 0x1p-24 * magnitudes[e], "sum", e)) break;
            if (!is_first) check_same_bits(check_data(result), check_data(first), elements, "gradient");
            cnn_context_destroy(context);
        }
    free(sums);
    free(magnitudes);
    check_release();
}

/* Each pixel gets the gradient of its image's average, rounded once more than 1 / pixels is. */
static void check_global_average(cnn_isa isa, check_random *random)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    static const int64_t shapes[][3] = {{1, 1, 1}, {3, 1, 5}, {2, 7, 1}, {2, 49, 3}, {3, 5, 17}, {2, 49, 512}, {5, 901, 41}};
    for (size_t n = 0; n < sizeof shapes / sizeof *shapes; n++) {
        const int64_t batch = shapes[n][0], pixels = shapes[n][1], channels = shapes[n][2],
                      count = batch * pixels * channels;
        const cnn_buffer *gradient = check_buffer(batch * channels, n % 2 ? CHECK_START : CHECK_END);
        check_fill_normal(random, check_data(gradient), batch * channels);
        check_data(gradient)[0] = n % 2 ? NAN : -INFINITY;
        for (int32_t t = 0; t < 4; t++) {
            cnn_context *context = check_context(isa, threads[t]);
            const cnn_buffer *result = check_buffer(count, n % 2 ? CHECK_END : CHECK_START);
            check_case("%s %d threads: gradient of the average of %d x %d x %d", cnn_isa_name(isa), (int)threads[t],
                       (int)batch, (int)pixels, (int)channels);
            CHECK_OK(cnn_global_average_pool_backward(context, batch, pixels, channels, gradient, result, &check_error));
            for (int64_t i = 0; i < count; i++) {
                const double dy = check_data(gradient)[i / channels / pixels * channels + i % channels];
                if (!check_near(check_data(result)[i], dy / (double)pixels, 0x1p-23 * fabs(dy) / (double)pixels, "gradient",
                                i))
                    break;
            }
            cnn_context_destroy(context);
        }
        check_release();
    }
}

static void check_misuse(void)
{
    cnn_pool2d_desc d;
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const cnn_buffer *large = check_buffer(16, CHECK_END), *small = check_buffer(4, CHECK_END);
    const cnn_buffer *result = check_buffer(16, CHECK_END), *indices = check_buffer(4, CHECK_END);
    check_case("misuse of pooling");
    cnn_pool2d_desc_init(&d);
    d.input_height = d.input_width = 4;
    d.channels = 1;
    d.window_height = d.window_width = d.stride_height = d.stride_width = 2;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_max_pool2d_indexed(context, &d, large, small, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_max_pool2d_indexed(context, &d, large, small, small, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_max_pool2d_backward(context, &d, NULL, small, NULL, result, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_average_pool2d_backward(context, &d, large, small, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_global_average_pool_backward(context, 0, 4, 1, small, large, &check_error));
    /* Positions from outside the plane are skipped, whatever they are. */
    static const int32_t wild[] = {-1, 16, INT32_MIN, INT32_MAX};
    memcpy(cnn_buffer_data(indices), wild, sizeof wild);
    CHECK_OK(cnn_max_pool2d_backward(context, &d, NULL, small, indices, result, &check_error));
    for (int i = 0; i < 16; i++)
        CHECK(check_data(result)[i] == 0, "element %d is %g", i, (double)check_data(result)[i]);
    check_data(small)[0] = 8;
    CHECK_OK(cnn_global_average_pool_backward(context, 1, 16, 1, small, result, &check_error));
    for (int i = 0; i < 16; i++)
        CHECK(check_data(result)[i] == 0.5f, "element %d is %g", i, (double)check_data(result)[i]);
    check_release();
    cnn_context_destroy(context);
}

void test_pool(void)
{
    check_random random = {20261125};
    const int32_t cases = (int32_t)check_thinned(RANDOM_CASES, RANDOM_CASES / 4);
    for (int32_t n = 0; n < cases; n++) {
        const pool_case p = draw_case(&random);
        check_one(&p, &random, n % 3 == 0, n % 5 == 4, 1, n % 2 ? CHECK_START : CHECK_END);
    }
    pool_case large = {.adaptive = 0};
    cnn_pool2d_desc_init(&large.sliding);
    large.sliding.batch = 2;
    large.sliding.input_height = large.sliding.input_width = 61;
    large.sliding.channels = 50;
    large.sliding.window_height = large.sliding.window_width = 3;
    large.sliding.stride_height = large.sliding.stride_width = 2;
    large.vertical = large.horizontal = (reference_axis){30, 0, 0};
    large.input_count = 2 * 61 * 61 * 50;
    large.output_count = 2 * 30 * 30 * 50;
    for (int32_t threads = 2; threads <= 7; threads += threads == 2 ? 1 : 4)
        check_one(&large, &random, 0, 0, threads, CHECK_END);
    large.adaptive = 1;
    check_one(&large, &random, 1, 0, 3, CHECK_END);
    pool_case narrow = {.adaptive = 0}; /* one image, so that rows are all that threads can share */
    cnn_pool2d_desc_init(&narrow.sliding);
    narrow.sliding.input_height = narrow.sliding.input_width = 201;
    narrow.sliding.channels = 3;
    narrow.sliding.window_height = narrow.sliding.window_width = 5;
    narrow.sliding.stride_height = narrow.sliding.stride_width = 2;
    narrow.vertical = narrow.horizontal = (reference_axis){99, 0, 0};
    narrow.input_count = 201 * 201 * 3;
    narrow.output_count = 99 * 99 * 3;
    for (int32_t threads = 2; threads <= 7; threads += threads == 2 ? 1 : 4)
        check_one(&narrow, &random, 1, 1, threads, CHECK_START);
    check_positions_of_a_caller(3, &random);
    check_positions_of_a_caller(50, &random);
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t isa_count = check_isas(isas);
    for (int32_t i = 0; i < isa_count; i++)
        check_global_average(isas[i], &random);
    check_misuse();
}
