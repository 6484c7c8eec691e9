/* threads.c - the pool: workers that are started when first wanted and then sleep. Each worker has a mailbox of its own, so
 * a worker that is not part of a job never looks at it. The pool does one job at a time: a call that finds it busy, from
 * another thread or from inside a job, does its work on its own thread, with the same result to the last bit. */
#include "threads.h"

#include "platform.h"

#define MAX_WORKERS (CNN_MAX_THREADS - 1)
#define SPINS 1000               /* pauses before sleeping: some ten microseconds, the gap between two layers */
#define COST_OF_A_THREAD 100000  /* multiply-accumulates worth waking a worker for, about two microseconds */
#define COST_OF_A_PIECE 1000000  /* between two looks at the wish to cancel: some twenty microseconds */
#define JOBS_WITHOUT_TRYING 1000 /* after the system refused a thread, which takes it longer than most jobs */

typedef struct cnn_job {
    const cnn_context *context;
    cnn_part *part;
    const void *work;
    int64_t items;
    int64_t piece; /* items between two looks at the wish to cancel */
    int32_t parts;
    atomic_uint remaining;
} cnn_job;

/* One cache line each: a worker spins on its own. */
typedef struct cnn_worker {
    _Alignas(64) atomic_uint ticket; /* counts the jobs that were posted here */
    atomic_uint sleeping;
    cnn_job *job;
    int32_t index;
} cnn_worker;

static cnn_worker workers[MAX_WORKERS];
static atomic_int worker_count;
static atomic_flag busy = ATOMIC_FLAG_INIT;

/* Only the thread that holds `busy` looks at these. */
static int watches_forks;
static int32_t patience;

static void run_part(const cnn_job *job, int32_t index)
{
    int64_t begin = job->items / job->parts * index, rest = job->items % job->parts;
    begin += index < rest ? index : rest;
    int64_t end = begin + job->items / job->parts + (index < rest);
    const uint64_t mode = cnn_begin_arithmetic();
    while (begin < end && !cnn_is_cancelled(job->context)) {
        const int64_t next = end - begin > job->piece ? begin + job->piece : end;
        job->part(job->work, index, begin, next);
        begin = next;
    }
    cnn_end_arithmetic(mode, NULL);
}

static void worker_main(void *argument)
{
    cnn_worker *worker = argument;
    for (unsigned seen = 0;; seen++) {
        for (int i = 0; i < SPINS && atomic_load_explicit(&worker->ticket, memory_order_acquire) == seen; i++)
            cnn_pause();
        atomic_store(&worker->sleeping, 1);
        while (atomic_load(&worker->ticket) == seen)
            cnn_wait(&worker->ticket, seen);
        atomic_store_explicit(&worker->sleeping, 0, memory_order_relaxed);

        cnn_job *job = worker->job;
        run_part(job, worker->index + 1);
        /* After the last decrement the job may be gone: only the word's address is used then, which waking allows. */
        if (atomic_fetch_sub(&job->remaining, 1) == 1) cnn_wake(&job->remaining);
    }
}

/* In the child of a fork only the thread that forked goes on: there are no workers, and whoever held `busy` is gone. */
static void forget_workers(void)
{
    for (int32_t i = 0; i < atomic_load(&worker_count); i++) {
        atomic_store(&workers[i].ticket, 0);
        atomic_store(&workers[i].sleeping, 0);
    }
    atomic_store(&worker_count, 0);
    patience = 0;
    atomic_flag_clear(&busy);
}

/* Starts workers until there are `wanted`, or the system refuses. Only the thread that holds `busy` comes here. */
static int32_t ensure_workers(int32_t wanted)
{
    int32_t count = atomic_load_explicit(&worker_count, memory_order_relaxed);
    if (count >= wanted) return wanted;
    if (patience > 0 && patience-- > 0) return count;
    if (!watches_forks) watches_forks = cnn_at_fork(forget_workers);
    while (watches_forks && count < wanted && count < MAX_WORKERS) {
        workers[count].index = count;
        if (!cnn_thread_start(worker_main, &workers[count])) break;
        atomic_store_explicit(&worker_count, ++count, memory_order_relaxed);
    }
    if (count < wanted) patience = JOBS_WITHOUT_TRYING;
    return count;
}

static void post(cnn_worker *worker, cnn_job *job)
{
    worker->job = job;
    atomic_fetch_add(&worker->ticket, 1);
    if (atomic_load(&worker->sleeping)) cnn_wake(&worker->ticket);
}

static void wait_for_all(cnn_job *job)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&job->remaining, memory_order_acquire) == 0) return;
        cnn_pause();
    }
    for (unsigned left = atomic_load(&job->remaining); left != 0; left = atomic_load(&job->remaining))
        cnn_wait(&job->remaining, left);
}

static int32_t parts_worth_starting(int32_t threads, int64_t items, int64_t cost)
{
    int64_t parts = items < threads ? items : threads;
    int64_t worth = cost > 0 && items < INT64_MAX / cost ? items * cost / COST_OF_A_THREAD : threads;
    if (worth < parts) parts = worth;
    return parts < 1 ? 1 : (int32_t)parts;
}

/* Runs the job on the pool, or on the calling thread alone. */
static void run_job(cnn_job *job)
{
    if (job->parts == 1 || atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) {
        job->parts = 1;
        run_part(job, 0);
        return;
    }
    job->parts = ensure_workers(job->parts - 1) + 1;
    atomic_store_explicit(&job->remaining, (unsigned)(job->parts - 1), memory_order_relaxed);
    for (int32_t i = 0; i < job->parts - 1; i++)
        post(&workers[i], job);
    run_part(job, 0);
    wait_for_all(job);
    atomic_flag_clear_explicit(&busy, memory_order_release);
}

/* The number of changes tells what the parts have seen: the same even one before and after means that there was no wish to
 * cancel in between, even one that was taken back; then nothing was left out. */
static cnn_status run(const cnn_context *context, int64_t items, int64_t cost, int64_t piece, cnn_part *part,
                      const void *work)
{
    const unsigned changes = atomic_load_explicit(&context->changes, memory_order_relaxed);
    if ((changes & 1u) != 0) return CNN_CANCELLED;
    const int32_t parts = parts_worth_starting(context->threads, items, cost);
    cnn_job job = {context, part, work, items, piece, parts, 0};
    run_job(&job);
    return atomic_load_explicit(&context->changes, memory_order_relaxed) == changes ? CNN_OK : CNN_CANCELLED;
}

cnn_status cnn_parallel(const cnn_context *context, int64_t items, int64_t cost, cnn_part *part, const void *work)
{
    const int64_t piece = cost >= COST_OF_A_PIECE ? 1 : COST_OF_A_PIECE / (cost > 0 ? cost : 1);
    return run(context, items, cost, piece, part, work);
}

cnn_status cnn_parallel_whole(const cnn_context *context, int64_t items, int64_t cost, cnn_part *part, const void *work)
{
    return run(context, items, cost, items, part, work);
}

int32_t cnn_threads_allowed(void)
{
    const int32_t allowed = cnn_processors_allowed();
    return allowed < CNN_MAX_THREADS ? allowed : CNN_MAX_THREADS;
}
