/* conv2d_gradient_depthwise.c - the weight gradient of a depthwise convolution: a sum of products along the rows, channel by
 * channel, whose chunks are summed apart by slabs, so that long sums stay exact. */
#include "conv2d_gradient.h"

#include "context.h"
#include "platform.h"
#include "prefetch.h"
#include "threads.h"

#include <string.h>

#define MOST_CACHED (16 << 20) /* bytes of what is read up to which the processor's own prefetching does as well */

/* Brings memory into the cache, in its order. Prefetching the same lines gained nothing. */
static void touch(const float *from, int64_t elements)
{
    for (int64_t i = 0; i < elements; i += CNN_LINE)
        (void)*(const volatile float *)(from + i);
}

/* Fetches what the row of output after `segment` reads that this one did not: its gradient, and the rows of the input after
 * `row`, counted over the batch. */
static void look_ahead(const cnn_gradient_work *work, int64_t segment, int64_t row)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t channels = plan->desc.input_channels, output = plan->horizontal.output * channels;
    const int64_t input = plan->horizontal.input * channels, rows = plan->input_elements / input - row;
    const int64_t elements = plan->input_elements + plan->output_pixels * channels;
    if (segment + 1 == work->cut.segments || elements * (int64_t)sizeof(float) <= MOST_CACHED) return;
    touch(work->output_gradient + (segment + 1) * output, output);
    touch(work->input + row * input, (rows < plan->vertical.stride ? rows : plan->vertical.stride) * input);
}

/* Adds one row of output to the sums of a slab: tap x channel. Lines of the window beside the image see nothing. */
static void add_row(const cnn_gradient_work *work, int64_t segment, float *sums)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels, image = segment / v->output, y = segment % v->output;
    const int64_t top = y * v->stride - v->padding_before;
    int64_t first = 0, last = v->window;
    while (first < last && top + first * v->dilation < 0)
        first++;
    while (first < last && top + (last - 1) * v->dilation >= v->input)
        last--;
    if (first == last) return;
    const cnn_products products = {.lines = last - first,
                                   .taps = h->window,
                                   .stride = h->stride,
                                   .dilation = h->dilation,
                                   .padding = h->padding_before,
                                   .width = h->input,
                                   .count = h->output,
                                   .channels = channels,
                                   .rows =
                                       work->input + (image * v->input + top + first * v->dilation) * h->input * channels,
                                   .line_step = v->dilation * h->input * channels,
                                   .columns = work->output_gradient + segment * h->output * channels,
                                   .sums = sums + first * h->window * channels};
    look_ahead(work, segment, image * v->input + top + (last - 1) * v->dilation + 1);
    plan->kernels->add_products(&products);
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
