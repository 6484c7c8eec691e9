/* conv2d_gradient_sum.c - the sums over pixels. Each thread computes some of the sums and goes through the pixels slab by
 * slab: what a slab sees of the input is laid out once, and all items read it from the cache. */
#include "conv2d_gradient.h"

#include "context.h"
#include "memory.h"
#include "platform.h"
#include "prefetch.h"
#include "threads.h"

#include <stddef.h>
#include <string.h>

#define MOST_SOURCES 17        /* chunks, and what is there */
#define PIECE 1024             /* elements of the gradient that a thread sums over the chunks at a time */
#define MOST_CACHED (8 << 20)  /* bytes of what is read up to which the processor's own prefetching does as well, */
#define MOST_AHEAD (512 << 10) /* and of a slab that fits the second-level cache beside the one before */

/* What a thread has for itself, and the slab that lies there. */
typedef struct slab {
    const float **runs;      /* line x segment: where the first pixel's window begins in that line */
    const float **gradients; /* the same: the segment's output gradient */
    int64_t *counts;         /* line: segments that see a row of the input there */
    int64_t segments;
    int64_t pixels;        /* of each segment */
    const float *gradient; /* of the first segment; the others follow */
    int64_t run_step;      /* elements from a pixel to the next */
    float *rows;
    float *apart; /* copies of gradients */
    float *zeros;
    float *patches;
    const float **window; /* the lines of one window */
} slab;

static void *take(char **next, int64_t bytes)
{
    void *taken = *next;
    *next += (bytes + CNN_ALIGNMENT - 1) / CNN_ALIGNMENT * CNN_ALIGNMENT;
    return taken;
}

/* The layout that conv2d_gradient_cut.c counts. What lies behind the rows is read by vectors that reach over their end. */
static slab open_slab(const cnn_gradient_work *work, int32_t thread)
{
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t channels = work->plan->desc.input_channels, lanes = work->plan->kernels->lanes;
    const int64_t pointers = cut->lines * cut->slab_segments, bytes = sizeof(float), word = sizeof(float *);
    char *next = cnn_conv2d_gradient_room(work, thread);
    void *room = take(&next, 2 * pointers * word + cut->lines * (int64_t)sizeof(int64_t));
    slab made = {.runs = room, .run_step = cut->horizontal.stride * cut->pixel_step};
    made.gradients = made.runs + pointers;
    room = made.gradients + pointers;
    made.counts = room;
    if (cut->slab_rows > 0) {
        const int64_t elements = cut->slab_rows * cut->segment_width * cut->pixel_step;
        made.rows = take(&next, (elements + lanes) * bytes);
        memset(made.rows + elements, 0, (size_t)(lanes * bytes));
    }
    if (cut->gradient_step > work->plan->desc.output_channels)
        made.apart = take(&next, cut->slab_segments * cut->segment_pixels * cut->gradient_step * bytes);
    if (cut->form == CNN_GRADIENT_PATCHES) {
        const int64_t width = cut->segment_width * channels + lanes;
        made.zeros = take(&next, width * bytes);
        made.patches = take(&next, (cut->patch_elements + lanes) * bytes);
        made.window = take(&next, cut->vertical.window * word);
        made.run_step = cut->run;
        memset(made.zeros, 0, (size_t)(width * bytes));
    }
    return made;
}

/* Copies pixels, with some space behind each. */
static void copy_apart(int64_t pixels, int64_t channels, const float *source, int64_t step, float *target)
{
    for (int64_t x = 0; x < pixels; x++)
        memcpy(target + x * step, source + x * channels, (size_t)channels * sizeof(float));
}

/* Copies what a segment whose first window begins at column `left` sees of row `row` of the images, counted over the batch,
 * with zeros where it lies beside the image. */
static void lay_out_row(const cnn_gradient_work *work, int64_t row, int64_t left, float *target)
{
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t channels = work->plan->desc.input_channels, width = cut->segment_width, input = cut->horizontal.input;
    const int64_t before = left < 0 ? (-left < width ? -left : width) : 0, first = left + before;
    int64_t inside = input - first < width - before ? input - first : width - before;
    if (inside < 0) inside = 0;
    if (cut->pixel_step > channels) { /* all of it lies inside */
        copy_apart(width, channels, work->input + (row * input + first) * channels, cut->pixel_step, target);
        return;
    }
    memset(target, 0, (size_t)(before * channels) * sizeof(float));
    if (inside > 0)
        memcpy(target + before * channels, work->input + (row * input + first) * channels,
               (size_t)(inside * channels) * sizeof(float));
    memset(target + (before + inside) * channels, 0, (size_t)((width - before - inside) * channels) * sizeof(float));
}

