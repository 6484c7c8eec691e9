/* error.c - formats the sentences of cnn_error. This is the only place that writes into a caller's record. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

cnn_status cnn_fail(cnn_error *error, cnn_status code, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->code = code;
        if (vsnprintf(error->text, sizeof error->text, format, arguments) < 0) error->text[0] = '\0';
        va_end(arguments);
    }
    return code;
}

cnn_status cnn_report(cnn_status status, const char *operation, cnn_error *error)
{
    if (status != CNN_CANCELLED) return status;
    return cnn_fail(error, CNN_CANCELLED, "%s: cancelled by cnn_context_cancel; what it was to write is undefined.",
                    operation);
}

cnn_status cnn_require(const void *pointer, const char *function, const char *argument, cnn_error *error)
{
    if (pointer) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: '%s' is null.", function, argument);
}

cnn_status cnn_require_size(uint32_t found, uint64_t expected, const char *type, cnn_error *error)
{
    if (found == expected) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: struct_size is %u, expected %u; fill the struct with %s_init first.",
                    type, (unsigned)found, (unsigned)expected, type);
}
