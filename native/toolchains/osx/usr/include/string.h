/* string.h - what the library calls of macOS's C library, declared after the C standard. */
#pragma once
#include <stddef.h>

void *memchr(const void *memory, int byte, size_t size);
void *memcpy(void *restrict target, const void *restrict source, size_t size);
void *memmove(void *target, const void *source, size_t size);
void *memset(void *memory, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
int strcmp(const char *left, const char *right);
size_t strcspn(const char *text, const char *set);
size_t strlen(const char *text);
char *strrchr(const char *text, int character);
char *strstr(const char *text, const char *part);
