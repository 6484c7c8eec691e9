/* bench.c - clocks, medians and tables. */
#include "bench.h"

#include "bench_peak.h"
#include "check_run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(_WIN32)
#include <windows.h>
#endif

#define ROUNDS 9
#define ROUND_SECONDS 0.02 /* of a case; short enough to meet the same clock as the peak before it */
#define PEAK_RUNS 41       /* of some fifteen microseconds */

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

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

double bench_peak_flops(cnn_isa isa)
{
    double rates[PEAK_RUNS];
    for (int i = 0; i < PEAK_RUNS; i++) {
        const double begin = bench_now(), operations = bench_peak_run(isa);
        rates[i] = operations / (bench_now() - begin);
    }
    return median(rates, PEAK_RUNS);
}

bench_result bench_measure(cnn_isa isa, double operations, void (*run)(void *), void *argument)
{
    double seconds[ROUNDS], shares[ROUNDS];
    run(argument);
    const double begin = bench_now();
    run(argument);
    const double once = bench_now() - begin;
    const int repeats = once * 2 > ROUND_SECONDS ? 1 : (int)(ROUND_SECONDS / (once + 1e-7)) + 1;
    for (int round = 0; round < ROUNDS; round++) {
        const double before = bench_peak_flops(isa), start = bench_now();
        for (int i = 0; i < repeats; i++)
            run(argument);
        seconds[round] = (bench_now() - start) / repeats;
        const double after = bench_peak_flops(isa);
        shares[round] = operations / seconds[round] / (before + after) * 200;
    }
    const double middle = median(seconds, ROUNDS);
    const bench_result result = {middle, operations / middle * 1e-9, median(shares, ROUNDS)};
    return result;
}

int bench_wants(const bench_report *report, const char *name)
{
    return !report->filter || strstr(name, report->filter) != NULL;
}

void bench_row(bench_report *report, const char *name, int32_t threads, const bench_result *result, double floor)
{
    if (report->rows == 0) {
        printf("| case | isa | threads | microseconds | GFLOP/s | %% of peak | floor |\n");
        printf("| --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
    }
    printf("| %s | %s | %d | %.1f | %.1f | %.0f | ", name, cnn_isa_name(report->isa), (int)threads, result->seconds * 1e6,
           result->gflops, result->percent_of_peak);
    if (floor > 0)
        printf("%.0f%s |\n", floor, result->percent_of_peak < floor ? " (below)" : "");
    else
        printf(" |\n");
    fflush(stdout);
    if (report->json)
        fprintf(report->json,
                "%s\n  {\"case\": \"%s\", \"isa\": \"%s\", \"threads\": %d, \"microseconds\": %.3f, \"gflops\": %.3f, "
                "\"percent_of_peak\": %.2f, \"floor\": %.2f}",
                report->rows > 0 ? "," : "", name, cnn_isa_name(report->isa), (int)threads, result->seconds * 1e6,
                result->gflops, result->percent_of_peak, floor);
    report->rows++;
}

static int usage(void)
{
    fprintf(stderr, "usage: checkcnn --bench [--isa NAME] [--filter TEXT] [--json FILE] [--shapes FILE.csv]\n");
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
    bench_report report = {CNN_ISA_SCALAR, NULL, NULL, 0};
    const char *isa = NULL, *json = NULL, *shapes = NULL;
    int good = 1;
    for (int i = 0; i < count; i++) {
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
    if (json && !(report.json = fopen(json, "w"))) {
        fprintf(stderr, "checkcnn: '%s' cannot be written\n", json);
        return 2;
    }
    if (report.json) fprintf(report.json, "[");
    if (shapes) {
        good = bench_shapes(&report, shapes);
    } else {
        bench_products(&report);
        bench_convolutions(&report);
        bench_gradients(&report);
        bench_chain(&report);
    }
    if (report.json) {
        fprintf(report.json, "\n]\n");
        if (fclose(report.json) != 0) return 2;
    }
    return good ? 0 : 2;
}
