/* cross_entropy.c - log-softmax, and softmax with cross-entropy in one: three passes over a row of logits, which a cache
 * holds. The losses of the rows are kept in the workspace and added in one order. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "pieces.h"
#include "platform.h"
#include "threads.h"

#include <math.h>

typedef struct entropy_job {
    const cnn_kernels *kernels;
    int64_t classes;
    double smoothing; /* the share of all classes together */
    double scale;     /* of the gradient */
    int32_t ignored;
    const float *logits;
    const int32_t *labels;
    const float *soft;
    const float *weights;
    float *output; /* the gradient or null; the result of log-softmax */
    double *losses;
} entropy_job;

static void log_softmax_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const entropy_job *job = argument;
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *input = job->logits + row * job->classes;
        float largest, *output = job->output + row * job->classes;
        const float logarithm = (float)log(job->kernels->sum_of_exponentials(job->classes, input, &largest));
        for (int64_t c = 0; c < job->classes; c++)
            output[c] = input[c] - largest - logarithm;
    }
}

cnn_status cnn_log_softmax(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                           const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "log_softmax";
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_of_rows(rows, channels, operation, "input", &elements, error));
    CNN_TRY(cnn_buffer_check(input, elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check_in_place(input, output, elements, operation, error));
    entropy_job job = {.kernels = context->kernels,
                       .classes = channels,
                       .logits = cnn_buffer_floats(input),
                       .output = cnn_buffer_floats_mutable(output)};
    return cnn_report(cnn_parallel(context, rows, channels * CNN_COST_OF_FUNCTION, log_softmax_rows, &job), operation,
                      error);
}

/* The loss of a row, and its gradient p[j] sum(a) - a[j] with a[j] = w[j] q[j]: Goodfellow et al., Deep Learning, 2016,
 * section 6.2.2.3, with weights. The part of a label is added apart. */
static double entropy_of_row(const entropy_job *job, int64_t row)
{
    const float *logits = job->logits + row * job->classes;
    const int64_t label = job->labels ? job->labels[row] : -1;
    const double own = label < 0 ? 0 : (1 - job->smoothing) * (job->weights ? job->weights[label] : 1);
    const int spread = job->soft || job->smoothing > 0;
    const cnn_entropy_target target = {.soft = job->soft ? job->soft + row * job->classes : NULL,
                                       .weights = job->weights,
                                       .keep = 1 - job->smoothing,
                                       .even = job->smoothing / (double)job->classes};
    float largest;
    double others[2] = {0, 0};
    const double sum = job->kernels->sum_of_exponentials(job->classes, logits, &largest), logarithm = log(sum);
    const double loss = label < 0 ? 0 : own * (logarithm - ((double)logits[label] - largest));
    if (spread) job->kernels->entropy_sums(&target, job->classes, logits, largest, others);
    const double spread_loss = others[1] + (spread ? logarithm * others[0] : 0);
    if (!job->output) return loss + spread_loss;
    float *gradient = job->output + row * job->classes;
    const double factor = job->scale * (own + others[0]) / sum;
    if (spread)
        job->kernels->entropy_gradient(&target, job->classes, logits, largest, factor, job->scale, gradient);
    else
        job->kernels->scaled_exponentials(job->classes, logits, largest, (float)factor, gradient);
    if (label >= 0) gradient[label] = (float)(gradient[label] - job->scale * own);
    return loss + spread_loss;
}

static void entropy_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const entropy_job *job = argument;
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const int ignored = job->labels && job->labels[row] == job->ignored;
        if (ignored && job->output) memset(job->output + row * job->classes, 0, (size_t)job->classes * sizeof(float));
        job->losses[row] = ignored ? 0 : entropy_of_row(job, row);
    }
}

void cnn_cross_entropy_desc_init(cnn_cross_entropy_desc *desc)
{
    if (desc) *desc = (cnn_cross_entropy_desc){.struct_size = (uint32_t)sizeof *desc, .ignore_index = -100};
}

static cnn_status check_desc(const cnn_cross_entropy_desc *desc, int64_t *elements, cnn_error *error)
{
    const char *const operation = "cross_entropy";
    static const char *const names[] = {"rows", "classes"};
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_cross_entropy_desc", error));
    if (desc->reduction < CNN_REDUCTION_MEAN || desc->reduction > CNN_REDUCTION_SUM ||
        !(desc->label_smoothing >= 0 && desc->label_smoothing <= 1))
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: reduction is %d and label_smoothing %g, expected a value of cnn_reduction and 0 to 1.",
                        operation, (int)desc->reduction, (double)desc->label_smoothing);
    const int64_t sizes[] = {desc->rows, desc->classes};
    CNN_TRY(cnn_sizes_check(2, sizes, names, operation, error));
    CNN_TRY(cnn_sizes_multiply(2, sizes, operation, "logits", elements, error));
    if (desc->rows > INT64_MAX / (int64_t)sizeof(double))
        return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: the workspace has more bytes than 63 bits can count.", operation);
    return CNN_OK;
}

