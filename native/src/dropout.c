/* dropout.c - dropout of elements and of whole channels. The mask is never stored: forwards and backwards compute it from
 * the seed, which costs less than reading it from memory would. */
#include "buffer.h"
#include "context.h"
#include "error.h"
#include "geometry.h"
#include "platform.h"
#include "threads.h"

#define PIECE 4096 /* elements of a work item, about */
#define WORDS 1024 /* of a mask, on the stack */
#define COST 4     /* of an element, in vectorised multiply-accumulates */

typedef struct dropout_job {
    const cnn_kernels *kernels;
    uint64_t seed;
    uint64_t offset;
    uint32_t threshold;
    float scale;
    int64_t count; /* elements, or pixels of an image */
    int64_t channels;
    int64_t chunk;  /* pixels of a work item */
    int64_t chunks; /* of an image */
    const float *input;
    float *output;
} dropout_job;

void cnn_dropout_desc_init(cnn_dropout_desc *desc)
{
    if (desc) *desc = (cnn_dropout_desc){.struct_size = (uint32_t)sizeof *desc, .probability = 0.5f};
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void drop_elements(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const dropout_job *job = argument;
    const int64_t last = smaller(end * PIECE, job->count);
    (void)thread;
    for (int64_t i = begin * PIECE; i < last; i += WORDS) {
        uint32_t words[WORDS];
        const int64_t count = smaller(WORDS, last - i);
        job->kernels->random_words(job->seed, job->offset + (uint64_t)i, count, words);
        job->kernels->drop(count, words, job->threshold, job->scale, job->input + i, job->output + i);
    }
}

/* One channel block of some pixels: images with few channels repeat the mask, so that a run is worth a call. */
static void drop_block(const dropout_job *job, int64_t image, int64_t channel, int64_t channels, int64_t first,
                       int64_t pixels)
{
    uint32_t words[WORDS];
    const int64_t repeats = channels == job->channels ? smaller(WORDS / channels, pixels) : 1;
    const uint64_t position = job->offset + (uint64_t)(image * job->channels + channel);
    const int64_t start = (image * job->count + first) * job->channels + channel;
    job->kernels->random_words(job->seed, position, channels, words);
    for (int64_t i = channels; i < repeats * channels; i++)
        words[i] = words[i - channels];
    for (int64_t p = 0; p < pixels; p += repeats) {
        const int64_t run = smaller(repeats, pixels - p) * channels, place = start + p * job->channels;
        job->kernels->drop(run, words, job->threshold, job->scale, job->input + place, job->output + place);
    }
}

static void drop_channels(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const dropout_job *job = argument;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const int64_t image = item / job->chunks, first = item % job->chunks * job->chunk;
        const int64_t pixels = smaller(job->chunk, job->count - first);
        for (int64_t c = 0; c < job->channels; c += WORDS)
            drop_block(job, image, c, smaller(WORDS, job->channels - c), first, pixels);
    }
}

/* Checks all that both kinds have in common; `elements` is what the buffers hold. */
static cnn_status prepare(const cnn_context *context, const cnn_dropout_desc *desc, int64_t elements,
                          const cnn_buffer *input, const cnn_buffer *output, const char *operation, int backward,
                          dropout_job *job, cnn_error *error)
{
    CNN_TRY(cnn_require(desc, operation, "desc", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_dropout_desc", error));
    if (!(desc->probability >= 0 && desc->probability < 1))
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: probability is %g, expected at least 0 and less than 1.",
                        operation, (double)desc->probability);
    CNN_TRY(cnn_buffer_check(input, elements, operation, backward ? "output_gradient" : "input", error));
    CNN_TRY(cnn_buffer_check(output, elements, operation, backward ? "input_gradient" : "output", error));
    CNN_TRY(cnn_buffer_check_in_place(input, output, elements, operation, error));
    job->kernels = context->kernels;
    job->seed = desc->seed;
    job->offset = desc->offset;
    const uint64_t mode = cnn_begin_arithmetic();
    job->threshold = (uint32_t)((double)desc->probability * 4294967296.0);
    job->scale = (float)(1 / (1 - (double)desc->probability));
    cnn_end_arithmetic(mode, job);
    job->input = cnn_buffer_floats(input);
    job->output = cnn_buffer_floats_mutable(output);
    return CNN_OK;
}

static cnn_status dropout(const cnn_context *context, const cnn_dropout_desc *desc, int64_t count, const cnn_buffer *input,
                          const cnn_buffer *output, const char *operation, int backward, cnn_error *error)
{
    static const char *const names[] = {"count"};
    dropout_job job = {.count = count};
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_check(1, &count, names, operation, error));
    CNN_TRY(prepare(context, desc, count, input, output, operation, backward, &job, error));
    return cnn_report(cnn_parallel(context, (count + PIECE - 1) / PIECE, PIECE * COST, drop_elements, &job), operation,
                      error);
}

static cnn_status spatial_dropout(const cnn_context *context, const cnn_dropout_desc *desc, const int64_t *sizes,
                                  const cnn_buffer *input, const cnn_buffer *output, const char *operation, int backward,
                                  cnn_error *error)
{
    static const char *const names[] = {"batch", "pixels", "channels"};
    const int64_t pixels = sizes[1], channels = sizes[2];
    dropout_job job = {.count = pixels, .channels = channels};
    int64_t elements = 0;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_check(3, sizes, names, operation, error));
    CNN_TRY(cnn_sizes_multiply(3, sizes, operation, "tensor", &elements, error));
    CNN_TRY(prepare(context, desc, elements, input, output, operation, backward, &job, error));
    /* A mask serves many pixels, or it would cost more than they do. */
    const int64_t chunk = smaller(4 * PIECE / channels + 16, pixels);
    job.chunk = chunk;
    job.chunks = (pixels + chunk - 1) / chunk;
    return cnn_report(cnn_parallel(context, sizes[0] * job.chunks, chunk * channels, drop_channels, &job), operation, error);
}

cnn_status cnn_dropout(const cnn_context *context, const cnn_dropout_desc *desc, int64_t count, const cnn_buffer *input,
                       const cnn_buffer *output, cnn_error *error)
{
    return dropout(context, desc, count, input, output, "dropout", 0, error);
}

cnn_status cnn_dropout_backward(const cnn_context *context, const cnn_dropout_desc *desc, int64_t count,
                                const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error)
{
    return dropout(context, desc, count, output_gradient, input_gradient, "dropout_backward", 1, error);
}

cnn_status cnn_spatial_dropout(const cnn_context *context, const cnn_dropout_desc *desc, int64_t batch, int64_t pixels,
                               int64_t channels, const cnn_buffer *input, const cnn_buffer *output, cnn_error *error)
{
    const int64_t sizes[] = {batch, pixels, channels};
    return spatial_dropout(context, desc, sizes, input, output, "spatial_dropout", 0, error);
}

cnn_status cnn_spatial_dropout_backward(const cnn_context *context, const cnn_dropout_desc *desc, int64_t batch,
                                        int64_t pixels, int64_t channels, const cnn_buffer *output_gradient,
                                        const cnn_buffer *input_gradient, cnn_error *error)
{
    const int64_t sizes[] = {batch, pixels, channels};
    return spatial_dropout(context, desc, sizes, output_gradient, input_gradient, "spatial_dropout_backward", 1, error);
}
