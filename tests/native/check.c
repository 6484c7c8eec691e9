/* check.c - counting of checks, and random numbers. A test goes on after a failed check, so that one run shows all of them,
 * but prints only the first few. */
#include "check.h"

#include "check_run.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINTED_FAILURES 10

cnn_error check_error;

static char current_case[512];
static int64_t checks;
static int64_t failures;

static void report(const char *file, int line, const char *condition)
{
    if (++failures > PRINTED_FAILURES) return;
    printf("%s:%d: [%s] %s: ", file, line, current_case, condition);
}

int check_that(int held, const char *file, int line, const char *condition, const char *format, ...)
{
    checks++;
    if (held) return 1;
    report(file, line, condition);
    if (failures <= PRINTED_FAILURES) {
        va_list arguments;
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
    }
    return 0;
}

int check_status(cnn_status expected, cnn_status found, const char *file, int line, const char *call)
{
    const int said = expected == CNN_OK || (check_error.code == expected && strlen(check_error.text) > 10);
    checks++;
    if (found == expected && said) {
        check_error.code = CNN_OK;
        check_error.text[0] = 0;
        return 1;
    }
    report(file, line, call);
    if (failures <= PRINTED_FAILURES)
        printf("status %d, expected %d; error record: %d \"%s\"\n", (int)found, (int)expected, (int)check_error.code,
               check_error.text);
    return 0;
}

void check_case(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(current_case, sizeof current_case, format, arguments);
    va_end(arguments);
}

const char *check_current_case(void)
{
    return current_case;
}

int64_t check_count(void)
{
    return checks;
}

int64_t check_failures(void)
{
    return failures;
}

int check_near(double found, double expected, double bound, const char *what, int64_t index)
{
    const int agree = isnan(expected) ? isnan(found) : isinf(expected) ? found == expected : fabs(found - expected) <= bound;
    return check_that(agree, what, (int)index, "found is near expected", "found %.9g, expected %.9g within %.3g", found,
                      expected, bound);
}

int check_same_bits(const float *found, const float *expected, int64_t count, const char *what)
{
    if (count <= 0 || memcmp(found, expected, (size_t)count * sizeof *found) == 0)
        return check_that(1, what, 0, "", "%s", "");
    for (int64_t i = 0; i < count; i++)
        if (memcmp(found + i, expected + i, sizeof *found) != 0)
            return check_that(0, what, (int)i, "bits are the same", "found %.9g, expected %.9g", (double)found[i],
                              (double)expected[i]);
    return 1;
}

int check_spread(const float *found, const float *clean, int64_t count, const unsigned char *reached, float special,
                 const char *what)
{
    for (int64_t i = 0; i < count; i++) {
        const int same = memcmp(found + i, clean + i, sizeof *found) == 0;
        const int spoiled = isnan(special) ? isnan(found[i]) : !isfinite(found[i]);
        if (reached[i] ? !spoiled : !same)
            return check_that(0, what, (int)i, reached[i] ? "it is reached" : "it is not reached",
                              "%g instead of %.9g, after %g", (double)found[i], (double)clean[i], (double)special);
    }
    return check_that(1, what, 0, "", "%s", "");
}

double check_ulp(float found, double expected)
{
    const float rounded = (float)expected;
    if (isnan(expected)) return isnan(found) ? 0 : INFINITY;
    if (isinf(rounded) || isinf(found)) return rounded == found ? 0 : INFINITY;
    int exponent;
    frexp(rounded, &exponent);
    return fabs((double)found - rounded) / ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
}

int64_t check_thinned(int64_t whole, int64_t thin)
{
    const char *wish = getenv("CNN_CHECK_THIN");
    return wish && *wish && strcmp(wish, "0") != 0 ? thin : whole;
}

int check_wanted(int64_t n, int64_t step)
{
    return n % check_thinned(1, step) == 0;
}

uint64_t check_next(check_random *random) /* SplitMix64, Steele et al. 2014 */
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

int32_t check_range(check_random *random, int32_t first, int32_t last)
{
    return first + (int32_t)(check_next(random) % (uint64_t)((int64_t)last - first + 1));
}

float check_uniform(check_random *random, float low, float high)
{
    return low + (high - low) * (float)(check_next(random) >> 40) / 16777216.0f;
}

float check_normal(check_random *random) /* Box and Muller 1958 */
{
    const double u = ((double)(check_next(random) >> 11) + 1) / 9007199254740993.0;
    const double v = (double)(check_next(random) >> 11) / 9007199254740992.0;
    return (float)(sqrt(-2 * log(u)) * cos(6.283185307179586 * v));
}

void check_fill_normal(check_random *random, float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        values[i] = check_normal(random);
}

/* Whether a context can have it: CNN_MAX_ISA, under which valgrind runs the portable kernels, may stand against that. */
static int is_allowed(cnn_isa isa)
{
    cnn_context_options options;
    cnn_context *context = NULL;
    cnn_context_options_init(&options);
    options.max_isa = isa;
    options.threads = 1;
    if (cnn_context_create(&options, &context, NULL) != CNN_OK) return 0;
    const int allowed = cnn_context_isa(context) == isa;
    cnn_context_destroy(context);
    return allowed;
}

int32_t check_isas(cnn_isa *isas)
{
    int32_t count = 0;
    for (int32_t isa = 0; isa < CHECK_MOST_ISAS; isa++)
        if (cnn_isa_available((cnn_isa)isa) && is_allowed((cnn_isa)isa)) isas[count++] = (cnn_isa)isa;
    return count;
}

cnn_context *check_context(cnn_isa isa, int32_t threads)
{
    cnn_context_options options;
    cnn_context *context = NULL;
    cnn_context_options_init(&options);
    options.max_isa = isa;
    options.threads = threads;
    if (cnn_context_create(&options, &context, &check_error) != CNN_OK || cnn_context_isa(context) != isa) {
        fprintf(stderr, "no context for %s with %d threads: %s\n", cnn_isa_name(isa), (int)threads, check_error.text);
        exit(2);
    }
    return context;
}

float *check_data(const cnn_buffer *buffer)
{
    return cnn_buffer_data(buffer);
}
