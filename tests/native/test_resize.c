/* test_resize.c - resizing against dense matrices of weights, found as ONNX's reference implementation does it: the nearest
 * neighbours are sorted by distance, not computed. Gradients against the transposed matrices. And both against PyTorch. */
#include "check.h"
#include "check_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct resize_golden {
    int32_t input_height, input_width, output_height, output_width;
    int32_t mode, coordinate_mode, nearest_mode, antialias, exclude_outside;
    double cubic_coefficient, scale_height, scale_width;
} resize_golden;

#include "golden/resize_golden.h"

#define MOST_SIZE 64
#define MOST_TAPS 600

typedef struct matrix {
    int32_t rows, columns;
    double value[MOST_SIZE][MOST_SIZE];
    int32_t most; /* weights other than 0 in a row or column */
} matrix;

static double coordinate(const cnn_resize_desc *desc, int32_t o, int32_t input, int32_t output, double scale)
{
    const double half = scale > 0 ? (o + 0.5) / scale - 0.5 : (2.0 * o + 1) * input / (2.0 * output) - 0.5;
    const double ratio = scale > 0 ? scale : (double)output / input;
    switch (desc->coordinate_mode) {
    case CNN_COORDINATE_ALIGN_CORNERS:
        return output == 1 ? 0 : (double)o * (input - 1) / (output - 1);
    case CNN_COORDINATE_ASYMMETRIC:
        return scale > 0 ? o / scale : (double)o * input / output;
    case CNN_COORDINATE_PYTORCH_HALF_PIXEL:
        return output == 1 ? 0 : half;
    case CNN_COORDINATE_HALF_PIXEL_SYMMETRIC:
        return (2 * o + 1 - output) / (2 * ratio) + (input - 1) / 2.0; /* halves are met exactly only in this form */
    case CNN_COORDINATE_HALF_PIXEL:
        break;
    }
    return half;
}

static double cubic(double x, double a)
{
    x = fabs(x);
    if (x <= 1) return (a + 2) * x * x * x - (a + 3) * x * x + 1;
    return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
}

/* The coefficients of neighbours from left to right, given the distance `ratio` in (0, 1] from the one to the left. */
static int32_t coefficients(const cnn_resize_desc *desc, double ratio, double scale, double *values)
{
    const int32_t radius = desc->mode == CNN_RESIZE_CUBIC ? 2 : 1;
    if (desc->mode == CNN_RESIZE_NEAREST) {
        const int right[] = {ratio > 0.5, ratio >= 0.5, 0, 1};
        values[1] = ratio == 1 || right[desc->nearest_mode];
        values[0] = 1 - values[1];
        return 2;
    }
    if (!desc->antialias || scale > 1) scale = 1;
    const int32_t start = (int32_t)floor(-radius / scale) + 1, count = 2 - 2 * start;
    double sum = 0;
    for (int32_t i = 0; i < count; i++) {
        const double x = (start + i - ratio) * scale;
        values[i] = radius == 2 ? cubic(x, desc->cubic_coefficient) : fabs(x) < 1 ? 1 - fabs(x) : 0;
        sum += values[i];
    }
    for (int32_t i = 0; i < count; i++)
        values[i] /= sum;
    return count;
}

/* The `count` whole numbers nearest to x, the smaller of two as near first, in rising order; returns the first of them. */
static int64_t first_neighbour(double x, int32_t count)
{
    int64_t low = (int64_t)floor(x), high = low + 1;
    for (int32_t taken = 0; taken < count; taken++) {
        if (x - (double)low <= (double)high - x)
            low--;
        else
            high++;
    }
    return low + 1;
}

static void fill_matrix(const cnn_resize_desc *desc, int32_t input, int32_t output, double scale, matrix *m)
{
    int32_t in_column[MOST_SIZE] = {0};
    memset(m, 0, sizeof *m);
    m->rows = output;
    m->columns = input;
    for (int32_t o = 0; o < output; o++) {
        double values[MOST_TAPS], sum = 0;
        const double x = coordinate(desc, o, input, output, scale), ratio = x == floor(x) ? 1 : x - floor(x);
        const int32_t count = coefficients(desc, ratio, scale > 0 ? scale : (double)output / input, values);
        const int64_t first = first_neighbour(x, count);
        int32_t in_row = 0;
        for (int32_t i = 0; i < count; i++) {
            if (desc->exclude_outside && (first + i < 0 || first + i >= input)) values[i] = 0;
            sum += values[i];
        }
        if (fabs(sum) < 1e-6) { /* nothing inside, which the definition leaves open: the border stands for it */
            for (int32_t i = 0; i < count; i++)
                values[i] = 0;
            values[x < 0 ? 0 : count - 1] = sum = 1;
        }
        for (int32_t i = 0; i < count; i++) {
            const int64_t place = first + i < 0 ? 0 : first + i >= input ? input - 1 : first + i;
            m->value[o][place] += values[i] / (desc->exclude_outside ? sum : 1);
        }
        for (int32_t i = 0; i < input; i++) {
            in_row += m->value[o][i] != 0;
            in_column[i] += m->value[o][i] != 0;
            if (in_column[i] > m->most) m->most = in_column[i];
        }
        if (in_row > m->most) m->most = in_row;
    }
}

