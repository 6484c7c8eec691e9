/* test_cancel.c - work that is cancelled: every operator says so, nothing is done twice or left out unsaid, and the context
 * works as before once it is resumed. */
#include "check_run.h"
#include "operator_case.h"

#include "threads.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Each call under a cancelled context, which must not end with CNN_OK; then the same call, resumed, against its twin. */
static void check_every_operator(cnn_isa isa)
{
    const int64_t count = operator_outputs();
    float *expected = malloc((size_t)count * sizeof *expected), *found = malloc((size_t)count * sizeof *found);
    cnn_context *context = check_context(isa, 3), *preparing = check_context(isa, 3);
    operator_room room;
    if (!expected || !found) abort();
    operator_room_create(&room, preparing);
    for (int32_t i = 0; i < operator_count; i++) {
        const operator_case *c = &operator_cases[i];
        check_case("%s: %s, cancelled", cnn_isa_name(isa), c->name);
        operator_room_reset(&room);
        CHECK_OK(c->call(preparing, &room));
        operator_collect(&room, expected);

        cnn_context_cancel(context);
        operator_room_reset(&room);
        const cnn_status status = c->call(context, &room);
        const cnn_error said = check_error; /* each check clears it */
        CHECK(status == CNN_CANCELLED && said.code == status, "status %d, code %d", (int)status, (int)said.code);
        CHECK(strstr(said.text, ": cancelled by cnn_context_cancel;") != NULL, "the text is '%s'", said.text);

        cnn_context_resume(context);
        operator_room_reset(&room);
        CHECK_OK(c->call(context, &room));
        operator_collect(&room, found);
        check_same_bits(found, expected, count, "after resuming");
    }
    cnn_context_destroy(context);
    cnn_context_destroy(preparing);
    check_release();
    free(expected);
    free(found);
}

static void check_handle(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    check_case("the wish to cancel");
    CHECK(!cnn_context_is_cancelled(context), "a new context");
    cnn_context_resume(context);
    CHECK(!cnn_context_is_cancelled(context), "resumed without need");
    cnn_context_cancel(context);
    cnn_context_cancel(context);
    CHECK(cnn_context_is_cancelled(context) == 1, "cancelled twice");
    cnn_context_resume(context);
    CHECK(!cnn_context_is_cancelled(context), "resumed once");
    cnn_context_cancel(NULL);
    cnn_context_resume(NULL);
    CHECK(!cnn_context_is_cancelled(NULL), "no context");
    cnn_context_destroy(context);
}

/* ---- in the middle of a job */

#define ITEMS 1000
#define COST 200000 /* an item: five make a piece */
typedef struct job {
    cnn_context *context;
    int64_t cancels; /* which item does, -1: none */
    int resumes;     /* and takes it back at once */
    atomic_int done[ITEMS];
} job;

static void do_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    job *j = *(job *const *)argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        atomic_fetch_add(&j->done[i], 1);
        if (i != j->cancels) continue;
        cnn_context_cancel(j->context);
        if (j->resumes) cnn_context_resume(j->context);
    }
}

/* How many items are done `times` times. */
static int items_done(job *j, int times)
{
    int count = 0;
    for (int i = 0; i < ITEMS; i++)
        count += atomic_load(&j->done[i]) == times;
    return count;
}

