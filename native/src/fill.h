/* fill.h - the same value in many elements, for the operations whose result is mostly one: gradients of slices and gathered
 * rows start from zeros. */
#ifndef CNN_FILL_H
#define CNN_FILL_H

#include "context.h"

cnn_status cnn_fill_elements(const cnn_context *context, int64_t count, float value, float *output);

#endif
