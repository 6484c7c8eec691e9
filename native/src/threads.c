/* threads.c - the pool: workers that are started when first wanted and then sleep. Each worker has a mailbox of its own, so
 * a worker that is not part of a job never looks at it. The pool does one job at a time: a call that finds it busy, from
 * another thread or from inside a job, does its work on its own thread, with the same result to the last bit. */
#include "threads.h"

#include "platform.h"

#define MAX_WORKERS 1023
#define SPINS 1000              /* pauses before sleeping: some ten microseconds, the gap between two layers */
#define COST_OF_A_THREAD 100000 /* multiply-accumulates worth waking a worker for, about two microseconds */

typedef struct cnn_job {
    cnn_part *part;
    const void *work;
    int64_t items;
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

static void run_part(const cnn_job *job, int32_t index)
{
    int64_t begin = job->items / job->parts * index, rest = job->items % job->parts;
    begin += index < rest ? index : rest;
    int64_t end = begin + job->items / job->parts + (index < rest);
    uint64_t mode = cnn_flush_denormals();
    job->part(job->work, index, begin, end);
    cnn_restore_denormals(mode);
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

/* Starts workers until there are `wanted`, or the system refuses. Only the thread that holds `busy` comes here. */
static int32_t ensure_workers(int32_t wanted)
{
    int32_t count = atomic_load_explicit(&worker_count, memory_order_relaxed);
    while (count < wanted && count < MAX_WORKERS) {
        workers[count].index = count;
        if (!cnn_thread_start(worker_main, &workers[count])) break;
        atomic_store_explicit(&worker_count, ++count, memory_order_relaxed);
    }
    return count < wanted ? count : wanted;
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

void cnn_parallel(const cnn_context *context, int64_t items, int64_t cost, cnn_part *part, const void *work)
{
    cnn_job job = {part, work, items, parts_worth_starting(context->threads, items, cost), 0};
    int shared = job.parts > 1 && !atomic_flag_test_and_set_explicit(&busy, memory_order_acquire);
    if (!shared) {
        job.parts = 1;
        run_part(&job, 0);
        return;
    }
    job.parts = ensure_workers(job.parts - 1) + 1;
    atomic_store_explicit(&job.remaining, (unsigned)(job.parts - 1), memory_order_relaxed);
    for (int32_t i = 0; i < job.parts - 1; i++)
        post(&workers[i], &job);
    run_part(&job, 0);
    wait_for_all(&job);
    atomic_flag_clear_explicit(&busy, memory_order_release);
}

int32_t cnn_threads_allowed(void)
{
    return cnn_processors_allowed();
}
