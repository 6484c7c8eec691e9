/* reference_norm.h - normalisations by their formulas in float64: one mean and one variance for each sample and group of a
 * tensor samples x pixels x groups x depth, with a gamma and a beta for each of the groups x depth channels. */
#ifndef REFERENCE_NORM_H
#define REFERENCE_NORM_H

#include <stdint.h>

typedef struct reference_norm {
    int64_t samples, pixels, groups, depth;
    double epsilon;
    int relu;
} reference_norm;

/* Mean and variance of samples x groups, and the output. gamma and beta may be null. */
void reference_norm_forward(const reference_norm *norm, const double *input, const double *gamma, const double *beta,
                            double *mean, double *variance, double *output);

/* The gradients, from given means and 1 / sqrt(variance + epsilon); `active` holds 0 where a ReLU was not positive. */
void reference_norm_backward(const reference_norm *norm, const double *input, const double *gradient, const double *gamma,
                             const double *mean, const double *inverse, const unsigned char *active, double *input_gradient,
                             double *gamma_gradient, double *beta_gradient);

#endif
