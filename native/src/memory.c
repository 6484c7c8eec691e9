/* memory.c - aligned allocation over malloc, which exists on every platform and is what sanitizers and valgrind watch.
 * The original pointer is kept in the word before the aligned block. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

void *cnn_memory_allocate(int64_t bytes)
{
    const size_t extra = CNN_ALIGNMENT - 1 + sizeof(void *);
    if (bytes < 0 || (uint64_t)bytes > SIZE_MAX / 2 - extra) return NULL;
    size_t wanted = bytes ? (size_t)bytes : CNN_ALIGNMENT;
    void *origin = malloc(wanted + extra);
    if (!origin) return NULL;
    uintptr_t aligned = ((uintptr_t)origin + extra) & ~(uintptr_t)(CNN_ALIGNMENT - 1);
    void **block = (void **)aligned;
    block[-1] = origin;
    return block;
}

void *cnn_memory_allocate_zeroed(int64_t bytes)
{
    void *memory = cnn_memory_allocate(bytes);
    if (memory && bytes > 0) memset(memory, 0, (size_t)bytes);
    return memory;
}

void cnn_memory_free(void *memory)
{
    if (memory) free(((void **)memory)[-1]);
}
