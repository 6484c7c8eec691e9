/* conv2d_gradient_bias.c - the gradient of a convolution by its bias: the sum of the rows of the output gradient, with the
 * chunks of the weights where those read it anyway, else in slabs of its own, so that long sums stay exact. */
#include "conv2d_gradient.h"

#include "context.h"
#include "error.h"
#include "platform.h"
#include "threads.h"

#define MOST_LANES 16        /* of any instruction set */
#define BIAS_ROWS_AT_ONCE 64 /* rows that one kernel call sums; also the pointers kept on the stack */

/* target = or (continued) += the sum of `count` rows of `columns` elements, a few at a time. */
static void sum_some_rows(const cnn_kernels *kernels, const float *rows, int64_t count, int64_t columns, int continued,
                          float *target)
{
    const float *pointers[BIAS_ROWS_AT_ONCE + 1];
    for (int64_t done = 0; done < count;) {
        int64_t used = 0;
        if (done > 0 || continued) pointers[used++] = target;
        for (int64_t i = 0; i < BIAS_ROWS_AT_ONCE && done < count; i++, done++)
            pointers[used++] = rows + done * columns;
        kernels->sum_rows(used, pointers, columns, 1, target);
    }
}

typedef struct bias_job {
    const cnn_gradient_work *work;
    float *partial;
} bias_job;

/* How many pixels make a row of whole vectors, which few channels alone are not. */
static int64_t pixels_of_row(const cnn_conv2d_plan *plan)
{
    const int64_t channels = plan->desc.output_channels, lanes = plan->kernels->lanes;
    int64_t pixels = 1;
    while (channels < lanes && pixels * channels % lanes != 0)
        pixels++;
    return pixels;
}

/* target = or += the sum of `count` pixels, some of which are summed side by side first. */
static void sum_pixels(const cnn_conv2d_plan *plan, const float *pixels, int64_t count, int continued, float *target)
{
    const int64_t channels = plan->desc.output_channels, together = pixels_of_row(plan), rows = count / together;
    if (together == 1 || rows == 0) {
        sum_some_rows(plan->kernels, pixels, count, channels, continued, target);
        return;
    }
    float sums[MOST_LANES * MOST_LANES];
    const float *rest[2] = {target, pixels + rows * together * channels};
    sum_some_rows(plan->kernels, pixels, rows, together * channels, 0, sums);
    sum_some_rows(plan->kernels, sums, together, channels, continued, target);
    for (int64_t done = rows * together; done < count; done++, rest[1] += channels)
        plan->kernels->sum_rows(2, rest, channels, 1, target);
}

static void sum_bias_slabs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const bias_job *job = argument;
    const cnn_conv2d_plan *plan = job->work->plan;
    const int64_t rows = job->work->cut.bias_slab_rows, channels = plan->desc.output_channels;
    (void)thread;
    for (int64_t slab = begin; slab < end; slab++) {
        const int64_t first = slab * rows, left = plan->output_pixels - first;
        sum_pixels(plan, job->work->output_gradient + first * channels, left < rows ? left : rows, 0,
                   job->partial + slab * channels);
    }
}

void cnn_conv2d_gradient_add_bias(const cnn_gradient_work *work, int64_t part, const float *gradient, int64_t pixels,
                                  int continued)
{
    if (work->bias_partial)
        sum_pixels(work->plan, gradient, pixels, continued, work->bias_partial + part * work->plan->desc.output_channels);
}

cnn_status cnn_conv2d_gradient_bias(const cnn_gradient_work *work, float *partial, int accumulate, float *gradient)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t channels = plan->desc.output_channels, slabs = work->cut.bias_slabs;
    bias_job job = {work, partial};
    if (!work->cut.with_bias)
        CNN_TRY(cnn_parallel(work->context, slabs, work->cut.bias_slab_rows * channels, sum_bias_slabs, &job));
    const float *rows[2] = {gradient, partial};
    const uint64_t mode = cnn_begin_arithmetic();
    if (slabs > 1) sum_some_rows(plan->kernels, partial + channels, slabs - 1, channels, 0, partial + channels);
    if (slabs > 1) plan->kernels->add(channels, partial, partial + channels, partial);
    plan->kernels->sum_rows(accumulate ? 2 : 1, accumulate ? rows : rows + 1, channels, 1, gradient);
    cnn_end_arithmetic(mode, NULL);
    return CNN_OK;
}
