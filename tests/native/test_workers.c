/* test_workers.c - the pool in places where it has no workers, too few of them, or is busy: the child of a fork, a system
 * that gives no threads, calls from inside of jobs and from many threads, and contexts that are gone. */
#include "check.h"
#include "check_run.h"

#include "platform.h"
#include "threads.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(_WIN32)
#include <windows.h>
#define give_way() Sleep(0)
#else
#include <sched.h>
#define give_way() (void)sched_yield()
#endif

#define ITEMS 64
#define COST 1000000 /* worth a thread each */

#define LONGEST_WAIT 20 /* seconds for a thread that does not come */

/* A job that counts which thread did what. Its items wait until `expected` threads have come: threads that are done take
 * over from those that are late, so without that it would be chance who takes part. */
typedef struct count_job {
    atomic_int done[ITEMS];
    atomic_int threads[16];
    atomic_int came;
    int expected;
    time_t end;
} count_job;

static void count_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    count_job *job = *(count_job *const *)argument;
    if (atomic_fetch_add(&job->threads[thread], 1) == 0) atomic_fetch_add(&job->came, 1);
    while (atomic_load(&job->came) < job->expected && time(NULL) < job->end)
        give_way();
    for (int64_t i = begin; i < end; i++)
        atomic_fetch_add(&job->done[i], 1);
}

/* Runs a job that waits for some threads; those that took part, or -1 when an item was not done once. */
static int run_with(const cnn_context *context, int expected)
{
    count_job job;
    count_job *const pointer = &job;
    memset(&job, 0, sizeof job);
    job.expected = expected;
    job.end = time(NULL) + LONGEST_WAIT;
    if (cnn_parallel(context, ITEMS, COST, count_items, &pointer) != CNN_OK) return -1;
    int threads = 0;
    for (int i = 0; i < ITEMS; i++)
        if (atomic_load(&job.done[i]) != 1) return -1;
    for (int i = 0; i < 16; i++)
        threads += atomic_load(&job.threads[i]) > 0;
    return threads;
}

/* The same with all threads of the context. */
static int run_once(const cnn_context *context)
{
    return run_with(context, cnn_context_threads(context));
}

/* ---- jobs in jobs */

#define DEPTH 200 /* jobs in each other; a thread of musl has 128 KB of stack for them */
typedef struct nest {
    const cnn_context *context;
    int32_t depth;
    atomic_int *deepest;
} nest;

static void go_deeper(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const nest *n = argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const nest inner = {n->context, n->depth + 1, n->deepest};
        /* Only the first item goes on, or there would be 2^DEPTH of them. */
        if (i == 0 && n->depth + 1 < DEPTH && cnn_parallel(n->context, 2, COST, go_deeper, &inner) == CNN_OK) continue;
        atomic_fetch_add(n->deepest, 1);
    }
}

static void check_nesting(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 3);
    atomic_int ends = 0;
    const nest outer = {context, 0, &ends};
    check_case("%d jobs in each other", DEPTH);
    CHECK(cnn_parallel(context, 2, COST, go_deeper, &outer) == CNN_OK, "the outermost job");
    CHECK(atomic_load(&ends) == DEPTH + 1, "%d items ended", atomic_load(&ends));
    CHECK(run_once(context) == 3, "the pool is not free again");
    cnn_context_destroy(context);
}

/* ---- contexts that come and go */

static void check_contexts(void)
{
    check_case("contexts one after the other");
    for (int32_t i = 0; i < 300; i++) {
        const int32_t threads = i % 9 + 1;
        cnn_context *context = check_context(CNN_ISA_SCALAR, threads);
        CHECK(run_once(context) == threads, "not %d threads", (int)threads);
        cnn_context_destroy(context);
    }
    check_case("two contexts, and one of them is gone");
    cnn_context *first = check_context(CNN_ISA_SCALAR, 4), *second = check_context(CNN_ISA_SCALAR, 2);
    CHECK(run_once(first) == 4, "the first");
    cnn_context_destroy(first);
    CHECK(run_once(second) == 2, "the second");
    cnn_context_destroy(second);
}

#if !defined(_WIN32)

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- many callers */

#define CALLERS 8
static void *call_often(void *argument)
{
    const cnn_context *context = argument;
    static char failed;
    for (int i = 0; i < 3000; i++)
        if (run_with(context, 1) < 1) return &failed;
    return NULL;
}

