/* check.h - what the native tests stand on: checks that count, cases with a name, random numbers that repeat, and buffers
 * that end at a page which may not be touched, so that one byte read past them ends the run with the name of the case. */
#ifndef CHECK_H
#define CHECK_H

#include "cnn.h"

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CHECK_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CHECK_PRINTF(text, first)
#endif

/* ---- checks: a failed one is printed with its case and counted; the value tells whether it held */

#define CHECK(condition, ...) check_that((condition) != 0, __FILE__, __LINE__, #condition, __VA_ARGS__)
#define CHECK_STATUS(expected, call) check_status(expected, call, __FILE__, __LINE__, #call)
#define CHECK_OK(call) check_status(CNN_OK, call, __FILE__, __LINE__, #call)

int check_that(int held, const char *file, int line, const char *condition, const char *format, ...) CHECK_PRINTF(5, 6);
int check_status(cnn_status expected, cnn_status found, const char *file, int line, const char *call);

/* The record that calls inside CHECK_OK and CHECK_STATUS pass, so that a failure shows the library's own sentence. */
extern cnn_error check_error;

/* Names what is being checked from here on, such as the sizes of a case. */
void check_case(const char *format, ...) CHECK_PRINTF(1, 2);

/* Checks |found - expected| <= bound; equal infinities agree, and a NaN agrees with a NaN only. */
int check_near(double found, double expected, double bound, const char *what, int64_t index);

/* Checks that two runs gave the same bits. */
int check_same_bits(const float *found, const float *expected, int64_t count, const char *what);

/* Checks what a special value in one input did: where `reached` is set, a result must be NaN (special is NaN) or not finite
 * (it is an infinity), and elsewhere it must have the bits of the run without it. */
int check_spread(const float *found, const float *clean, int64_t count, const unsigned char *reached, float special,
                 const char *what);

/* The distance of `found` from the correctly rounded `expected`, in units in the last place of that. */
double check_ulp(float found, double expected);

/* ---- thinned tables: an emulator is some twenty times slower, and valgrind as much again */

/* `whole`, or `thin` where the environment has CNN_CHECK_THIN (not empty, not 0). Tables are thinned so that every shape,
 * tail, option and path through the kernels is still met, and fewer of their combinations are. */
int64_t check_thinned(int64_t whole, int64_t thin);

/* Whether number `n` of a table is wanted: all are, or every `step`th where tables are thinned. */
int check_wanted(int64_t n, int64_t step);

/* ---- random numbers: a seed gives the same ones on every machine */

typedef struct check_random {
    uint64_t state;
} check_random;

uint64_t check_next(check_random *random);
int32_t check_range(check_random *random, int32_t first, int32_t last); /* first..last, both included */
float check_uniform(check_random *random, float low, float high);
float check_normal(check_random *random); /* mean 0, variance 1 */
void check_fill_normal(check_random *random, float *values, int64_t count);

/* ---- memory that faults beside its ends; all of it goes with check_release */

typedef enum check_side {
    CHECK_END,  /* the byte after the last one may not be touched */
    CHECK_START /* the byte before the first one may not be touched */
} check_side;

/* `count` float32, all NaN, so that what was not written, or was read and should not have been, shows. */
float *check_floats(int64_t count, check_side side);

/* A buffer over such memory. */
cnn_buffer *check_buffer(int64_t count, check_side side);

/* A buffer over such memory with a copy of `values`. */
cnn_buffer *check_buffer_of(const float *values, int64_t count, check_side side);

/* A buffer for packed weights or a workspace: aligned to 64 bytes, up to 60 bytes before the untouchable page. */
cnn_buffer *check_aligned_buffer(int64_t bytes);

/* Releases all memory and buffers that were made since the last call. */
void check_release(void);

/* ---- contexts */

/* The instruction sets that this machine can run, scalar first. Returns their number. */
int32_t check_isas(cnn_isa *isas);
#define CHECK_MOST_ISAS 16

/* A context; ends the run when there is none. The caller destroys it. */
cnn_context *check_context(cnn_isa isa, int32_t threads);

/* Shorthand for what a buffer holds. */
float *check_data(const cnn_buffer *buffer);

#endif
