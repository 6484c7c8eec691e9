/* transpose.c - the permutation of dimensions: checks, and the strides that the general copy needs. The layouts of images,
 * NCHW and NHWC, come down to a batch of matrices there. */
#include "buffer.h"
#include "error.h"
#include "strided.h"

void cnn_transpose_desc_init(cnn_transpose_desc *desc)
{
    if (desc) *desc = (cnn_transpose_desc){.struct_size = (uint32_t)sizeof *desc};
}

static cnn_status check_axes(const cnn_transpose_desc *desc, const char *operation, cnn_error *error)
{
    uint32_t seen = 0;
    for (int32_t i = 0; i < desc->rank; i++) {
        const int32_t axis = desc->axes[i];
        if (axis < 0 || axis >= desc->rank || (seen >> axis & 1) != 0)
            return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: axis %d is %d, expected each of 0 to %d once.", operation,
                            (int)i, (int)axis, (int)desc->rank - 1);
        seen |= 1u << axis;
    }
    return CNN_OK;
}

cnn_status cnn_transpose(const cnn_context *context, const cnn_transpose_desc *desc, const cnn_buffer *input,
                         const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "transpose";
    int64_t elements = 0, strides[CNN_MAX_RANK], stride = 1;
    cnn_strided_axis axes[CNN_MAX_RANK];
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_transpose_desc", error));
    CNN_TRY(cnn_shape_check(desc->rank, desc->sizes, operation, "input", &elements, error));
    CNN_TRY(check_axes(desc, operation, error));
    CNN_TRY(cnn_buffer_check(input, elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check_apart(input, elements, output, elements, operation, error));
    for (int32_t i = desc->rank - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= desc->sizes[i];
    }
    stride = 1;
    for (int32_t i = desc->rank - 1; i >= 0; i--) {
        const int32_t axis = desc->axes[i];
        axes[i] = (cnn_strided_axis){desc->sizes[axis], strides[axis], stride};
        stride *= desc->sizes[axis];
    }
    return cnn_report(
        cnn_strided_copy(context, desc->rank, axes, cnn_buffer_floats(input), cnn_buffer_floats_mutable(output)), operation,
        error);
}
