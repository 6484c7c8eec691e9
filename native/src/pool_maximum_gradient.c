/* pool_maximum_gradient.c - gradients of maxima, which are added to where the maxima were. An item of work is some rows of
 * an image of the input, which no other item touches: the windows that reach into two items are looked at twice. An element
 * gets its gradients in the order of the windows, whatever the items are. */
#include "buffer.h"
#include "error.h"
#include "operands.h"
#include "pool_window.h"
#include "threads.h"

#include <stddef.h>
#include <string.h>

#define LEAST_CHANNELS 16 /* of an item, when rows are too few: a cache line, which threads then do not share */
#define COST 4            /* of an element, in multiply-accumulates */

typedef struct band {
    const cnn_pool_job *job;
    const float *input; /* the image's first pixel, at the first channel */
    float *output;      /* the same of the gradient */
    int64_t window;     /* the image's first window */
    int64_t channel;
    int64_t channels;
    int64_t top; /* rows of the input that the item writes */
    int64_t bottom;
} band;

/* Adds the gradients of one window's channels to where the maxima were, but for other rows and for positions outside the
 * plane. */
static void scatter(const band *b, const float *gradient, const int32_t *indices)
{
    const int64_t width = b->job->horizontal.axis.input, step = b->job->channels, first = b->top * width;
    const uint64_t count = (uint64_t)((b->bottom - b->top) * width);
    for (int64_t c = 0; c < b->channels; c++)
        if ((uint64_t)(indices[c] - first) < count) b->output[indices[c] * step + c] += gradient[c];
}

/* Where a window's part of the gradient and of the indices lies. */
static int64_t place_of(const band *b, int32_t y, int32_t x)
{
    return (b->window + (int64_t)y * b->job->horizontal.axis.output + x) * b->job->channels + b->channel;
}

static void scatter_row(const band *b, int32_t y)
{
    for (int32_t x = 0; x < b->job->horizontal.axis.output; x++)
        scatter(b, b->job->gradient + place_of(b, y, x), b->job->indices + place_of(b, y, x));
}

/* What scatter_row does, for the positions that do not lie in their windows. */
static void scatter_strangers(const band *b, int32_t y, const cnn_pool_taps *rows)
{
    const cnn_pool_job *job = b->job;
    const int32_t width = job->horizontal.axis.input;
    for (int32_t x = 0; x < job->horizontal.axis.output; x++) {
        const cnn_pool_taps columns = cnn_pool_window(&job->horizontal, x);
        const int64_t at = place_of(b, y, x);
        for (int64_t c = 0; c < b->channels; c++) {
            const int32_t index = job->indices[at + c], row = index / width;
            if (index < 0 || row < b->top || row >= b->bottom) continue;
            if (cnn_pool_holds(rows, row) && cnn_pool_holds(&columns, index % width)) continue;
            b->output[(int64_t)index * job->channels + c] += job->gradient[at + c];
        }
    }
}

/* Finds the maxima of one window of any size. */
static void large_window(const band *b, const cnn_pool_taps *rows, int32_t x, const float *gradient)
{
    const cnn_pool_taps columns = cnn_pool_window(&b->job->horizontal, x);
    float found[CNN_POOL_BLOCK];
    int32_t positions[CNN_POOL_BLOCK];
    for (int64_t c = 0; c < b->channels; c += CNN_POOL_BLOCK) {
        band part = *b;
        part.channels = b->channels - c < CNN_POOL_BLOCK ? b->channels - c : CNN_POOL_BLOCK;
        part.output += c;
        cnn_pool_maximum(b->job, b->input, rows, &columns, c, part.channels, found, positions);
        scatter(&part, gradient + c, positions);
    }
}

/* Finds the maxima of windows with few channels, whose gradients are faster added one by one. */
static void narrow_windows(const band *b, const cnn_pool_run *given, int64_t windows, const float *gradient)
{
    const cnn_pool_job *job = b->job;
    const int64_t most = CNN_POOL_BLOCK / b->channels;
    const float *pointers[CNN_MOST_TAPS];
    int32_t indices[CNN_POOL_BLOCK];
    cnn_pool_run run = *given;
    while (windows > 0) {
        const int64_t count = windows < most ? windows : most;
        const cnn_tap_windows work = cnn_pool_tap_windows(job, &run, count, b->input, b->channels, pointers);
        job->kernels->max_windows_indexed(&work, NULL, indices);
        for (int64_t w = 0; w < count; w++, gradient += job->channels)
            scatter(b, gradient, indices + w * b->channels);
        for (int64_t t = 0; t < run.taps; t++)
            run.positions[t] += (int32_t)count * job->horizontal.axis.stride;
        windows -= count;
    }
}

