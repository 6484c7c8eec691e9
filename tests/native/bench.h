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
    double percent_of_peak; /* of one core; median of the ratios to the peak measured just before and after */
    double peak_gain; /* times one thread's, what all threads reach in multiply-adds; 0 where there is but one thread */
} bench_result;

/* Times `run(argument)`, which does `operations` floating-point operations on the threads of the context. Where these are
 * several, each round also measures what they gain in nothing but multiply-adds: a machine whose cores are shared, or are
 * two halves of one, gives less than their number. A kernel gains more only by their caches. */
bench_result bench_measure(const cnn_context *context, double operations, void (*run)(void *), void *argument);

/* The same for work that waits for memory: the share of the speed at which one core reads `bytes` bytes, which are what the
 * work must read and write at least, and what the threads gain in reading. Two operations count for each four bytes. */
bench_result bench_measure_read(const cnn_context *context, int64_t bytes, void (*run)(void *), void *argument);

/* A buffer of at least `bytes` bytes whose elements lie in -1..1. */
cnn_buffer *bench_buffer(int64_t bytes);

typedef enum bench_kind { BENCH_FORWARD, BENCH_BY_DATA, BENCH_BY_WEIGHTS } bench_kind;

/* A convolution, or its gradient. */
bench_result bench_convolve(bench_kind kind, const cnn_conv2d_desc *desc, cnn_isa isa, int32_t threads);

/* The middle one of the values, which are sorted. */
double bench_median(double *values, int count);

/* What the rows of the table have in common. */
typedef struct bench_report {
    cnn_isa isa;
    const char *filter; /* null, or a part of the names to run */
    int quick;          /* only the cases of a list in bench_report.c */
    FILE *json;         /* null: none */
    int rows;
    int quick_cases; /* of that list, found so far */
} bench_report;

/* What is known of a case before it runs. */
typedef struct bench_label {
    const char *family; /* cases that are read together */
    const char *name;
    const char *unit; /* what the percentages are of: "peak", or "read" for reading the data once */
    double floor;     /* in per cent of that for one thread, 0 for none */
} bench_label;

/* Whether a case with this name is wanted. */
int bench_wants(bench_report *report, const char *name);

/* Adds a row for one thread, and where `two` is not null one for two: to the table on stdout, and to the JSON file. */
void bench_rows(bench_report *report, const bench_label *label, const bench_result *one, const bench_result *two);

/* Opens and closes the JSON file; 0 where that fails, or where a quick run lacked a case. */
int bench_open(bench_report *report, const char *json);
int bench_close(bench_report *report);

/* The cases. */
void bench_memory(bench_report *report);
void bench_products(bench_report *report);
void bench_convolutions(bench_report *report);
void bench_gradients(bench_report *report);
void bench_training(bench_report *report);
void bench_chain(bench_report *report);

/* The convolution of case i, forward ones first, then gradients; returns 0 after the last. */
int bench_convolution(size_t i, cnn_conv2d_desc *desc);

/* The convolutions of a CSV file, see shapes.h, forward and on one thread. Returns 0 where it cannot be read. */
int bench_shapes(bench_report *report, const char *path);

#endif
