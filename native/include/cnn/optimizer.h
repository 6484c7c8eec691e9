/* cnn/optimizer.h - optimisers. Part of cnn.h; include that.
 * One pass over parameters, gradients and state for each step, and the norm that gradients are clipped by. */
#ifndef CNN_PUBLIC_OPTIMIZER_H
#define CNN_PUBLIC_OPTIMIZER_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A rule by which parameters p follow their gradient g, as PyTorch's documentation of torch.optim defines them. With weight
 *  decay w, g becomes g + w p first, except for AdamW. */
typedef enum cnn_optimizer_kind {
    /** b = momentum b + g; p = p - rate b, or with Nesterov's momentum p - rate (g + momentum b). Start b with zeros. */
    CNN_OPTIMIZER_SGD = 0,
    /** m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g g; p = p - rate m' / (sqrt(v') + epsilon), where m' is m /
     * (1 - beta1^step) and v' is v / (1 - beta2^step); Kingma and Ba 2015. Start m and v with zeros. */
    CNN_OPTIMIZER_ADAM = 1,
    /** p = p - rate w p, then as Adam without w; Loshchilov and Hutter 2019. */
    CNN_OPTIMIZER_ADAMW = 2,
    /** v = beta2 v + (1 - beta2) g g; b = momentum b + g / (sqrt(v) + epsilon); p = p - rate b; Hinton 2012. PyTorch calls
     *  beta2 alpha. Start b and v with zeros. */
    CNN_OPTIMIZER_RMSPROP = 3
} cnn_optimizer_kind;

/** One step of an optimiser. */
typedef struct cnn_optimizer_desc {
    /** sizeof(cnn_optimizer_desc), set by cnn_optimizer_desc_init. */
    uint32_t struct_size;
    /** The rule (default CNN_OPTIMIZER_SGD). */
    cnn_optimizer_kind kind;
    /** 1: Nesterov's momentum, for SGD (default 0). */
    int32_t nesterov;
    /** The number of this step, from 1 on (default 1): corrects the bias of Adam and AdamW. */
    int64_t step;
    /** The learning rate (default 0.001). */
    double learning_rate;
    /** Momentum of SGD and RMSProp (default 0). */
    double momentum;
    /** Decay of the mean of gradients (default 0.9); below 1. */
    double beta1;
    /** Decay of the mean of squares (default 0.999); below 1. */
    double beta2;
    /** Added to the root (default 1e-8). */
    double epsilon;
    /** Weight decay (default 0). */
    double weight_decay;
    /** Multiplies the gradient before anything else (default 1): the factor that clips its norm. */
    double gradient_scale;
} cnn_optimizer_desc;

/** Fills the descriptor with its defaults. */
CNN_API void cnn_optimizer_desc_init(cnn_optimizer_desc *desc);

/** Updates `count` parameters and the state in one pass. `first` holds b or m, `second` holds v; null where the rule has
 * none: `first` without momentum in SGD and RMSProp, `second` in SGD. No overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_optimizer_step(const cnn_context *context, const cnn_optimizer_desc *desc, int64_t count,
                                      const cnn_buffer *parameters, const cnn_buffer *gradient, const cnn_buffer *first,
                                      const cnn_buffer *second, cnn_error *error);

/** The bytes of workspace that cnn_sum_of_squares needs. */
CNN_API cnn_status cnn_sum_of_squares_workspace(int64_t count, int64_t *bytes, cnn_error *error);

/** The sum of the squares of `count` elements, in float64; the global norm of a gradient is the root of the sum of these
 * over its tensors. Any thread count and any instruction set give the same bits. */
CNN_API cnn_status cnn_sum_of_squares(const cnn_context *context, int64_t count, const cnn_buffer *input,
                                      const cnn_buffer *workspace, double *sum, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
