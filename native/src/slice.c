/* slice.c - a part of a tensor and its gradient: checks, and the strides and the first element for the general copy. A step
 * is a longer stride, and a negative one a stride backwards. */
#include "buffer.h"
#include "error.h"
#include "fill.h"
#include "strided.h"

typedef struct slice_layout {
    int64_t whole;  /* elements of the tensor */
    int64_t taken;  /* elements of the part */
    int64_t offset; /* of the first element that is taken */
    int64_t stride[CNN_MAX_RANK];
} slice_layout;

void cnn_slice_desc_init(cnn_slice_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_slice_desc){.struct_size = (uint32_t)sizeof *desc};
    for (int32_t i = 0; i < CNN_MAX_RANK; i++)
        desc->steps[i] = 1;
}

/* Whether `count` indices from `start` on lie in 0..size-1; written so that nothing overflows. */
static int lies_inside(int64_t size, int64_t start, int64_t step, int64_t count)
{
    if (start < 0 || start >= size || step == 0) return 0;
    if (count == 1) return 1;
    const int64_t room = step > 0 ? size - 1 - start : start;
    const uint64_t stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    return (uint64_t)room / stride >= (uint64_t)count - 1;
}

static cnn_status lay_out(const cnn_slice_desc *desc, const char *operation, slice_layout *layout, cnn_error *error)
{
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_slice_desc", error));
    CNN_TRY(cnn_shape_check(desc->rank, desc->sizes, operation, "input", &layout->whole, error));
    CNN_TRY(cnn_shape_check(desc->rank, desc->counts, operation, "output", &layout->taken, error));
    layout->offset = 0;
    for (int32_t i = desc->rank - 1; i >= 0; i--) {
        if (!lies_inside(desc->sizes[i], desc->starts[i], desc->steps[i], desc->counts[i]))
            return cnn_fail(error, CNN_INVALID_ARGUMENT,
                            "%s: dimension %d takes %lld indices from %lld with step %lld, expected them inside its size "
                            "%lld and a step other than 0.",
                            operation, (int)i, (long long)desc->counts[i], (long long)desc->starts[i],
                            (long long)desc->steps[i], (long long)desc->sizes[i]);
        layout->stride[i] = i == desc->rank - 1 ? 1 : layout->stride[i + 1] * desc->sizes[i + 1];
        layout->offset += desc->starts[i] * layout->stride[i];
    }
    return CNN_OK;
}

static cnn_status check_buffers(const cnn_buffer *whole, const cnn_buffer *taken, const slice_layout *layout,
                                const char *operation, const char *whole_name, const char *taken_name, cnn_error *error)
{
    CNN_TRY(cnn_buffer_check(whole, layout->whole, operation, whole_name, error));
    CNN_TRY(cnn_buffer_check(taken, layout->taken, operation, taken_name, error));
    return cnn_buffer_check_apart(whole, layout->whole, taken, layout->taken, operation, error);
}

/* The axes of the copy out of the tensor, or with `back` into it. An axis of one index has no step, which could be any. */
static void make_axes(const cnn_slice_desc *desc, const slice_layout *layout, int back, cnn_strided_axis *axes)
{
    int64_t dense = 1;
    for (int32_t i = desc->rank - 1; i >= 0; i--) {
        const int64_t step = desc->counts[i] > 1 ? desc->steps[i] * layout->stride[i] : 0;
        axes[i] = (cnn_strided_axis){desc->counts[i], back ? dense : step, back ? step : dense};
        dense *= desc->counts[i];
    }
}

cnn_status cnn_slice(const cnn_context *context, const cnn_slice_desc *desc, const cnn_buffer *input,
                     const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "slice";
    slice_layout layout;
    cnn_strided_axis axes[CNN_MAX_RANK];
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(lay_out(desc, operation, &layout, error));
    CNN_TRY(check_buffers(input, output, &layout, operation, "input", "output", error));
    make_axes(desc, &layout, 0, axes);
    return cnn_report(cnn_strided_copy(context, desc->rank, axes, cnn_buffer_floats(input) + layout.offset,
                                       cnn_buffer_floats_mutable(output)),
                      operation, error);
}

cnn_status cnn_slice_backward(const cnn_context *context, const cnn_slice_desc *desc, const cnn_buffer *output_gradient,
                              const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "slice_backward";
    slice_layout layout;
    cnn_strided_axis axes[CNN_MAX_RANK];
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(lay_out(desc, operation, &layout, error));
    CNN_TRY(check_buffers(input_gradient, output_gradient, &layout, operation, "input_gradient", "output_gradient", error));
    make_axes(desc, &layout, 1, axes);
    float *const whole = cnn_buffer_floats_mutable(input_gradient);
    if (layout.taken < layout.whole)
        CNN_TRY(cnn_report(cnn_fill_elements(context, layout.whole, 0.0f, whole), operation, error));
    return cnn_report(cnn_strided_copy(context, desc->rank, axes, cnn_buffer_floats(output_gradient), whole + layout.offset),
                      operation, error);
}
