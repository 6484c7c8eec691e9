/* bench_peak.c - the peak in portable C, which compilers vectorise for the target's own registers, the choice, and what
 * is left of the peak when all threads want it at once. */
#include "bench_peak.h"

#include "bench.h"
#include "check.h"

#define LANES 48 /* independent sums: more than latency times width on any machine so far */
#define STEPS 4096
#define GAIN_SECONDS 0.0005 /* of multiply-adds on each thread, */
#define GAIN_RUNS 41        /* and so often, together as long as a round: a thread may need some of them to get a core */
#define MUCH 1000000000     /* work of an item, for the pool: worth a thread of its own */

static double portable(volatile float *sink)
{
    float sums[LANES];
    const float factor = 0.999f + *sink * 0, term = 0.001f;
    for (int lane = 0; lane < LANES; lane++)
        sums[lane] = (float)lane; /* different, or the compiler would see that all sums are the same one */
    for (int step = 0; step < STEPS; step++)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] = sums[lane] * factor + term;
    float all = 0;
    for (int lane = 0; lane < LANES; lane++)
        all += sums[lane];
    *sink = all;
    return 2.0 * STEPS * LANES;
}

double bench_peak_run(cnn_isa isa, volatile float *sink)
{
#if defined(__x86_64__)
    if (isa == CNN_ISA_AVX2) return bench_peak_avx2(sink);
    if (isa == CNN_ISA_AVX512) return bench_peak_avx512(sink);
#endif
    (void)isa;
    return portable(sink);
}

double bench_gain(const cnn_context *context, cnn_part *part, const void *job)
{
    const int32_t threads = cnn_context_threads(context);
    const double begin = bench_now();
    part(job, 0, 0, 1);
    const double middle = bench_now();
    CHECK_OK(cnn_parallel_whole(context, threads, MUCH, part, job));
    return threads * (middle - begin) / (bench_now() - middle);
}

typedef struct peak_job {
    cnn_isa isa;
    int64_t repeats; /* of the loop, for one item */
} peak_job;

static void run_peak(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const peak_job *job = argument;
    volatile float sink = 0;
    (void)thread;
    for (int64_t i = 0; i < (end - begin) * job->repeats; i++)
        bench_peak_run(job->isa, &sink);
}

double bench_peak_gain(const cnn_context *context, double peak)
{
    double rates[GAIN_RUNS];
    volatile float sink = 0;
    const cnn_isa isa = cnn_context_isa(context);
    const double operations = bench_peak_run(isa, &sink), threads = cnn_context_threads(context);
    const peak_job job = {isa, (int64_t)(GAIN_SECONDS * peak / operations) + 1};
    for (int i = 0; i < GAIN_RUNS; i++) {
        const double begin = bench_now();
        CHECK_OK(cnn_parallel_whole(context, cnn_context_threads(context), MUCH, run_peak, &job));
        rates[i] = threads * (double)job.repeats * operations / (bench_now() - begin);
    }
    return bench_median(rates, GAIN_RUNS) / peak;
}