cnn_status cnn_cross_entropy_workspace(const cnn_cross_entropy_desc *desc, int64_t *bytes, cnn_error *error)
{
    int64_t elements;
    CNN_TRY(cnn_require(bytes, "cross_entropy", "bytes", error));
    CNN_TRY(check_desc(desc, &elements, error));
    *bytes = desc->rows * (int64_t)sizeof(double);
    return CNN_OK;
}

/* Checks the labels and sums the weights of those that count. */
static cnn_status weigh_labels(const cnn_cross_entropy_desc *desc, const entropy_job *job, double *weight, cnn_error *error)
{
    *weight = job->labels ? 0 : (double)desc->rows;
    for (int64_t row = 0; job->labels && row < desc->rows; row++) {
        const int32_t label = job->labels[row];
        if (label == desc->ignore_index) continue;
        if (label < 0 || label >= desc->classes)
            return cnn_fail(error, CNN_INVALID_ARGUMENT,
                            "cross_entropy: label %lld is %d, expected a class below %lld or ignore_index, which is %d.",
                            (long long)row, (int)label, (long long)desc->classes, (int)desc->ignore_index);
        *weight += job->weights ? job->weights[label] : 1;
    }
    return CNN_OK;
}

static cnn_status check_gradient(const cnn_cross_entropy_desc *desc, int64_t elements, const cnn_buffer *logits,
                                 const cnn_buffer *labels, const cnn_buffer *soft, const cnn_buffer *weights,
                                 const cnn_buffer *gradient, cnn_error *error)
{
    const char *const operation = "cross_entropy";
    CNN_TRY(cnn_buffer_check(gradient, elements, operation, "gradient", error));
    CNN_TRY(cnn_buffer_check_in_place(logits, gradient, elements, operation, error));
    if (labels) CNN_TRY(cnn_buffer_check_apart(labels, desc->rows, gradient, elements, operation, error));
    if (soft) CNN_TRY(cnn_buffer_check_apart(soft, elements, gradient, elements, operation, error));
    if (weights) CNN_TRY(cnn_buffer_check_apart(weights, desc->classes, gradient, elements, operation, error));
    return CNN_OK;
}

cnn_status cnn_cross_entropy(const cnn_context *context, const cnn_cross_entropy_desc *desc, const cnn_buffer *logits,
                             const cnn_buffer *labels, const cnn_buffer *soft_labels, const cnn_buffer *class_weights,
                             const cnn_buffer *gradient, const cnn_buffer *workspace, double *loss, cnn_error *error)
{
    const char *const operation = "cross_entropy";
    int64_t elements;
    double weight, total = 0;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(loss, operation, "loss", error));
    CNN_TRY(check_desc(desc, &elements, error));
    if (!labels == !soft_labels)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: %s of labels and soft_labels are there, expected one.", operation,
                        labels ? "both" : "none");
    CNN_TRY(cnn_buffer_check(logits, elements, operation, "logits", error));
    if (labels) CNN_TRY(cnn_buffer_check(labels, desc->rows, operation, "labels", error));
    if (soft_labels) CNN_TRY(cnn_buffer_check(soft_labels, elements, operation, "soft_labels", error));
    if (class_weights) CNN_TRY(cnn_buffer_check(class_weights, desc->classes, operation, "class_weights", error));
    if (gradient) CNN_TRY(check_gradient(desc, elements, logits, labels, soft_labels, class_weights, gradient, error));
    CNN_TRY(cnn_buffer_check(workspace, 2 * desc->rows, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
    entropy_job job = {.kernels = context->kernels,
                       .classes = desc->classes,
                       .smoothing = desc->label_smoothing,
                       .ignored = desc->ignore_index,
                       .logits = cnn_buffer_floats(logits),
                       .labels = labels ? labels->data : NULL,
                       .soft = soft_labels ? cnn_buffer_floats(soft_labels) : NULL,
                       .weights = class_weights ? cnn_buffer_floats(class_weights) : NULL,
                       .output = gradient ? cnn_buffer_floats_mutable(gradient) : NULL,
                       .losses = workspace->data};
    uint64_t mode = cnn_begin_arithmetic();
    const cnn_status status = weigh_labels(desc, &job, &weight, error);
    job.scale = desc->reduction == CNN_REDUCTION_SUM ? 1 : weight > 0 ? 1 / weight : 0;
    cnn_end_arithmetic(mode, &job);
    CNN_TRY(status);
    CNN_TRY(cnn_report(cnn_parallel(context, desc->rows, desc->classes * 2 * CNN_COST_OF_FUNCTION, entropy_rows, &job),
                       operation, error));
    mode = cnn_begin_arithmetic();
    for (int64_t row = 0; row < desc->rows; row++)
        total += job.losses[row];
    *loss = total * job.scale;
    cnn_end_arithmetic(mode, NULL);
    return CNN_OK;
}
