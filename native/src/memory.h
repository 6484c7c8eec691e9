/* memory.h - the one way in which the library gets and gives back memory.
 * Blocks are aligned to a cache line, so that packed weights can be read with aligned vector loads. */
#ifndef CNN_MEMORY_H
#define CNN_MEMORY_H

#include <stdint.h>

#define CNN_ALIGNMENT 64

/* Returns `bytes` bytes of undefined content aligned to CNN_ALIGNMENT, or null. Zero bytes give one line. */
void *cnn_memory_allocate(int64_t bytes);

/* The same, all zero. */
void *cnn_memory_allocate_zeroed(int64_t bytes);

/* Releases what the functions above gave; null is ignored. */
void cnn_memory_free(void *memory);

#endif