static void add_line(slab *into, const cnn_gradient_cut *cut, int64_t line, const float *run, const float *gradient)
{
    const int64_t at = line * cut->slab_segments + into->counts[line]++;
    into->runs[at] = run;
    into->gradients[at] = gradient;
}

/* The rows of a slab that are copied: those from `origin` on, up to but without `next`. */
typedef struct copied_rows {
    int64_t origin;
    int64_t next;
} copied_rows;

/* Where a window that begins at column `left` finds row `row` of the images, in which its line `ky` lies. */
static const float *find_row(const cnn_gradient_work *work, const slab *into, copied_rows *copied, int64_t ky, int64_t row,
                             int64_t left)
{
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t channels = work->plan->desc.input_channels, row_elements = cut->segment_width * cut->pixel_step;
    if (cut->form == CNN_GRADIENT_IN_PLACE) return work->input + (row * cut->horizontal.input + left) * channels;
    if (cut->slab_segments == 1) {
        lay_out_row(work, row, left, into->rows + ky * row_elements);
        return into->rows + ky * row_elements;
    }
    for (; copied->next <= row; copied->next++)
        lay_out_row(work, copied->next, left, into->rows + (copied->next - copied->origin) * row_elements);
    return into->rows + (row - copied->origin) * row_elements;
}

static void fill_slab(const cnn_gradient_work *work, slab *into, int64_t index)
{
    const cnn_gradient_cut *cut = &work->cut;
    const cnn_axis *v = &cut->vertical, *h = &cut->horizontal;
    int64_t count = 0;
    const int64_t first = cnn_conv2d_gradient_slab(cut, index, &count), part = first % cut->row_parts;
    const int64_t from = h->output * part / cut->row_parts, to = h->output * (part + 1) / cut->row_parts;
    const int64_t left = from * h->stride - h->padding_before, line = first / cut->row_parts;
    const int64_t top = line % v->output * v->stride - v->padding_before, origin = line / v->output * v->input;
    copied_rows copied = {origin + (top > 0 ? top : 0), origin + (top > 0 ? top : 0)};
    into->segments = count;
    into->pixels = to - from;
    const int64_t channels = work->plan->desc.output_channels;
    into->gradient = work->output_gradient + (line * h->output + from) * channels;
    memset(into->counts, 0, (size_t)cut->lines * sizeof *into->counts);
    for (int64_t s = 0; s < count; s++) {
        const int64_t output = line + s, image = output / v->output, y = output % v->output * v->stride - v->padding_before;
        const float *gradient = work->output_gradient + (output * h->output + from) * channels;
        if (cut->gradient_step > channels) {
            float *copy = into->apart + s * into->pixels * cut->gradient_step;
            copy_apart(into->pixels, channels, gradient, cut->gradient_step, copy);
            gradient = copy;
        }
        for (int64_t ky = 0; ky < v->window; ky++) {
            const int64_t row = y + ky * v->dilation;
            const int inside = row >= 0 && row < v->input;
            const float *found = inside ? find_row(work, into, &copied, ky, image * v->input + row, left) : into->zeros;
            if (cut->form == CNN_GRADIENT_PATCHES)
                into->window[ky] = found;
            else if (inside)
                add_line(into, cut, ky, found, gradient);
        }
        if (cut->form != CNN_GRADIENT_PATCHES) continue;
        float *patches = into->patches + s * into->pixels * cut->run;
        work->plan->kernels->copy_patches(into->pixels, v->window, into->window, h->stride * work->plan->desc.input_channels,
                                          cut->run / v->window, patches);
        add_line(into, cut, 0, patches, gradient);
    }
}

/* What the next slab reads of the gradient and of the input, which is fetched while this one is worked on: processors do not
 * see it coming. Each item fetches some lines. */
typedef struct ahead {
    const float *next[2];
    int64_t lines[2]; /* that are left */
    int64_t some[2];
} ahead;

