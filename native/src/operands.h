/* operands.h - the buffers of one call as a list, so that an operation with ten of them checks sizes and overlap without ten
 * lines of its own. */
#ifndef CNN_OPERANDS_H
#define CNN_OPERANDS_H

#include "cnn.h"

typedef enum cnn_access {
    CNN_READ = 0,
    CNN_WRITE = 1,
    CNN_OPTIONAL = 2,  /* may be null */
    CNN_IN_PLACE = 4,  /* two of these may be one buffer */
    CNN_WORKSPACE = 8, /* written, and aligned as cnn_buffer_create does */
} cnn_access;

typedef struct cnn_operand {
    const cnn_buffer *buffer;
    int64_t elements; /* of four bytes each */
    const char *name;
    int access; /* of cnn_access */
} cnn_operand;

/* Checks that each buffer is there, is large enough, and overlaps no other when one of the two is written. */
cnn_status cnn_operands_check(int32_t count, const cnn_operand *operands, const char *operation, cnn_error *error);

/* The float32 elements of a buffer that may be null. */
float *cnn_operand_floats(const cnn_buffer *buffer);

#endif
