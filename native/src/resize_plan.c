/* resize_plan.c - computes where each output pixel lies in the input and what its neighbours weigh, following the definition
 * of ONNX's Resize. In float64, and by exact integers where there are any: a rounded coordinate would move nearest pixels.
 */
#include "resize.h"

#include "error.h"
#include "geometry.h"
#include "memory.h"
#include "platform.h"

#include <math.h>

typedef struct resize_axis {
    const cnn_resize_desc *desc;
    int32_t input;
    int32_t output;
    double scale; /* 0: output / input */
} resize_axis;

void cnn_resize_desc_init(cnn_resize_desc *desc)
{
    if (desc) *desc = (cnn_resize_desc){.struct_size = (uint32_t)sizeof *desc, .batch = 1, .cubic_coefficient = -0.75};
}

static double scale_of(const resize_axis *axis)
{
    return axis->scale > 0 ? axis->scale : (double)axis->output / axis->input;
}

/* place / scale; with the sizes' own scale there is one rounding only, and none where the result is a whole number. */
static double unscale(const resize_axis *axis, double place)
{
    return axis->scale > 0 ? place / axis->scale : place * axis->input / axis->output;
}

static double coordinate(const resize_axis *axis, int32_t o)
{
    const double half_pixel = unscale(axis, o + 0.5) - 0.5;
    switch (axis->desc->coordinate_mode) {
    case CNN_COORDINATE_HALF_PIXEL:
        return half_pixel;
    case CNN_COORDINATE_HALF_PIXEL_SYMMETRIC:
        return unscale(axis, o + 0.5 - axis->output / 2.0) + (axis->input - 1) / 2.0; /* exact in the middle */
    case CNN_COORDINATE_PYTORCH_HALF_PIXEL:
        return axis->output > 1 ? half_pixel : 0;
    case CNN_COORDINATE_ALIGN_CORNERS:
        return axis->output > 1 ? (double)((int64_t)o * (axis->input - 1)) / (axis->output - 1) : 0;
    case CNN_COORDINATE_ASYMMETRIC:
        break;
    }
    return unscale(axis, o);
}

