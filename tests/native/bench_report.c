/* bench_report.c - what a reader sees of the benchmark: which cases run, the table on stdout, and the JSON file, which
 * bench/CnnNative.BenchmarkReport makes a picture of. */
#include "bench.h"

#include <string.h>

#define TWO_THREADS_FLOOR 1.9 /* times one thread, where one thread has a floor; two free cores give a gain of two */

/* The cases of --quick: of each family those that differ most in what they ask of a kernel. */
static const char *const quick_cases[] = {
    "gemm 384x384x384",
    "gemm 1024x1024x1024",
    "gemm 2048x256x1024",
    "gemm 32x32x32 not packed",
    "gemv 1x4096x4096",
    "gemv 4096x1x4096",
    "resnet50 1x1 56x56 64-256",
    "resnet50 1x1 14x14 1024-256",
    "resnet50 1x1 7x7 512-2048",
    "resnet50 3x3 56x56 64 direct",
    "resnet50 3x3 14x14 256 direct",
    "first layer 7x7/2 224x224 3-64",
    "first layer 5x5 28x28 1-6",
    "winograd 3x3 56x56 64",
    "winograd 3x3 56x56 256",
    "winograd 3x3 14x14 256",
    "depthwise 3x3 112x112 32",
    "depthwise 3x3 14x14 384",
    "grouped 3x3 28x28 128, 32 groups",
    "by data 3x3 28x28 128, batch 32",
    "by data depthwise 3x3 56x56 64, batch 8",
    "by weights 3x3 28x28 128, batch 32",
    "by weights 1x1 28x28 128-512, batch 32",
    "lenet-5 by data, 5x5 14x14 6-16",
    "4-conv by weights, 3x3 28x28 32-32",
    "resnet-20 batch norm and relu by data 32x32x16",
    "lenet-5, ten operators, batch 1",
};
#define QUICK_CASES (int)(sizeof quick_cases / sizeof *quick_cases)

int bench_wants(bench_report *report, const char *name)
{
    if (report->quick) {
        int i = 0;
        while (i < QUICK_CASES && strcmp(quick_cases[i], name) != 0)
            i++;
        if (i == QUICK_CASES) return 0;
        report->quick_cases++;
    }
    return !report->filter || strstr(name, report->filter) != NULL;
}

static void print_row(const bench_report *report, const bench_label *label, int32_t threads, const bench_result *result,
                      double floor, double gain)
{
    const int is_read = strcmp(label->unit, "read") == 0;
    char note[40] = "";
    /* A product with a vector does two operations for each four bytes. */
    if (is_read) snprintf(note, sizeof note, ", %.1f GB/s, %% of a read", result->gflops * 2);
    if (report->rows == 0) {
        printf("| case | isa | threads | microseconds | GFLOP/s | %% of peak | floor | times one thread | peak does |\n");
        printf("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    }
    printf("| %s%s | %s | %d | %.1f | %.1f | %.0f | ", label->name, note, cnn_isa_name(report->isa), (int)threads,
           result->seconds * 1e6, result->gflops, result->percent_of_peak);
    if (floor > 0) printf("%.0f%s", floor, result->percent_of_peak < floor ? " (below)" : "");
    if (threads > 1)
        printf(" | %.2f | %.2f |\n", gain, result->peak_gain);
    else
        printf(" | | |\n");
    fflush(stdout);
}

static void add_row(bench_report *report, const bench_label *label, int32_t threads, const bench_result *result,
                    double floor, double gain)
{
    print_row(report, label, threads, result, floor, gain);
    if (report->json)
        fprintf(report->json,
                "%s\n  {\"family\": \"%s\", \"case\": \"%s\", \"isa\": \"%s\", \"threads\": %d, \"microseconds\": %.3f, "
                "\"gflops\": %.3f, \"unit\": \"%s\", \"percent_of_peak\": %.2f, \"floor\": %.2f, \"gain\": %.3f, "
                "\"peak_gain\": %.3f}",
                report->rows > 0 ? "," : "", label->family, label->name, cnn_isa_name(report->isa), (int)threads,
                result->seconds * 1e6, result->gflops, label->unit, result->percent_of_peak, floor, gain, result->peak_gain);
    report->rows++;
}

void bench_rows(bench_report *report, const bench_label *label, const bench_result *one, const bench_result *two)
{
    add_row(report, label, 1, one, label->floor, 0);
    if (!two) return;
    const int has_floor = label->floor > 0 && strcmp(label->unit, "peak") == 0;
    add_row(report, label, 2, two, has_floor ? TWO_THREADS_FLOOR * one->percent_of_peak : 0,
            two->percent_of_peak / one->percent_of_peak);
}

int bench_open(bench_report *report, const char *json)
{
    if (!json) return 1;
    report->json = fopen(json, "w");
    if (report->json) return fputs("[", report->json) >= 0;
    fprintf(stderr, "checkcnn: '%s' cannot be written\n", json);
    return 0;
}

int bench_close(bench_report *report)
{
    int good = 1;
    if (report->json) {
        good = fputs("\n]\n", report->json) >= 0 && !ferror(report->json);
        good &= fclose(report->json) == 0;
        if (!good) fprintf(stderr, "checkcnn: the JSON file could not be written\n");
    }
    if (report->quick && report->quick_cases < QUICK_CASES) {
        fprintf(stderr, "checkcnn: %d of the %d quick cases exist\n", report->quick_cases, QUICK_CASES);
        return 0;
    }
    return good;
}
