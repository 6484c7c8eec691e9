/* check_memory.c - memory between two pages that may not be touched. A block lies against one of them to the byte. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

#define MOST_BLOCKS 64

typedef struct block {
    char *pages;
    size_t bytes;
    cnn_buffer *buffer;
} block;

static block blocks[MOST_BLOCKS];
static int32_t block_count;

static size_t page_size(void)
{
#if defined(_WIN32)
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
#else
    return (size_t)sysconf(_SC_PAGESIZE);
#endif
}

/* Readable pages with an untouchable one on either side. */
static char *map_pages(size_t bytes, size_t page)
{
#if defined(_WIN32)
    char *pages = VirtualAlloc(NULL, bytes, MEM_RESERVE, PAGE_NOACCESS);
    return pages && VirtualAlloc(pages + page, bytes - 2 * page, MEM_COMMIT, PAGE_READWRITE) ? pages : NULL;
#else
    char *pages = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return NULL;
    return mprotect(pages + page, bytes - 2 * page, PROT_READ | PROT_WRITE) == 0 ? pages : NULL;
#endif
}

static void unmap_pages(const block *old)
{
#if defined(_WIN32)
    VirtualFree(old->pages, 0, MEM_RELEASE);
#else
    munmap(old->pages, old->bytes);
#endif
}

/* `bytes` bytes, a multiple of 4, against the page after them, or with `side` CHECK_START against the one before. */
static void *allocate(int64_t bytes, check_side side)
{
    const size_t page = page_size(), size = bytes > 0 ? (size_t)bytes : sizeof(float);
    const size_t inside = (size + page - 1) / page * page;
    block *made = &blocks[block_count];
    if (block_count == MOST_BLOCKS || !(made->pages = map_pages(inside + 2 * page, page))) {
        fprintf(stderr, "no memory for a test, or more than %d blocks in one case\n", MOST_BLOCKS);
        exit(2);
    }
    made->bytes = inside + 2 * page;
    made->buffer = NULL;
    block_count++;
    float *first = (float *)(void *)(made->pages + page);
    for (size_t i = 0; i < inside / sizeof(float); i++)
        first[i] = NAN;
    return made->pages + page + (side == CHECK_END ? inside - size : 0);
}

float *check_floats(int64_t count, check_side side)
{
    return allocate(count * (int64_t)sizeof(float), side);
}

static cnn_buffer *wrap(void *memory, int64_t bytes)
{
    cnn_buffer *buffer = NULL;
    CHECK_OK(cnn_buffer_wrap(memory, bytes, &buffer, &check_error));
    return blocks[block_count - 1].buffer = buffer;
}

cnn_buffer *check_buffer(int64_t count, check_side side)
{
    return wrap(check_floats(count, side), count * (int64_t)sizeof(float));
}

cnn_buffer *check_buffer_of(const float *values, int64_t count, check_side side)
{
    cnn_buffer *buffer = check_buffer(count, side);
    memcpy(cnn_buffer_data(buffer), values, (size_t)count * sizeof *values);
    return buffer;
}

cnn_buffer *check_aligned_buffer(int64_t bytes)
{
    const int64_t rounded = (bytes + 63) / 64 * 64;
    return wrap(allocate(rounded, CHECK_END), rounded > 0 ? rounded : 64);
}

void check_release(void)
{
    while (block_count > 0) {
        const block *old = &blocks[--block_count];
        cnn_buffer_destroy(old->buffer);
        unmap_pages(old);
    }
}
