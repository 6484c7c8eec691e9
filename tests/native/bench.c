/* bench.c - clocks and medians, and the program around the cases: its options and their order. */
#include "bench.h"

#include "bench_peak.h"
#include "check.h"
#include "check_run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(_WIN32)
#include <windows.h>
#endif

#define ROUNDS 9
#define ROUND_SECONDS 0.02   /* of a case; short enough to meet the same clock as the peak before it */
#define PIECE_SECONDS 0.0002 /* of a round: what other programs interrupt is a few pieces, which the median leaves out */
#define MOST_PIECES 100      /* ROUND_SECONDS / PIECE_SECONDS */
#define PEAK_RUNS 41         /* of some fifteen microseconds */

double bench_now(void)
{
#if defined(_WIN32)
    LARGE_INTEGER ticks, second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&second);
    return (double)ticks.QuadPart / (double)second.QuadPart;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
#endif
}

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double bench_median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

double bench_peak_flops(cnn_isa isa)
{
    double rates[PEAK_RUNS];
    volatile float sink = 0;
    for (int i = 0; i < PEAK_RUNS; i++) {
        const double begin = bench_now(), operations = bench_peak_run(isa, &sink);
        rates[i] = operations / (bench_now() - begin);
    }
    return bench_median(rates, PEAK_RUNS);
}

/* Seconds of one run, the median over a round in which a run takes about `once`. */
static double measure_round(double once, void (*run)(void *), void *argument)
{
    double seconds[MOST_PIECES];
    const int repeats = once < PIECE_SECONDS ? (int)(PIECE_SECONDS / (once + 1e-7)) + 1 : 1;
    int pieces = 0;
    const double begin = bench_now();
    for (double start = begin, end; pieces == 0 || (pieces < MOST_PIECES && start - begin + once < ROUND_SECONDS);
         start = end) {
        for (int i = 0; i < repeats; i++)
            run(argument);
        end = bench_now();
        seconds[pieces++] = (end - start) / repeats;
    }
    return bench_median(seconds, pieces);
}

bench_result bench_measure(const cnn_context *context, double operations, void (*run)(void *), void *argument)
{
    const cnn_isa isa = cnn_context_isa(context);
    const int several = cnn_context_threads(context) > 1;
    double seconds[ROUNDS], shares[ROUNDS], gains[ROUNDS] = {0};
    run(argument);
    const double begin = bench_now();
    run(argument);
    const double once = bench_now() - begin;
    for (int round = 0; round < ROUNDS; round++) {
        const double before = bench_peak_flops(isa);
        seconds[round] = measure_round(once, run, argument);
        const double after = bench_peak_flops(isa);
        shares[round] = operations / seconds[round] / (before + after) * 200;
        if (several) gains[round] = bench_peak_gain(context, after);
    }
    const double middle = bench_median(seconds, ROUNDS);
    const bench_result result = {middle, operations / middle * 1e-9, bench_median(shares, ROUNDS),
                                 bench_median(gains, ROUNDS)};
    return result;
}

/* A scheduler may leave a new thread on the core of the one that started it for some tenths of a second, and the first case
 * would pay for that: waits until two threads gain what two cores give, or two seconds are over. */
static void settle_threads(cnn_isa isa)
{
    cnn_context *context = check_context(isa, 2);
    const double begin = bench_now(), peak = bench_peak_flops(isa);
    while (bench_peak_gain(context, peak) < 1.8 && bench_now() - begin < 2)
        ;
    cnn_context_destroy(context);
}

static int usage(void)
{
    fprintf(stderr, "usage: checkcnn --bench [--quick] [--isa NAME] [--filter TEXT] [--json FILE] [--shapes FILE.csv]\n");
    return 2;
}

static int find_isa(const char *name, cnn_isa *isa)
{
    for (int32_t i = 0; i < 16; i++)
        if (cnn_isa_available((cnn_isa)i) && (!name || strcmp(cnn_isa_name((cnn_isa)i), name) == 0)) *isa = (cnn_isa)i;
    return !name || strcmp(cnn_isa_name(*isa), name) == 0;
}

int check_bench(int count, char **arguments)
{
    bench_report report = {.isa = CNN_ISA_SCALAR};
    const char *isa = NULL, *json = NULL, *shapes = NULL;
    int good = 1;
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--quick") == 0) {
            report.quick = 1;
            continue;
        }
        const char **value = strcmp(arguments[i], "--isa") == 0      ? &isa
                             : strcmp(arguments[i], "--filter") == 0 ? &report.filter
                             : strcmp(arguments[i], "--json") == 0   ? &json
                             : strcmp(arguments[i], "--shapes") == 0 ? &shapes
                                                                     : NULL;
        if (!value || ++i == count) return usage();
        *value = arguments[i];
    }
    if (!find_isa(isa, &report.isa)) {
        fprintf(stderr, "checkcnn: this machine has no instruction set '%s'\n", isa);
        return 2;
    }
    if (!bench_open(&report, json)) return 2;
    if (shapes) {
        good = bench_shapes(&report, shapes);
    } else {
        settle_threads(report.isa);
        bench_memory(&report);
        bench_products(&report);
        bench_convolutions(&report);
        bench_gradients(&report);
        bench_training(&report);
        bench_chain(&report);
    }
    return bench_close(&report) && good ? 0 : 2;
}
