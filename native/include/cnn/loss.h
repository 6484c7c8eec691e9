/* cnn/loss.h - losses. Part of cnn.h; include that.
 * What training minimises: each gives its value, its gradient, or both in one pass. */
#ifndef CNN_PUBLIC_LOSS_H
#define CNN_PUBLIC_LOSS_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How the losses of the elements become one number. */
typedef enum cnn_reduction {
    /** Their mean; what cnn_cross_entropy divides by stands there. */
    CNN_REDUCTION_MEAN = 0,
    /** Their sum. */
    CNN_REDUCTION_SUM = 1
} cnn_reduction;

/** Softmax and cross-entropy in one, as PyTorch's cross_entropy defines them. */
typedef struct cnn_cross_entropy_desc {
    /** sizeof(cnn_cross_entropy_desc), set by cnn_cross_entropy_desc_init. */
    uint32_t struct_size;
    /** Mean or sum (default: mean). */
    cnn_reduction reduction;
    /** Rows of logits, which is the batch, or all pixels of it. */
    int64_t rows;
    /** Classes, the innermost dimension. */
    int64_t classes;
    /** The share e of a target that is spread evenly over all classes (default 0): q becomes (1 - e) q + e / classes. */
    float label_smoothing;
    /** Rows with this label count for nothing (default -100). */
    int32_t ignore_index;
} cnn_cross_entropy_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_cross_entropy_desc_init(cnn_cross_entropy_desc *desc);

/** The bytes of workspace that cnn_cross_entropy needs. */
CNN_API cnn_status cnn_cross_entropy_workspace(const cnn_cross_entropy_desc *desc, int64_t *bytes, cnn_error *error);

/** The loss and its gradient with respect to the logits. The loss of a row is - sum over c of w[c] q[c] log p[c], with p the
 *  softmax of its logits, q the target and w the weights of the classes (null: ones); its gradient is p[j] times the sum of
 *  w q, less w[j] q[j]. Give either `labels`, an int32 for each row, or `soft_labels`, a row of float32 for each row; the
 *  other one is null. The mean divides by the sum of the weights of the labels, without ignored ones, and for soft labels by
 *  the rows; where nothing counts, loss and gradient are 0. A target of 0 adds nothing, whatever its logit.
 *  `gradient` may be null when it is not wanted, and may be `logits`; it must not overlap anything else. Any thread count
 *  gives the same bits. CNN_INVALID_ARGUMENT for a label that is neither a class nor ignore_index. */
CNN_API cnn_status cnn_cross_entropy(const cnn_context *context, const cnn_cross_entropy_desc *desc,
                                     const cnn_buffer *logits, const cnn_buffer *labels, const cnn_buffer *soft_labels,
                                     const cnn_buffer *class_weights, const cnn_buffer *gradient,
                                     const cnn_buffer *workspace, double *loss, cnn_error *error);

/** A loss of single elements: x is the prediction, t the target, d = x - t, and p = sigmoid(x). */
typedef enum cnn_loss_kind {
    /** - w t log(p) - (1 - t) log(1 - p); gradient (1 - t) p - w t (1 - p). w is the weight of the positive class. */
    CNN_LOSS_BCE_WITH_LOGITS = 0,
    /** d^2; gradient 2 d */
    CNN_LOSS_MSE = 1,
    /** |d|; gradient: the sign of d, 0 at 0 */
    CNN_LOSS_L1 = 2,
    /** d^2 / 2 for |d| <= delta, else delta (|d| - delta / 2); gradient: d within -delta..delta; Huber 1964 */
    CNN_LOSS_HUBER = 3,
    /** a m^gamma b with b the binary cross-entropy, m = p (1 - t) + (1 - p) t, a = alpha t + (1 - alpha) (1 - t), or 1 for a
     *  negative alpha; Lin et al. 2017. Gradient a (gamma m^(gamma - 1) (1 - 2 t) p (1 - p) b + m^gamma (p - t)). */
    CNN_LOSS_FOCAL = 4
} cnn_loss_kind;

/** A loss over `rows` rows of `channels` elements. */
typedef struct cnn_loss_desc {
    /** sizeof(cnn_loss_desc), set by cnn_loss_desc_init. */
    uint32_t struct_size;
    /** Which loss (default CNN_LOSS_BCE_WITH_LOGITS). */
    cnn_loss_kind kind;
    /** Mean over all elements, or sum (default: mean). */
    cnn_reduction reduction;
    /** Where Huber's loss turns linear (default 1); above 0. */
    float delta;
    /** Exponent of the focal loss (default 2), at least 0. */
    float gamma;
    /** Weight of positive targets in the focal loss (default 0.25); negative: no weights. */
    float alpha;
    /** Rows of the prediction and the target. */
    int64_t rows;
    /** Elements of a row: one for each weight of the positive class. */
    int64_t channels;
} cnn_loss_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_loss_desc_init(cnn_loss_desc *desc);

/** The bytes of workspace that cnn_loss needs. */
CNN_API cnn_status cnn_loss_workspace(const cnn_loss_desc *desc, int64_t *bytes, cnn_error *error);

/** The loss and its gradient with respect to the prediction. `positive_weights` has an element for each channel; null: ones,
 *  and so it must be for all losses but the binary cross-entropy. `gradient` may be null when it is not wanted, and may be
 * the prediction; it must not overlap anything else. Any thread count gives the same bits. */
CNN_API cnn_status cnn_loss(const cnn_context *context, const cnn_loss_desc *desc, const cnn_buffer *prediction,
                            const cnn_buffer *target, const cnn_buffer *positive_weights, const cnn_buffer *gradient,
                            const cnn_buffer *workspace, double *loss, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
