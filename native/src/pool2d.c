/* pool2d.c - pooling: the windows of an image, reduced row by row by two small kernels (largest, sum).
 *
 * With many channels a window is a handful of pixels, each a vector of channels: the kernel reduces them at once, and for
 * maxima, which take less time than a call for each window would, those of a row together. With fewer
 * channels than a vector has lanes, windows that share no pixels are reduced where they are, side by side, and of others the
 * rows first. What is left of a window is then less than a vector for each tap; with a single channel it is split by the
 * stride, so that neighbouring windows become neighbouring elements, and reduced again. Sums are taken in chunks, so that
 * their rounding error grows with the square root of a large window rather than with its size. */
#include "pool2d.h"
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "threads.h"

#include <math.h>

#define CHUNK 64          /* rows that one kernel call reduces; also the pointers kept on the stack */
#define CHANNEL_BLOCK 256 /* channels whose partial sums are kept on the stack */
#define LEAST_CHANNELS 64 /* that are worth a thread of their own in a mean over all pixels */
#define STRIP 1024        /* elements of a strip of neighbouring windows, reduced over rows */
#define SPARE 16          /* elements past it that a kernel may load: as many as the largest vector has */
#define RUNS 64           /* elements that splitting a strip by the stride may add */

typedef struct pool_job {
    const cnn_kernels *kernels;
    cnn_axis vertical;
    cnn_axis horizontal;
    int32_t inside_first; /* output columns from here on */
    int32_t inside_last;  /* and before here see all taps of their windows */
    int64_t batch;
    int64_t channels;
    int64_t input_elements;
    int64_t output_elements;
    int maximum; /* 1: largest, 0: mean */
    int count_include_pad;
    const float *input;
    float *output;
} pool_job;

/* Pixels of one window, visited row by row: the taps rows x columns from `origin` on. */
typedef struct window {
    const float *origin;
    int64_t row_step; /* elements between the rows of taps */
    int64_t column_step;
    int64_t rows;
    int64_t columns;
} window;

/* Where a walk over the taps of a window has come. */
typedef struct tap {
    const float *row;
    int64_t column;
} tap;

static const float *next_tap(const window *w, tap *t)
{
    const float *pixel = t->row + t->column * w->column_step;
    if (++t->column == w->columns) {
        t->column = 0;
        t->row += w->row_step;
    }
    return pixel;
}

/* output[c] = the largest of all taps, for `count` channels. */
static void reduce_maximum(const cnn_kernels *kernels, const window *w, int64_t count, float *output)
{
    const float *rows[CHUNK + 1];
    const int64_t taps = w->rows * w->columns;
    tap at = {w->origin, 0};
    for (int64_t done = 0; done < taps;) {
        int64_t used = 0;
        if (done > 0) rows[used++] = output;
        for (int64_t i = 0; i < CHUNK && done < taps; i++, done++)
            rows[used++] = next_tap(w, &at);
        kernels->max_rows(used, rows, count, output);
    }
}

/* output[c] = scale * the sum of all taps, for `count` channels. */
static void reduce_sum(const cnn_kernels *kernels, const window *w, int64_t count, float scale, float *output)
{
    const int64_t taps = w->rows * w->columns;
    for (int64_t c = 0; c < count; c += CHANNEL_BLOCK) {
        int64_t block = count - c < CHANNEL_BLOCK ? count - c : CHANNEL_BLOCK;
        float total[CHANNEL_BLOCK], partial[CHANNEL_BLOCK];
        const float *rows[CHUNK];
        tap at = {w->origin + c, 0};
        for (int64_t done = 0; done < taps;) {
            int64_t used = 0;
            int whole = taps <= CHUNK, first = done == 0;
            for (; used < CHUNK && done < taps; used++, done++)
                rows[used] = next_tap(w, &at);
            kernels->sum_rows(used, rows, block, whole ? scale : 1.0f, whole ? output + c : first ? total : partial);
            if (whole || first) continue;
            const float *both[2] = {total, partial};
            kernels->sum_rows(2, both, block, 1.0f, total);
        }
        const float *sum[1] = {total};
        if (taps > CHUNK) kernels->sum_rows(1, sum, block, scale, output + c);
    }
}

