/* threads.c - the pool: workers that are started when first wanted and then sleep. Each worker has a mailbox of its own, so
 * a worker that is not part of a job never looks at it. The pool does one job at a time: a call that finds it busy, from
 * another thread or from inside a job, does its work on its own thread, with the same result to the last bit.
 *
 * Each thread of a job starts with a range of its own, so that a layer finds in its cache what it wrote in the layer before;
 * whoever is done takes pieces of the others' ranges. So nobody waits for a worker that the system keeps from running: a
 * worker that comes late finds the job closed. */
#include "threads.h"

#include "platform.h"

#define MAX_WORKERS (CNN_MAX_THREADS - 1)
#define SPINS 1000               /* pauses before sleeping: some ten microseconds, the gap between two layers */
#define COST_OF_A_THREAD 50000   /* multiply-accumulates worth sharing with a worker that is awake, half a microsecond */
#define COST_OF_WAKING 600000    /* and with one that sleeps: the system takes some microseconds to wake it */
#define COST_OF_A_PIECE 1000000  /* between two looks at the wish to cancel: some ten microseconds */
#define YIELDS 20                /* slices of time in which the system may move a worker away from its caller */
#define JOBS_WITHOUT_TRYING 1000 /* after the system refused a thread, which takes it longer than most jobs */

typedef struct cnn_job {
    const cnn_context *context;
    cnn_part *part;
    const void *work;
    int64_t items;
    int64_t cost;  /* of one item */
    int64_t piece; /* items that are taken at once */
    int32_t parts;
    atomic_uint remaining;
} cnn_job;

/* What is left of the items that a thread starts with. One cache line each: everybody may take from it. */
typedef struct cnn_share {
    _Alignas(64) _Atomic int64_t next;
    int64_t end;
} cnn_share;

/* Whether a job waits in a worker's mailbox. Caller and worker agree by it on who does its range, and a worker looks at a
 * job, which lies on the stack of the caller, only after it has entered. */
enum { CLOSED, POSTED, ENTERED };

/* One cache line each: a worker spins on its own. */
typedef struct cnn_worker {
    _Alignas(64) atomic_uint ticket; /* counts the jobs that were posted here */
    atomic_uint sleeping;
    atomic_uint state;
    cnn_job *job;
    atomic_int busy_processor; /* where the caller was that last found it too late, or -1 */
    int32_t index;
} cnn_worker;

static cnn_worker workers[MAX_WORKERS];
static cnn_share ranges[CNN_MAX_THREADS];
static atomic_int worker_count;
static atomic_flag busy = ATOMIC_FLAG_INIT;

/* Only the thread that holds `busy` looks at these. */
static int watches_forks;
static int32_t patience;

/* All items, by one thread. */
static void run_alone(const cnn_job *job)
{
    const uint64_t mode = cnn_begin_arithmetic();
    for (int64_t begin = 0, next; begin < job->items && !cnn_is_cancelled(job->context); begin = next) {
        next = job->items - begin > job->piece ? begin + job->piece : job->items;
        job->part(job->work, 0, begin, next);
    }
    cnn_end_arithmetic(mode, NULL);
}

/* What a thread does of a shared job: its own range, and then what is left of the others'. */
static void run_part(const cnn_job *job, int32_t index)
{
    const uint64_t mode = cnn_begin_arithmetic();
    for (int32_t i = 0; i < job->parts; i++) {
        const int32_t owner = index + i < job->parts ? index + i : index + i - job->parts;
        cnn_share *range = &ranges[owner];
        while (!cnn_is_cancelled(job->context)) {
            if (atomic_load_explicit(&range->next, memory_order_relaxed) >= range->end) break;
            const int64_t begin = atomic_fetch_add_explicit(&range->next, job->piece, memory_order_relaxed);
            if (begin >= range->end) break;
            job->part(job->work, index, begin, range->end - begin > job->piece ? begin + job->piece : range->end);
        }
    }
    cnn_end_arithmetic(mode, NULL);
}

static void leave(cnn_worker *worker, cnn_job *job)
{
    atomic_store(&worker->state, CLOSED);
    /* After the last decrement the job may be gone: only the word's address is used then, which waking allows. */
    if (atomic_fetch_sub(&job->remaining, 1) == 1) cnn_wake(&job->remaining);
}

/* A worker that is woken on the very processor that its caller keeps busy comes too late for each job, and the system, which
 * sees it awake for microseconds only, leaves it there. So it stays awake for some slices of time, giving way: then the
 * system finds two threads on one processor and moves one of them to an idle one, from where it is woken the next time. */
static void let_be_moved(cnn_worker *worker)
{
    const int32_t processor = atomic_exchange(&worker->busy_processor, -1);
    for (int i = 0; processor >= 0 && i < YIELDS && cnn_processor() == processor; i++)
        cnn_yield();
}

static void worker_main(void *argument)
{
    cnn_worker *worker = argument;
    for (unsigned seen = 0;;) {
        for (int i = 0; i < SPINS && atomic_load_explicit(&worker->ticket, memory_order_acquire) == seen; i++)
            cnn_pause();
        atomic_store(&worker->sleeping, 1);
        while (atomic_load(&worker->ticket) == seen)
            cnn_wait(&worker->ticket, seen);
        atomic_store(&worker->sleeping, 0);

        seen = atomic_load(&worker->ticket);
        unsigned posted = POSTED;
        if (!atomic_compare_exchange_strong(&worker->state, &posted, ENTERED)) {
            let_be_moved(worker);
            continue;
        }
        cnn_job *job = worker->job;
        run_part(job, worker->index + 1);
        leave(worker, job);
    }
}

