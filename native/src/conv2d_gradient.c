/* conv2d_gradient.c - the gradient of a convolution by its weights and its bias: checks, how the sum is cut, and the bias.
 */
#include "conv2d_gradient.h"

#include "buffer.h"
#include "context.h"
#include "error.h"
#include "memory.h"
#include "platform.h"
#include "threads.h"

#include <stddef.h>
#include <string.h>

#define SLAB_PIXELS 192 /* of a slab: its panel of gradients, and a line of each pixel, stay near the first-level cache */
#define FEW_ITEMS 96    /* fewer tiles of sums than this are shared out over chunks of pixels as well */
#define MOST_CHUNKS 16
#define GATHERED 16 /* weights of a channel that are written together: a line of the cache */
#define BIAS_SLAB_ROWS 1024
#define BIAS_ROWS_AT_ONCE 64 /* rows that one kernel call sums; also the pointers kept on the stack */

static int64_t round_up(int64_t value, int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

static int is_depthwise(const cnn_conv2d_plan *plan)
{
    return plan->group_inputs == 1 && plan->group_outputs == 1;
}

/* Whether output pixel p sees input pixel p and no other. */
static int is_pointwise(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    return plan->taps == 1 && v->stride == 1 && h->stride == 1 && v->input == v->output && h->input == h->output;
}

/* Pixels of a row of input that the windows of a row of output see, from the first to the last. */
static int64_t row_width(const cnn_conv2d_plan *plan)
{
    const cnn_axis *h = &plan->horizontal;
    return (int64_t)(h->output - 1) * h->stride + (int64_t)(h->window - 1) * h->dilation + 1;
}

/* Slabs are parts of an image, or whole images where those are small. */
static void cut_slabs(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut)
{
    const cnn_axis *v = &plan->vertical;
    const int64_t rows = v->output, wanted = SLAB_PIXELS / cut->segment_pixels;
    const int64_t covered = (int64_t)(v->window - 1) * v->dilation + 1;
    if (wanted > rows) {
        const int64_t images = wanted / rows < plan->desc.batch ? wanted / rows : plan->desc.batch;
        cut->slab_segments = images * rows;
        cut->slabs = (plan->desc.batch + images - 1) / images;
        cut->slab_rows = images * v->input;
    } else {
        cut->slab_segments = wanted > 0 ? wanted : 1;
        cut->slabs = plan->desc.batch * ((rows + cut->slab_segments - 1) / cut->slab_segments);
        cut->slab_rows = (cut->slab_segments - 1) * v->stride + covered;
        if (cut->slab_rows > v->input) cut->slab_rows = v->input;
    }
}

/* Room for rows with padding, a row of zeros, and the pointers to both; depthwise: the sums of a slab. */
static int64_t thread_bytes(const cnn_conv2d_plan *plan, const cnn_gradient_cut *cut)
{
    const int64_t channels = plan->desc.input_channels, bytes = (int64_t)sizeof(float);
    if (is_depthwise(plan)) return round_up(plan->taps * channels * bytes, CNN_ALIGNMENT);
    const int64_t rows = round_up(cut->slab_rows * cut->padded_width * channels * bytes, CNN_ALIGNMENT);
    const int64_t zeros = round_up(row_width(plan) * channels * bytes, CNN_ALIGNMENT);
    const int64_t pointers = (plan->vertical.window + 1) * cut->slab_segments * (int64_t)sizeof(float *);
    return rows + zeros + round_up(pointers, CNN_ALIGNMENT);
}

cnn_gradient_cut cnn_conv2d_gradient_cut(const cnn_conv2d_plan *plan)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t tile_rows = plan->kernels->tile_rows, tile_columns = plan->kernels->tile_columns;
    const int64_t panels = (plan->group_outputs + tile_columns - 1) / tile_columns, bytes = (int64_t)sizeof(float);
    cnn_gradient_cut cut = {.segment_pixels = h->output, .segments = (int64_t)plan->desc.batch * v->output};
    if (is_pointwise(plan) && !is_depthwise(plan)) {
        cut.segment_pixels = SLAB_PIXELS;
        cut.segments = cut.slabs = (plan->output_pixels + SLAB_PIXELS - 1) / SLAB_PIXELS;
        cut.slab_segments = 1;
    } else {
        cut_slabs(plan, &cut);
        const int reads_padding = h->padding_before > 0 || row_width(plan) - h->padding_before > h->input;
        cut.padded_width = reads_padding ? row_width(plan) : 0;
    }
    cut.positions = plan->taps * plan->group_inputs;
    cut.tiles = (cut.positions + tile_rows - 1) / tile_rows;
    cut.items = plan->desc.groups * panels * cut.tiles;
    cut.chunk_elements = cut.items * tile_rows * tile_columns;
    if (is_depthwise(plan)) cut.chunk_elements = round_up(plan->taps * plan->desc.input_channels, tile_columns);
    const int64_t most = cut.slabs < MOST_CHUNKS ? cut.slabs : MOST_CHUNKS;
    cut.chunks = is_depthwise(plan) || cut.items < FEW_ITEMS ? most : 1;
    cut.bias_slab_rows = BIAS_SLAB_ROWS;
    cut.bias_slabs = (plan->output_pixels + BIAS_SLAB_ROWS - 1) / BIAS_SLAB_ROWS;
    cut.thread_bytes = thread_bytes(plan, &cut);
    cut.shared_bytes = round_up(cut.chunks * cut.chunk_elements * bytes, CNN_ALIGNMENT) +
                       round_up(cut.bias_slabs * plan->desc.output_channels * bytes, CNN_ALIGNMENT);
    return cut;
}