/* The taps of the window at column x that lie inside the input. Most windows have all of them, and no need to divide. */
static void column_taps(const pool_job *job, int32_t x, int32_t *first, int32_t *last)
{
    *first = 0;
    *last = job->horizontal.window;
    if (x < job->inside_first || x >= job->inside_last) cnn_axis_taps(&job->horizontal, x, first, last);
}

static int32_t clamp(int32_t value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : value;
}

static float larger(float a, float b)
{
    const int take = (b > a) | (b != b); /* a NaN on either side stays; no branch, for pixels are hard to predict */
    return take ? b : a;
}

typedef struct pool_row {
    const pool_job *job;
    const float *top; /* the first row of the input that the windows see, or any row when rows == 0 */
    int64_t rows;     /* how many rows they see */
    int64_t divisor;  /* rows that an average counts */
    float *output;
} pool_row;

/* One output row, window by window. */
static void pool_windows(const pool_row *row, int32_t begin, int32_t end)
{
    const pool_job *job = row->job;
    const cnn_axis *h = &job->horizontal;
    for (int32_t x = begin; x < end; x++) {
        int32_t first, last;
        column_taps(job, x, &first, &last);
        int64_t column = (int64_t)x * h->stride - h->padding_before + (int64_t)first * h->dilation;
        window w = {row->top + (last > first ? column : 0) * job->channels,
                    (int64_t)job->vertical.dilation * h->input * job->channels, h->dilation * job->channels, row->rows,
                    last - first};
        float *output = row->output + x * job->channels;
        if (w.rows == 0 || w.columns == 0)
            for (int64_t c = 0; c < job->channels; c++)
                output[c] = job->maximum ? -INFINITY : 0.0f;
        else if (job->maximum)
            reduce_maximum(job->kernels, &w, job->channels, output);
        else
            reduce_sum(job->kernels, &w, job->channels,
                       cnn_pool_scale(row->divisor * cnn_pool_counted(h, job->count_include_pad, x, first, last)), output);
    }
}

/* Reduces the windows begin..end-1, which see `taps` columns each, from `rows` rows of which the first starts at `first`. */
static void reduce_windows(const pool_row *row, const float *first, int64_t rows, int64_t row_step, int64_t taps,
                           int32_t begin, int32_t end)
{
    const pool_job *job = row->job;
    const cnn_axis *h = &job->horizontal;
    const cnn_windows windows = {.input = first,
                                 .windows = end - begin,
                                 .rows = rows,
                                 .row_step = row_step,
                                 .taps = taps,
                                 .step = h->stride * job->channels,
                                 .channels = job->channels,
                                 .scale = cnn_pool_scale(row->divisor * h->window),
                                 .output = row->output + begin * job->channels};
    (job->maximum ? job->kernels->max_windows : job->kernels->sum_windows)(&windows);
}

/* One output row of maxima of many channels, tap by tap: the windows that see all taps go through the kernel together. */
static void pool_wide_maxima(const pool_row *row)
{
    const pool_job *job = row->job;
    const cnn_axis *h = &job->horizontal;
    for (int32_t x = 0, end; x < h->output; x = end) {
        int32_t first, last;
        column_taps(job, x, &first, &last);
        end = x >= job->inside_first && x < job->inside_last ? job->inside_last : x + 1;
        const int64_t column = (int64_t)x * h->stride - h->padding_before + first;
        if (last > first)
            reduce_windows(row, row->top + column * job->channels, row->rows,
                           (int64_t)job->vertical.dilation * h->input * job->channels, last - first, x, end);
        else
            pool_windows(row, x, end);
    }
}

/* output[c] = the largest, or the scaled sum, of `count` elements that lie `step` apart from source + c on. */
static void reduce_line(const pool_job *job, const float *source, int64_t step, int32_t count, float scale, float *output)
{
    for (int64_t c = 0; c < job->channels; c++, source++) {
        float value = source[0];
        if (job->maximum)
            for (int32_t t = 1; t < count; t++)
                value = larger(value, source[t * step]);
        else
            for (int32_t t = 1; t < count; t++)
                value += source[t * step];
        output[c] = job->maximum ? value : value * scale;
    }
}

