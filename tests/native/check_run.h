/* check_run.h - what the program around the tests asks of the harness, and tests do not. */
#ifndef CHECK_RUN_H
#define CHECK_RUN_H

#include <stdint.h>

const char *check_current_case(void);
int64_t check_count(void);
int64_t check_failures(void);

/* The benchmark, with its own arguments; returns the exit code. */
int check_bench(int count, char **arguments);

/* The convolutions of a file against float64, with its own arguments; returns the exit code. */
int check_sweep(int count, char **arguments);

#define NAME(test) void test_##test(void);
#include "check_tests.h"
#undef NAME

#endif
