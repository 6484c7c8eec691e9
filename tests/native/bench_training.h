/* bench_training.h - what the cases of training share. */
#ifndef BENCH_TRAINING_H
#define BENCH_TRAINING_H

#include "bench.h"

/* What lies between the layers: pooling, normalisation, activations, the loss and the optimiser. */
void bench_training_rows(bench_report *report);

#endif
