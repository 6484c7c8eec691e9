/* conv2d_run.c - the loops around the convolution kernels. Work is cut into blocks of output pixels, and into ranges of
 * output channels where there are too few pixels for the threads; each output element is summed by one kernel call, in one
 * order. */
#include "conv2d.h"

#include "buffer.h"
#include "context.h"
#include "error.h"
#include "threads.h"

typedef struct run_job {
    const cnn_conv2d_plan *plan;
    const float *packed;
    const float *input;
    float *output;
    char *workspace;
    int64_t blocks;       /* of rows_per_block output pixels */
    int64_t column_parts; /* ranges into which the panels of a group are cut */
} run_job;

static void *thread_workspace(const run_job *job, int32_t thread)
{
    return job->workspace + thread * job->plan->workspace_bytes;
}

void cnn_conv2d_finish(const cnn_conv2d_plan *plan, float *output, int64_t rows, int64_t columns)
{
    const int64_t stride = plan->desc.output_channels;
    if (!plan->activate_after) return;
    if (columns == stride) {
        columns *= rows;
        rows = 1;
    }
    for (int64_t i = 0; i < rows; i++)
        plan->kernels->activate(plan->desc.activation, plan->desc.activation_alpha, plan->desc.activation_beta, columns,
                                output + i * stride, output + i * stride);
}

/* Fills the pointer table for `count` output pixels from `first` on, tile by tile: table[tile][tap][row in tile]. Rows past
 * the last pixel repeat it, because a kernel reads all of its rows. */
static void fill_row_table(const run_job *job, int64_t first, int64_t count, const float **table)
{
    const cnn_conv2d_plan *plan = job->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t tile_rows = plan->kernels->tile_rows, channels = plan->desc.input_channels;
    const int64_t padded = (count + tile_rows - 1) / tile_rows * tile_rows;
    for (int64_t i = 0; i < padded; i++) {
        int64_t pixel = first + (i < count ? i : count - 1);
        int64_t x = pixel % h->output, y = pixel / h->output % v->output, image = pixel / h->output / v->output;
        int64_t top = y * v->stride - v->padding_before, left = x * h->stride - h->padding_before;
        const float *source = job->input + image * v->input * h->input * channels;
        const float **entry = table + i / tile_rows * tile_rows * plan->taps + i % tile_rows;
        for (int32_t ky = 0; ky < v->window; ky++) {
            int64_t row = top + (int64_t)ky * v->dilation;
            int inside = row >= 0 && row < v->input;
            for (int32_t kx = 0; kx < h->window; kx++, entry += tile_rows) {
                int64_t column = left + (int64_t)kx * h->dilation;
                *entry =
                    inside && column >= 0 && column < h->input ? source + (row * h->input + column) * channels : plan->zeros;
            }
        }
    }
}

/* One block: `count` output pixels from `first` on, the panels begin..end-1 of one group. A panel of weights is used for all
 * tiles of the block before the next one is read. */
static void run_block(const run_job *job, const float *const *table, int64_t first, int64_t count, int64_t group,
                      int64_t begin, int64_t end)
{
    const cnn_conv2d_plan *plan = job->plan;
    const cnn_kernels *kernels = plan->kernels;
    const int64_t columns = kernels->tile_columns, stride = plan->desc.output_channels;
    const float *biases = job->packed + plan->bias_offset;
    float *output = job->output + first * stride + group * plan->group_outputs;
    for (int64_t panel = begin; panel < end; panel++) {
        int64_t left = plan->group_outputs - panel * columns, index = group * plan->panels + panel;
        cnn_tile tile = {.taps = plan->taps,
                         .channels = plan->group_inputs,
                         .channel_offset = group * plan->group_inputs,
                         .packed = job->packed + index * cnn_conv2d_panel_elements(plan),
                         .bias = biases + index * columns,
                         .lower = plan->lower,
                         .upper = plan->upper,
                         .output_stride = stride,
                         .column_count = (int32_t)(left < columns ? left : columns)};
        for (int64_t row = 0; row < count; row += kernels->tile_rows) {
            tile.rows = table + row * plan->taps;
            tile.row_count = (int32_t)(count - row < kernels->tile_rows ? count - row : kernels->tile_rows);
            tile.output = output + row * stride + panel * columns;
            kernels->convolve_tile(&tile);
        }
    }
    int64_t last = end * columns < plan->group_outputs ? end * columns : plan->group_outputs;
    cnn_conv2d_finish(plan, output + begin * columns, count, last - begin * columns);
}

/* Items are ranges of panels x blocks of pixels x groups, the ranges outermost: neighbouring items share their weights. */
static void run_gemm(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const run_job *job = argument;
    const cnn_conv2d_plan *plan = job->plan;
    const int64_t groups = plan->desc.groups, items_per_part = job->blocks * groups;
    const int64_t block_rows = plan->kernels->rows_per_block;
    const float **table = thread_workspace(job, thread);
    int64_t filled = -1;
    for (int64_t item = begin; item < end; item++) {
        int64_t part = item / items_per_part, block = item % items_per_part / groups, group = item % groups;
        int64_t first = block * block_rows, left = plan->output_pixels - first;
        int64_t count = left < block_rows ? left : block_rows;
        if (block != filled) {
            fill_row_table(job, first, count, table);
            filled = block;
        }
        run_block(job, table, first, count, group, plan->panels * part / job->column_parts,
                  plan->panels * (part + 1) / job->column_parts);
    }
}

