/* reference_sample.h - single elements of a convolution and its gradients by their definitions: for shapes whose whole
 * output would take a loop over float64 too long. */
#ifndef REFERENCE_SAMPLE_H
#define REFERENCE_SAMPLE_H

#include "cnn.h"

/* A sum, and that of the absolute values of its terms, from which its error bound follows. */
typedef struct reference_element {
    double sum;
    double magnitude;
    double terms; /* at most so many products */
} reference_element;

/* Element `index` of the output, without bias and activation. */
reference_element reference_sample_forward(const cnn_conv2d_desc *desc, const float *input, const float *weights,
                                           int64_t index);

/* Element `index` of the gradient by the input, which is what a transposed convolution gives. */
reference_element reference_sample_data(const cnn_conv2d_desc *desc, const float *gradient, const float *weights,
                                        int64_t index);

/* Element `index` of the gradient by the weights. */
reference_element reference_sample_weights(const cnn_conv2d_desc *desc, const float *input, const float *gradient,
                                           int64_t index);

#endif
