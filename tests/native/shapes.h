/* shapes.h - convolutions from a CSV file, one a row, with the columns of oneDNN's benchmark lists: what to check and to
 * time beyond the shapes that somebody here thought of. */
#ifndef SHAPES_H
#define SHAPES_H

#include "cnn.h"

#include <stddef.h>

typedef struct shape_row {
    char name[80]; /* the set and the name in it */
    cnn_conv2d_desc desc;
} shape_row;

typedef struct shape_list {
    shape_row *rows;
    int32_t count;
    int32_t left_out; /* rows with a third dimension, and rows that repeat another */
} shape_list;

/* Reads the two-dimensional convolutions. Returns 0, with a message on stderr, when the file is not one of that kind. */
int shape_list_read(shape_list *list, const char *path);
void shape_list_free(shape_list *list);

/* Writes the path of the list among the shared data that CNN_SHARED_DATA names; returns 0 where it is not there. */
int shape_list_shared(char *path, size_t size);

/* The output of the convolution along each axis. */
int64_t shape_output_height(const cnn_conv2d_desc *desc);
int64_t shape_output_width(const cnn_conv2d_desc *desc);

/* Multiply-accumulates as the definition counts them. */
double shape_work(const cnn_conv2d_desc *desc);
/* Elements of the largest tensor. */
double shape_largest_tensor(const cnn_conv2d_desc *desc);

/* Takes images, and then rows and columns of the input, away until the work is at most `most`: channels, windows, strides
 * and padding, which decide the paths through the kernels, stay. Returns whether anything was taken; what stays may be above
 * `most` when a single window is. */
int shape_shrink(cnn_conv2d_desc *desc, double most);

#endif
