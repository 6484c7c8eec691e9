/* norm.h - batch, group and instance normalisation are one thing: a tensor samples x pixels x groups x depth with a mean and
 * a variance for each sample and group. Batch normalisation is one sample whose groups are the channels. */
#ifndef CNN_NORM_H
#define CNN_NORM_H

#include "context.h"

/* One call. The caller sets all but what stands under `made`, which cnn_norm_place does. */
typedef struct cnn_norm {
    const cnn_kernels *kernels;
    int64_t samples;
    int64_t pixels;
    int64_t groups;
    int64_t depth; /* channels of a group */
    float epsilon;
    float momentum;
    int relu;
    const float *input;
    const float *gradient; /* of the output; null in the forward pass */
    const float *gamma;    /* null: ones */
    const float *beta;     /* null: zeros */
    float *output;         /* or the gradient of the input; null: not wanted */
    float *mean;           /* samples x groups, written forward and read backward */
    float *inverse;        /* 1 / sqrt(variance + epsilon), likewise */
    float *running_mean;   /* null: not wanted; else there is one sample */
    float *running_variance;
    float *gamma_gradient; /* null: not wanted */
    float *beta_gradient;
    /* made: */
    int64_t channels;
    int64_t slabs;       /* of a sample; a function of sizes only, so that sums have one order */
    int64_t slab_pixels; /* of all slabs but the last of a sample */
    int64_t repeat;      /* pixels that are taken as one, where a pixel has few channels */
    double *partials;    /* two sums for each slab and group, backward for each slab and channel */
    float *coefficients; /* vectors of channels for each sample: 2 forward, 5 backward */
} cnn_norm;

/* Checks the product of the sizes and computes the slabs and the bytes of workspace for forward and backward. */
cnn_status cnn_norm_place(cnn_norm *norm, const char *operation, int64_t *elements, int64_t *workspace_bytes,
                          cnn_error *error);

/* Gives the norm its workspace, of the size that cnn_norm_place computed. */
void cnn_norm_use(cnn_norm *norm, void *workspace);

cnn_status cnn_norm_forward(const cnn_context *context, const cnn_norm *norm);
cnn_status cnn_norm_backward(const cnn_context *context, const cnn_norm *norm);

/* Only output = input * scale + offset, with the coefficients of sample 0 already there. */
cnn_status cnn_norm_apply(const cnn_context *context, const cnn_norm *norm);

/* scale and offset of a channel: the formula that forward, backward and inference share to the last bit. */
static inline float cnn_norm_scale(float gamma, float inverse)
{
    return (float)((double)gamma * inverse);
}

static inline float cnn_norm_offset(float beta, float mean, float scale)
{
    return (float)(beta - (double)mean * scale);
}

/* The buffers of a backward call, in the order of its arguments. */
typedef struct cnn_norm_gradients {
    const cnn_buffer *input, *output_gradient, *gamma, *beta, *mean, *inverse;
    const cnn_buffer *input_gradient, *gamma_gradient, *beta_gradient;
    const cnn_buffer *workspace;
} cnn_norm_gradients;

/* Checks the buffers of a norm that is placed, and runs its backward pass. */
cnn_status cnn_norm_run_backward(const cnn_context *context, cnn_norm *norm, const cnn_norm_gradients *buffers,
                                 int64_t elements, int64_t bytes, const char *operation, cnn_error *error);

/* Checks that one of the three gradients is wanted. */
cnn_status cnn_norm_check_wanted(const cnn_norm_gradients *buffers, const char *operation, cnn_error *error);

cnn_status cnn_norm_check_epsilon(float epsilon, const char *operation, cnn_error *error);
cnn_status cnn_norm_check_activation(cnn_activation_kind kind, const char *operation, cnn_error *error);

/* Mean and 1 / sqrt(variance + epsilon) of `count` elements with the sums of d and d d, d = element - center. Returns the
 * variance. */
double cnn_norm_statistics(const double *sums, double count, float center, float epsilon, float *mean, float *inverse);

#endif