/* Reduces what is left of the windows begin..end-1 of a row: `strip` holds the input columns from `left` on, reduced over
 * the rows of the windows. */
static void pool_strip(const pool_row *row, const float *strip, int64_t left, int32_t begin, int32_t end)
{
    const pool_job *job = row->job;
    const cnn_axis *h = &job->horizontal;
    const int64_t channels = job->channels, step = h->dilation * channels;
    const float whole_scale = cnn_pool_scale(row->divisor * h->window);
    for (int32_t x = begin; x < end; x++) {
        int32_t first, last;
        column_taps(job, x, &first, &last);
        const int64_t column = (int64_t)x * h->stride - h->padding_before + (int64_t)first * h->dilation - left;
        const float scale = last - first == h->window
                                ? whole_scale
                                : cnn_pool_scale(row->divisor * cnn_pool_counted(h, job->count_include_pad, x, first, last));
        reduce_line(job, strip + column * channels, step, last - first, scale, row->output + x * channels);
    }
}

/* Splits `columns` elements into `stride` runs that hold each stride-th of them, `length` elements apart, so that the same
 * tap of neighbouring windows lies in neighbouring elements. */
static void split_columns(const float *restrict strip, int64_t columns, int64_t stride, int64_t length, float *restrict runs)
{
    if (stride == 2) { /* the common case, in a form that compilers turn into shuffles */
        float *restrict odd = runs + length;
        for (int64_t k = 0; k < columns / 2; k++) {
            runs[k] = strip[2 * k];
            odd[k] = strip[2 * k + 1];
        }
        if (columns % 2) runs[columns / 2] = strip[columns - 1];
        return;
    }
    for (int64_t p = 0; p < stride; p++)
        for (int64_t k = p; k < columns; k += stride)
            runs[p * length + k / stride] = strip[k];
}

/* Windows that share no pixels are reduced where they are, as far as whole vectors may be read from their last pixels.
 * Returns the first column that is left. */
static int32_t pool_in_place(const pool_row *row)
{
    const pool_job *job = row->job;
    const cnn_axis *h = &job->horizontal;
    const int64_t channels = job->channels, row_step = (int64_t)job->vertical.dilation * h->input * channels;
    if (h->stride < h->window || h->dilation != 1 || channels == 1 || h->padding_before != 0 || row->rows == 0 ||
        row->rows * h->window > CHUNK)
        return 0;
    /* The last pixel of window x starts (x * stride + window - 1) * channels elements after the start of its last row. */
    const int64_t readable = job->input + job->input_elements - (row->top + (row->rows - 1) * row_step);
    const int64_t room = (readable - job->kernels->lanes) / channels - (h->window - 1);
    if (readable < job->kernels->lanes || room < 0) return 0;
    const int64_t whole = room / h->stride + 1;
    const int32_t end = whole < job->inside_last ? (int32_t)whole : job->inside_last;
    if (end > 0) reduce_windows(row, row->top, row->rows, row_step, h->window, 0, end);
    return end;
}

/* What pool_strip does, for windows that lie inside the input: tap by tap, many windows at once. */
static void pool_inside(const pool_row *row, const float *strip, int64_t left, int64_t columns, int32_t begin, int32_t end)
{
    const pool_job *job = row->job;
    const cnn_axis *h = &job->horizontal;
    const int64_t channels = job->channels, stride = h->stride;
    const int64_t length = (columns + stride - 1) / stride * channels, base = begin * stride - h->padding_before - left;
    const float *rows[CHUNK];
    float runs[STRIP + RUNS];
    if (end <= begin) return;
    if (stride > 1 && channels > 1) {
        reduce_windows(row, strip + base * channels, 1, 0, h->window, begin, end);
        return;
    }
    if (stride > 1) split_columns(strip, columns, stride, length, runs);
    for (int32_t t = 0; t < h->window; t++) {
        const int64_t column = base + (int64_t)t * h->dilation;
        rows[t] = (stride > 1 ? runs + column % stride * length : strip) + column / stride * channels;
    }
    const int64_t count = (end - begin) * channels;
    if (job->maximum)
        job->kernels->max_rows(h->window, rows, count, row->output + begin * channels);
    else
        job->kernels->sum_rows(h->window, rows, count, cnn_pool_scale(row->divisor * h->window),
                               row->output + begin * channels);
}