static double entry(const matrix *m, int transposed, int32_t o, int32_t i)
{
    return transposed ? m->value[i][o] : m->value[o][i];
}

/* Checks rows x input x columns' (or with the matrices transposed). Each sum of n products, with weights that were rounded
 * too, has the relative bound (n + 2) 2^-24 of the sum of the absolute values (Higham 2002, section 4.2); there are two. */
static void check_sums(const cnn_resize_desc *desc, const matrix *rows, const matrix *columns, int transposed,
                       const float *input, const float *output)
{
    const int32_t height = transposed ? rows->columns : rows->rows, source_height = transposed ? rows->rows : rows->columns;
    const int32_t width = transposed ? columns->columns : columns->rows;
    const int32_t source_width = transposed ? columns->rows : columns->columns;
    const double bound = (rows->most + columns->most + 4) * ldexp(1, -24);
    for (int32_t n = 0; n < desc->batch; n++)
        for (int32_t y = 0; y < height; y++)
            for (int32_t x = 0; x < width; x++)
                for (int32_t c = 0; c < desc->channels; c++) {
                    double sum = 0, magnitude = 0;
                    for (int32_t v = 0; v < source_height; v++)
                        for (int32_t u = 0; u < source_width; u++) {
                            const double w = entry(rows, transposed, y, v) * entry(columns, transposed, x, u);
                            if (w == 0) continue;
                            const double product =
                                w * input[((n * source_height + v) * source_width + u) * desc->channels + c];
                            sum += product;
                            magnitude += fabs(product);
                        }
                    const int64_t place = ((n * height + y) * width + x) * desc->channels + c;
                    check_near(output[place], sum, bound * magnitude + 1e-37, transposed ? "resize_backward" : "resize",
                               place);
                }
}

static int64_t pixels(const cnn_resize_desc *desc, int output)
{
    return (int64_t)desc->batch * (output ? desc->output_height : desc->input_height) *
           (output ? desc->output_width : desc->input_width);
}

typedef struct resized {
    const cnn_buffer *input, *output, *gradient, *result;
} resized;

/* Runs forwards and backwards; the buffers live until check_release. `input` and `gradient` are filled by the caller. */
static void run(const cnn_resize_desc *desc, const cnn_context *context, check_side side, resized *r)
{
    cnn_resize_plan *plan = NULL;
    if (!CHECK_OK(cnn_resize_plan_create(desc, &plan, &check_error))) return;
    const int64_t bytes = cnn_resize_plan_workspace_bytes_per_thread(plan) * cnn_context_threads(context);
    const cnn_buffer *workspace = check_buffer(bytes / 4, side);
    r->output = check_buffer(pixels(desc, 1) * desc->channels, side);
    r->result = check_buffer(pixels(desc, 0) * desc->channels, side);
    CHECK_OK(cnn_resize_run(context, plan, r->input, r->output, workspace, &check_error));
    CHECK_OK(cnn_resize_backward(context, plan, r->gradient, r->result, workspace, &check_error));
    cnn_resize_plan_destroy(plan);
}

static void make_inputs(const cnn_resize_desc *desc, check_side side, check_random *random, resized *r)
{
    r->input = check_buffer(pixels(desc, 0) * desc->channels, side);
    r->gradient = check_buffer(pixels(desc, 1) * desc->channels, side);
    check_fill_normal(random, check_data(r->input), pixels(desc, 0) * desc->channels);
    check_fill_normal(random, check_data(r->gradient), pixels(desc, 1) * desc->channels);
}

