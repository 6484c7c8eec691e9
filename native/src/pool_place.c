/* pool_place.c - the descriptor of a pooling: its defaults, its checks, and the sizes that follow from it. */
#include "pool2d.h"

#include "error.h"

void cnn_pool2d_desc_init(cnn_pool2d_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_pool2d_desc){.struct_size = (uint32_t)sizeof *desc,
                              .batch = 1,
                              .stride_height = 1,
                              .stride_width = 1,
                              .dilation_height = 1,
                              .dilation_width = 1};
}

static cnn_status check_padding(const cnn_axis *axis, const char *operation, cnn_error *error)
{
    int64_t covered = ((int64_t)axis->window - 1) * axis->dilation + 1;
    if (axis->padding_before < covered && axis->padding_after < covered) return CNN_OK;
    return cnn_fail(error, CNN_SHAPE_MISMATCH,
                    "%s: padding of the %s is %d and %d, expected less than the %lld elements that a window covers.",
                    operation, axis->name, (int)axis->padding_before, (int)axis->padding_after, (long long)covered);
}

cnn_status cnn_pool2d_place(const cnn_pool2d_desc *d, const char *operation, cnn_axis *vertical, cnn_axis *horizontal,
                            int64_t *input_elements, int64_t *output_elements, cnn_error *error)
{
    CNN_TRY(cnn_require(d, operation, "desc", error));
    CNN_TRY(cnn_require_size(d->struct_size, sizeof *d, "cnn_pool2d_desc", error));
    const int64_t sizes[] = {d->batch, d->channels};
    static const char *const names[] = {"batch", "channels"};
    CNN_TRY(cnn_sizes_check(2, sizes, names, operation, error));
    *vertical = (cnn_axis){.name = "height",
                           .input = d->input_height,
                           .window = d->window_height,
                           .stride = d->stride_height,
                           .dilation = d->dilation_height,
                           .padding_before = d->padding_top,
                           .padding_after = d->padding_bottom};
    *horizontal = (cnn_axis){.name = "width",
                             .input = d->input_width,
                             .window = d->window_width,
                             .stride = d->stride_width,
                             .dilation = d->dilation_width,
                             .padding_before = d->padding_left,
                             .padding_after = d->padding_right};
    if (d->ceil_mode < 0 || d->ceil_mode > 1 || d->count_include_pad < 0 || d->count_include_pad > 1)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: ceil_mode is %d and count_include_pad is %d, expected 0 or 1.",
                        operation, (int)d->ceil_mode, (int)d->count_include_pad);
    CNN_TRY(cnn_axis_resolve(vertical, d->padding_mode, d->ceil_mode, operation, error));
    CNN_TRY(cnn_axis_resolve(horizontal, d->padding_mode, d->ceil_mode, operation, error));
    CNN_TRY(check_padding(vertical, operation, error));
    CNN_TRY(check_padding(horizontal, operation, error));
    const int64_t input[] = {d->batch, d->input_height, d->input_width, d->channels};
    CNN_TRY(cnn_sizes_multiply(4, input, operation, "input", input_elements, error));
    const int64_t output[] = {d->batch, vertical->output, horizontal->output, d->channels};
    return cnn_sizes_multiply(4, output, operation, "output", output_elements, error);
}
