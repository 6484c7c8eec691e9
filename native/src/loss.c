/* loss.c - losses of single elements: checks, and a split into pieces whose sums are kept in the workspace and added in one
 * order, so that the number of threads changes nothing. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "pieces.h"
#include "platform.h"
#include "threads.h"

typedef struct loss_job {
    const cnn_kernels *kernels;
    cnn_loss_kind kind;
    cnn_loss_work work;
    int64_t rows;
    int64_t channels;
    int64_t piece; /* rows of a work item */
    const float *prediction;
    const float *target;
    const float *weights;
    float *gradient;
    double *partials;
} loss_job;

/* Without weights the rows do not matter: pieces are rows of one element. */
static int64_t piece_rows(int64_t channels)
{
    return channels < CNN_PIECE ? CNN_PIECE / channels : 1;
}

static void loss_pieces(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const loss_job *job = argument;
    const int64_t together = job->weights ? cnn_repetitions(job->channels) : job->piece;
    float space[CNN_REPEATED];
    const float *weights = job->weights ? cnn_repeat(job->weights, job->channels, together, space) : NULL;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const int64_t last = cnn_smaller((item + 1) * job->piece, job->rows);
        double sum = 0;
        for (int64_t row = item * job->piece; row < last; row += together) {
            const int64_t at = row * job->channels, count = cnn_smaller(together, last - row) * job->channels;
            sum += job->kernels->loss(job->kind, &job->work, count, job->prediction + at, job->target + at, weights,
                                      job->gradient ? job->gradient + at : NULL);
        }
        job->partials[item] = sum;
    }
}

void cnn_loss_desc_init(cnn_loss_desc *desc)
{
    if (desc) *desc = (cnn_loss_desc){.struct_size = (uint32_t)sizeof *desc, .delta = 1, .gamma = 2, .alpha = 0.25f};
}

static cnn_status check_desc(const cnn_loss_desc *desc, int64_t *elements, cnn_error *error)
{
    const char *const operation = "loss";
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_loss_desc", error));
    if (desc->kind < CNN_LOSS_BCE_WITH_LOGITS || desc->kind > CNN_LOSS_FOCAL || desc->reduction < CNN_REDUCTION_MEAN ||
        desc->reduction > CNN_REDUCTION_SUM)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: kind is %d and reduction %d, expected values of cnn_loss_kind and cnn_reduction.", operation,
                        (int)desc->kind, (int)desc->reduction);
    if (!(desc->delta > 0) || !(desc->gamma >= 0))
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: delta is %g and gamma %g, expected more than 0 and at least 0.",
                        operation, (double)desc->delta, (double)desc->gamma);
    return cnn_sizes_of_rows(desc->rows, desc->channels, operation, "prediction", elements, error);
}

cnn_status cnn_loss_workspace(const cnn_loss_desc *desc, int64_t *bytes, cnn_error *error)
{
    int64_t elements;
    CNN_TRY(cnn_require(bytes, "loss", "bytes", error));
    CNN_TRY(check_desc(desc, &elements, error));
    const int64_t with = cnn_pieces(desc->rows, piece_rows(desc->channels)), without = cnn_pieces(elements, CNN_PIECE);
    *bytes = (with > without ? with : without) * (int64_t)sizeof(double);
    return CNN_OK;
}

static cnn_status check_buffers(const cnn_loss_desc *desc, int64_t elements, const cnn_buffer *prediction,
                                const cnn_buffer *target, const cnn_buffer *weights, const cnn_buffer *gradient,
                                cnn_error *error)
{
    const char *const operation = "loss";
    CNN_TRY(cnn_buffer_check(prediction, elements, operation, "prediction", error));
    CNN_TRY(cnn_buffer_check(target, elements, operation, "target", error));
    if (weights && desc->kind != CNN_LOSS_BCE_WITH_LOGITS)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: kind %d was given positive_weights, which only the binary cross-entropy has; expected null.",
                        operation, (int)desc->kind);
    if (weights) CNN_TRY(cnn_buffer_check(weights, desc->channels, operation, "positive_weights", error));
    if (!gradient) return CNN_OK;
    CNN_TRY(cnn_buffer_check(gradient, elements, operation, "gradient", error));
    CNN_TRY(cnn_buffer_check_in_place(prediction, gradient, elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(target, elements, gradient, elements, operation, error));
    if (weights) CNN_TRY(cnn_buffer_check_apart(weights, desc->channels, gradient, elements, operation, error));
    return CNN_OK;
}

cnn_status cnn_loss(const cnn_context *context, const cnn_loss_desc *desc, const cnn_buffer *prediction,
                    const cnn_buffer *target, const cnn_buffer *positive_weights, const cnn_buffer *gradient,
                    const cnn_buffer *workspace, double *result, cnn_error *error)
{
    const char *const operation = "loss";
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(result, operation, "loss", error));
    CNN_TRY(check_desc(desc, &elements, error));
    CNN_TRY(cnn_loss_workspace(desc, &bytes, error));
    CNN_TRY(check_buffers(desc, elements, prediction, target, positive_weights, gradient, error));
    CNN_TRY(cnn_buffer_check(workspace, bytes / (int64_t)sizeof(float), operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
    uint64_t mode = cnn_begin_arithmetic();
    const double scale = desc->reduction == CNN_REDUCTION_MEAN ? 1.0 / (double)elements : 1;
    loss_job job = {.kernels = context->kernels,
                    .kind = desc->kind,
                    .work = {desc->delta, desc->gamma, desc->alpha, (float)scale},
                    .rows = positive_weights ? desc->rows : elements,
                    .channels = positive_weights ? desc->channels : 1,
                    .prediction = cnn_buffer_floats(prediction),
                    .target = cnn_buffer_floats(target),
                    .weights = positive_weights ? cnn_buffer_floats(positive_weights) : NULL,
                    .gradient = gradient ? cnn_buffer_floats_mutable(gradient) : NULL,
                    .partials = workspace->data};
    cnn_end_arithmetic(mode, &job);
    job.piece = piece_rows(job.channels);
    const int64_t items = cnn_pieces(job.rows, job.piece);
    const int64_t cost = desc->kind == CNN_LOSS_FOCAL             ? 4 * CNN_COST_OF_FUNCTION
                         : desc->kind == CNN_LOSS_BCE_WITH_LOGITS ? 2 * CNN_COST_OF_FUNCTION
                                                                  : 1;
    CNN_TRY(cnn_report(cnn_parallel(context, items, elements / items * cost, loss_pieces, &job), operation, error));
    double total = 0;
    mode = cnn_begin_arithmetic();
    for (int64_t i = 0; i < items; i++)
        total += job.partials[i];
    *result = total * scale;
    cnn_end_arithmetic(mode, NULL);
    return CNN_OK;
}
