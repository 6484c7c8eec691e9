/* stdio.h - what the library calls of macOS's C library, declared after the C standard. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

int snprintf(char *restrict text, size_t size, const char *restrict format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *restrict text, size_t size, const char *restrict format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
