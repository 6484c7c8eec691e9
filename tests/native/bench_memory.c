/* bench_memory.c - what caches and memory take and give, as the limit of kernels that do little with each element: to read
 * (which the others are compared with), to write, and to copy, for sizes that fit one cache after another. */
#include "bench.h"
#include "check.h"
#include "kernels.h"

typedef struct memory_case {
    const char *name;
    int64_t bytes; /* read and written, together */
    int copies;
} memory_case;

/* 14x14x384 and 112x112x32 are depthwise layers of MobileNetV2: a copy reads and writes what they must at least. */
static const memory_case cases[] = {
    {"write 16 KB", 16 << 10, 0},
    {"write 14x14x384", 14 * 14 * 384 * 4, 0},
    {"write 112x112x32", 112 * 112 * 32 * 4, 0},
    {"write 64 MB", 64 << 20, 0},
    {"copy 16 KB", 2 * 16 << 10, 1},
    {"copy 14x14x384", 2 * 14 * 14 * 384 * 4, 1},
    {"copy 112x112x32", 2 * 112 * 112 * 32 * 4, 1},
    {"copy 64 MB", 2 * 64 << 20, 1},
};

typedef struct memory_job {
    const cnn_kernels *kernels;
    int64_t elements;
    const float *input; /* null: none */
    float *output;
} memory_job;

static void run_job(void *argument)
{
    const memory_job *job = argument;
    if (job->input) /* a clamp that lets all values pass: the library's own loads and stores */
        job->kernels->activate(CNN_ACTIVATION_CLIP, -2, 2, job->elements, job->input, job->output);
    else
        job->kernels->fill(job->elements, 1, job->output);
}

static bench_result measure(const memory_case *given, cnn_isa isa)
{
    cnn_context *context = check_context(isa, 1);
    const int64_t bytes = given->copies ? given->bytes / 2 : given->bytes;
    cnn_buffer *input = bench_buffer(bytes), *output = bench_buffer(bytes);
    memory_job job = {cnn_kernels_for(isa), bytes / 4, given->copies ? cnn_buffer_data(input) : NULL,
                      cnn_buffer_data(output)};
    const bench_result result = bench_measure_read(context, given->bytes, run_job, &job);
    cnn_buffer_destroy(input);
    cnn_buffer_destroy(output);
    cnn_context_destroy(context);
    return result;
}

void bench_memory(bench_report *report)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!bench_wants(report, cases[i].name)) continue;
        const bench_result result = measure(&cases[i], report->isa);
        const bench_label label = {"memory", cases[i].name, "read", 0};
        bench_rows(report, &label, &result, NULL);
    }
}
