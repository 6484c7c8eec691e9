/* pad.c - padding of any dimensions and its gradient. Padding is separable: in each dimension an output index comes from one
 * input index, or from none. So rows are copied or added whole, and only the borders of a row go element by element. */
#include "buffer.h"
#include "error.h"
#include "geometry.h"
#include "strided.h"
#include "threads.h"

#include <string.h>

/* One dimension after cropping; `cropped` elements were cut off before it. */
typedef struct pad_axis {
    int64_t input;  /* size of the input, with what is cut off */
    int64_t size;   /* what is left of it */
    int64_t before; /* elements added before */
    int64_t output;
    int64_t cropped;
    int64_t input_stride;
    int64_t output_stride;
} pad_axis;

typedef struct pad_job {
    const cnn_kernels *kernels;
    cnn_pad_mode mode;
    float value;
    int64_t input_elements;
    int64_t output_elements;
    int64_t input_rows;
    int64_t output_rows;
    int32_t outer;               /* axes around the row */
    pad_axis axis[CNN_MAX_RANK]; /* axis[outer] is the row, of `unit` elements each; a unit moves as one */
    int64_t unit;
    const float *source;
    float *destination;
} pad_job;

void cnn_pad_desc_init(cnn_pad_desc *desc)
{
    if (desc) *desc = (cnn_pad_desc){.struct_size = (uint32_t)sizeof *desc};
}

static int64_t modulo(int64_t a, int64_t n)
{
    const int64_t rest = a % n;
    return rest < 0 ? rest + n : rest;
}

/* The element that output index `o` comes from, counted after cropping, or -1 for the constant. */
static int64_t origin_of(const pad_axis *axis, cnn_pad_mode mode, int64_t o)
{
    const int64_t i = o - axis->before, size = axis->size;
    if (i >= 0 && i < size) return i;
    switch (mode) {
    case CNN_PAD_CONSTANT:
        return -1;
    case CNN_PAD_EDGE:
        return i < 0 ? 0 : size - 1;
    case CNN_PAD_WRAP:
        return modulo(i, size);
    case CNN_PAD_REFLECT:
        break;
    }
    if (size == 1) return 0;
    const int64_t place = modulo(i, 2 * (size - 1));
    return place < size ? place : 2 * (size - 1) - place;
}

/* The first output index after `o` that comes from element i, or axis->output when there is none. */
static int64_t next_image(const pad_axis *axis, cnn_pad_mode mode, int64_t i, int64_t o)
{
    const int64_t own = i + axis->before, next = o + 1, size = axis->size, none = axis->output;
    int64_t image = none;
    if (mode == CNN_PAD_CONSTANT) {
        image = next <= own ? own : none;
    } else if (mode == CNN_PAD_EDGE) {
        const int64_t first = i == 0 ? 0 : own, last = i == size - 1 ? none - 1 : own;
        image = next > last ? none : next < first ? first : next;
    } else if (mode == CNN_PAD_WRAP || size == 1) {
        image = next + modulo(own - next, size);
    } else {
        const int64_t period = 2 * (size - 1);
        const int64_t straight = modulo(own - next, period), mirrored = modulo(axis->before - i - next, period);
        image = next + (straight < mirrored ? straight : mirrored);
    }
    return image < none ? image : none;
}

static void fill_units(float *to, int64_t count, float value)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = value;
}

static void copy_border(const pad_job *job, const float *from, int64_t first, int64_t last, float *to)
{
    const pad_axis *row = &job->axis[job->outer];
    if (job->mode == CNN_PAD_CONSTANT) {
        fill_units(to + first * job->unit, (last - first) * job->unit, job->value);
        return;
    }
    for (int64_t o = first; o < last; o++) {
        const float *unit = from + origin_of(row, job->mode, o) * job->unit;
        if (job->unit == 1)
            to[o] = *unit;
        else
            memcpy(to + o * job->unit, unit, (size_t)job->unit * sizeof *to);
    }
}

