/* cnn.h - the one public header of the CnnNative kernel library (C11).
 *
 * Everything a caller may rely on stands here and in the parts that it includes, one for each subject, which nobody includes
 * alone: the C# bindings are generated from them, and a hash of them is compared when the library is loaded.
 *
 * Conventions
 *   Tensors    NHWC (batch, height, width, channels; channels innermost), float32, densely packed in a cnn_buffer.
 *              Filter weights are OHWI: output channels, kernel height, kernel width, input channels of the group.
 *   Status     A function that can fail returns cnn_status and, when the last argument is not null, writes the code
 *              and a sentence into the caller's cnn_error. Results are written only when the status is CNN_OK.
 *   Getters    A function that returns anything but cnn_status or void cannot fail, takes constant time and never waits.
 *   Structs    A descriptor starts with struct_size and is filled by its ..._init function before the caller sets fields.
 *   Ownership  Who calls ..._create owns the handle and gives it to ..._destroy, in any order; null is ignored there.
 *   Numbers    NaN and infinity propagate as IEEE 754 says. Subnormal numbers may be taken as zero, and given as zero.
 *              The caller's rounding mode does not matter, and is left as it is.
 *   Threads    Functions may be called from many threads at once. Handles are immutable after creation and can be
 *              shared; only the bytes inside a buffer change, and a caller does not write those while others use them.
 *              The one thing of a handle that can change is the wish to cancel, see cnn_context_cancel.
 */
#ifndef CNN_H
#define CNN_H

#include "cnn/base.h"

#include "cnn/activation.h"
#include "cnn/arithmetic.h"
#include "cnn/convolution.h"
#include "cnn/gemm.h"
#include "cnn/loss.h"
#include "cnn/normalization.h"
#include "cnn/optimizer.h"
#include "cnn/pooling.h"
#include "cnn/random.h"
#include "cnn/rearrange.h"
#include "cnn/resize.h"

#endif
