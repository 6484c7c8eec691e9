/* reference.h - the definitions of the operators, written down as loops over float64: slow, short, and independent of the
 * library, down to how a window is placed. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "cnn.h"

/* Output size and padding of an axis as the header defines them; size 0 where no window fits. */
typedef struct reference_axis {
    int64_t output;
    int64_t before;
    int64_t after;
} reference_axis;

reference_axis reference_place(cnn_padding_mode mode, int64_t input, int64_t window, int64_t stride, int64_t dilation,
                               int64_t before, int64_t after, int ceil_mode);

/* activation(x) in float64. */
double reference_activation(cnn_activation_kind kind, double alpha, double beta, double x);

/* A bound of |activation'|: by so much an error of the sum grows. */
double reference_slope(cnn_activation_kind kind, double alpha);

/* The sums of a convolution before its activation, and for each the sum of the absolute products, from which error bounds
 * follow. bias may be null. Both results have the size of the output. */
void reference_conv2d(const cnn_conv2d_desc *desc, const float *input, const float *weights, const float *bias, double *sums,
                      double *magnitudes);

/* The same for the transposed convolution: input has the shape of the output of desc, and the result that of its input. */
void reference_conv2d_transpose(const cnn_conv2d_desc *desc, const float *input, const float *weights, const float *bias,
                                double *sums, double *magnitudes);

/* Adds the gradient of the convolution by its weights, and the sums of the absolute products, to what is there. */
void reference_conv2d_weights(const cnn_conv2d_desc *desc, const float *input, const float *output_gradient, double *weights,
                              double *magnitudes);

#endif