/* The windows of a run for the kernels, and the taps from row `first` to row `last` - 1 as their targets. */
static cnn_max_gradient gradient_of(const band *b, const cnn_pool_run *run, int64_t windows, int64_t first, int64_t last,
                                    int64_t at, const float **pointers, float **targets)
{
    const cnn_pool_job *job = b->job;
    for (int64_t t = 0; t < run->taps; t++)
        targets[t] = b->output + run->positions[t] * job->channels;
    return (cnn_max_gradient){
        .windows = cnn_pool_tap_windows(job, run, windows, b->input ? b->input : b->output, b->channels, pointers),
        .indices = job->indices ? job->indices + at : NULL,
        .gradient = job->gradient + at,
        .gradient_step = job->channels,
        .targets = targets,
        .first = first,
        .last = last};
}

/* Adds to the taps from row `first` to row `last` - 1 of the windows. Returns how many maxima it found. */
static int64_t add_windows(const band *b, const cnn_pool_run *run, int64_t windows, int64_t first, int64_t last, int64_t at)
{
    const float *pointers[CNN_MOST_TAPS];
    float *targets[CNN_MOST_TAPS];
    const cnn_max_gradient work = gradient_of(b, run, windows, first, last, at, pointers, targets);
    return b->job->kernels->add_to_maxima(&work);
}

static void maximum_row(const band *b, int32_t y)
{
    const cnn_pool_job *job = b->job;
    const cnn_pool_taps rows = cnn_pool_window(&job->vertical, y);
    const int32_t width = job->horizontal.axis.output;
    const int narrow = b->channels < job->kernels->lanes;
    int64_t first = 0, last = rows.count, found = 0; /* rows of taps in the band */
    cnn_pool_run run;
    while (first < last && rows.start + first * rows.step < b->top)
        first++;
    while (last > first && rows.start + (last - 1) * rows.step >= b->bottom)
        last--;
    if (job->indices && (narrow || first == last || rows.count * cnn_pool_extent(&job->horizontal) > CNN_MOST_TAPS)) {
        scatter_row(b, y);
        return;
    }
    for (int32_t x = 0; x < width && first < last; x = run.end) {
        const int64_t at = place_of(b, y, x);
        cnn_pool_run_at(job, &rows, x, &run);
        if (run.taps == 0) continue;
        if (run.taps > CNN_MOST_TAPS)
            large_window(b, &rows, x, job->gradient + at);
        else if (narrow)
            narrow_windows(b, &run, run.end - x, job->gradient + at);
        else
            found += add_windows(b, &run, run.end - x, first * (run.taps / rows.count), last * (run.taps / rows.count), at);
    }
    if (job->indices && found < width * b->channels) scatter_strangers(b, y, &rows);
}

static void clear(const band *b)
{
    const int64_t width = b->job->horizontal.axis.input, step = b->job->channels;
    if (b->channels == step) {
        memset(b->output + b->top * width * step, 0, (size_t)((b->bottom - b->top) * width * step) * sizeof(float));
        return;
    }
    for (int64_t p = b->top * width; p < b->bottom * width; p++)
        memset(b->output + p * step, 0, (size_t)b->channels * sizeof(float));
}

static int is_tiled(const cnn_axis *axis)
{
    return axis->stride == axis->window && axis->dilation == 1 && axis->padding_before == 0 &&
           (int64_t)axis->output * axis->stride <= axis->input;
}

static int is_covered(const cnn_axis *axis)
{
    return axis->output * axis->stride == axis->input;
}

/* Writes the gradient of windows that follow each other without gaps, where few channels make that worth while. Returns 0
 * where it does not, or where a position lies outside of its window: the item is then done as any. */
