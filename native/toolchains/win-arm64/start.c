/* start.c - what MinGW-w64's C run-time would link into a DLL, of which Debian has none for ARM64: the entry point, the
 * printf functions, which the universal C run-time exports under another name, and the probe of large stack frames. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

int __stdcall DllMainCRTStartup(void *module, uint32_t reason, void *reserved);
int __cdecl __stdio_common_vsprintf(uint64_t options, char *text, size_t size, const char *format, void *locale,
                                    va_list arguments);
int __cdecl vsnprintf(char *text, size_t size, const char *format, va_list arguments);
int __cdecl snprintf(char *text, size_t size, const char *format, ...);

/* The library has nothing to initialise, and ucrtbase.dll initialises itself. */
int __stdcall DllMainCRTStartup(void *module, uint32_t reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return 1;
}

int __cdecl vsnprintf(char *text, size_t size, const char *format, va_list arguments)
{
    const uint64_t as_standard = 2; /* always terminates, and returns the length that there would have been */
    return __stdio_common_vsprintf(as_standard, text, size, format, NULL, arguments);
}

int __cdecl snprintf(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return length;
}

/* Windows adds a page to a stack when the page under it is touched, so a frame of more than one page is touched page by page
 * before it is made. x15 holds its size in units of 16 bytes; only x16 and x17 may change. */
__asm__(".globl __chkstk\n"
        ".p2align 2\n"
        "__chkstk:\n"
        "    mov x17, sp\n"
        "    sub x16, x17, x15, lsl #4\n"
        "1:  sub x17, x17, #4096\n"
        "    ldr xzr, [x17]\n"
        "    cmp x17, x16\n"
        "    b.hi 1b\n"
        "    ret\n");
