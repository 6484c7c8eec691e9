/* conv2d_gradient_cut.c - chooses how the sum of a weight gradient is cut into slabs, chunks and items, and in which form
 * the kernel gets to see the input. */
#include "conv2d_gradient.h"

#include "memory.h"

#define SLAB_PIXELS 128           /* of a slab: what an item reads of them stays in the first-level cache */
#define MOST_SLAB_BYTES (2 << 20) /* of rows that are copied; fewer pixels where they see more */
#define FEW_ITEMS 96              /* fewer items than this are shared out over chunks of pixels as well */
#define MOST_CHUNKS 16
#define CROWDED 512   /* elements: pixels a multiple of so many apart share an eighth of the sets of a first-level cache; */
#define SPACE 16      /* elements, a cache line, that keep them apart */
#define WIDE_TILE 256 /* products of a pixel that take long enough to read it from the second level */
#define COST_OF_A_COPY 3 /* of a vector, in multiply-adds */
#define BIAS_SLAB_ROWS 1024

static int64_t divide_up(int64_t value, int64_t divisor)
{
    return (value + divisor - 1) / divisor;
}

static int64_t round_up(int64_t value, int64_t multiple)
{
    return divide_up(value, multiple) * multiple;
}

static int64_t covered(const cnn_axis *axis)
{
    return (int64_t)(axis->window - 1) * axis->dilation + 1;
}

/* Where each output pixel sees one input pixel and those follow each other, all of them are one row. */
static void lay_out_pixels(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut)
{
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    cut->vertical = *v;
    cut->horizontal = *h;
    cut->batch = plan->desc.batch;
    if (cut->form == CNN_GRADIENT_DEPTHWISE || plan->taps > 1 || v->stride > 1 || h->stride > 1 || v->input != v->output ||
        h->input != h->output || plan->output_pixels > INT32_MAX)
        return;
    cut->batch = 1;
    cut->vertical.input = cut->vertical.output = 1;
    cut->horizontal.input = cut->horizontal.output = (int32_t)plan->output_pixels;
}

/* Slabs of about so many segments: parts of an image, or whole images where those are small. A single segment needs the rows
 * of its window alone, however far apart they are. */
static void shape_slabs(cnn_gradient_cut *cut, int64_t wanted)
{
    const cnn_axis *v = &cut->vertical;
    const int64_t rows = v->output;
    if (wanted > rows) {
        const int64_t images = wanted / rows < cut->batch ? wanted / rows : cut->batch;
        cut->slab_segments = images * rows;
        cut->slabs = divide_up(cut->batch, images);
        cut->slab_rows = images * v->input;
    } else {
        cut->slab_segments = wanted;
        cut->slabs = cut->batch * cut->row_parts * divide_up(rows, wanted);
        cut->slab_rows = (wanted - 1) * v->stride + covered(v);
        if (cut->slab_rows > v->input) cut->slab_rows = v->input;
    }
    if (cut->slab_segments == 1) cut->slab_rows = v->window;
}

static void cut_slabs(cnn_gradient_cut *cut, int64_t channels)
{
    const cnn_axis *h = &cut->horizontal;
    cut->row_parts = cut->form == CNN_GRADIENT_DEPTHWISE ? 1 : divide_up(h->output, SLAB_PIXELS);
    cut->segment_pixels = divide_up(h->output, cut->row_parts);
    cut->segments = cut->batch * cut->vertical.output * cut->row_parts;
    cut->segment_width = (cut->segment_pixels - 1) * h->stride + covered(h);
    const int64_t row_bytes = cut->segment_width * channels * (int64_t)sizeof(float);
    int64_t wanted = cut->row_parts > 1 || cut->segment_pixels > SLAB_PIXELS ? 1 : SLAB_PIXELS / cut->segment_pixels;
    shape_slabs(cut, wanted);
    for (; wanted > 1 && cut->slab_rows * row_bytes > MOST_SLAB_BYTES; shape_slabs(cut, wanted))
        wanted /= 2;
}

int64_t cnn_conv2d_gradient_slab(const cnn_gradient_cut *cut, int64_t index, int64_t *count)
{
    const int64_t rows = cut->vertical.output * cut->row_parts, size = cut->slab_segments;
    int64_t first = index * size, end = cut->segments;
    if (size < rows) {
        const int64_t per_image = divide_up(rows, size);
        first = index / per_image * rows + index % per_image * size;
        end = (index / per_image + 1) * rows;
    }
    *count = end - first < size ? end - first : size;
    return first;
}

