/* threads.h - runs one operation on several threads. One pool serves the whole process.
 * Work is split by output only, never inside a sum, so the number of threads cannot change a single bit of a result. */
#ifndef CNN_THREADS_H
#define CNN_THREADS_H

#include "context.h"

/* Does the items begin..end-1. `thread` is below the context's thread count and differs between parts that run together. */
typedef void cnn_part(const void *job, int32_t thread, int64_t begin, int64_t end);

/* Splits 0..items-1 into contiguous parts of equal length and returns when all are done. `cost` is the work of one item in
 * vectorised
 * multiply-accumulates, or what takes as long; too little work for a second thread stays on the calling one. */
void cnn_parallel(const cnn_context *context, int64_t items, int64_t cost, cnn_part *part, const void *job);

/* Processors that this process may use: its affinity mask, and on Linux the quota of its control group. At least 1. */
int32_t cnn_threads_allowed(void);

#endif
