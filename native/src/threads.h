/* threads.h - runs one operation on several threads. One pool serves the whole process.
 * Work is split by output only, never inside a sum, so the number of threads cannot change a single bit of a result. */
#ifndef CNN_THREADS_H
#define CNN_THREADS_H

#include "context.h"

/* Does the items begin..end-1. `thread` is below the context's thread count and differs between parts that run together. */
typedef void cnn_part(const void *job, int32_t thread, int64_t begin, int64_t end);

#if defined(__GNUC__)
#define CNN_MUST_USE __attribute__((warn_unused_result))
#else
#define CNN_MUST_USE
#endif

/* Splits 0..items-1 into contiguous ranges of equal length, one for each thread, and returns when all are done: with CNN_OK,
 * or CNN_CANCELLED when items may have been left out; public functions hand that to cnn_report. `cost` is the work of one
 * item in vectorised multiply-accumulates, or what takes as long; too little work for a second thread stays on the calling
 * one.
 *
 * A thread goes through its range in pieces, one call of `part` for each, and then takes pieces of other ranges, so that a
 * thread that the system holds up costs little. Between pieces it looks whether the work is cancelled. */
cnn_status cnn_parallel(const cnn_context *context, int64_t items, int64_t cost, cnn_part *part,
                        const void *job) CNN_MUST_USE;

/* The same in pieces of `block` items, for parts that work in blocks and are costly to begin. A single thread has one call;
 * parts look for themselves whether they are cancelled. */
cnn_status cnn_parallel_blocks(const cnn_context *context, int64_t items, int64_t cost, int64_t block, cnn_part *part,
                               const void *job) CNN_MUST_USE;

/* The same with one call for each range. */
cnn_status cnn_parallel_whole(const cnn_context *context, int64_t items, int64_t cost, cnn_part *part,
                              const void *job) CNN_MUST_USE;

#endif
