/* error.h - how a function of the library fails: one call that fills the caller's record and hands back the status.
 * Messages name the operation first, then what was found, then what was expected. */
#ifndef CNN_ERROR_H
#define CNN_ERROR_H

#include "cnn.h"

#if defined(__GNUC__)
#define CNN_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CNN_PRINTF(text, first)
#endif

/* Writes code and text into `error` unless it is null, and returns the code. */
cnn_status cnn_fail(cnn_error *error, cnn_status code, const char *format, ...) CNN_PRINTF(3, 4);

/* Returns from the calling function when the status is not CNN_OK. */
#define CNN_TRY(expression)                                                                                                 \
    do {                                                                                                                    \
        cnn_status cnn_try_status = (expression);                                                                           \
        if (cnn_try_status != CNN_OK) return cnn_try_status;                                                                \
    } while (0)

/* Gives the status of a run back, and writes the sentence for one that was cancelled. */
cnn_status cnn_report(cnn_status status, const char *operation, cnn_error *error);

/* Fails when a pointer argument is null. */
cnn_status cnn_require(const void *pointer, const char *function, const char *argument, cnn_error *error);

/* Fails when a descriptor was not initialised, or was made for another version of it. */
cnn_status cnn_require_size(uint32_t found, uint64_t expected, const char *type, cnn_error *error);

#endif