/* Copies pixels of a size that makes them share few sets of the first-level cache, where a tile would wait for them. */
static void keep_pixels_apart(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut)
{
    const int64_t inputs = plan->desc.input_channels + SPACE, outputs = plan->desc.output_channels + SPACE;
    const int64_t most = MOST_SLAB_BYTES / (int64_t)sizeof(float);
    if (cut->form != CNN_GRADIENT_IN_PLACE || plan->kernels->outer_rows * plan->kernels->outer_columns >= WIDE_TILE) return;
    if (plan->desc.output_channels % CROWDED == 0 && cut->slab_segments * cut->segment_pixels * outputs <= most)
        cut->gradient_step = outputs;
    if (plan->desc.input_channels % CROWDED != 0 || cut->slab_rows * cut->segment_width * inputs > most) return;
    cut->form = CNN_GRADIENT_ROWS;
    cut->pixel_step = inputs;
}

/* Runs as long as the memory allows, and the window as one run where that takes fewer vectors than it costs to copy. */
static void cut_runs(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut)
{
    const cnn_axis *v = &cut->vertical, *h = &cut->horizontal;
    const int64_t lanes = plan->kernels->lanes, channels = plan->desc.input_channels;
    const int joined = plan->desc.groups == 1 && (h->dilation == 1 || h->window == 1);
    const int reads_padding = h->padding_before > 0 || cut->segment_width - h->padding_before > h->input;
    cut->pixel_step = channels;
    cut->gradient_step = plan->desc.output_channels;
    cut->run = joined ? h->window * channels : plan->group_inputs;
    cut->runs = cut->positions / cut->run;
    cut->lines = v->window;
    if (cut->form == CNN_GRADIENT_DEPTHWISE) return;
    cut->form = reads_padding || cut->row_parts > 1 || cut->run % lanes != 0 ? CNN_GRADIENT_ROWS : CNN_GRADIENT_IN_PLACE;
    if (cut->row_parts > 1 && h->padding_before <= 0 && h->padding_after <= 0 && cut->run % lanes == 0)
        cut->form = CNN_GRADIENT_IN_PLACE;
    if (plan->taps == 1 && joined) keep_pixels_apart(plan, cut);
    const int64_t apart = cut->runs * divide_up(cut->run, lanes), together = divide_up(cut->positions, lanes);
    if (joined && (apart - together) * plan->group_outputs > apart * COST_OF_A_COPY) {
        cut->form = CNN_GRADIENT_PATCHES;
        cut->run = cut->positions;
        cut->runs = cut->lines = 1;
        cut->patch_elements = cut->slab_segments * cut->segment_pixels * cut->run;
    }
    if (cut->form == CNN_GRADIENT_IN_PLACE) cut->slab_rows = 0;
    /* Few positions leave much of a vector empty. The vectors of the other side are read where they are, and must be whole.
     */
    const int64_t outputs = plan->group_outputs;
    cut->turned = cut->form == CNN_GRADIENT_PATCHES && outputs % lanes == 0 &&
                  cut->positions * (outputs / lanes) * 20 < outputs * together * 19;
}

/* Rows with padding, a row of zeros and the patches, each with room for a vector behind it; the pointers to all lines of all
 * segments and to their gradients; the number of segments of each line. */
static int64_t thread_bytes(const cnn_conv2d_plan *plan, const cnn_gradient_cut *cut)
{
    const int64_t channels = plan->desc.input_channels, bytes = (int64_t)sizeof(float), lanes = plan->kernels->lanes;
    if (cut->form == CNN_GRADIENT_DEPTHWISE) return round_up(plan->taps * channels * bytes, CNN_ALIGNMENT);
    const int64_t pointers = 2 * cut->lines * cut->slab_segments * (int64_t)sizeof(float *);
    int64_t all = round_up(pointers + cut->lines * (int64_t)sizeof(int64_t), CNN_ALIGNMENT);
    if (cut->slab_rows > 0)
        all += round_up((cut->slab_rows * cut->segment_width * cut->pixel_step + lanes) * bytes, CNN_ALIGNMENT);
    if (cut->gradient_step > plan->desc.output_channels)
        all += round_up(cut->slab_segments * cut->segment_pixels * cut->gradient_step * bytes, CNN_ALIGNMENT);
    if (cut->form == CNN_GRADIENT_PATCHES)
        all += round_up((cut->segment_width * channels + lanes) * bytes, CNN_ALIGNMENT) +
               round_up((cut->patch_elements + lanes) * bytes, CNN_ALIGNMENT) +
               round_up(cut->vertical.window * (int64_t)sizeof(float *), CNN_ALIGNMENT);
    return all;
}

