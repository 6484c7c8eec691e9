/* norm.c - the passes of a normalisation: sums over slabs of pixels, what follows from them for each group, and an
 * element-wise pass. A sample of one slab stays in a second-level cache, so it goes through all of them at once; larger ones
 * go through memory twice. */
#include "error.h"
#include "norm_slab.h"

#include "threads.h"

#include <math.h>

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The value that moments are taken from: the first of the group in its sample. It is as large as the others are, so that
 * what the sums of squares lose is not more than what float32 has lost already. */
static float center_of(const cnn_norm *norm, int64_t sample, int64_t group)
{
    return norm->input[sample * norm->pixels * norm->channels + group * norm->depth];
}

static void moments_of_slab(const cnn_norm *norm, int64_t sample, int64_t index)
{
    const cnn_slab s = cnn_slab_at(norm, sample, index);
    double first[CNN_SLAB_COLUMNS], second[CNN_SLAB_COLUMNS],
        *sums = norm->partials + (sample * norm->slabs + index) * 2 * norm->groups;
    float center[CNN_SLAB_COLUMNS];
    for (int64_t g = 0; g < 2 * norm->groups; g++)
        sums[g] = 0;
    for (int64_t column = 0; column < s.stride; column += CNN_SLAB_COLUMNS) {
        const int64_t count = smaller(CNN_SLAB_COLUMNS, s.stride - column);
        cnn_column_sums work = {.center = center, .first = first, .second = second};
        for (int64_t i = 0; i < count; i++)
            center[i] = center_of(norm, sample, (column + i) % norm->channels / norm->depth);
        cnn_slab_sums(&s, &work, column, count);
        for (int64_t i = 0; i < count; i++) {
            const int64_t group = (column + i) % norm->channels / norm->depth;
            sums[2 * group] += first[i];
            sums[2 * group + 1] += second[i];
        }
    }
}

double cnn_norm_statistics(const double *sums, double count, float center, float epsilon, float *mean, float *inverse)
{
    const double shift = sums[0] / count, variance = sums[1] / count - shift * shift;
    const double positive = variance < 0 ? 0 : variance; /* written so that a NaN passes */
    *mean = (float)(center + shift);
    *inverse = (float)(1 / sqrt(positive + epsilon));
    return positive;
}

static void update_running(const cnn_norm *norm, int64_t group, double count, double variance)
{
    const double keep = 1 - (double)norm->momentum, unbiased = variance * count / (count - 1);
    if (norm->running_mean)
        norm->running_mean[group] = (float)(keep * norm->running_mean[group] + (double)norm->momentum * norm->mean[group]);
    if (norm->running_variance)
        norm->running_variance[group] = (float)(keep * norm->running_variance[group] + (double)norm->momentum * unbiased);
}

/* Statistics, scale and offset of the groups first..last-1 of a sample, from the sums of its slabs. */
static void finish_groups(const cnn_norm *norm, int64_t sample, int64_t first, int64_t last)
{
    const double count = (double)norm->pixels * (double)norm->depth;
    float *scale = norm->coefficients + sample * 2 * norm->channels, *offset = scale + norm->channels;
    for (int64_t g = first; g < last; g++) {
        const double *partial = norm->partials + sample * norm->slabs * 2 * norm->groups + 2 * g;
        double sums[2] = {0, 0};
        for (int64_t s = 0; s < norm->slabs; s++, partial += 2 * norm->groups) {
            sums[0] += partial[0];
            sums[1] += partial[1];
        }
        float *mean = norm->mean + sample * norm->groups + g, *inverse = norm->inverse + sample * norm->groups + g;
        const double variance = cnn_norm_statistics(sums, count, center_of(norm, sample, g), norm->epsilon, mean, inverse);
        update_running(norm, g, count, variance);
        for (int64_t c = g * norm->depth; c < (g + 1) * norm->depth; c++) {
            scale[c] = cnn_norm_scale(norm->gamma ? norm->gamma[c] : 1.0f, *inverse);
            offset[c] = cnn_norm_offset(norm->beta ? norm->beta[c] : 0.0f, *mean, scale[c]);
        }
    }
}

static void apply_slab(const cnn_norm *norm, int64_t sample, int64_t index)
{
    const cnn_slab s = cnn_slab_at(norm, sample, index);
    const float *scale = norm->coefficients + sample * 2 * norm->channels;
    float expanded[2][CNN_SLAB_COLUMNS];
    cnn_norm_rows work = {.scale = cnn_slab_columns(&s, scale, expanded[0]),
                          .offset = cnn_slab_columns(&s, scale + norm->channels, expanded[1]),
                          .lower = norm->relu ? 0.0f : -INFINITY};
    cnn_slab_rows(&s, &work);
}

CNN_EACH_SLAB(moments_of_slabs, moments_of_slab)
CNN_EACH_SLAB(apply_slabs, apply_slab)
CNN_EACH_GROUP(finish_all_groups, finish_groups)

static void forward_samples(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_norm *norm = argument;
    (void)thread;
    for (int64_t n = begin; n < end; n++) {
        moments_of_slab(norm, n, 0);
        finish_groups(norm, n, 0, norm->groups);
        apply_slab(norm, n, 0);
    }
}

cnn_status cnn_norm_apply(const cnn_context *context, const cnn_norm *norm)
{
    return cnn_parallel(context, norm->samples * norm->slabs, norm->slab_pixels * norm->channels * CNN_NORM_COST,
                        apply_slabs, norm);
}

cnn_status cnn_norm_forward(const cnn_context *context, const cnn_norm *norm)
{
    const int64_t cost = norm->slab_pixels * norm->channels * CNN_NORM_COST,
                  group_cost = norm->slabs * CNN_NORM_COST + norm->depth;
    if (norm->slabs == 1) return cnn_parallel(context, norm->samples, 2 * cost, forward_samples, norm);
    CNN_TRY(cnn_parallel(context, norm->samples * norm->slabs, cost, moments_of_slabs, norm));
    CNN_TRY(cnn_parallel(context, norm->samples * norm->groups, group_cost, finish_all_groups, norm));
    return cnn_norm_apply(context, norm);
}