static void pad_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const pad_job *job = argument;
    const pad_axis *row = &job->axis[job->outer];
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const float *from = job->source + row->cropped * row->input_stride;
        float *const to = job->destination + item * row->output * job->unit;
        int64_t rest = item, constant = 0;
        for (int32_t d = job->outer - 1; d >= 0; d--) {
            const pad_axis *axis = &job->axis[d];
            const int64_t i = origin_of(axis, job->mode, rest % axis->output);
            rest /= axis->output;
            constant |= i < 0;
            from += (axis->cropped + (i < 0 ? 0 : i)) * axis->input_stride;
        }
        if (constant) {
            fill_units(to, row->output * job->unit, job->value);
            continue;
        }
        memcpy(to + row->before * job->unit, from, (size_t)(row->size * job->unit) * sizeof *to);
        copy_border(job, from, 0, row->before, to);
        copy_border(job, from, row->before + row->size, row->output, to);
    }
}

/* Adds the borders of a row to the elements they come from. */
static void add_border(const pad_job *job, const float *from, int64_t first, int64_t last, float *to)
{
    const pad_axis *row = &job->axis[job->outer];
    for (int64_t o = first; o < last; o++) {
        float *unit = to + origin_of(row, job->mode, o) * job->unit;
        if (job->unit == 1)
            *unit += from[o];
        else
            job->kernels->add(job->unit, unit, from + o * job->unit, unit);
    }
}

/* Adds one row of the output's gradient to a row of the input's; `first`: writes it instead. */
static void add_row(const pad_job *job, const float *from, int first, float *to)
{
    const pad_axis *row = &job->axis[job->outer];
    const float *inside = from + row->before * job->unit;
    const int64_t count = row->size * job->unit;
    float *const kept = to + row->cropped * job->unit;
    if (first) {
        fill_units(to, row->cropped * job->unit, 0.0f);
        memcpy(kept, inside, (size_t)count * sizeof *kept);
        fill_units(kept + count, (row->input - row->cropped - row->size) * job->unit, 0.0f);
    } else {
        job->kernels->add(count, kept, inside, kept);
    }
    if (job->mode == CNN_PAD_CONSTANT) return;
    add_border(job, from, 0, row->before, kept);
    add_border(job, from, row->before + row->size, row->output, kept);
}

static void unpad_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const pad_job *job = argument;
    const int64_t length = job->axis[job->outer].input * job->unit;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        int64_t index[CNN_MAX_RANK], image[CNN_MAX_RANK], rest = item;
        float *const to = job->destination + item * length;
        int outside = 0, first = 1;
        for (int32_t d = job->outer - 1; d >= 0; d--) {
            const pad_axis *axis = &job->axis[d];
            index[d] = rest % axis->input - axis->cropped;
            rest /= axis->input;
            outside |= index[d] < 0 || index[d] >= axis->size;
            image[d] = outside ? 0 : next_image(axis, job->mode, index[d], -1);
        }
        if (outside) {
            fill_units(to, length, 0.0f);
            continue;
        }
        for (int32_t d = 0; d >= 0; first = 0) { /* all combinations of images, the last axis fastest */
            const float *from = job->source;
            for (d = 0; d < job->outer; d++)
                from += image[d] * job->axis[d].output_stride;
            add_row(job, from, first, to);
            for (d = job->outer - 1; d >= 0; d--) {
                image[d] = next_image(&job->axis[d], job->mode, index[d], image[d]);
                if (image[d] < job->axis[d].output) break;
                image[d] = next_image(&job->axis[d], job->mode, index[d], -1);
            }
        }
    }
}

static cnn_status resolve_axis(const cnn_pad_desc *desc, int32_t i, const char *operation, pad_axis *axis, cnn_error *error)
{
    const int64_t size = desc->sizes[i], before = desc->before[i], after = desc->after[i], limit = INT64_MAX / 8;
    if (before > limit || after > limit)
        return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: dimension %d is padded by %lld and %lld elements, more than memory.",
                        operation, (int)i, (long long)before, (long long)after);
    if (before <= -size || after <= -size || (before < 0 ? -before : 0) + (after < 0 ? -after : 0) >= size)
        return cnn_fail(error, CNN_SHAPE_MISMATCH,
                        "%s: the padding %lld and %lld leaves nothing of dimension %d with its %lld elements.", operation,
                        (long long)before, (long long)after, (int)i, (long long)size);
    axis->input = size;
    axis->cropped = before < 0 ? -before : 0;
    axis->size = size - axis->cropped + (after < 0 ? after : 0);
    axis->before = before > 0 ? before : 0;
    axis->output = size + before + after;
    return CNN_OK;
}