static cnn_resize_desc random_desc(check_random *random, int32_t number)
{
    const int32_t most = number % 5 == 0 ? 40 : 9;
    cnn_resize_desc desc;
    cnn_resize_desc_init(&desc);
    desc.batch = check_range(random, 1, 2);
    desc.channels = number % 3 ? check_range(random, 1, 5) : check_range(random, 1, 40);
    desc.input_height = check_range(random, 1, 9);
    desc.input_width = check_range(random, 1, most);
    desc.output_height = check_range(random, 1, 9);
    desc.output_width = check_range(random, 1, most);
    desc.mode = (cnn_resize_mode)check_range(random, 0, 2);
    desc.coordinate_mode = (cnn_coordinate_mode)check_range(random, 0, 4);
    desc.nearest_mode = (cnn_nearest_mode)check_range(random, 0, 3);
    desc.antialias = check_range(random, 0, 1);
    desc.exclude_outside = check_range(random, 0, 1);
    if (check_range(random, 0, 1)) desc.cubic_coefficient = -0.5;
    if (check_range(random, 0, 3) == 0) { /* an output size that was rounded down */
        desc.scale_height = (desc.output_height + 0.375) / desc.input_height;
        desc.scale_width = (desc.output_width + 0.625) / desc.input_width;
    }
    return desc;
}

static void check_random_cases(const cnn_context *context)
{
    static matrix rows, columns; /* large for a stack */
    check_random random = {97};
    for (int32_t n = 0; n < 600; n++) {
        const cnn_resize_desc d = random_desc(&random, n);
        const check_side side = n % 2 ? CHECK_START : CHECK_END;
        resized r = {0};
        check_case("resize %s, %d x %d x %d to %d x %d, mode %d %d %d, antialias %d, exclude %d, scales %g %g",
                   cnn_isa_name(cnn_context_isa(context)), (int)d.input_height, (int)d.input_width, (int)d.channels,
                   (int)d.output_height, (int)d.output_width, (int)d.mode, (int)d.coordinate_mode, (int)d.nearest_mode,
                   (int)d.antialias, (int)d.exclude_outside, d.scale_height, d.scale_width);
        fill_matrix(&d, d.input_height, d.output_height, d.scale_height, &rows);
        fill_matrix(&d, d.input_width, d.output_width, d.scale_width, &columns);
        make_inputs(&d, side, &random, &r);
        run(&d, context, side, &r);
        if (!r.result) continue;
        check_sums(&d, &rows, &columns, 0, check_data(r.input), check_data(r.output));
        check_sums(&d, &rows, &columns, 1, check_data(r.gradient), check_data(r.result));
        check_release();
    }
}

static cnn_resize_desc some_desc(cnn_resize_mode mode, int32_t channels, int32_t size, int32_t output)
{
    cnn_resize_desc desc;
    cnn_resize_desc_init(&desc);
    desc.mode = mode;
    desc.channels = channels;
    desc.input_height = desc.input_width = size;
    desc.output_height = desc.output_width = output;
    return desc;
}

/* Nearest pixels keep their bits; a value that is not finite reaches the outputs that see it, and no others. */
static void check_special_values(const cnn_context *context)
{
    static const uint32_t bits[] = {0x7fc12345, 0xff800000, 0x80000000, 0x00000001, 0x7f7fffff};
    for (int32_t channels = 1; channels <= 40; channels++) {
        const cnn_resize_desc nearest = some_desc(CNN_RESIZE_NEAREST, channels, 3, 6);
        resized r = {.input = check_buffer(9 * channels, CHECK_END), .gradient = check_buffer(36 * channels, CHECK_END)};
        check_case("resize %s: bits of %d channels", cnn_isa_name(cnn_context_isa(context)), (int)channels);
        for (int32_t i = 0; i < 9 * channels; i++)
            memcpy(check_data(r.input) + i, &bits[i % 5], 4);
        run(&nearest, context, CHECK_END, &r);
        for (int32_t p = 0; p < 36; p++)
            check_same_bits(check_data(r.output) + p * channels,
                            check_data(r.input) + (p / 6 / 2 * 3 + p % 6 / 2) * channels, channels, "nearest");
        check_release();

        static matrix m;
        const cnn_resize_desc linear = some_desc(CNN_RESIZE_LINEAR, channels, 4, 8);
        check_random random = {3};
        make_inputs(&linear, CHECK_END, &random, &r);
        check_data(r.input)[5 * channels] = INFINITY;
        check_data(r.input)[10 * channels + channels - 1] = NAN;
        run(&linear, context, CHECK_END, &r);
        fill_matrix(&linear, 4, 8, 0, &m);
        check_sums(&linear, &m, &m, 0, check_data(r.input), check_data(r.output));
        check_release();
    }
}

/* The same for one value in the input and one in the gradient, in every mode: sums see it where its weight is not 0, and
 * large and tiny ones are summed as any other; a subnormal number may count as zero, which is within 1e-37. */