/* ---- from sums to gradients */

typedef struct gather_job {
    const cnn_gradient_work *work;
    float *sums;
    float *gradient;
    int accumulate;
} gather_job;

/* Adds `rows` positions of the sums of a panel to the weights of its `used` channels, which are `step` apart. */
static void accumulate_strip(const float *sums, int64_t columns, int64_t rows, int64_t used, float *gradient, int64_t step)
{
    for (int64_t j = 0; j < used; j++)
        for (int64_t i = 0; i < rows; i++)
            gradient[j * step + i] += sums[i * columns + j];
}

/* Items are panels of output channels: adds the chunks and puts each weight where the caller has it. The weights of a
 * channel lie together, those of neighbouring channels far apart, so they are written a line of each at a time. */
static void gather_panels(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const gather_job *job = argument;
    const cnn_conv2d_plan *plan = job->work->plan;
    const cnn_gradient_cut *cut = &job->work->cut;
    const int64_t columns = plan->kernels->tile_columns, panels = (plan->group_outputs + columns - 1) / columns;
    const int64_t panel_elements = cut->tiles * plan->kernels->tile_rows * columns;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const int64_t first = item % panels * columns, left = plan->group_outputs - first;
        const int64_t used = left < columns ? left : columns;
        float *sums = job->sums + item * panel_elements;
        float *gradient = job->gradient + (item / panels * plan->group_outputs + first) * cut->positions;
        for (int64_t chunk = 1; chunk < cut->chunks; chunk++)
            plan->kernels->add(cut->positions * columns, sums, sums + chunk * cut->chunk_elements, sums);
        for (int64_t position = 0; position < cut->positions; position += GATHERED) {
            const int64_t rest = cut->positions - position, rows = rest < GATHERED ? rest : GATHERED;
            if (job->accumulate)
                accumulate_strip(sums + position * columns, columns, rows, used, gradient + position, cut->positions);
            else
                plan->kernels->transpose(rows, used, sums + position * columns, columns, gradient + position,
                                         cut->positions);
        }
    }
}

static void gather_depthwise(const gather_job *job)
{
    const cnn_conv2d_plan *plan = job->work->plan;
    const cnn_gradient_cut *cut = &job->work->cut;
    const int64_t channels = plan->desc.input_channels;
    const uint64_t mode = cnn_begin_arithmetic();
    for (int64_t t = 0; t < plan->taps; t++)
        for (int64_t c = 0; c < channels; c++) {
            float sum = job->sums[t * channels + c];
            for (int64_t chunk = 1; chunk < cut->chunks; chunk++)
                sum += job->sums[chunk * cut->chunk_elements + t * channels + c];
            float *target = job->gradient + c * plan->taps + t;
            *target = job->accumulate ? *target + sum : sum;
        }
    cnn_end_arithmetic(mode, NULL);
}

/* target = the sum of `count` rows of `columns` elements, a few at a time. */
static void sum_some_rows(const cnn_kernels *kernels, const float *rows, int64_t count, int64_t columns, float *target)
{
    const float *pointers[BIAS_ROWS_AT_ONCE + 1];
    for (int64_t done = 0; done < count;) {
        int64_t used = 0;
        if (done > 0) pointers[used++] = target;
        for (int64_t i = 0; i < BIAS_ROWS_AT_ONCE && done < count; i++, done++)
            pointers[used++] = rows + done * columns;
        kernels->sum_rows(used, pointers, columns, 1, target);
    }
}

typedef struct bias_job {
    const cnn_gradient_work *work;
    float *partial;
} bias_job;

static void sum_bias_slabs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const bias_job *job = argument;
    const cnn_conv2d_plan *plan = job->work->plan;
    const int64_t rows = job->work->cut.bias_slab_rows, channels = plan->desc.output_channels;
    (void)thread;
    for (int64_t slab = begin; slab < end; slab++) {
        const int64_t first = slab * rows, left = plan->output_pixels - first;
        sum_some_rows(plan->kernels, job->work->output_gradient + first * channels, left < rows ? left : rows, channels,
                      job->partial + slab * channels);
    }
}