static int write_band(const band *b)
{
    const cnn_pool_job *job = b->job;
    const cnn_axis *v = &job->vertical.axis, *h = &job->horizontal.axis;
    const float *pointers[CNN_MOST_TAPS];
    float *targets[CNN_MOST_TAPS];
    const int64_t maxima = h->output * b->channels;
    cnn_pool_run run;
    if (!job->indices || b->channels != job->channels || b->channels > job->kernels->lanes ||
        (int64_t)v->window * h->window > CNN_MOST_TAPS || !is_tiled(v) || !is_tiled(h))
        return 0;
    if (!is_covered(v) || !is_covered(h)) clear(b);
    for (int64_t y = b->top / v->stride, lines = 1; y < v->output && y * v->stride < b->bottom; y += lines) {
        const cnn_pool_taps rows = cnn_pool_window(&job->vertical, (int32_t)y);
        const int64_t whole = (b->bottom - rows.start) / v->stride; /* lines that end inside */
        const int64_t first = rows.start < b->top ? b->top - rows.start : 0,
                      last = whole > 0 ? v->window : b->bottom - rows.start;
        cnn_pool_run_at(job, &rows, 0, &run);
        cnn_max_gradient work = gradient_of(b, &run, h->output, first * h->window, last * h->window,
                                            place_of(b, (int32_t)y, 0), pointers, targets);
        lines = first > 0 || whole == 0 ? 1 : whole < v->output - y ? whole : v->output - y;
        work.windows.lines = lines;
        if (job->kernels->write_maxima(&work) != lines * maxima) return 0;
    }
    return 1;
}

static int64_t blocks(const cnn_pool_job *job)
{
    return (job->channels + job->block - 1) / job->block;
}

static void maximum_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_pool_job *job = argument;
    const int64_t height = job->vertical.axis.input, plane = height * job->horizontal.axis.input * job->channels;
    const int32_t rows = job->vertical.axis.output;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int64_t channel = i % blocks(job) * job->block, left = job->channels - channel;
        const int64_t part = i / blocks(job) % job->bands, image = i / blocks(job) / job->bands;
        const band b = {.job = job,
                        .input = job->input ? job->input + image * plane + channel : NULL,
                        .output = job->output + image * plane + channel,
                        .window = image * rows * job->horizontal.axis.output,
                        .channel = channel,
                        .channels = left < job->block ? left : job->block,
                        .top = height * part / job->bands,
                        .bottom = height * (part + 1) / job->bands};
        if (write_band(&b)) continue;
        clear(&b);
        for (int32_t y = 0; y < rows && !cnn_is_cancelled(job->context); y++)
            maximum_row(&b, y);
    }
}

/* Cuts images where there are fewer than threads, or a number that does not divide: by rows while a part is higher than the
 * windows, then by channels. */
static void split(cnn_pool_job *job, int64_t threads)
{
    const int64_t most = job->vertical.axis.input / cnn_pool_extent(&job->vertical);
    const int64_t wanted = job->batch % threads == 0 || job->batch > 4 * threads ? 1 : threads;
    job->bands = wanted < most ? wanted : most > 1 ? most : 1;
    const int64_t parts = (wanted + job->bands - 1) / job->bands, each = (job->channels + parts - 1) / parts;
    job->block = (each + LEAST_CHANNELS - 1) / LEAST_CHANNELS * LEAST_CHANNELS;
}

static cnn_status run_maximum(const cnn_context *context, cnn_pool_job *job, const cnn_buffer *input,
                              const cnn_buffer *output_gradient, const cnn_buffer *indices, const cnn_buffer *input_gradient,
                              const char *operation, cnn_error *error)
{
    const int optional = indices ? CNN_OPTIONAL : 0;
    const cnn_operand operands[] = {{input, job->input_elements, "input", CNN_READ | optional},
                                    {output_gradient, job->output_elements, "output_gradient", CNN_READ},
                                    {indices, job->output_elements, "indices", CNN_READ | CNN_OPTIONAL},
                                    {input_gradient, job->input_elements, "input_gradient", CNN_WRITE}};
    CNN_TRY(cnn_operands_check(4, operands, operation, error));
    job->context = context;
    job->kernels = context->kernels;
    job->input = cnn_operand_floats(input);
    job->gradient = cnn_buffer_floats(output_gradient);
    job->indices = indices ? indices->data : NULL;
    job->output = cnn_buffer_floats_mutable(input_gradient);
    split(job, context->threads);
    const int64_t items = job->batch * job->bands * blocks(job);
    return cnn_report(cnn_parallel(context, items, (job->input_elements / items + job->output_elements / items) * COST,
                                   maximum_items, job),
                      operation, error);
}

cnn_status cnn_max_pool2d_backward(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                   const cnn_buffer *output_gradient, const cnn_buffer *indices,
                                   const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "max_pool2d_backward";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place(desc, operation, &job, error));
    return run_maximum(context, &job, input, output_gradient, indices, input_gradient, operation, error);
}

cnn_status cnn_adaptive_max_pool2d_backward(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                            const cnn_buffer *input, const cnn_buffer *output_gradient,
                                            const cnn_buffer *indices, const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "adaptive_max_pool2d_backward";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place_adaptive(desc, operation, &job, error));
    return run_maximum(context, &job, input, output_gradient, indices, input_gradient, operation, error);
}