static int is_whole(const pad_axis *axis)
{
    return axis->output == axis->input && axis->before == 0 && axis->cropped == 0;
}

/* Merges neighbours without padding, makes the last ones of them the unit, and the last axis with padding the row. */
static void merge_axes(pad_job *job, int32_t rank, const pad_axis *axes)
{
    int32_t count = 0, last = rank - 1;
    job->unit = 1;
    for (; last > 0 && is_whole(&axes[last]); last--)
        job->unit *= axes[last].input;
    for (int32_t i = 0; i <= last; i++) {
        pad_axis *outer = count > 0 ? &job->axis[count - 1] : NULL;
        if (outer && is_whole(outer) && is_whole(&axes[i]))
            outer->input = outer->size = outer->output = outer->input * axes[i].input;
        else
            job->axis[count++] = axes[i];
    }
    job->outer = count - 1;
    job->input_rows = job->output_rows = 1;
    int64_t input = job->unit, output = job->unit;
    for (int32_t i = count - 1; i >= 0; i--) {
        pad_axis *axis = &job->axis[i];
        axis->input_stride = input;
        axis->output_stride = output;
        input *= axis->input;
        output *= axis->output;
        if (i == count - 1) continue;
        job->input_rows *= axis->input;
        job->output_rows *= axis->output;
    }
}

static cnn_status lay_out(const cnn_context *context, const cnn_pad_desc *desc, const char *operation, pad_job *job,
                          cnn_error *error)
{
    pad_axis axes[CNN_MAX_RANK] = {{0}};
    int64_t sizes[CNN_MAX_RANK];
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_pad_desc", error));
    if (desc->mode < CNN_PAD_CONSTANT || desc->mode > CNN_PAD_WRAP)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: mode is %d, expected a value of cnn_pad_mode.", operation,
                        (int)desc->mode);
    *job = (pad_job){.kernels = context->kernels, .mode = desc->mode, .value = desc->value};
    CNN_TRY(cnn_shape_check(desc->rank, desc->sizes, operation, "input", &job->input_elements, error));
    for (int32_t i = 0; i < desc->rank; i++) {
        CNN_TRY(resolve_axis(desc, i, operation, &axes[i], error));
        sizes[i] = axes[i].output;
    }
    CNN_TRY(cnn_sizes_multiply(desc->rank, sizes, operation, "output", &job->output_elements, error));
    merge_axes(job, desc->rank, axes);
    return CNN_OK;
}

cnn_status cnn_pad(const cnn_context *context, const cnn_pad_desc *desc, const cnn_buffer *input, const cnn_buffer *output,
                   cnn_error *error)
{
    const char *const operation = "pad";
    pad_job job;
    CNN_TRY(lay_out(context, desc, operation, &job, error));
    CNN_TRY(cnn_buffer_check(input, job.input_elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, job.output_elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check_apart(input, job.input_elements, output, job.output_elements, operation, error));
    job.source = cnn_buffer_floats(input);
    job.destination = cnn_buffer_floats_mutable(output);
    return cnn_report(cnn_parallel(context, job.output_rows, job.output_elements / job.output_rows, pad_rows, &job),
                      operation, error);
}

cnn_status cnn_pad_backward(const cnn_context *context, const cnn_pad_desc *desc, const cnn_buffer *output_gradient,
                            const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "pad_backward";
    pad_job job;
    CNN_TRY(lay_out(context, desc, operation, &job, error));
    CNN_TRY(cnn_buffer_check(output_gradient, job.output_elements, operation, "output_gradient", error));
    CNN_TRY(cnn_buffer_check(input_gradient, job.input_elements, operation, "input_gradient", error));
    CNN_TRY(
        cnn_buffer_check_apart(output_gradient, job.output_elements, input_gradient, job.input_elements, operation, error));
    job.source = cnn_buffer_floats(output_gradient);
    job.destination = cnn_buffer_floats_mutable(input_gradient);
    return cnn_report(cnn_parallel(context, job.input_rows, job.output_elements / job.input_rows, unpad_rows, &job),
                      operation, error);
}
