/* bench_peak.h - loops of independent multiply-adds, one for each instruction set, compiled with its flags, and how much of
 * their speed several threads keep. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include "cnn.h"

#include "threads.h"

/* Does some microseconds of multiply-adds with the best registers of the instruction set; returns their number, times two.
 * The result goes to *sink, of the calling thread alone, which keeps the compiler from leaving the loop out. */
double bench_peak_run(cnn_isa isa, volatile float *sink);

double bench_peak_avx2(volatile float *sink);
double bench_peak_avx512(volatile float *sink);

/* How many times the speed of one thread all threads of the context reach together in `part`, each with one item of the same
 * work: measured once, one thread first and all of them right after it. */
double bench_gain(const cnn_context *context, cnn_part *part, const void *job);

/* The same in multiply-adds, as the median of several short runs; `peak` is what one core does in a second. */
double bench_peak_gain(const cnn_context *context, double peak);

#endif