/* The weight of a pixel `distance` from the coordinate, measured in the wider of the pixels. */
static double filter(const cnn_resize_desc *desc, double distance)
{
    const double x = fabs(distance), a = desc->cubic_coefficient;
    if (desc->mode == CNN_RESIZE_LINEAR) return x < 1 ? 1 - x : 0;
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static int64_t nearest(cnn_nearest_mode mode, double x)
{
    const double below = floor(x), fraction = x - below;
    switch (mode) {
    case CNN_NEAREST_ROUND_PREFER_FLOOR:
        return (int64_t)below + (fraction > 0.5);
    case CNN_NEAREST_ROUND_PREFER_CEIL:
        return (int64_t)below + (fraction >= 0.5);
    case CNN_NEAREST_FLOOR:
        return (int64_t)below;
    case CNN_NEAREST_CEIL:
        break;
    }
    return (int64_t)ceil(x);
}

static int64_t inside(const resize_axis *axis, int64_t place)
{
    return place < 0 ? 0 : place >= axis->input ? axis->input - 1 : place;
}

/* The factor by which the filter is stretched, at most 1. */
static double stretch(const resize_axis *axis)
{
    const double scale = scale_of(axis);
    return axis->desc->antialias && scale < 1 ? scale : 1;
}

/* Pixels on one side of the coordinate that a filter sees. */
static int64_t reach(const resize_axis *axis)
{
    const double radius = axis->desc->mode == CNN_RESIZE_CUBIC ? 2 : 1;
    return (int64_t)-floor(-radius / stretch(axis));
}

/* Computes the weights of output o for the pixels *first to *first + count - 1, which lie in the input. Returns count. */
static int64_t weigh(const resize_axis *axis, int32_t o, int64_t *first, double *weights)
{
    const cnn_resize_desc *desc = axis->desc;
    const double x = coordinate(axis, o), scale = stretch(axis);
    double sum = 0;
    *first = inside(axis, nearest(desc->nearest_mode, x));
    weights[0] = 1;
    if (desc->mode == CNN_RESIZE_NEAREST) return 1;
    const int64_t start = (int64_t)ceil(x) - reach(axis), end = start + 2 * reach(axis);
    const int64_t from = inside(axis, start), count = inside(axis, end - 1) - from + 1;
    for (int64_t i = 0; i < count; i++)
        weights[i] = 0;
    for (int64_t place = start; place < end; place++) {
        const int outside = place < 0 || place >= axis->input;
        const double weight = outside && desc->exclude_outside ? 0 : filter(desc, ((double)place - x) * scale);
        weights[inside(axis, place) - from] += weight;
        sum += weight;
    }
    if (!desc->antialias && !desc->exclude_outside) sum = 1; /* it is, but for rounding */
    if (fabs(sum) < 1e-6) {                                  /* nothing inside: what is nearest to it */
        *first = inside(axis, (int64_t)floor(x + 0.5));
        weights[0] = 1;
        return 1;
    }
    for (int64_t i = 0; i < count; i++)
        weights[i] /= sum;
    *first = from;
    return count;
}

static void free_taps(cnn_taps *taps)
{
    cnn_memory_free(taps->offsets);
    cnn_memory_free(taps->indices);
    cnn_memory_free(taps->weights);
}

static int allocate_taps(cnn_taps *taps, int64_t outputs, int64_t count)
{
    taps->offsets = cnn_memory_allocate_zeroed((outputs + 1) * (int64_t)sizeof *taps->offsets);
    taps->indices = cnn_memory_allocate(count * (int64_t)sizeof *taps->indices);
    taps->weights = cnn_memory_allocate(count * (int64_t)sizeof *taps->weights);
    return taps->offsets && taps->indices && taps->weights;
}

static void compute_taps(const resize_axis *axis, double *weights, cnn_taps *taps)
{
    int64_t used = 0;
    for (int32_t o = 0; o < axis->output; o++) {
        int64_t first;
        const int64_t count = weigh(axis, o, &first, weights);
        for (int64_t i = 0; i < count; i++) {
            if ((float)weights[i] == 0.0f) continue;
            taps->indices[used] = (int32_t)(first + i);
            taps->weights[used++] = (float)weights[i];
        }
        taps->offsets[o + 1] = used;
    }
}

/* The same weights by input: counted, placed, and filled in the order of the outputs. */
static void transpose_taps(const resize_axis *axis, const cnn_taps *taps, cnn_taps *back)
{
    for (int64_t t = 0; t < taps->offsets[axis->output]; t++)
        back->offsets[taps->indices[t] + 1]++;
    for (int32_t i = 0; i < axis->input; i++)
        back->offsets[i + 1] += back->offsets[i];
    for (int32_t o = 0; o < axis->output; o++)
        for (int64_t t = taps->offsets[o]; t < taps->offsets[o + 1]; t++) {
            const int64_t place = back->offsets[taps->indices[t]]++;
            back->indices[place] = o;
            back->weights[place] = taps->weights[t];
        }
    for (int32_t i = axis->input; i > 0; i--) /* each start has become the next one's */
        back->offsets[i] = back->offsets[i - 1];
    back->offsets[0] = 0;
}

static cnn_status make_taps(const resize_axis *axis, cnn_taps *taps, cnn_taps *back, cnn_error *error)
{
    const int64_t seen = 2 * reach(axis), most = seen < axis->input ? seen : axis->input;
    double *weights = cnn_memory_allocate((most + 1) * (int64_t)sizeof *weights);
    const int64_t sizes[] = {axis->output, most + 1};
    int64_t count = 0;
    cnn_status status = cnn_sizes_multiply(2, sizes, "resize", "table of weights", &count, error);
    if (status == CNN_OK && (!weights || !allocate_taps(taps, axis->output, count)))
        status = cnn_fail(error, CNN_OUT_OF_MEMORY, "resize: no memory for %lld weights.", (long long)count);
    if (status == CNN_OK) {
        compute_taps(axis, weights, taps);
        if (!allocate_taps(back, axis->input, taps->offsets[axis->output]))
            status = cnn_fail(error, CNN_OUT_OF_MEMORY, "resize: no memory for %lld weights.", (long long)count);
        else
            transpose_taps(axis, taps, back);
    }
    cnn_memory_free(weights);
    return status;
}

static cnn_status check_enums(const cnn_resize_desc *d, cnn_error *error)
{
    if (d->mode < CNN_RESIZE_NEAREST || d->mode > CNN_RESIZE_CUBIC)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "resize: mode is %d, expected a value of cnn_resize_mode.",
                        (int)d->mode);
    if (d->coordinate_mode < CNN_COORDINATE_HALF_PIXEL || d->coordinate_mode > CNN_COORDINATE_ASYMMETRIC)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "resize: coordinate_mode is %d, expected a value of cnn_coordinate_mode.", (int)d->coordinate_mode);
    if (d->nearest_mode < CNN_NEAREST_ROUND_PREFER_FLOOR || d->nearest_mode > CNN_NEAREST_CEIL)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "resize: nearest_mode is %d, expected a value of cnn_nearest_mode.",
                        (int)d->nearest_mode);
    if (!(fabs(d->cubic_coefficient) <= 100))
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "resize: cubic_coefficient is %g, expected -100 to 100.",
                        d->cubic_coefficient);
    return CNN_OK;
}

