/* conv2d_gradient_depthwise.c - the weight gradient of a depthwise convolution: a sum of products along the rows, channel by
 * channel, whose chunks are summed apart by slabs, so that long sums stay exact. */
#include "conv2d_gradient.h"

#include "context.h"
#include "platform.h"
#include "threads.h"

#include <string.h>

/* Adds one row of output to the sums of a slab: tap x channel. */
static void add_row(const cnn_gradient_work *work, int64_t segment, float *sums)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels, image = segment / v->output, y = segment % v->output;
    for (int64_t ky = 0; ky < v->window; ky++) {
        const int64_t line = y * v->stride - v->padding_before + ky * v->dilation;
        if (line < 0 || line >= v->input) continue;
        for (int64_t kx = 0; kx < h->window; kx++) {
            const int64_t shift = kx * h->dilation - h->padding_before; /* output x sees column x * stride + shift */
            const int64_t first = shift >= 0 ? 0 : (-shift + h->stride - 1) / h->stride;
            int64_t end = shift >= h->input ? 0 : (h->input - shift + h->stride - 1) / h->stride;
            if (end > h->output) end = h->output;
            if (first >= end) continue;
            const int64_t pixel = (image * v->input + line) * h->input + first * h->stride + shift;
            const cnn_products products = {.count = end - first,
                                           .rows = work->input + pixel * channels,
                                           .row_step = h->stride * channels,
                                           .columns = work->output_gradient + (segment * h->output + first) * channels,
                                           .column_step = channels,
                                           .channels = channels,
                                           .sums = sums + (ky * h->window + kx) * channels};
            plan->kernels->add_products(&products);
        }
    }
}

static void sum_chunks(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_gradient_work *work = argument;
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t elements = work->plan->taps * work->plan->desc.input_channels;
    void *room = cnn_conv2d_gradient_room(work, thread), *shared = work->workspace;
    float *slab_sums = room;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        float *sums = (float *)shared + chunk * cut->chunk_elements;
        memset(sums, 0, (size_t)elements * sizeof(float));
        for (int64_t i = cut->slabs * chunk / cut->chunks; i < cut->slabs * (chunk + 1) / cut->chunks; i++) {
            if (cnn_is_cancelled(work->context)) return;
            int64_t count = 0;
            const int64_t first = cnn_conv2d_gradient_slab(cut, i, &count);
            memset(slab_sums, 0, (size_t)elements * sizeof(float));
            for (int64_t s = 0; s < count; s++)
                add_row(work, first + s, slab_sums);
            work->plan->kernels->add(elements, sums, slab_sums, sums);
        }
    }
}

/* Adds the chunks, and puts each weight where the caller has it. */
static void gather_chunks(const cnn_gradient_work *work)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_gradient_cut *cut = &work->cut;
    const void *shared = work->workspace;
    const float *sums = shared;
    const int64_t channels = plan->desc.input_channels;
    const uint64_t mode = cnn_begin_arithmetic();
    for (int64_t t = 0; t < plan->taps; t++)
        for (int64_t c = 0; c < channels; c++) {
            float sum = sums[t * channels + c];
            for (int64_t chunk = 1; chunk < cut->chunks; chunk++)
                sum += sums[chunk * cut->chunk_elements + t * channels + c];
            float *target = work->weights_gradient + c * plan->taps + t;
            *target = work->accumulate ? *target + sum : sum;
        }
    cnn_end_arithmetic(mode, NULL);
}

cnn_status cnn_conv2d_gradient_depthwise(const cnn_gradient_work *work)
{
    const int64_t chunks = work->cut.chunks;
    const cnn_status status =
        cnn_parallel(work->context, chunks, 2 * (work->plan->multiply_accumulates / chunks), sum_chunks, work);
    if (status == CNN_OK) gather_chunks(work);
    return status;
}
