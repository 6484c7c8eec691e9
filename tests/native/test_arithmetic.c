/* test_arithmetic.c - the floating-point mode of the caller: it changes no bit of any result, and comes back as it was. */
#include "check_run.h"
#include "operator_case.h"

#include "platform.h"
#include "threads.h"

#include <fenv.h>
#include <stdlib.h>

static const struct {
    int mode;
    const char *name;
} modes[] = {{FE_TONEAREST, "to nearest"}, {FE_UPWARD, "up"}, {FE_DOWNWARD, "down"}, {FE_TOWARDZERO, "towards zero"}};

/* One third, as the mode rounds it; not folded by the compiler. */
static float third(void)
{
    volatile float one = 1, three = 3;
    return one / three;
}

/* Everything under each mode, plans included, against everything under the usual one. */
static void check_rounding(cnn_isa isa, int32_t threads)
{
    const int64_t count = operator_outputs();
    float *expected = malloc((size_t)count * sizeof *expected), *found = malloc((size_t)count * sizeof *found);
    cnn_context *context = check_context(isa, threads);
    operator_room room;
    if (!expected || !found) abort();
    operator_room_create(&room, context);
    for (int32_t i = 0; i < operator_count; i++)
        for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
            check_case("%s: %s by %d threads, rounding %s", cnn_isa_name(isa), operator_cases[i].name, (int)threads,
                       modes[m].name);
            operator_room_reset(&room);
            if (!CHECK(fesetround(modes[m].mode) == 0, "no such mode")) continue;
            const float before = third();
            const cnn_status status = operator_cases[i].call(context, &room);
            const int after = fegetround();
            const int same = before >= third() && before <= third();
            (void)fesetround(FE_TONEAREST);
            CHECK_OK(status);
            CHECK(after == modes[m].mode && same, "the mode is %d", after);
            operator_collect(&room, m == 0 ? expected : found);
            if (m > 0) check_same_bits(found, expected, count, "the caller rounds in another way");
        }
    cnn_context_destroy(context);
    check_release();
    free(expected);
    free(found);
}

/* ---- inside jobs */

typedef struct mode_job {
    float tiny;
    float quotients[64];
    float flushed[64];
    float denormals[64];
} mode_job;

static void divide(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    mode_job *job = *(mode_job *const *)argument;
    volatile float tiny = job->tiny, denormal = 1e-40f;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        job->quotients[i] = third();
        job->flushed[i] = tiny / 4;
        job->denormals[i] = denormal * 1e10f;
    }
}

static uint64_t mode_now(void)
{
    const uint64_t mode = cnn_begin_arithmetic();
    cnn_end_arithmetic(mode, NULL);
    return mode;
}

/* All threads of a job, the calling one among them, have the same mode, and the caller's is there again afterwards. */
static void check_jobs(int32_t threads)
{
    static mode_job job;
    mode_job *const pointer = &job;
    cnn_context *context = check_context(CNN_ISA_SCALAR, threads);
    const float nearest = third();
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
        check_case("a job of %d threads, rounding %s", (int)threads, modes[m].name);
        job = (mode_job){.tiny = 1.5e-38f};
        (void)fesetround(modes[m].mode);
        const uint64_t before = mode_now();
        const cnn_status status = cnn_parallel(context, 64, 1000000, divide, &pointer);
        const uint64_t after = mode_now();
        volatile float tiny = job.tiny;
        const float kept = tiny / 4;
        (void)fesetround(FE_TONEAREST);
        CHECK_OK(status);
        CHECK(before == after, "the mode was %llx, is %llx", (unsigned long long)before, (unsigned long long)after);
        CHECK(kept > 0, "the caller lost its subnormal numbers");
        for (int i = 0; i < 64; i++) {
            CHECK(job.quotients[i] >= nearest && job.quotients[i] <= nearest, "item %d rounded in another way", i);
#if defined(__x86_64__) || defined(__aarch64__)
            CHECK(!(job.flushed[i] > 0) && !(job.denormals[i] > 0), "item %d kept subnormal numbers", i);
#endif
        }
    }
    cnn_context_destroy(context);
}

#if defined(__x86_64__) && defined(__GLIBC__)

/* A caller that has a fault for each division by zero gets none from inside a job, and has them again afterwards. */
static void check_traps(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 2);
    cnn_buffer *buffer = check_buffer(100000, CHECK_END);
    check_case("traps");
    for (int i = 0; i < 100000; i++)
        check_data(buffer)[i] = 0;
    (void)feenableexcept(FE_DIVBYZERO | FE_INVALID);
    const cnn_status status = cnn_unary(context, CNN_UNARY_RECIPROCAL, 0, 100000, buffer, buffer, &check_error);
    const int traps = fegetexcept();
    (void)fedisableexcept(FE_ALL_EXCEPT);
    CHECK_OK(status);
    CHECK(traps == (FE_DIVBYZERO | FE_INVALID), "the traps are %d", traps);
    CHECK(check_data(buffer)[7] > 1e38f, "1 / 0 is %g", (double)check_data(buffer)[7]);
    cnn_context_destroy(context);
    check_release();
}

#else

static void check_traps(void) {}

#endif

void test_arithmetic(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_jobs(1);
    check_jobs(2);
    check_jobs(7);
    check_traps();
    for (int32_t i = 0; i < count; i++)
        check_rounding(isas[i], i % 2 ? 1 : 3);
}