static cnn_status check_scale(double scale, int32_t input, int32_t output, const char *name, cnn_error *error)
{
    if (!(scale >= 0 && scale < 1e12))
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "resize: scale_%s is %g, expected a positive number, or 0 for none.",
                        name, scale);
    if (scale > 0 && !(fabs(scale * input - output) < 1))
        return cnn_fail(error, CNN_SHAPE_MISMATCH,
                        "resize: scale_%s is %g and makes %g of %d, expected less than a pixel from the output's %d.", name,
                        scale, scale * input, (int)input, (int)output);
    return CNN_OK;
}

static cnn_status check_desc(const cnn_resize_desc *d, cnn_resize_plan *draft, cnn_error *error)
{
    static const char *const names[] = {"batch", "input_height", "input_width", "channels", "output_height", "output_width"};
    const int64_t sizes[] = {d->batch, d->input_height, d->input_width, d->channels, d->output_height, d->output_width};
    const int64_t output[] = {d->batch, d->output_height, d->output_width, d->channels};
    CNN_TRY(cnn_sizes_check(6, sizes, names, "resize", error));
    CNN_TRY(check_enums(d, error));
    CNN_TRY(check_scale(d->scale_height, d->input_height, d->output_height, "height", error));
    CNN_TRY(check_scale(d->scale_width, d->input_width, d->output_width, "width", error));
    CNN_TRY(cnn_sizes_multiply(4, sizes, "resize", "input", &draft->input_elements, error));
    return cnn_sizes_multiply(4, output, "resize", "output", &draft->output_elements, error);
}

cnn_status cnn_resize_plan_create(const cnn_resize_desc *desc, cnn_resize_plan **plan, cnn_error *error)
{
    CNN_TRY(cnn_require(desc, "cnn_resize_plan_create", "desc", error));
    CNN_TRY(cnn_require(plan, "cnn_resize_plan_create", "plan", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_resize_desc", error));
    cnn_resize_plan draft = {.desc = *desc};
    CNN_TRY(check_desc(desc, &draft, error));
    cnn_resize_plan *created = cnn_memory_allocate((int64_t)sizeof *created);
    if (!created) return cnn_fail(error, CNN_OUT_OF_MEMORY, "resize: no memory for the plan.");
    *created = draft;
    const resize_axis vertical = {desc, desc->input_height, desc->output_height, desc->scale_height};
    const resize_axis horizontal = {desc, desc->input_width, desc->output_width, desc->scale_width};
    const uint64_t mode = cnn_begin_arithmetic();
    cnn_status status = make_taps(&vertical, &created->rows, &created->rows_back, error);
    if (status == CNN_OK) status = make_taps(&horizontal, &created->columns, &created->columns_back, error);
    cnn_end_arithmetic(mode, created);
    if (status == CNN_OK)
        *plan = created;
    else
        cnn_resize_plan_destroy(created);
    return status;
}

void cnn_resize_plan_destroy(cnn_resize_plan *plan)
{
    if (!plan) return;
    free_taps(&plan->rows);
    free_taps(&plan->columns);
    free_taps(&plan->rows_back);
    free_taps(&plan->columns_back);
    cnn_memory_free(plan);
}