static void check_one_special_value(const cnn_context *context)
{
    static const float values[] = {NAN, INFINITY, -INFINITY, 2e38f, 1e-40f, -0.0f};
    static matrix m;
    check_random random = {21};
    for (int32_t n = 0; n < 6 * 3 * 4; n++) {
        cnn_resize_desc desc = some_desc((cnn_resize_mode)(n / 6 % 3), n % 5 + n / 18 * 9 + 1, 5, n % 2 ? 8 : 4);
        const check_side side = n % 4 < 2 ? CHECK_END : CHECK_START;
        desc.antialias = n / 18 % 2; /* at these sizes no weight is a rounding error that stands for zero */
        resized r = {0};
        check_case("resize %s, mode %d, antialias %d, 5 to %d, %d channels: %g", cnn_isa_name(cnn_context_isa(context)),
                   (int)desc.mode, (int)desc.antialias, (int)desc.output_height, (int)desc.channels, (double)values[n % 6]);
        make_inputs(&desc, side, &random, &r);
        check_data(r.input)[check_range(&random, 0, 25 * desc.channels - 1)] = values[n % 6];
        check_data(r.gradient)[check_range(&random, 0, (int32_t)pixels(&desc, 1) * desc.channels - 1)] = values[n % 6];
        run(&desc, context, side, &r);
        fill_matrix(&desc, desc.input_height, desc.output_height, 0, &m);
        check_sums(&desc, &m, &m, 0, check_data(r.input), check_data(r.output));
        check_sums(&desc, &m, &m, 1, check_data(r.gradient), check_data(r.result));
        check_release();
    }
}

static void check_threads(cnn_isa isa)
{
    static const int32_t threads[] = {1, 2, 3, 7}, sizes[][2] = {{61, 130}, {150, 64}};
    for (int32_t mode = CNN_RESIZE_NEAREST; mode <= CNN_RESIZE_CUBIC; mode++)
        for (int32_t s = 0; s < 2; s++) {
            cnn_resize_desc desc = some_desc((cnn_resize_mode)mode, 19, sizes[s][0], sizes[s][1]);
            check_random random = {8};
            resized first = {0};
            desc.antialias = 1;
            make_inputs(&desc, CHECK_END, &random, &first);
            for (int32_t t = 0; t < 4; t++) {
                cnn_context *context = check_context(isa, threads[t]);
                resized r = first;
                check_case("resize %s, mode %d, %d threads", cnn_isa_name(isa), (int)mode, (int)threads[t]);
                run(&desc, context, CHECK_END, &r);
                if (t == 0) first = r;
                check_same_bits(check_data(r.output), check_data(first.output), pixels(&desc, 1) * 19, "resize");
                check_same_bits(check_data(r.result), check_data(first.result), pixels(&desc, 0) * 19, "resize_backward");
                cnn_context_destroy(context);
            }
            check_release();
        }
}

static void check_wrong_descs(void)
{
    const cnn_resize_desc good = some_desc(CNN_RESIZE_CUBIC, 2, 3, 4);
    cnn_resize_plan *plan = NULL;
    cnn_resize_desc desc;
    check_case("resize: wrong descriptors");
#define WRONG(status, change)                                                                                               \
    desc = good;                                                                                                            \
    change;                                                                                                                 \
    CHECK_STATUS(status, cnn_resize_plan_create(&desc, &plan, &check_error));                                               \
    CHECK(!plan, "a failing call wrote its result");
    WRONG(CNN_INVALID_ARGUMENT, desc.struct_size = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.batch = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.input_height = -3)
    WRONG(CNN_INVALID_ARGUMENT, desc.output_width = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.channels = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.mode = (cnn_resize_mode)3)
    WRONG(CNN_INVALID_ARGUMENT, desc.coordinate_mode = (cnn_coordinate_mode)5)
    WRONG(CNN_INVALID_ARGUMENT, desc.nearest_mode = (cnn_nearest_mode)-1)
    WRONG(CNN_INVALID_ARGUMENT, desc.cubic_coefficient = NAN)
    WRONG(CNN_INVALID_ARGUMENT, desc.scale_height = -1)
    WRONG(CNN_INVALID_ARGUMENT, desc.scale_width = NAN)
    WRONG(CNN_INVALID_ARGUMENT, desc.scale_width = INFINITY)
    WRONG(CNN_SHAPE_MISMATCH, desc.scale_width = 2)
    WRONG(CNN_SIZE_OVERFLOW, desc.batch = desc.output_height = desc.output_width = INT32_MAX)
#undef WRONG
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_plan_create(NULL, &plan, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_plan_create(&good, NULL, &check_error));
    cnn_resize_desc_init(NULL);
    cnn_resize_plan_destroy(NULL);
    CHECK(cnn_resize_plan_workspace_bytes_per_thread(NULL) == 0, "null needs a workspace");
}

