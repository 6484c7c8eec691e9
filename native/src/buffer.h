/* buffer.h - what the rest of the library may know of a buffer: where it lies and how long it is. */
#ifndef CNN_BUFFER_H
#define CNN_BUFFER_H

#include "cnn.h"

#include <stdatomic.h>

/* The memory behind one or more buffers; it goes with the last of them. */
typedef struct cnn_block {
    atomic_int_fast64_t references;
    void *owned; /* null for memory that the caller keeps */
} cnn_block;

struct cnn_buffer {
    cnn_block *block;
    void *data;
    int64_t bytes;
};

/* Checks that `buffer` is there and holds at least `elements` float32. `operation` and `name` are for the message. */
cnn_status cnn_buffer_check(const cnn_buffer *buffer, int64_t elements, const char *operation, const char *name,
                            cnn_error *error);

/* Checks that the buffer starts where packed weights and pointer tables may start. */
cnn_status cnn_buffer_check_aligned(const cnn_buffer *buffer, const char *operation, const char *name, cnn_error *error);

/* Checks that two buffers share no byte among their first `..._elements` float32. */
cnn_status cnn_buffer_check_apart(const cnn_buffer *input, int64_t input_elements, const cnn_buffer *output,
                                  int64_t output_elements, const char *operation, cnn_error *error);

/* Checks that an element-wise output starts where the input does or shares nothing with it. */
cnn_status cnn_buffer_check_in_place(const cnn_buffer *input, const cnn_buffer *output, int64_t elements,
                                     const char *operation, cnn_error *error);

static inline const float *cnn_buffer_floats(const cnn_buffer *buffer)
{
    return (const float *)buffer->data;
}

static inline float *cnn_buffer_floats_mutable(const cnn_buffer *buffer)
{
    return (float *)buffer->data;
}

#endif
