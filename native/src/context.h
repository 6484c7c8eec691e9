/* context.h - what a context is inside: the kernel table that was chosen and the number of threads. */
#ifndef CNN_CONTEXT_H
#define CNN_CONTEXT_H

#include "kernels.h"

struct cnn_context {
    const cnn_kernels *kernels;
    int32_t threads;
    int32_t winograd; /* whether plans may choose it */
};

#endif
