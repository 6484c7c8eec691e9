/* buffer.c - blocks of memory and views into them. A block counts its buffers, so that a tensor and the slices made of it
 * can be destroyed in any order and from any thread. */
#include "buffer.h"

#include "error.h"
#include "memory.h"

#include <stddef.h>

static cnn_status new_buffer(cnn_block *block, void *data, int64_t bytes, cnn_buffer **buffer, cnn_error *error)
{
    cnn_buffer *created = cnn_memory_allocate((int64_t)sizeof *created);
    if (!created)
        return cnn_fail(error, CNN_OUT_OF_MEMORY, "cnn_buffer: no memory for the handle of %lld bytes.", (long long)bytes);
    created->block = block;
    created->data = data;
    created->bytes = bytes;
    *buffer = created;
    return CNN_OK;
}

static cnn_status new_block(void *owned, void *data, int64_t bytes, cnn_buffer **buffer, cnn_error *error)
{
    cnn_block *block = cnn_memory_allocate((int64_t)sizeof *block);
    if (!block)
        return cnn_fail(error, CNN_OUT_OF_MEMORY, "cnn_buffer: no memory for the handle of %lld bytes.", (long long)bytes);
    atomic_init(&block->references, 1);
    block->owned = owned;
    cnn_status status = new_buffer(block, data, bytes, buffer, error);
    if (status != CNN_OK) cnn_memory_free(block);
    return status;
}

cnn_status cnn_buffer_create(int64_t bytes, cnn_buffer **buffer, cnn_error *error)
{
    CNN_TRY(cnn_require(buffer, "cnn_buffer_create", "buffer", error));
    if (bytes <= 0)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "cnn_buffer_create: %lld bytes were asked for, expected at least 1.",
                        (long long)bytes);
    void *memory = cnn_memory_allocate(bytes);
    if (!memory)
        return cnn_fail(error, CNN_OUT_OF_MEMORY, "cnn_buffer_create: the system has no %lld bytes of memory.",
                        (long long)bytes);
    cnn_status status = new_block(memory, memory, bytes, buffer, error);
    if (status != CNN_OK) cnn_memory_free(memory);
    return status;
}

cnn_status cnn_buffer_wrap(void *memory, int64_t bytes, cnn_buffer **buffer, cnn_error *error)
{
    CNN_TRY(cnn_require(memory, "cnn_buffer_wrap", "memory", error));
    CNN_TRY(cnn_require(buffer, "cnn_buffer_wrap", "buffer", error));
    if (bytes <= 0)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "cnn_buffer_wrap: %lld bytes were given, expected at least 1.",
                        (long long)bytes);
    if ((uintptr_t)memory % sizeof(float) != 0)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "cnn_buffer_wrap: the memory is not aligned to %d bytes.",
                        (int)sizeof(float));
    return new_block(NULL, memory, bytes, buffer, error);
}

cnn_status cnn_buffer_view(const cnn_buffer *parent, int64_t offset, int64_t bytes, cnn_buffer **view, cnn_error *error)
{
    CNN_TRY(cnn_require(parent, "cnn_buffer_view", "parent", error));
    CNN_TRY(cnn_require(view, "cnn_buffer_view", "view", error));
    if (offset < 0 || offset % (int64_t)sizeof(float) != 0 || bytes <= 0)
        return cnn_fail(
            error, CNN_INVALID_ARGUMENT,
            "cnn_buffer_view: offset %lld and length %lld, expected an offset that is a multiple of 4 and at least 1 byte.",
            (long long)offset, (long long)bytes);
    if (offset > parent->bytes || bytes > parent->bytes - offset)
        return cnn_fail(error, CNN_BUFFER_TOO_SMALL,
                        "cnn_buffer_view: offset %lld and length %lld do not fit into %lld bytes.", (long long)offset,
                        (long long)bytes, (long long)parent->bytes);
    atomic_fetch_add_explicit(&parent->block->references, 1, memory_order_relaxed);
    cnn_status status = new_buffer(parent->block, (char *)parent->data + offset, bytes, view, error);
    if (status != CNN_OK) atomic_fetch_sub_explicit(&parent->block->references, 1, memory_order_relaxed);
    return status;
}

void cnn_buffer_destroy(cnn_buffer *buffer)
{
    if (!buffer) return;
    cnn_block *block = buffer->block;
    cnn_memory_free(buffer);
    if (atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1) {
        cnn_memory_free(block->owned);
        cnn_memory_free(block);
    }
}

void *cnn_buffer_data(const cnn_buffer *buffer)
{
    return buffer ? buffer->data : NULL;
}

int64_t cnn_buffer_bytes(const cnn_buffer *buffer)
{
    return buffer ? buffer->bytes : 0;
}

cnn_status cnn_buffer_fill(const cnn_buffer *buffer, float value, cnn_error *error)
{
    CNN_TRY(cnn_require(buffer, "cnn_buffer_fill", "buffer", error));
    float *data = cnn_buffer_floats_mutable(buffer);
    int64_t count = buffer->bytes / (int64_t)sizeof(float);
    for (int64_t i = 0; i < count; i++)
        data[i] = value;
    return CNN_OK;
}

cnn_status cnn_buffer_check(const cnn_buffer *buffer, int64_t elements, const char *operation, const char *name,
                            cnn_error *error)
{
    CNN_TRY(cnn_require(buffer, operation, name, error));
    if (buffer->bytes / (int64_t)sizeof(float) < elements)
        return cnn_fail(error, CNN_BUFFER_TOO_SMALL, "%s: '%s' holds %lld float32 elements, expected at least %lld.",
                        operation, name, (long long)(buffer->bytes / (int64_t)sizeof(float)), (long long)elements);
    return CNN_OK;
}

cnn_status cnn_buffer_check_aligned(const cnn_buffer *buffer, const char *operation, const char *name, cnn_error *error)
{
    if ((uintptr_t)buffer->data % CNN_ALIGNMENT == 0) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: '%s' is not aligned to %d bytes; make it with cnn_buffer_create.",
                    operation, name, CNN_ALIGNMENT);
}

static int overlap(const cnn_buffer *left, int64_t left_elements, const cnn_buffer *right, int64_t right_elements)
{
    uintptr_t left_begin = (uintptr_t)left->data, right_begin = (uintptr_t)right->data;
    uintptr_t left_end = left_begin + (uintptr_t)left_elements * sizeof(float);
    uintptr_t right_end = right_begin + (uintptr_t)right_elements * sizeof(float);
    return left_begin < right_end && right_begin < left_end;
}

cnn_status cnn_buffer_check_apart(const cnn_buffer *input, int64_t input_elements, const cnn_buffer *output,
                                  int64_t output_elements, const char *operation, cnn_error *error)
{
    if (!overlap(input, input_elements, output, output_elements)) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: the output overlaps an input in memory; give it a buffer of its own.",
                    operation);
}

cnn_status cnn_buffer_check_in_place(const cnn_buffer *input, const cnn_buffer *output, int64_t elements,
                                     const char *operation, cnn_error *error)
{
    if (input->data == output->data || !overlap(input, elements, output, elements)) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: the output overlaps an input without starting at the same element.",
                    operation);
}
