/* operands.c - checks of the buffers of one call, each against its size and all against each other. A dozen of buffers make
 * some sixty comparisons, which is less than waking a thread. */
#include "operands.h"

#include "buffer.h"
#include "error.h"

#include <stddef.h>

static cnn_status check_pair(const cnn_operand *a, const cnn_operand *b, const char *operation, cnn_error *error)
{
    if (!a->buffer || !b->buffer || !((a->access | b->access) & (CNN_WRITE | CNN_WORKSPACE))) return CNN_OK;
    if (a->access & b->access & CNN_IN_PLACE)
        return cnn_buffer_check_in_place(a->buffer, b->buffer, a->elements, operation, error);
    if (cnn_buffer_check_apart(a->buffer, a->elements, b->buffer, b->elements, operation, NULL) == CNN_OK) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: '%s' and '%s' overlap in memory; give each a buffer of its own.",
                    operation, a->name, b->name);
}

cnn_status cnn_operands_check(int32_t count, const cnn_operand *operands, const char *operation, cnn_error *error)
{
    for (int32_t i = 0; i < count; i++) {
        const cnn_operand *one = &operands[i];
        if (!one->buffer && (one->access & CNN_OPTIONAL)) continue;
        CNN_TRY(cnn_buffer_check(one->buffer, one->elements, operation, one->name, error));
        if (one->access & CNN_WORKSPACE) CNN_TRY(cnn_buffer_check_aligned(one->buffer, operation, one->name, error));
    }
    for (int32_t i = 0; i < count; i++)
        for (int32_t j = 0; j < i; j++)
            CNN_TRY(check_pair(&operands[j], &operands[i], operation, error));
    return CNN_OK;
}

float *cnn_operand_floats(const cnn_buffer *buffer)
{
    return buffer ? cnn_buffer_floats_mutable(buffer) : NULL;
}
