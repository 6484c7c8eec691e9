/* pool_window.h - windows that slide and windows that adapt to the output size, behind one description, so that positions
 * and gradients are written once for both. */
#ifndef CNN_POOL_WINDOW_H
#define CNN_POOL_WINDOW_H

#include "context.h"
#include "geometry.h"

#define CNN_POOL_CHUNK 64  /* rows that one kernel call takes */
#define CNN_POOL_BLOCK 256 /* channels whose maxima are kept on the stack */

/* One axis: a cnn_axis, of which adaptive windows use the sizes only. */
typedef struct cnn_pool_axis {
    cnn_axis axis;
    int adaptive;
    int include_pad;
} cnn_pool_axis;

/* The inputs start, start + step, ... of a window that exist, and what an average divides by. */
typedef struct cnn_pool_taps {
    int64_t start;
    int64_t count;
    int64_t step;
    int64_t divisor;
} cnn_pool_taps;

typedef struct cnn_pool_job {
    const cnn_kernels *kernels;
    cnn_pool_axis vertical;
    cnn_pool_axis horizontal;
    int64_t batch;
    int64_t channels;
    int64_t input_elements;
    int64_t output_elements;
    int64_t block;         /* backward maximum: channels of a work item */
    const float *input;    /* may be null when there are indices */
    const float *gradient; /* backward: of the output */
    float *output;         /* backward: the gradient of the input */
    int32_t *indices;      /* may be null */
} cnn_pool_job;

cnn_pool_taps cnn_pool_window(const cnn_pool_axis *axis, int32_t output);

/* The outputs first..last of an axis whose windows may hold the input; cnn_pool_holds tells which of them do. */
void cnn_pool_holders(const cnn_pool_axis *axis, int32_t input, int32_t *first, int32_t *last);
int cnn_pool_holds(const cnn_pool_taps *taps, int64_t input);

cnn_status cnn_pool_place(const cnn_pool2d_desc *desc, const char *operation, cnn_pool_job *job, cnn_error *error);
cnn_status cnn_pool_place_adaptive(const cnn_adaptive_pool2d_desc *desc, const char *operation, cnn_pool_job *job,
                                   cnn_error *error);

/* Largest elements and positions of `count` channels from `channel` on, of the window of two axes in an image. */
void cnn_pool_maximum(const cnn_pool_job *job, const float *image, const cnn_pool_taps *rows, const cnn_pool_taps *columns,
                      int64_t channel, int64_t count, float *output, int32_t *indices);

#endif