/* In the child of a fork only the thread that forked goes on: there are no workers, and whoever held `busy` is gone. */
static void forget_workers(void)
{
    for (int32_t i = 0; i < atomic_load(&worker_count); i++) {
        atomic_store(&workers[i].ticket, 0);
        atomic_store(&workers[i].sleeping, 0);
        atomic_store(&workers[i].state, CLOSED);
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
        atomic_store(&workers[count].busy_processor, -1);
        if (!cnn_thread_start(worker_main, &workers[count])) break;
        atomic_store_explicit(&worker_count, ++count, memory_order_relaxed);
    }
    if (count < wanted) patience = JOBS_WITHOUT_TRYING;
    return count;
}

static void post(cnn_worker *worker, cnn_job *job)
{
    worker->job = job;
    atomic_store(&worker->state, POSTED);
    atomic_fetch_add(&worker->ticket, 1);
    /* Whoever was woken is not woken again before it has slept again. */
    if (atomic_load(&worker->sleeping) && atomic_exchange(&worker->sleeping, 0)) cnn_wake(&worker->ticket);
}

/* Takes the job back from a worker that has not entered by now; whoever comes later finds it closed. */
static void close_mailbox(cnn_worker *worker, cnn_job *job)
{
    unsigned posted = POSTED;
    if (!atomic_compare_exchange_strong(&worker->state, &posted, CLOSED)) return;
    atomic_store(&worker->busy_processor, cnn_processor());
    atomic_fetch_sub(&job->remaining, 1);
}

/* Those who entered are at their last piece. */
static void wait_for_all(cnn_job *job)
{
    for (int i = 0; i < SPINS && atomic_load_explicit(&job->remaining, memory_order_acquire) != 0; i++)
        cnn_pause();
    for (unsigned left = atomic_load(&job->remaining); left != 0; left = atomic_load(&job->remaining))
        cnn_wait(&job->remaining, left);
}

static int64_t total_cost(const cnn_job *job)
{
    return job->cost < INT64_MAX / job->items ? job->items * job->cost : INT64_MAX;
}

static int32_t parts_worth_starting(const cnn_job *job)
{
    const int32_t threads = job->context->threads;
    if (threads == 1 || job->items <= 1) return 1;
    int64_t parts = job->items < threads ? job->items : threads;
    const int64_t worth = job->cost > 0 ? total_cost(job) / COST_OF_A_THREAD : threads;
    if (worth < parts) parts = worth;
    return parts < 1 ? 1 : (int32_t)parts;
}

/* Whether the first worker, which is part of every job, would have to be woken for one that is done before it is awake. */
static int is_done_before_waking(const cnn_job *job)
{
    const int sleeps = atomic_load_explicit(&worker_count, memory_order_relaxed) == 0 ||
                       atomic_load_explicit(&workers[0].sleeping, memory_order_relaxed);
    return sleeps && job->cost > 0 && total_cost(job) < COST_OF_WAKING;
}

static void divide(const cnn_job *job)
{
    const int64_t length = job->items / job->parts, rest = job->items % job->parts;
    for (int32_t i = 0; i < job->parts; i++) {
        const int64_t begin = length * i + (i < rest ? i : rest);
        atomic_store_explicit(&ranges[i].next, begin, memory_order_relaxed);
        ranges[i].end = begin + length + (i < rest);
    }
}

/* Runs the job on the pool, or on the calling thread alone. */
static void run_job(cnn_job *job)
{
    if (job->parts == 1 || is_done_before_waking(job) || atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) {
        run_alone(job);
        return;
    }
    job->parts = ensure_workers(job->parts - 1) + 1;
    divide(job);
    atomic_store_explicit(&job->remaining, (unsigned)(job->parts - 1), memory_order_relaxed);
    for (int32_t i = 0; i < job->parts - 1; i++)
        post(&workers[i], job);
    run_part(job, 0);
    for (int32_t i = 0; i < job->parts - 1; i++)
        close_mailbox(&workers[i], job);
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
    cnn_job job = {.context = context, .part = part, .work = work, .items = items, .cost = cost, .piece = piece};
    job.parts = parts_worth_starting(&job);
    if (items > 0) run_job(&job);
    return atomic_load_explicit(&context->changes, memory_order_relaxed) == changes ? CNN_OK : CNN_CANCELLED;
}

cnn_status cnn_parallel(const cnn_context *context, int64_t items, int64_t cost, cnn_part *part, const void *work)
{
    const int64_t piece = cost >= COST_OF_A_PIECE ? 1 : COST_OF_A_PIECE / (cost > 0 ? cost : 1);
    return run(context, items, cost, piece, part, work);
}

cnn_status cnn_parallel_blocks(const cnn_context *context, int64_t items, int64_t cost, int64_t block, cnn_part *part,
                               const void *work)
{
    return run(context, items, cost, context->threads == 1 ? items : block, part, work);
}

cnn_status cnn_parallel_whole(const cnn_context *context, int64_t items, int64_t cost, cnn_part *part, const void *work)
{
    return run(context, items, cost, items, part, work);
}
