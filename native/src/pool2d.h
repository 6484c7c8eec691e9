/* pool2d.h - what forward and backward pooling share: the check of a descriptor, and what an average divides by. */
#ifndef CNN_POOL2D_H
#define CNN_POOL2D_H

#include "geometry.h"

/* Checks the descriptor and computes axes and sizes. */
cnn_status cnn_pool2d_place(const cnn_pool2d_desc *desc, const char *operation, cnn_axis *vertical, cnn_axis *horizontal,
                            int64_t *input_elements, int64_t *output_elements, cnn_error *error);

/* Elements of the window at `output` that an average divides by, on one axis; first..last-1 are the taps inside the input.
 */
static inline int64_t cnn_pool_counted(const cnn_axis *axis, int include_pad, int32_t output, int32_t first, int32_t last)
{
    if (!include_pad || last - first == axis->window) return last - first;
    int64_t room = (int64_t)axis->input + axis->padding_after - ((int64_t)output * axis->stride - axis->padding_before);
    int64_t inside = (room + axis->dilation - 1) / axis->dilation;
    return inside < axis->window ? inside : axis->window;
}

static inline float cnn_pool_scale(int64_t count)
{
    return count > 0 ? (float)(1.0 / (double)count) : 0.0f;
}

#endif
