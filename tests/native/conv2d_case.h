/* conv2d_case.h - a convolution to check: drawn at random or from a table, with inputs, and run with guarded buffers. */
#ifndef CONV2D_CASE_H
#define CONV2D_CASE_H

#include "check.h"

typedef struct conv2d_case {
    cnn_conv2d_desc desc;
    int transposed; /* what runs maps the output of desc to its input */
    int64_t input_count;
    int64_t weights_count;
    int64_t output_count; /* without the gaps that an output stride leaves */
    int32_t output_channels;
    float *input;
    float *weights;
    float *bias;        /* null: none */
    float *residual;    /* null: none; with the residual stride of desc */
    double *sums;       /* what the definition says, before the activation */
    double *magnitudes; /* the sums of the absolute products, from which bounds follow */
} conv2d_case;

/* What a case has besides its descriptor. */
typedef enum conv2d_extras { CONV2D_PLAIN = 0, CONV2D_BIAS = 1, CONV2D_RESIDUAL = 2, CONV2D_TRANSPOSED = 4 } conv2d_extras;

/* A small convolution with any options: tails, strides, dilation, groups, asymmetric padding, filters larger than the input.
 */
cnn_conv2d_desc conv2d_random_desc(check_random *random);

/* Fills the case with inputs of unit variance and what they should give. Weights are scaled so that outputs have unit
 * variance too. */
void conv2d_case_create(conv2d_case *made, const cnn_conv2d_desc *desc, int extras, check_random *random);
/* Computes what the case should give anew, after its inputs were changed. */
void conv2d_case_expect(conv2d_case *made);
void conv2d_case_free(conv2d_case *made);

/* Makes the case the one that failures are reported for. */
void conv2d_case_name(const conv2d_case *given, const cnn_context *context, const char *algorithm);

/* Plans, packs and runs. Returns the output, which lives until check_release, or null where the algorithm does not fit. */
const float *conv2d_case_run(const conv2d_case *given, const cnn_context *context, cnn_conv2d_algorithm algorithm,
                             check_side side);

/* Checks an output against float64. The bound of a sum of n products in any order is (n + 2) 2^-24 times the sum of their
 * absolute values (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 4.2); `winograd` adds its own. */
void conv2d_case_check(const conv2d_case *given, const float *output, double winograd);

#endif
