/* checkcnn.c - the program that runs the native tests: all of them, or those that are named.
 * With --bench it times kernels instead, with --sweep it checks the convolutions of a file. A fault, such as a read beside a
 * buffer, ends it with the name of the case that was running. */
#include "check_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct test {
    const char *name;
    void (*run)(void);
} test;

#define NAME(test) {#test, test_##test},
static const test tests[] = {
#include "check_tests.h"
};
#undef NAME

static void on_fault(int number)
{
    /* The process is lost; what is printed here is all that will be known of it. */
    fprintf(stderr, "signal %d in case [%s]\n", number, check_current_case());
    fflush(NULL);
    _Exit(3);
}

static int run(const test *wanted)
{
    const int64_t checks = check_count(), failures = check_failures();
    wanted->run();
    printf("%-24s %8lld checks, %lld failed\n", wanted->name, (long long)(check_count() - checks),
           (long long)(check_failures() - failures));
    if (check_count() == checks) printf("%s checked nothing\n", wanted->name);
    return check_count() > checks && check_failures() == failures;
}

static const test *find(const char *name)
{
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strcmp(tests[i].name, name) == 0) return &tests[i];
    return NULL;
}

int main(int count, char **arguments)
{
    int good = 1;
    signal(SIGSEGV, on_fault);
    signal(SIGILL, on_fault);
    if (count > 1 && strcmp(arguments[1], "--bench") == 0) return check_bench(count - 2, arguments + 2);
    if (count > 1 && strcmp(arguments[1], "--sweep") == 0) return check_sweep(count - 2, arguments + 2);
    if (count == 1)
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
            good &= run(&tests[i]);
    for (int i = 1; i < count; i++) {
        const test *wanted = find(arguments[i]);
        if (!wanted) {
            fprintf(stderr, "checkcnn: there is no test '%s'\n", arguments[i]);
            return 2;
        }
        good &= run(wanted);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