static void check_callers(void)
{
    pthread_t threads[CALLERS];
    cnn_context *contexts[CALLERS];
    check_case("%d callers", CALLERS);
    for (int i = 0; i < CALLERS; i++) {
        contexts[i] = check_context(CNN_ISA_SCALAR, i % 4 + 1);
        if (!CHECK(pthread_create(&threads[i], NULL, call_often, contexts[i]) == 0, "caller %d", i)) abort();
    }
    for (int i = 0; i < CALLERS; i++) {
        void *failed = NULL;
        CHECK(pthread_join(threads[i], &failed) == 0 && !failed, "caller %d", i);
        cnn_context_destroy(contexts[i]);
    }
}

/* ---- children */

/* The answer of a child: 0 to 100, or -1 when it hung or died. */
static int in_child(int (*body)(const cnn_context *), const cnn_context *context)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGALRM, SIG_DFL);
        (void)alarm(60);
        _exit(body(context));
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

static int run_many_with(const cnn_context *context, int expected)
{
    for (int i = 0; i < 100; i++)
        if (run_with(context, expected) != expected) return 100;
    return expected;
}

static int run_many(const cnn_context *context)
{
    return run_many_with(context, 3);
}

static int fork_again(const cnn_context *context)
{
    if (run_many(context) != 3) return 99;
    return in_child(run_many, context);
}

static void *keep_busy(void *argument)
{
    atomic_int *const stop = argument;
    cnn_context *context = check_context(CNN_ISA_SCALAR, 2);
    while (!atomic_load(stop))
        (void)run_with(context, 1);
    cnn_context_destroy(context);
    return NULL;
}

static void check_children(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 3);
    pthread_t thread;
    atomic_int stop = 0;
    check_case("children of a fork");
    CHECK(run_once(context) == 3, "the parent before");
    CHECK(in_child(run_many, context) == 3, "a child");
    CHECK(in_child(fork_again, context) == 3, "a child of a child");
    CHECK(run_once(context) == 3, "the parent after");
    check_case("children of a fork while the pool is busy");
    if (!CHECK(pthread_create(&thread, NULL, keep_busy, &stop) == 0, "no thread")) abort();
    for (int i = 0; i < 50; i++)
        CHECK(in_child(run_many, context) == 3, "child %d", i);
    atomic_store(&stop, 1);
    (void)pthread_join(thread, NULL);
    cnn_context_destroy(context);
}

#if defined(CHECK_ALLOCATION)

/* The linker puts this before cnn_thread_start. */
int __real_cnn_thread_start(void (*body)(void *), void *argument);
int __wrap_cnn_thread_start(void (*body)(void *), void *argument);
static atomic_int given = 1 << 30; /* threads until the system refuses */
static atomic_int asked;

int __wrap_cnn_thread_start(void (*body)(void *), void *argument)
{
    atomic_fetch_add(&asked, 1);
    return atomic_fetch_sub(&given, 1) > 0 && __real_cnn_thread_start(body, argument);
}

static int refuse_all(const cnn_context *context)
{
    atomic_store(&given, 0);
    atomic_store(&asked, 0);
    for (int i = 0; i < 500; i++)
        if (run_with(context, 1) != 1) return 90;
    if (atomic_load(&asked) != 1) return 91; /* it is not asked for each job */
    atomic_store(&given, 100);
    for (int i = 0; i < 2000; i++)
        if (run_with(context, 1) < 1) return 92;
    return run_once(context);
}

static int refuse_the_second(const cnn_context *context)
{
    atomic_store(&given, 1);
    return run_many_with(context, 2);
}

static void check_refusal(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 3);
    check_case("a system that gives no threads");
    int threads = in_child(refuse_all, context);
    CHECK(threads == 3, "%d", threads);
    threads = in_child(refuse_the_second, context);
    CHECK(threads == 2, "%d", threads);
    cnn_context_destroy(context);
}

#else

static void check_refusal(void) {}

#endif

#if defined(__SANITIZE_THREAD__) || defined(CHECK_EMULATED)
#define STARTS_THREADS_IN_CHILDREN 0 /* these tools end a child that does */
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STARTS_THREADS_IN_CHILDREN 0
#endif
#endif
#if !defined(STARTS_THREADS_IN_CHILDREN)
#define STARTS_THREADS_IN_CHILDREN 1
#endif

static void check_system(void)
{
    check_callers();
    if (!STARTS_THREADS_IN_CHILDREN) return;
    check_children();
    check_refusal();
}

#else

static void check_system(void) {}

#endif

void test_workers(void)
{
    check_nesting();
    check_contexts();
    check_system();
}
