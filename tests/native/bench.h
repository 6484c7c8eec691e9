/* bench.h - timing for the native kernels: a case against the multiply-add peak of one core, both measured in turns, because
 * machines are shared and their clocks move. */
#ifndef BENCH_H
#define BENCH_H

#include "cnn.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Seconds of a clock that only goes forward. */
double bench_now(void);

/* Multiply-adds a second that one core can do at most with the instruction set, times two; measured anew by each call. */
double bench_peak_flops(cnn_isa isa);

typedef struct bench_result {
    double seconds;         /* median time of one run */
    double gflops;          /* as the definition counts operations, whatever the algorithm saves */
    double percent_of_peak; /* of one core; median of the ratios to the peak measured just before */
} bench_result;

/* Times `run(argument)`, which does `operations` floating-point operations. */
bench_result bench_measure(cnn_isa isa, double operations, void (*run)(void *), void *argument);

/* What the rows of the table have in common. */
typedef struct bench_report {
    cnn_isa isa;
    const char *filter; /* null, or a part of the names to run */
    FILE *json;         /* null: none */
    int rows;
} bench_report;

/* Whether a case with this name is wanted. */
int bench_wants(const bench_report *report, const char *name);

/* Adds a row: to the table on stdout, and to the JSON file. floor is in per cent of the peak, 0 for none. */
void bench_row(bench_report *report, const char *name, int32_t threads, const bench_result *result, double floor);

/* The cases. */
void bench_products(bench_report *report);
void bench_convolutions(bench_report *report);
void bench_gradients(bench_report *report);
void bench_chain(bench_report *report);

/* The convolution of case i, forward ones first, then gradients; returns 0 after the last. */
int bench_convolution(size_t i, cnn_conv2d_desc *desc);

/* The convolutions of a CSV file, see shapes.h, forward and on one thread. Returns 0 where it cannot be read. */
int bench_shapes(bench_report *report, const char *path);

#endif
