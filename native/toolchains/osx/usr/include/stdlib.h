/* stdlib.h - what the library calls of macOS's C library, declared after the C standard. */
#pragma once
#include <stddef.h>

void *malloc(size_t size);
void free(void *memory);
char *getenv(const char *name);
/* POSIX's, which Clang's mm_malloc.h declares by itself where nobody else does */
int posix_memalign(void **memory, size_t alignment, size_t size);
