/* bench_gemm.c - speed of matrix products: large ones against the multiply-add peak, small ones, and products with a vector
 * against reading the same matrix once, which is all they can hope for. */
#include "bench.h"
#include "check.h"

typedef enum bench_form { PACKED, PLAIN, LEFT_TRANSPOSED, RIGHT_TRANSPOSED } bench_form;

typedef struct gemm_case {
    const char *name;
    bench_form form;
    double floor; /* per cent of the peak, or of the memory's speed, for one thread */
    int64_t rows, columns, depth;
} gemm_case;

static const gemm_case products[] = {
    {"gemm 192x192x192", PACKED, 93, 192, 192, 192},
    {"gemm 384x384x384", PACKED, 93, 384, 384, 384},
    {"gemm 512x512x512", PACKED, 93, 512, 512, 512},
    {"gemm 768x768x768", PACKED, 93, 768, 768, 768},
    {"gemm 1024x1024x1024", PACKED, 93, 1024, 1024, 1024},
    {"gemm 2048x2048x2048", PACKED, 93, 2048, 2048, 2048},
    {"gemm 2048x192x512", PACKED, 93, 2048, 192, 512},
    {"gemm 192x2048x512", PACKED, 93, 192, 2048, 512},
    {"gemm 2048x256x1024", PACKED, 93, 2048, 256, 1024},
    {"gemm 3136x64x576", PACKED, 93, 3136, 64, 576},
    {"gemm 256x256x8192", PACKED, 93, 256, 256, 8192},
    {"gemm 1024x1024x1024 not packed", PLAIN, 0, 1024, 1024, 1024},
    {"gemm 1024x1024x1024 left transposed", LEFT_TRANSPOSED, 0, 1024, 1024, 1024},
    {"gemm 1024x1024x1024 right transposed", RIGHT_TRANSPOSED, 0, 1024, 1024, 1024},
    {"gemm 8x8x8 not packed", PLAIN, 0, 8, 8, 8},
    {"gemm 16x16x16 not packed", PLAIN, 0, 16, 16, 16},
    {"gemm 32x32x32 not packed", PLAIN, 0, 32, 32, 32},
    {"gemm 32x32x32", PACKED, 0, 32, 32, 32},
    {"gemm 64x64x64 not packed", PLAIN, 0, 64, 64, 64},
    {"gemm 16x512x512 not packed", PLAIN, 0, 16, 512, 512},
};

/* 4096 x 4096 is 64 MB, more than caches hold; 512 x 512 is 1 MB. */
static const gemm_case vector_products[] = {
    {"gemv 1x4096x4096", PLAIN, 80, 1, 4096, 4096},
    {"gemv 1x4096x4096 packed", PACKED, 80, 1, 4096, 4096},
    {"gemv 1x4096x4096 right transposed", RIGHT_TRANSPOSED, 80, 1, 4096, 4096},
    {"gemv 4096x1x4096", PLAIN, 80, 4096, 1, 4096},
    {"gemv 4096x1x4096 left transposed", LEFT_TRANSPOSED, 80, 4096, 1, 4096},
    {"gemv 1x512x512", PLAIN, 0, 1, 512, 512},
    {"gemv 512x1x512", PLAIN, 0, 512, 1, 512},
};

typedef struct gemm_job {
    cnn_context *context;
    cnn_gemm_plan *plan;
    cnn_buffer *left, *right, *packed, *bias, *output, *workspace;
} gemm_job;

static gemm_job open_job(const gemm_case *given, cnn_isa isa, int32_t threads)
{
    gemm_job job = {.context = check_context(isa, threads)};
    cnn_gemm_desc desc;
    cnn_gemm_plan_info info;
    cnn_gemm_desc_init(&desc);
    cnn_gemm_plan_info_init(&info);
    desc.rows = given->rows;
    desc.columns = given->columns;
    desc.depth = given->depth;
    desc.packed_right = given->form == PACKED;
    desc.transpose_left = given->form == LEFT_TRANSPOSED;
    desc.transpose_right = given->form == RIGHT_TRANSPOSED;
    desc.activation = CNN_ACTIVATION_RELU;
    CHECK_OK(cnn_gemm_plan_create(job.context, &desc, &job.plan, &check_error));
    CHECK_OK(cnn_gemm_plan_describe(job.plan, &info, &check_error));
    job.left = bench_buffer(info.left_bytes);
    job.right = bench_buffer(info.right_bytes);
    job.bias = bench_buffer(info.bias_bytes);
    job.output = bench_buffer(info.output_bytes);
    job.packed = bench_buffer(info.packed_bytes);
    job.workspace = bench_buffer(info.workspace_bytes_per_thread * threads);
    if (desc.packed_right) {
        CHECK_OK(cnn_gemm_pack_right(job.context, job.plan, job.right, job.packed, &check_error));
        cnn_buffer *right = job.right;
        job.right = job.packed;
        job.packed = right;
    }
    return job;
}

static void close_job(gemm_job *job)
{
    cnn_buffer *all[] = {job->left, job->right, job->packed, job->bias, job->output, job->workspace};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cnn_buffer_destroy(all[i]);
    cnn_gemm_plan_destroy(job->plan);
    cnn_context_destroy(job->context);
}

static void run_job(void *argument)
{
    const gemm_job *job = argument;
    CHECK_OK(cnn_gemm_run(job->context, job->plan, job->left, job->right, job->bias, NULL, job->output, job->workspace,
                          &check_error));
}

static bench_result measure(const gemm_case *given, cnn_isa isa, int32_t threads)
{
    gemm_job job = open_job(given, isa, threads);
    const double operations = 2.0 * (double)given->rows * (double)given->columns * (double)given->depth;
    const bench_result result = bench_measure(job.context, operations, run_job, &job);
    close_job(&job);
    return result;
}

static bench_result measure_vector(const gemm_case *given, cnn_isa isa, int32_t threads)
{
    gemm_job job = open_job(given, isa, threads);
    const int64_t elements = given->rows * given->columns * given->depth;
    const bench_result result = bench_measure_read(job.context, 4 * elements, run_job, &job);
    close_job(&job);
    return result;
}

void bench_products(bench_report *report)
{
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        const gemm_case *given = &products[i];
        if (!bench_wants(report, given->name)) continue;
        const bench_result one = measure(given, report->isa, 1), two = measure(given, report->isa, 2);
        const bench_label label = {"matrix products", given->name, "peak", given->floor};
        bench_rows(report, &label, &one, &two);
    }
    for (size_t i = 0; i < sizeof vector_products / sizeof *vector_products; i++) {
        const gemm_case *given = &vector_products[i];
        if (!bench_wants(report, given->name)) continue;
        const bench_result one = measure_vector(given, report->isa, 1), two = measure_vector(given, report->isa, 2);
        const bench_label label = {"products with a vector", given->name, "read", given->floor};
        bench_rows(report, &label, &one, &two);
    }
}