/* Columns of the input from the first to the last tap of the windows begin..end-1; 0 when one of them sees nothing. */
static int64_t strip_columns(const cnn_axis *h, int32_t begin, int32_t end, int64_t *left)
{
    int32_t first, last;
    cnn_axis_taps(h, begin, &first, &last);
    if (first == last) return 0;
    *left = (int64_t)begin * h->stride - h->padding_before + (int64_t)first * h->dilation;
    cnn_axis_taps(h, end - 1, &first, &last);
    if (first == last) return 0;
    return (int64_t)(end - 1) * h->stride - h->padding_before + ((int64_t)last - 1) * h->dilation + 1 - *left;
}

/* One output row with few channels: strips of windows where they fit, else window by window. */
static void pool_narrow(const pool_row *row)
{
    const pool_job *job = row->job;
    const cnn_axis *h = &job->horizontal;
    const int64_t covered = ((int64_t)h->window - 1) * h->dilation + 1;
    const int64_t spare = STRIP / job->channels - covered, room = spare < 0 ? 0 : spare / h->stride + 1;
    float strip[STRIP + SPARE];
    int whole = row->rows > 0 && h->dilation == 1 && room > 0;
    for (int32_t x = pool_in_place(row); x < h->output;) {
        int32_t end = whole && room < h->output - x ? x + (int32_t)room : h->output;
        int64_t left = 0, columns = whole ? strip_columns(h, x, end, &left) : 0;
        if (columns > 0) {
            window w = {row->top + left * job->channels, (int64_t)job->vertical.dilation * h->input * job->channels, 0,
                        row->rows, 1};
            if (job->maximum)
                reduce_maximum(job->kernels, &w, columns * job->channels, strip);
            else
                reduce_sum(job->kernels, &w, columns * job->channels, 1.0f, strip);
            const int many = h->window <= CHUNK && (int64_t)h->stride * job->channels <= RUNS;
            const int32_t first = clamp(many ? job->inside_first : end, x, end);
            const int32_t last = clamp(many ? job->inside_last : end, first, end);
            pool_strip(row, strip, left, x, first);
            pool_inside(row, strip, left, columns, first, last);
            pool_strip(row, strip, left, last, end);
        } else {
            pool_windows(row, x, end);
        }
        x = end;
    }
}

static void pool_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const pool_job *job = argument;
    const cnn_axis *v = &job->vertical;
    const int64_t row_elements = job->horizontal.input * job->channels;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        int32_t first, last, y = (int32_t)(item % v->output);
        cnn_axis_taps(v, y, &first, &last);
        int64_t top = last > first ? (int64_t)y * v->stride - v->padding_before + (int64_t)first * v->dilation : 0;
        pool_row row = {job, job->input + (item / v->output * v->input + top) * row_elements, last - first,
                        cnn_pool_counted(v, job->count_include_pad, y, first, last),
                        job->output + item * job->horizontal.output * job->channels};
        if (job->channels < job->kernels->lanes)
            pool_narrow(&row);
        else if (job->maximum && job->horizontal.dilation == 1 && row.rows > 0)
            pool_wide_maxima(&row);
        else
            pool_windows(&row, 0, job->horizontal.output);
    }
}

static cnn_status resolve(const cnn_pool2d_desc *d, const char *operation, pool_job *job, cnn_error *error)
{
    *job = (pool_job){0};
    CNN_TRY(cnn_pool2d_place(d, operation, &job->vertical, &job->horizontal, &job->input_elements, &job->output_elements,
                             error));
    job->batch = d->batch;
    job->channels = d->channels;
    job->count_include_pad = d->count_include_pad != 0;
    return CNN_OK;
}

