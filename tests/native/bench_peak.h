/* bench_peak.h - loops of independent multiply-adds, one for each instruction set, compiled with its flags. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include "cnn.h"

/* Does some microseconds of multiply-adds with the best registers of the instruction set; returns their number, times two.
 */
double bench_peak_run(cnn_isa isa);

double bench_peak_avx2(void);
double bench_peak_avx512(void);

/* Keeps the compiler from leaving the loops out. */
extern volatile float bench_sink;

#endif