/* Cuts the direct sum. */
static void cut_directly(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut)
{
    const int depthwise = plan->group_inputs == 1 && plan->group_outputs == 1;
    if (depthwise) cut->form = CNN_GRADIENT_DEPTHWISE;
    lay_out_pixels(plan, cut);
    cut_slabs(cut, plan->desc.input_channels);
    cut_runs(plan, cut);
    cut->run_parts = divide_up(cut->run, cut->turned ? plan->kernels->outer_rows : plan->kernels->outer_columns);
    cut->output_parts =
        divide_up(plan->group_outputs, cut->turned ? plan->kernels->outer_columns : plan->kernels->outer_rows);
    cut->items = plan->desc.groups * cut->runs * cut->run_parts * cut->output_parts;
    const int64_t most = cut->slabs < MOST_CHUNKS ? cut->slabs : MOST_CHUNKS;
    cut->chunks = depthwise || cut->items < FEW_ITEMS ? most : 1;
    cut->thread_bytes = thread_bytes(plan, cut);
}

/* Whether the sum is seen from the side of the input: a model of both for an output pixel, in multiply-adds of vectors, that
 * was measured for 1 to 16 input and 2 to 64 output channels, windows of 3 and 5 and images of 14 to 32 pixels. */
static int prefers_runs(const cnn_conv2d_plan *plan, const cnn_gradient_cut *direct)
{
    if (direct->form == CNN_GRADIENT_DEPTHWISE || !cnn_conv2d_gradient_runs_fit(plan)) return 0;
    const cnn_axis *v = &plan->vertical, *h = &plan->horizontal;
    const int64_t lanes = plan->kernels->lanes, outputs = plan->group_outputs, inputs = plan->group_inputs;
    const double vectors = direct->turned ? (double)(direct->positions * divide_up(outputs, lanes))
                                          : (double)(outputs * direct->runs * divide_up(direct->run, lanes));
    const double layout = h->window * inputs <= lanes / 2 ? 24 : 36;
    const double lines = (double)(v->window * inputs * divide_up(h->window * outputs, lanes)) * h->input / h->output;
    return 1.3 * lines + 8 + 0.9 * (double)outputs + 2.5 * (double)inputs < 1.15 * vectors + layout + 0.45 * (double)outputs;
}

cnn_gradient_cut cnn_conv2d_gradient_cut(const cnn_conv2d_plan *plan)
{
    const int64_t bytes = (int64_t)sizeof(float);
    cnn_gradient_cut cut = {.positions = plan->taps * plan->group_inputs};
    if (!cnn_conv2d_gradient_winograd_cut(plan, &cut)) {
        cut_directly(plan, &cut);
        if (prefers_runs(plan, &cut)) cnn_conv2d_gradient_runs_cut(plan, &cut);
    }
    /* A single chunk is summed where the gradient is wanted; what is turned needs room for turning it back. */
    const int in_place = cut.chunks == 1 && cut.form != CNN_GRADIENT_DEPTHWISE && cut.form != CNN_GRADIENT_RUNS;
    const int64_t kept = cut.turned ? cut.chunks + 1 : in_place ? 0 : cut.chunks;
    cut.chunk_elements = round_up(plan->weights_elements, CNN_ALIGNMENT / bytes);
    cut.bias_slab_rows = BIAS_SLAB_ROWS;
    cut.bias_run = BIAS_SLAB_ROWS / SLAB_PIXELS;
    cut.with_bias = cut.form != CNN_GRADIENT_DEPTHWISE && cut.form != CNN_GRADIENT_WINOGRAD;
    cut.bias_slabs = divide_up(plan->output_pixels, BIAS_SLAB_ROWS);
    if (cut.with_bias)
        cut.bias_slabs = cut.chunks > 1 || cut.form == CNN_GRADIENT_RUNS ? cut.chunks : divide_up(cut.slabs, cut.bias_run);
    cut.chunk_bytes = kept * cut.chunk_elements * bytes;
    cut.shared_bytes = cut.chunk_bytes + round_up(cut.bias_slabs * plan->desc.output_channels * bytes, CNN_ALIGNMENT);
    return cut;
}