static cnn_status run(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                      const cnn_buffer *output, int maximum, const char *operation, cnn_error *error)
{
    pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(resolve(desc, operation, &job, error));
    CNN_TRY(cnn_buffer_check(input, job.input_elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, job.output_elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check_apart(input, job.input_elements, output, job.output_elements, operation, error));
    cnn_axis_interior(&job.horizontal, &job.inside_first, &job.inside_last);
    job.kernels = context->kernels;
    job.maximum = maximum;
    job.input = cnn_buffer_floats(input);
    job.output = cnn_buffer_floats_mutable(output);
    int64_t rows = job.batch * job.vertical.output;
    int64_t cost = (int64_t)job.horizontal.output * job.vertical.window * job.horizontal.window;
    return cnn_report(cnn_parallel(context, rows, cost < INT32_MAX ? cost * job.channels : cost, pool_rows, &job), operation,
                      error);
}

cnn_status cnn_pool2d_output_size(const cnn_pool2d_desc *desc, int32_t *output_height, int32_t *output_width,
                                  cnn_error *error)
{
    pool_job job;
    CNN_TRY(cnn_require(output_height, "cnn_pool2d_output_size", "output_height", error));
    CNN_TRY(cnn_require(output_width, "cnn_pool2d_output_size", "output_width", error));
    CNN_TRY(resolve(desc, "pool2d", &job, error));
    *output_height = job.vertical.output;
    *output_width = job.horizontal.output;
    return CNN_OK;
}

cnn_status cnn_max_pool2d(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                          const cnn_buffer *output, cnn_error *error)
{
    return run(context, desc, input, output, 1, "max_pool2d", error);
}

cnn_status cnn_average_pool2d(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                              const cnn_buffer *output, cnn_error *error)
{
    return run(context, desc, input, output, 0, "average_pool2d", error);
}

typedef struct global_job {
    const cnn_kernels *kernels;
    int64_t pixels;
    int64_t channels;
    int64_t block;  /* channels that are summed together */
    int64_t blocks; /* of an image */
    const float *input;
    float *output;
} global_job;

static void pool_images(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const global_job *job = argument;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const int64_t image = item / job->blocks, first = item % job->blocks * job->block;
        const int64_t count = job->channels - first < job->block ? job->channels - first : job->block;
        window w = {job->input + image * job->pixels * job->channels + first, 0, job->channels, 1, job->pixels};
        reduce_sum(job->kernels, &w, count, cnn_pool_scale(job->pixels), job->output + image * job->channels + first);
    }
}

/* A few images are shared out by their channels, in lines of the cache; the sums are the same. */
static int64_t channels_together(const cnn_context *context, int64_t batch, int64_t channels)
{
    const int64_t parts = (context->threads + batch - 1) / batch, count = (channels + parts - 1) / parts;
    return (count + LEAST_CHANNELS - 1) / LEAST_CHANNELS * LEAST_CHANNELS;
}

cnn_status cnn_global_average_pool(const cnn_context *context, int64_t batch, int64_t pixels, int64_t channels,
                                   const cnn_buffer *input, const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "global_average_pool";
    const int64_t sizes[] = {batch, pixels, channels};
    static const char *const names[] = {"batch", "pixels", "channels"};
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_check(3, sizes, names, operation, error));
    CNN_TRY(cnn_sizes_multiply(3, sizes, operation, "input", &elements, error));
    CNN_TRY(cnn_buffer_check(input, elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, batch * channels, operation, "output", error));
    CNN_TRY(cnn_buffer_check_apart(input, elements, output, batch * channels, operation, error));
    global_job job = {.kernels = context->kernels,
                      .pixels = pixels,
                      .channels = channels,
                      .block = channels_together(context, batch, channels),
                      .input = cnn_buffer_floats(input),
                      .output = cnn_buffer_floats_mutable(output)};
    job.blocks = (channels + job.block - 1) / job.block;
    return cnn_report(cnn_parallel(context, batch * job.blocks, pixels * channels / job.blocks, pool_images, &job),
                      operation, error);
}
