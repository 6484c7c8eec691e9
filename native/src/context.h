/* context.h - what a context is inside: the kernel table that was chosen, the number of threads, and whether its work is
 * cancelled. */
#ifndef CNN_CONTEXT_H
#define CNN_CONTEXT_H

#include "kernels.h"

#include <stdatomic.h>

#define CNN_MAX_THREADS 1024 /* of a context; one pool has them all */

struct cnn_context {
    const cnn_kernels *kernels;
    int32_t threads;
    int32_t winograd;    /* whether plans may choose it */
    atomic_uint changes; /* of the wish to cancel: odd while work is cancelled, and never the same number again */
};

/* Whether work is cancelled: kernels ask between their pieces. What they left out is reported by cnn_parallel. */
static inline int cnn_is_cancelled(const cnn_context *context)
{
    return (int)(atomic_load_explicit(&context->changes, memory_order_relaxed) & 1u);
}

#endif
