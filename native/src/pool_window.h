/* pool_window.h - windows that slide and windows that adapt to the output size, behind one description, so that positions
 * and gradients are written once for both. */
#ifndef CNN_POOL_WINDOW_H
#define CNN_POOL_WINDOW_H

#include "context.h"
#include "geometry.h"

#define CNN_POOL_CHUNK CNN_MOST_TAPS /* rows that one kernel call takes */
#define CNN_POOL_BLOCK 256           /* channels whose maxima are kept on the stack */

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
    const cnn_context *context;
    const cnn_kernels *kernels;
    cnn_pool_axis vertical;
    cnn_pool_axis horizontal;
    int64_t batch;
    int64_t channels;
    int64_t input_elements;
    int64_t output_elements;
    int32_t inside_first; /* output columns from here on */
    int32_t inside_last;  /* and before here see all taps of their windows */
    int32_t inside_top;   /* the same for output rows */
    int32_t inside_bottom;
    int64_t bands;         /* backward maximum: work items of an image by rows of its input, */
    int64_t block;         /* and channels of an item; global average: pixels of an image */
    const float *input;    /* may be null when there are indices */
    const float *gradient; /* backward: of the output */
    float *output;         /* backward: the gradient of the input */
    int32_t *indices;      /* may be null */
} cnn_pool_job;

/* Windows side by side, up to `end`, whose taps lie alike. The positions are those of the first window, and are there when
 * there are no more than CNN_MOST_TAPS; with more, or none, there is one window. */
typedef struct cnn_pool_run {
    int32_t end;
    int64_t taps;
    int32_t positions[CNN_MOST_TAPS];
} cnn_pool_run;

cnn_pool_taps cnn_pool_window(const cnn_pool_axis *axis, int32_t output);

/* The outputs first..last of an axis whose windows may hold the input; cnn_pool_holds tells which of them do. */
void cnn_pool_holders(const cnn_pool_axis *axis, int32_t input, int32_t *first, int32_t *last);
int cnn_pool_holds(const cnn_pool_taps *taps, int64_t input);

cnn_status cnn_pool_place(const cnn_pool2d_desc *desc, const char *operation, cnn_pool_job *job, cnn_error *error);
cnn_status cnn_pool_place_adaptive(const cnn_adaptive_pool2d_desc *desc, const char *operation, cnn_pool_job *job,
                                   cnn_error *error);

/* The inputs from the first to the last of an axis's largest window. */
int64_t cnn_pool_extent(const cnn_pool_axis *axis);

/* The windows from column x on, of the given rows. */
void cnn_pool_run_at(const cnn_pool_job *job, const cnn_pool_taps *rows, int32_t x, cnn_pool_run *run);

/* Them as a kernel takes them, in one line: `count` channels of an image from `image` on; `pointers` has CNN_MOST_TAPS
 * elements. */
cnn_tap_windows cnn_pool_tap_windows(const cnn_pool_job *job, const cnn_pool_run *run, int64_t windows, const float *image,
                                     int64_t count, const float **pointers);

/* Largest elements and positions of `count` channels from `channel` on, of the window of two axes in an image. */
void cnn_pool_maximum(const cnn_pool_job *job, const float *image, const cnn_pool_taps *rows, const cnn_pool_taps *columns,
                      int64_t channel, int64_t count, float *output, int32_t *indices);

#endif
