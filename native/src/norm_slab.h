/* norm_slab.h - a slab: the pixels of a sample whose sums are taken together, and whose elements one thread passes through
 * together. What it is depends on sizes only, so that sums have one order, whatever the threads. */
#ifndef CNN_NORM_SLAB_H
#define CNN_NORM_SLAB_H

#include "norm.h"

#define CNN_SLAB_COLUMNS 256 /* columns whose sums are kept on the stack */
#define CNN_NORM_COST 4      /* of an element, in multiply-accumulates: the time of its way through memory */
#define CNN_NORM_VECTORS 5   /* coefficients of a channel in the backward pass */

/* The pixels of a slab, as rows of `width` columns and a rest that is a shorter row. Columns are channels, repeated. */
typedef struct cnn_slab {
    const cnn_norm *norm;
    int64_t sample;
    int64_t begin; /* the slab's first element in the tensor */
    int64_t rows;
    int64_t stride;
    int64_t rest; /* elements after the last whole row */
} cnn_slab;

cnn_slab cnn_slab_at(const cnn_norm *norm, int64_t sample, int64_t index);

/* expanded = `count` values from channel `first` on of a vector that repeats after each pixel. */
void cnn_slab_expand(const cnn_norm *norm, const float *channels, int64_t first, int64_t count, float *expanded);

/* A vector of channels as the element-wise kernels read it: as it is, or repeated for several pixels. */
const float *cnn_slab_columns(const cnn_slab *s, const float *channels, float *expanded);

/* work->first and ->second = the sums of the columns first..first+count-1 of a slab; of products when there is a gradient,
 * else of moments. */
void cnn_slab_sums(const cnn_slab *s, cnn_column_sums *work, int64_t first, int64_t count);

/* Passes the slab through the element-wise kernel, with the vectors that `work` has. */
void cnn_slab_rows(const cnn_slab *s, cnn_norm_rows *work);

/* How the passes are shared among threads: by slab, or by group. */
#define CNN_EACH_SLAB(name, function)                                                                                       \
    static void name(const void *argument, int32_t thread, int64_t begin, int64_t end)                                      \
    {                                                                                                                       \
        const cnn_norm *norm = argument;                                                                                    \
        (void)thread;                                                                                                       \
        for (int64_t i = begin; i < end; i++)                                                                               \
            function(norm, i / norm->slabs, i % norm->slabs);                                                               \
    }

#define CNN_EACH_GROUP(name, function)                                                                                      \
    static void name(const void *argument, int32_t thread, int64_t begin, int64_t end)                                      \
    {                                                                                                                       \
        const cnn_norm *norm = argument;                                                                                    \
        (void)thread;                                                                                                       \
        for (int64_t i = begin; i < end; i++)                                                                               \
            function(norm, i / norm->groups, i % norm->groups, i % norm->groups + 1);                                       \
    }

#endif