static cnn_status bias_gradient_of(const cnn_gradient_work *work, float *partial, int accumulate, float *gradient)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t channels = plan->desc.output_channels, slabs = work->cut.bias_slabs;
    bias_job job = {work, partial};
    CNN_TRY(cnn_parallel(work->context, slabs, work->cut.bias_slab_rows * channels, sum_bias_slabs, &job));
    const float *rows[2] = {gradient, partial};
    const uint64_t mode = cnn_begin_arithmetic();
    if (slabs > 1) sum_some_rows(plan->kernels, partial + channels, slabs - 1, channels, partial + channels);
    if (slabs > 1) plan->kernels->add(channels, partial, partial + channels, partial);
    plan->kernels->sum_rows(accumulate ? 2 : 1, accumulate ? rows : rows + 1, channels, 1, gradient);
    cnn_end_arithmetic(mode, NULL);
    return CNN_OK;
}

/* ---- the functions of the header */

cnn_status cnn_conv2d_backward_weights_workspace(const cnn_context *context, const cnn_conv2d_plan *plan, int64_t *bytes,
                                                 cnn_error *error)
{
    const char *const operation = "cnn_conv2d_backward_weights_workspace";
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(plan, operation, "plan", error));
    CNN_TRY(cnn_require(bytes, operation, "bytes", error));
    if (plan->transposed)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: the plan is of a transposed convolution; give the plan of the convolution itself.", operation);
    const cnn_gradient_cut cut = cnn_conv2d_gradient_cut(plan);
    *bytes = cut.shared_bytes + cut.thread_bytes * context->threads;
    return CNN_OK;
}

static cnn_status check_buffers(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *input,
                                const cnn_buffer *output_gradient, const cnn_buffer *weights_gradient,
                                const cnn_buffer *bias_gradient, const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "cnn_conv2d_backward_weights";
    const int64_t gradients = plan->output_pixels * plan->desc.output_channels, channels = plan->desc.output_channels;
    int64_t bytes = 0;
    CNN_TRY(cnn_conv2d_backward_weights_workspace(context, plan, &bytes, error));
    const int64_t elements = bytes / (int64_t)sizeof(float);
    if (context->kernels != plan->kernels)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: the plan was made for %s, the context uses %s; make the plan with this context.", operation,
                        cnn_isa_name(plan->kernels->isa), cnn_isa_name(context->kernels->isa));
    CNN_TRY(cnn_buffer_check(input, plan->input_elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output_gradient, gradients, operation, "output_gradient", error));
    CNN_TRY(cnn_buffer_check(weights_gradient, plan->weights_elements, operation, "weights_gradient", error));
    CNN_TRY(cnn_buffer_check(workspace, elements, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_apart(input, plan->input_elements, weights_gradient, plan->weights_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(output_gradient, gradients, weights_gradient, plan->weights_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(workspace, elements, weights_gradient, plan->weights_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(workspace, elements, input, plan->input_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(workspace, elements, output_gradient, gradients, operation, error));
    if (!bias_gradient) return CNN_OK;
    CNN_TRY(cnn_buffer_check(bias_gradient, channels, operation, "bias_gradient", error));
    CNN_TRY(cnn_buffer_check_apart(output_gradient, gradients, bias_gradient, channels, operation, error));
    CNN_TRY(cnn_buffer_check_apart(workspace, elements, bias_gradient, channels, operation, error));
    return cnn_buffer_check_apart(weights_gradient, plan->weights_elements, bias_gradient, channels, operation, error);
}

cnn_status cnn_conv2d_backward_weights(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *input,
                                       const cnn_buffer *output_gradient, int32_t accumulate,
                                       const cnn_buffer *weights_gradient, const cnn_buffer *bias_gradient,
                                       const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "cnn_conv2d_backward_weights";
    CNN_TRY(check_buffers(context, plan, input, output_gradient, weights_gradient, bias_gradient, workspace, error));
    const cnn_gradient_work work = {.context = context,
                                    .plan = plan,
                                    .cut = cnn_conv2d_gradient_cut(plan),
                                    .input = cnn_buffer_floats(input),
                                    .output_gradient = cnn_buffer_floats(output_gradient),
                                    .workspace = workspace->data};
    const int64_t columns = plan->kernels->tile_columns, panels = (plan->group_outputs + columns - 1) / columns;
    float *sums = cnn_buffer_floats_mutable(workspace);
    const gather_job job = {&work, sums, cnn_buffer_floats_mutable(weights_gradient), accumulate != 0};
    if (is_depthwise(plan)) {
        CNN_TRY(cnn_report(cnn_conv2d_gradient_sum_depthwise(&work), operation, error));
        gather_depthwise(&job);
    } else {
        CNN_TRY(cnn_report(cnn_conv2d_gradient_sum(&work), operation, error));
        CNN_TRY(cnn_report(cnn_parallel(context, plan->desc.groups * panels, work.cut.positions * columns * work.cut.chunks,
                                        gather_panels, &job),
                           operation, error));
    }
    if (!bias_gradient) return CNN_OK;
    const int64_t bytes = round_up(work.cut.chunks * work.cut.chunk_elements * (int64_t)sizeof(float), CNN_ALIGNMENT);
    return cnn_report(bias_gradient_of(&work, sums + bytes / (int64_t)sizeof(float), accumulate != 0,
                                       cnn_buffer_floats_mutable(bias_gradient)),
                      operation, error);
}