/* Filters `pixels` output pixels from x on; all of them have the taps first..last-1 of each row in `rows_first..rows_last-1`
 * inside the input. Taps in the padding are left out of the sum. */
static void run_depthwise_pixels(const run_job *job, const float *image, int64_t y, int64_t x, int64_t pixels, int32_t first,
                                 int32_t last, const float **pointers, float *output)
{
    const cnn_conv2d_plan *plan = job->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels;
    const float **weights = pointers + plan->taps;
    int32_t row_first, row_last;
    int64_t taps = 0;
    cnn_axis_taps(v, (int32_t)y, &row_first, &row_last);
    for (int32_t ky = row_first; ky < row_last; ky++) {
        int64_t row = y * v->stride - v->padding_before + (int64_t)ky * v->dilation;
        for (int32_t kx = first; kx < last; kx++, taps++) {
            int64_t column = x * h->stride - h->padding_before + (int64_t)kx * h->dilation;
            pointers[taps] = image + (row * h->input + column) * channels;
            weights[taps] = job->packed + ((int64_t)ky * h->window + kx) * plan->period;
        }
    }
    cnn_depthwise work = {.taps = taps,
                          .rows = pointers,
                          .weights = weights,
                          .bias = job->packed + plan->bias_offset,
                          .period = plan->period,
                          .lower = plan->lower,
                          .upper = plan->upper,
                          .output = output,
                          .count = pixels * channels};
    plan->kernels->convolve_depthwise(&work);
}

/* Items are output rows. Inside the image a flat row is one kernel call; at its ends each pixel is one. */
static void run_depthwise(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const run_job *job = argument;
    const cnn_conv2d_plan *plan = job->plan;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t channels = plan->desc.input_channels;
    const float **pointers = thread_workspace(job, thread);
    int32_t inside_first, inside_last;
    cnn_axis_interior(h, &inside_first, &inside_last);
    for (int64_t item = begin; item < end; item++) {
        const float *image = job->input + item / v->output * v->input * h->input * channels;
        float *row = job->output + item * h->output * channels;
        for (int32_t x = 0; x < h->output;) {
            int32_t first, last, pixels = 1;
            cnn_axis_taps(h, x, &first, &last);
            if (plan->flat && x == inside_first && inside_last > inside_first) pixels = inside_last - inside_first;
            run_depthwise_pixels(job, image, item % v->output, x, pixels, first, last, pointers, row + x * channels);
            x += pixels;
        }
        cnn_conv2d_finish(plan, row, h->output, channels);
    }
}

/* Cuts the panels of a group into ranges when there are too few blocks for an even split over the threads. */
static int64_t choose_column_parts(const cnn_context *context, const cnn_conv2d_plan *plan, int64_t blocks)
{
    const int64_t few = 8 * (int64_t)context->threads, most = 4 * (int64_t)context->threads;
    if (context->threads == 1 || blocks * plan->desc.groups >= few) return 1;
    return plan->panels < most ? plan->panels : most;
}

static cnn_status check_buffers(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *packed,
                                const cnn_buffer *input, const cnn_buffer *output, const cnn_buffer *workspace,
                                cnn_error *error)
{
    const char *const operation = "cnn_conv2d_run";
    const int64_t workspace_elements = plan->workspace_bytes / (int64_t)sizeof(float) * context->threads;
    if (context->kernels != plan->kernels)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: the plan was made for %s, the context uses %s; make the plan with this context.", operation,
                        cnn_isa_name(plan->kernels->isa), cnn_isa_name(context->kernels->isa));
    CNN_TRY(cnn_buffer_check(packed, plan->packed_elements, operation, "packed", error));
    CNN_TRY(cnn_buffer_check_aligned(packed, operation, "packed", error));
    CNN_TRY(cnn_buffer_check(input, plan->input_elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, plan->output_elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check(workspace, workspace_elements, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_apart(input, plan->input_elements, output, plan->output_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(packed, plan->packed_elements, output, plan->output_elements, operation, error));
    return cnn_buffer_check_apart(workspace, workspace_elements, output, plan->output_elements, operation, error);
}

cnn_status cnn_conv2d_run(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *packed,
                          const cnn_buffer *input, const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error)
{
    CNN_TRY(cnn_require(context, "cnn_conv2d_run", "context", error));
    CNN_TRY(cnn_require(plan, "cnn_conv2d_run", "plan", error));
    CNN_TRY(check_buffers(context, plan, packed, input, output, workspace, error));
    run_job job = {
        plan, cnn_buffer_floats(packed), cnn_buffer_floats(input), cnn_buffer_floats_mutable(output), workspace->data, 0, 1};
    if (plan->rule->algorithm == CNN_CONV2D_DEPTHWISE) {
        int64_t rows = plan->output_pixels / plan->horizontal.output;
        cnn_parallel(context, rows, 2 * (plan->multiply_accumulates / rows), run_depthwise, &job);
    } else if (plan->rule->algorithm == CNN_CONV2D_IMPLICIT_GEMM) {
        job.blocks = (plan->output_pixels + plan->kernels->rows_per_block - 1) / plan->kernels->rows_per_block;
        job.column_parts = choose_column_parts(context, plan, job.blocks);
        int64_t items = job.blocks * plan->desc.groups * job.column_parts;
        cnn_parallel(context, items, plan->multiply_accumulates / items, run_gemm, &job);
    } else {
        cnn_conv2d_winograd_run(context, plan, job.packed, job.input, job.output, workspace->data);
    }
    return CNN_OK;
}
