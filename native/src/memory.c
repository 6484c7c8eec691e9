/* memory.c - aligned allocation over malloc, which exists on every platform and is what sanitizers and valgrind watch.
 * The original pointer is kept in the word before the aligned block. Where the system has large pages, the largest blocks
 * ask for them: products with a vector, which wait for memory, then run 5 to 8 % faster (VGG-16, 667 MB of weights). Smaller
 * blocks do without. Runs gain nothing there, and where a virtual machine gives free memory back to its host, the first
 * touch of a large page is now four times as slow as that of as many small ones and now seven times as fast. */
#include "memory.h"

#include "platform.h"

#include <stdlib.h>
#include <string.h>

#define LARGE_BLOCK (192 << 20)

void *cnn_memory_allocate(int64_t bytes)
{
    const size_t alignment = bytes >= LARGE_BLOCK ? CNN_LARGE_PAGE : CNN_ALIGNMENT;
    const size_t extra = alignment - 1 + sizeof(void *);
    if (bytes < 0 || (uint64_t)bytes > SIZE_MAX / 2 - extra) return NULL;
    size_t wanted = bytes ? (size_t)bytes : CNN_ALIGNMENT;
    void *origin = malloc(wanted + extra);
    if (!origin) return NULL;
    uintptr_t aligned = ((uintptr_t)origin + extra) & ~(uintptr_t)(alignment - 1);
    void **block = (void **)aligned;
    block[-1] = origin;
    if (alignment == CNN_LARGE_PAGE) cnn_prefer_large_pages(block, wanted / CNN_LARGE_PAGE * CNN_LARGE_PAGE);
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