static ahead look_ahead(const cnn_gradient_work *work, int64_t index, int64_t items)
{
    const cnn_gradient_cut *cut = &work->cut;
    const cnn_axis *v = &cut->vertical, *h = &cut->horizontal;
    const int64_t inputs = work->plan->desc.input_channels, outputs = work->plan->desc.output_channels;
    const int64_t elements = work->plan->input_elements + work->plan->output_pixels * outputs, bytes = sizeof(float);
    ahead found = {{work->output_gradient, work->input}, {0, 0}, {0, 0}};
    if (index >= cut->slabs || elements * bytes <= MOST_CACHED) return found;
    int64_t count = 0;
    const int64_t first = cnn_conv2d_gradient_slab(cut, index, &count), part = first % cut->row_parts;
    const int64_t from = h->output * part / cut->row_parts, to = h->output * (part + 1) / cut->row_parts;
    const int64_t line = first / cut->row_parts, row = line / v->output * v->input + line % v->output * v->stride;
    const int64_t start = (row * h->input + from * h->stride) * inputs, left = work->plan->input_elements - start;
    const int64_t seen = count * (to - from) * h->stride * v->stride * inputs;
    const int64_t lines[] = {count * (to - from) * outputs / CNN_LINE, (seen < left ? seen : left) / CNN_LINE};
    if ((lines[0] + lines[1]) * CNN_LINE * bytes > MOST_AHEAD) return found;
    found.next[0] += (line * h->output + from) * outputs;
    found.next[1] += start;
    for (int i = 0; i < 2; i++) {
        found.lines[i] = lines[i];
        found.some[i] = lines[i] / items + 1;
    }
    return found;
}

static void prefetch(ahead *given)
{
    for (int i = 0; i < 2; i++) {
        const int64_t some = given->lines[i] < given->some[i] ? given->lines[i] : given->some[i];
        for (int64_t line = 0; line < some; line++, given->next[i] += CNN_LINE)
            CNN_PREFETCH(given->next[i], 2);
        given->lines[i] -= some;
    }
}

/* Adds what a slab gives to the items begin..end-1 of a chunk, or writes it when it is the first. */
static void add_items(const cnn_gradient_work *work, const slab *given, ahead *next, int64_t begin, int64_t end,
                      int continued, float *sums)
{
    const cnn_conv2d_plan *plan = work->plan;
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t rows = plan->kernels->outer_rows, columns = plan->kernels->outer_columns;
    cnn_outer outer = {.count = given->pixels,
                       .row_step = given->run_step,
                       .gradient_step = cut->gradient_step,
                       .sums_step = cut->positions,
                       .continued = continued};
    for (int64_t item = begin; item < end; item++) {
        const int64_t output = item % cut->output_parts * rows,
                      element = item / cut->output_parts % cut->run_parts * columns;
        const int64_t run = item / cut->output_parts / cut->run_parts % cut->runs;
        const int64_t group = item / cut->output_parts / cut->run_parts / cut->runs;
        const int64_t line = run * cut->lines / cut->runs, tap = run % (cut->runs / cut->lines);
        const int64_t outputs = plan->group_outputs - output, elements = cut->run - element;
        const int64_t channel = group * plan->group_outputs + output;
        outer.segments = given->counts[line];
        outer.rows = given->runs + line * cut->slab_segments;
        outer.row_offset = tap * cut->horizontal.dilation * plan->desc.input_channels + group * plan->group_inputs + element;
        outer.gradients = given->gradients + line * cut->slab_segments;
        outer.gradient_offset = channel;
        outer.output_count = (int32_t)(outputs < rows ? outputs : rows);
        outer.element_count = (int32_t)(elements < columns ? elements : columns);
        outer.sums = sums + channel * cut->positions + run * cut->run + element;
        prefetch(next);
        plan->kernels->add_outer(&outer);
    }
}

/* The same with the sides exchanged, for patches. */
static void add_turned_items(const cnn_gradient_work *work, const slab *given, ahead *next, int64_t begin, int64_t end,
                             int continued, float *sums)
{
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t rows = work->plan->kernels->outer_rows, columns = work->plan->kernels->outer_columns;
    const int64_t channels = work->plan->desc.output_channels;
    cnn_outer outer = {.segments = given->counts[0],
                       .count = given->pixels,
                       .rows = given->gradients,
                       .row_step = channels,
                       .gradients = given->runs,
                       .gradient_step = given->run_step,
                       .sums_step = channels,
                       .continued = continued};
    for (int64_t item = begin; item < end; item++) {
        const int64_t position = item / cut->output_parts * rows, channel = item % cut->output_parts * columns;
        const int64_t positions = cut->positions - position, left = channels - channel;
        outer.row_offset = channel;
        outer.gradient_offset = position;
        outer.output_count = (int32_t)(positions < rows ? positions : rows);
        outer.element_count = (int32_t)(left < columns ? left : columns);
        outer.sums = sums + position * channels + channel;
        prefetch(next);
        work->plan->kernels->add_outer(&outer);
    }
}