static void check_in_the_middle(int32_t threads)
{
    static job j;
    job *const pointer = &j;
    j.context = check_context(CNN_ISA_SCALAR, threads);
    for (int64_t item = -1; item < ITEMS; item += 37)
        for (int resumes = 0; resumes < 2; resumes++) {
            memset(j.done, 0, sizeof j.done);
            j.cancels = item;
            j.resumes = resumes;
            check_case("%d threads, item %d cancels%s", (int)threads, (int)item, resumes ? " and resumes" : "");
            const cnn_status status = cnn_parallel(j.context, ITEMS, COST, do_items, &pointer);
            CHECK(status == (item < 0 ? CNN_OK : CNN_CANCELLED), "status %d", (int)status);
            CHECK(items_done(&j, 0) + items_done(&j, 1) == ITEMS, "items were done twice");
            /* One thread goes on to the end of its piece. */
            if (item < 0) CHECK(items_done(&j, 1) == ITEMS, "%d items are done", items_done(&j, 1));
            if (item >= 0 && threads == 1 && !resumes)
                CHECK(items_done(&j, 1) == item / 5 * 5 + 5, "%d items are done", items_done(&j, 1));
            cnn_context_resume(j.context);
        }
    check_case("%d threads, parts in one call each", (int)threads);
    j.cancels = -1;
    memset(j.done, 0, sizeof j.done);
    CHECK(cnn_parallel_whole(j.context, ITEMS, COST, do_items, &pointer) == CNN_OK, "not cancelled");
    CHECK(items_done(&j, 1) == ITEMS, "%d items are done", items_done(&j, 1));
    j.cancels = 0;
    CHECK(cnn_parallel_whole(j.context, ITEMS, COST, do_items, &pointer) == CNN_CANCELLED, "cancelled by its first item");
    CHECK(cnn_parallel_whole(j.context, ITEMS, COST, do_items, &pointer) == CNN_CANCELLED, "cancelled before");
    cnn_context_destroy(j.context);
}

#if !defined(_WIN32)

#include <pthread.h>
#include <time.h>

static void *cancel_often(void *argument)
{
    cnn_context *context = argument;
    check_random random = {5};
    for (int i = 0; i < 200; i++) {
        const struct timespec pause = {0, check_range(&random, 0, 300000)};
        (void)nanosleep(&pause, NULL);
        cnn_context_cancel(context);
        if (i % 2) (void)nanosleep(&pause, NULL);
        cnn_context_resume(context);
    }
    return NULL;
}

/* While another thread cancels and resumes at any time, a call that ends with CNN_OK has done everything. */
static void check_at_any_time(cnn_isa isa)
{
    const int64_t count = operator_outputs();
    float *expected = malloc((size_t)count * sizeof *expected), *found = malloc((size_t)count * sizeof *found);
    cnn_context *context = check_context(isa, 3), *preparing = check_context(isa, 3);
    const int runs = (int)check_thinned(100, 30);
    operator_room room;
    if (!expected || !found) abort();
    operator_room_create(&room, preparing);
    for (int32_t i = 0; i < operator_count; i += 9) {
        const operator_case *c = &operator_cases[i];
        int done = 0, cancelled = 0;
        pthread_t thread;
        check_case("%s: %s, cancelled at any time", cnn_isa_name(isa), c->name);
        operator_room_reset(&room);
        CHECK_OK(c->call(preparing, &room));
        operator_collect(&room, expected);
        if (!CHECK(pthread_create(&thread, NULL, cancel_often, context) == 0, "no thread")) break;
        for (int run = 0; run < runs; run++) {
            operator_room_reset(&room);
            const cnn_status status = c->call(context, &room);
            CHECK(status == CNN_OK || status == CNN_CANCELLED, "status %d", (int)status);
            cancelled += status == CNN_CANCELLED;
            if (status != CNN_OK) continue;
            done++;
            operator_collect(&room, found);
            check_same_bits(found, expected, count, "a call that was not cancelled");
        }
        pthread_join(thread, NULL);
        CHECK(done + cancelled == runs, "%d done, %d cancelled", done, cancelled);
    }
    cnn_context_destroy(context);
    cnn_context_destroy(preparing);
    check_release();
    free(expected);
    free(found);
}

#else

static void check_at_any_time(cnn_isa isa)
{
    (void)isa;
}

#endif

void test_cancel(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_handle();
    check_in_the_middle(1);
    check_in_the_middle(2);
    check_in_the_middle(7);
    for (int32_t i = 0; i < count; i++)
        check_every_operator(isas[i]);
    check_at_any_time(isas[count - 1]);
}
