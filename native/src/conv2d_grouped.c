/* conv2d_grouped.c - convolution with three taps across whose groups are narrower than a vector: a vector of several groups
 * goes down some rows of the output at a time. */
#include "conv2d.h"

#include "context.h"
#include "error.h"
#include "pieces.h"
#include "threads.h"

#include <stddef.h>

#define WINDOW 3
#define MOST_HANGING 1            /* columns of the padding on either side that the kernel leaves out */
#define GROUPED_BYTES (256 << 10) /* of the input that rows see which are done together: part of a second-level cache */
#define GROUPED_ROWS 2

static int64_t lanes_of(const cnn_conv2d_plan *plan)
{
    return plan->kernels->lanes;
}

int cnn_conv2d_grouped_fits(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t seen = (int64_t)(h->output - 1) * h->stride - h->padding_before + WINDOW;
    return plan->group_inputs > 1 && plan->group_inputs == plan->group_outputs && lanes_of(plan) % plan->group_inputs == 0 &&
           h->window == WINDOW && h->stride <= 2 && h->dilation == 1 && v->dilation == 1 && h->upsample <= 1 &&
           v->upsample <= 1 && h->padding_before <= MOST_HANGING && seen - h->input <= MOST_HANGING;
}

void cnn_conv2d_grouped_lay_out(cnn_conv2d_plan *plan)
{
    plan->panels = (plan->desc.input_channels + lanes_of(plan) - 1) / lanes_of(plan);
    plan->columns = plan->group_outputs;
    const int64_t row = (int64_t)plan->horizontal.input * plan->desc.input_channels * (int64_t)sizeof(float);
    plan->block_rows = GROUPED_BYTES / row / plan->vertical.stride; /* whose product may be more than 63 bits hold */
    if (plan->block_rows < GROUPED_ROWS) plan->block_rows = GROUPED_ROWS;
}

/* Packed weights of one vector of channels. */
static int64_t vector_elements(const cnn_conv2d_plan *plan)
{
    return plan->taps * plan->group_inputs * lanes_of(plan);
}

cnn_status cnn_conv2d_grouped_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const int64_t packed[] = {plan->taps * plan->group_inputs + 1, plan->panels, lanes_of(plan)};
    CNN_TRY(cnn_sizes_multiply(3, packed, operation, "packed filter", &plan->packed_elements, error));
    plan->bias_offset = plan->panels * vector_elements(plan);
    plan->workspace_bytes = CNN_ALIGNMENT;
    return CNN_OK;
}

void cnn_conv2d_grouped_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed)
{
    const cnn_weight_steps *steps = &plan->weight_steps;
    const int64_t lanes = lanes_of(plan), group = plan->group_inputs, channels = plan->desc.input_channels;
    for (int64_t c = 0; c < plan->panels * lanes; c++) {
        const float *filter = weights + steps->start + c / group * steps->group + c % group * steps->output;
        float *target = packed + c / lanes * vector_elements(plan) + c % lanes;
        for (int64_t t = 0; t < plan->taps; t++)
            for (int64_t k = 0; k < group; k++) {
                const int64_t place = (t / WINDOW * group + k) * WINDOW + t % WINDOW;
                target[place * lanes] = c < channels ? filter[t * steps->tap + k * steps->input] : 0.0f;
            }
        packed[plan->bias_offset + c] = c < channels && bias ? bias[c] : 0.0f;
    }
}

/* A vector of channels of `rows` output rows from `row` on, counted over all images. */
static void run_band(const cnn_conv2d_work *work, int64_t row, int64_t rows, int64_t vector)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t first = vector * lanes_of(plan), left = plan->desc.input_channels - first;
    cnn_band band = cnn_conv2d_band(work, row, rows, first, cnn_smaller(left, lanes_of(plan)));
    band.group = plan->group_inputs;
    band.weights = work->packed + vector * vector_elements(plan);
    band.tap_step = lanes_of(plan);
    plan->kernels->convolve_grouped_band(&band);
}

/* Items are output rows; some of them go through all vectors of channels before the next ones, so that what the windows of
 * neighbouring rows share is still in a cache. */
static void run_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_conv2d_work *work = argument;
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t height = plan->vertical.output, width = plan->horizontal.output;
    (void)thread;
    while (begin < end && !cnn_is_cancelled(work->context)) {
        const int64_t rows = cnn_smaller(cnn_smaller(end - begin, height - begin % height), plan->block_rows);
        for (int64_t vector = 0; vector < plan->panels; vector++)
            run_band(work, begin, rows, vector);
        for (int64_t i = begin * width; plan->activate_after && i < (begin + rows) * width; i++) {
            float *pixel = work->output + i * plan->output_stride;
            cnn_conv2d_finish(plan, &pixel, 1, 0, plan->desc.output_channels);
        }
        begin += rows;
    }
}

cnn_status cnn_conv2d_grouped_run(const cnn_conv2d_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t rows = plan->output_pixels / plan->horizontal.output;
    return cnn_parallel_whole(work->context, rows, plan->multiply_accumulates / rows, run_rows, work);
}