/* Items are those of a chunk, chunk after chunk. A single chunk has its sums where the gradient is wanted. */
static void sum_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_gradient_work *work = argument;
    const cnn_gradient_cut *cut = &work->cut;
    void *shared = work->workspace;
    slab given = open_slab(work, thread);
    for (int64_t chunk = begin / cut->items; chunk * cut->items < end; chunk++) {
        const int apart = cut->chunks > 1 || cut->turned;
        float *sums = apart ? (float *)shared + chunk * cut->chunk_elements : work->weights_gradient;
        int continued = !apart && work->accumulate;
        const int64_t first = begin > chunk * cut->items ? begin - chunk * cut->items : 0;
        const int64_t last = end - chunk * cut->items < cut->items ? end - chunk * cut->items : cut->items;
        for (int64_t i = cut->slabs * chunk / cut->chunks; i < cut->slabs * (chunk + 1) / cut->chunks; i++) {
            if (cnn_is_cancelled(work->context)) return;
            fill_slab(work, &given, i);
            if (first == 0 && cut->with_bias) {
                const int several = cut->chunks > 1;
                cnn_conv2d_gradient_add_bias(work, several ? chunk : i / cut->bias_run, given.gradient,
                                             given.segments * given.pixels,
                                             several ? i > cut->slabs * chunk / cut->chunks : i % cut->bias_run > 0);
            }
            ahead next = look_ahead(work, i + 1, last - first);
            (cut->turned ? add_turned_items : add_items)(work, &given, &next, first, last, continued, sums);
            continued = 1;
        }
    }
}

/* Items are pieces of the gradient. */
static void sum_chunks(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_gradient_work *work = argument;
    const cnn_gradient_cut *cut = &work->cut;
    const float *sources[MOST_SOURCES];
    const void *shared = work->workspace;
    (void)thread;
    for (int64_t piece = begin; piece < end; piece++) {
        const int64_t first = piece * PIECE, left = work->plan->weights_elements - first;
        float *target = work->weights_gradient + first;
        int64_t used = 0;
        if (work->accumulate) sources[used++] = target;
        for (int64_t chunk = 0; chunk < cut->chunks; chunk++)
            sources[used++] = (const float *)shared + chunk * cut->chunk_elements + first;
        work->plan->kernels->sum_rows(used, sources, left < PIECE ? left : PIECE, 1, target);
    }
}

cnn_status cnn_conv2d_gradient_add_chunks(const cnn_gradient_work *work)
{
    return cnn_parallel(work->context, (work->plan->weights_elements + PIECE - 1) / PIECE, work->cut.chunks * PIECE,
                        sum_chunks, work);
}

/* Adds the chunks, which are few elements, and turns the sums: position x channel becomes channel x position. */
static void turn_chunks(const cnn_gradient_work *work)
{
    const cnn_gradient_cut *cut = &work->cut;
    const cnn_kernels *kernels = work->plan->kernels;
    const int64_t channels = work->plan->desc.output_channels, count = work->plan->weights_elements;
    void *shared = work->workspace;
    float *sums = shared, *turned = sums + cut->chunks * cut->chunk_elements, *gradient = work->weights_gradient;
    const uint64_t mode = cnn_begin_arithmetic();
    for (int64_t chunk = 1; chunk < cut->chunks; chunk++)
        kernels->add(count, sums, sums + chunk * cut->chunk_elements, sums);
    kernels->transpose(cut->positions, channels, sums, channels, work->accumulate ? turned : gradient, cut->positions);
    if (work->accumulate) kernels->add(count, gradient, turned, gradient);
    cnn_end_arithmetic(mode, NULL);
}

cnn_status cnn_conv2d_gradient_sum(const cnn_gradient_work *work)
{
    const cnn_gradient_cut *cut = &work->cut;
    const int64_t items = cut->items * cut->chunks;
    const cnn_status status =
        cnn_parallel_whole(work->context, items, work->plan->multiply_accumulates / items, sum_items, work);
    if (status == CNN_OK && cut->turned) turn_chunks(work);
    return status != CNN_OK || cut->turned || cut->chunks == 1 ? status : cnn_conv2d_gradient_add_chunks(work);
}