static void check_misuse(const cnn_context *context)
{
    const cnn_resize_desc good = some_desc(CNN_RESIZE_CUBIC, 2, 3, 4);
    const cnn_buffer *in = check_buffer(18, CHECK_END), *out = check_buffer(32, CHECK_END);
    const cnn_buffer *work = check_buffer(8, CHECK_END), *small = check_buffer(7, CHECK_END);
    cnn_resize_plan *plan = NULL;
    check_case("resize: misuse");
    check_wrong_descs();
    CHECK_OK(cnn_resize_plan_create(&good, &plan, &check_error));
    CHECK_OK(cnn_resize_run(context, plan, in, out, work, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_run(NULL, plan, in, out, work, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_run(context, NULL, in, out, work, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_run(context, plan, NULL, out, work, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_run(context, plan, in, NULL, work, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_run(context, plan, in, out, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_run(context, plan, out, out, work, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_run(context, plan, in, out, in, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_run(context, plan, in, out, out, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_resize_run(context, plan, in, in, work, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_resize_run(context, plan, work, out, in, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_resize_run(context, plan, in, out, small, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_resize_backward(context, plan, in, out, work, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_backward(context, plan, out, in, in, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_resize_backward(context, NULL, out, in, work, &check_error));
    cnn_resize_plan_destroy(plan);
    check_release();
}

void test_resize(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_random_cases(context);
        check_special_values(context);
        check_one_special_value(context);
        check_misuse(context);
        cnn_context_destroy(context);
        check_threads(isas[i]);
    }
}

static cnn_resize_desc golden_desc(const resize_golden *g)
{
    cnn_resize_desc desc;
    cnn_resize_desc_init(&desc);
    desc.channels = 2;
    desc.input_height = g->input_height;
    desc.input_width = g->input_width;
    desc.output_height = g->output_height;
    desc.output_width = g->output_width;
    desc.mode = (cnn_resize_mode)g->mode;
    desc.coordinate_mode = (cnn_coordinate_mode)g->coordinate_mode;
    desc.nearest_mode = (cnn_nearest_mode)g->nearest_mode;
    desc.antialias = g->antialias;
    desc.exclude_outside = g->exclude_outside;
    desc.cubic_coefficient = g->cubic_coefficient;
    desc.scale_height = g->scale_height;
    desc.scale_width = g->scale_width;
    return desc;
}

/* Values of at most 3.2, up to 12 + 12 weights whose absolute values sum to less than 2 x 2 forwards: 28 roundings of 2^-24
 * make 2.2e-5. Backwards columns sum to up to 9 / 4 of that each way. The values are printed with eight digits. */
static void check_golden_case(const resize_golden *g, const cnn_context *context, const double **values)
{
    const cnn_resize_desc desc = golden_desc(g);
    const int64_t inputs = pixels(&desc, 0) * 2, outputs = pixels(&desc, 1) * 2;
    resized r = {.input = check_buffer(inputs, CHECK_END), .gradient = check_buffer(outputs, CHECK_END)};
    for (int64_t i = 0; i < inputs; i++)
        check_data(r.input)[i] = (float)(i * 37 % 101 - 50) / 16;
    for (int64_t i = 0; i < outputs; i++)
        check_data(r.gradient)[i] = (float)(i * 53 % 97 - 48) / 16;
    run(&desc, context, CHECK_END, &r);
    for (int64_t i = 0; i < outputs; i++)
        check_near(check_data(r.output)[i], *(*values)++, 2.2e-5, "resize", i);
    for (int64_t i = 0; i < inputs; i++)
        check_near(check_data(r.result)[i], *(*values)++, 5e-5, "resize_backward", i);
    check_release();
}

void test_resize_golden(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 2);
        const double *values = golden_values;
        for (size_t n = 0; n < sizeof golden_cases / sizeof *golden_cases; n++) {
            check_case("resize %s, golden case %d", cnn_isa_name(isas[i]), (int)n);
            check_golden_case(&golden_cases[n], context, &values);
        }
        const int64_t used = values - golden_values, all = sizeof golden_values / sizeof *golden_values;
        CHECK(used == all, "%lld of %lld values were compared", (long long)used, (long long)all);
        cnn_context_destroy(context);
    }
}
