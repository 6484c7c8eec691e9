/* norm_gradient.c - the backward passes: sums of the gradient and of its product with the input for each channel, what
 * follows from them for each group, and an element-wise pass. */
#include "error.h"
#include "norm_slab.h"

#include "platform.h"
#include "threads.h"

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static float *backward_vectors(const cnn_norm *norm, int64_t sample)
{
    return norm->coefficients + sample * CNN_NORM_VECTORS * norm->channels;
}

static void activation_vectors(const cnn_norm *norm, int64_t sample)
{
    float *scale = backward_vectors(norm, sample) + 3 * norm->channels, *offset = scale + norm->channels;
    for (int64_t c = 0; c < norm->channels; c++) {
        const int64_t group = sample * norm->groups + c / norm->depth;
        scale[c] = cnn_norm_scale(norm->gamma ? norm->gamma[c] : 1.0f, norm->inverse[group]);
        offset[c] = cnn_norm_offset(norm->beta ? norm->beta[c] : 0.0f, norm->mean[group], scale[c]);
    }
}

static void products_of_slab(const cnn_norm *norm, int64_t sample, int64_t index)
{
    const cnn_slab s = cnn_slab_at(norm, sample, index);
    const int64_t channels = norm->channels;
    const float *scale = backward_vectors(norm, sample) + 3 * channels;
    double first[CNN_SLAB_COLUMNS], second[CNN_SLAB_COLUMNS],
        *sums = norm->partials + (sample * norm->slabs + index) * 2 * channels;
    float center[CNN_SLAB_COLUMNS], expanded[2][CNN_SLAB_COLUMNS];
    for (int64_t c = 0; c < 2 * channels; c++)
        sums[c] = 0;
    for (int64_t column = 0; column < s.stride; column += CNN_SLAB_COLUMNS) {
        const int64_t count = smaller(CNN_SLAB_COLUMNS, s.stride - column);
        cnn_column_sums work = {.center = center, .first = first, .second = second};
        for (int64_t i = 0; i < count; i++)
            center[i] = norm->mean[sample * norm->groups + (column + i) % channels / norm->depth];
        if (norm->relu) {
            cnn_slab_expand(norm, scale, column % channels, count, expanded[0]);
            cnn_slab_expand(norm, scale + channels, column % channels, count, expanded[1]);
            work.scale = expanded[0];
            work.offset = expanded[1];
        }
        cnn_slab_sums(&s, &work, column, count);
        for (int64_t i = 0; i < count; i++) {
            sums[(column + i) % channels] += first[i];
            sums[channels + (column + i) % channels] += second[i];
        }
    }
}

/* Adds the slabs of a sample into the first of them, for the channels of the groups first..last-1, and computes
 * input_gradient = by_gradient g + (by_input x + constant) from them. */
static void finish_gradients(const cnn_norm *norm, int64_t sample, int64_t first, int64_t last)
{
    const int64_t channels = norm->channels;
    const double count = (double)norm->pixels * (double)norm->depth;
    double *sums = norm->partials + sample * norm->slabs * 2 * channels;
    float *by_gradient = backward_vectors(norm, sample), *by_input = by_gradient + channels, *constant = by_input + channels;
    for (int64_t g = first; g < last; g++) {
        const double mean = norm->mean[sample * norm->groups + g], inverse = norm->inverse[sample * norm->groups + g];
        double plain = 0, product = 0; /* sums of gamma g and of gamma g (x - mean) over the group */
        for (int64_t c = g * norm->depth; c < (g + 1) * norm->depth; c++) {
            const double gamma = norm->gamma ? norm->gamma[c] : 1.0;
            for (int64_t s = 1; s < norm->slabs; s++) {
                sums[c] += sums[s * 2 * channels + c];
                sums[channels + c] += sums[s * 2 * channels + channels + c];
            }
            plain += gamma * sums[c];
            product += gamma * sums[channels + c];
        }
        const float slope = (float)(-inverse * inverse * inverse * product / count);
        for (int64_t c = g * norm->depth; c < (g + 1) * norm->depth; c++) {
            by_gradient[c] = (float)((norm->gamma ? norm->gamma[c] : 1.0) * inverse);
            by_input[c] = slope;
            constant[c] = (float)(-inverse * plain / count - mean * slope);
        }
    }
}

static void gradient_slab(const cnn_norm *norm, int64_t sample, int64_t index)
{
    const cnn_slab s = cnn_slab_at(norm, sample, index);
    const int64_t channels = norm->channels;
    const float *vectors = backward_vectors(norm, sample);
    float expanded[CNN_NORM_VECTORS][CNN_SLAB_COLUMNS];
    cnn_norm_rows work = {.by_gradient = cnn_slab_columns(&s, vectors, expanded[0]),
                          .by_input = cnn_slab_columns(&s, vectors + channels, expanded[1]),
                          .constant = cnn_slab_columns(&s, vectors + 2 * channels, expanded[2])};
    if (norm->relu) {
        work.scale = cnn_slab_columns(&s, vectors + 3 * channels, expanded[3]);
        work.offset = cnn_slab_columns(&s, vectors + 4 * channels, expanded[4]);
    }
    cnn_slab_rows(&s, &work);
}

/* Gradients of gamma and beta, from the sums of each sample in order. */
static void parameter_gradients(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_norm *norm = argument;
    (void)thread;
    for (int64_t c = begin; c < end; c++) {
        double gamma = 0, beta = 0;
        for (int64_t n = 0; n < norm->samples; n++) {
            const double *sums = norm->partials + n * norm->slabs * 2 * norm->channels;
            beta += sums[c];
            gamma += sums[norm->channels + c] * norm->inverse[n * norm->groups + c / norm->depth];
        }
        if (norm->gamma_gradient) norm->gamma_gradient[c] = (float)gamma;
        if (norm->beta_gradient) norm->beta_gradient[c] = (float)beta;
    }
}

CNN_EACH_SLAB(products_of_slabs, products_of_slab)
CNN_EACH_SLAB(gradient_slabs, gradient_slab)
CNN_EACH_GROUP(finish_all_gradients, finish_gradients)

static void backward_samples(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_norm *norm = argument;
    (void)thread;
    for (int64_t n = begin; n < end; n++) {
        if (norm->relu) activation_vectors(norm, n);
        products_of_slab(norm, n, 0);
        finish_gradients(norm, n, 0, norm->groups);
        if (norm->output) gradient_slab(norm, n, 0);
    }
}

cnn_status cnn_norm_backward(const cnn_context *context, const cnn_norm *norm)
{
    const int64_t cost = 2 * norm->slab_pixels * norm->channels * CNN_NORM_COST, slabs = norm->samples * norm->slabs;
    if (norm->slabs == 1) {
        CNN_TRY(cnn_parallel(context, norm->samples, 2 * cost, backward_samples, norm));
    } else {
        const uint64_t mode = cnn_begin_arithmetic();
        for (int64_t n = 0; norm->relu && n < norm->samples; n++)
            activation_vectors(norm, n);
        cnn_end_arithmetic(mode, NULL);
        CNN_TRY(cnn_parallel(context, slabs, cost, products_of_slabs, norm));
        CNN_TRY(cnn_parallel(context, norm->samples * norm->groups, norm->slabs * norm->depth * CNN_NORM_COST,
                             finish_all_gradients, norm));
        if (norm->output) CNN_TRY(cnn_parallel(context, slabs, cost, gradient_slabs, norm));
    }
    return cnn_parallel(context, norm->channels, norm->samples * CNN_NORM_COST, parameter_gradients, norm);
}
