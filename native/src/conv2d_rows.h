/* conv2d_rows.h - where implicit GEMM finds its matrices: tables of pointers to the input rows of each tap and pixel, and to
 * the outputs and residuals of the pixels, for a block of output pixels at a time. */
#ifndef CNN_CONV2D_ROWS_H
#define CNN_CONV2D_ROWS_H

#include "conv2d.h"

/* One phase of the outputs; a convolution that is not upsampled has a single one. */
typedef struct cnn_conv2d_phase {
    const cnn_conv2d_plan *plan;
    cnn_axis_phase vertical;
    cnn_axis_phase horizontal;
    int64_t taps;
    int64_t tile_taps;     /* taps as the kernel counts them: */
    int64_t tile_channels; /* a row of the window may be one */
    int64_t row_step;      /* pointers from the rows of a tap to those of the next: 0 when taps are merged, */
    int64_t tap_step;      /* and lie this many elements apart */
    int64_t strip_pitch;   /* merged taps: elements from a row of the strips to the next */
    int64_t tile_step;     /* pointers from a tile to the next */
    int64_t pixels;        /* outputs of the phase in the whole batch */
} cnn_conv2d_phase;

/* The tables of a thread. */
typedef struct cnn_conv2d_tables {
    const float **rows; /* rows[tile][tap][row in tile]; of merged taps only the first */
    float **outputs;
    const float **residuals;
    float *strips; /* merged taps: what the pixels see of the input, with its padding */
} cnn_conv2d_tables;

cnn_conv2d_phase cnn_conv2d_phase_at(const cnn_conv2d_plan *plan, int32_t index);

/* Bytes of the tables of one thread; fails when they do not fit. */
cnn_status cnn_conv2d_tables_bytes(const cnn_conv2d_plan *plan, const char *operation, int64_t *bytes, cnn_error *error);

cnn_conv2d_tables cnn_conv2d_tables_at(const cnn_conv2d_plan *plan, void *workspace);

/* Fills the tables for `count` pixels of the phase from `first` on. Rows past the last pixel repeat it, because a kernel
 * reads all of its rows. The table of residuals is left alone when there are none. */
void cnn_conv2d_tables_fill(const cnn_conv2d_tables *tables, const cnn_conv2d_phase *phase, const cnn_conv2d_work *work,
                            int64_t first, int64_t count);

#endif
