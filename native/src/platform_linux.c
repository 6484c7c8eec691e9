/* platform_linux.c - threads, futexes and processor counts on Linux. A futex costs nothing while nobody sleeps on it. */
#include "platform.h"

#include "cgroup.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef struct start_record {
    void (*body)(void *);
    void *argument;
} start_record;

static void *thread_main(void *argument)
{
    start_record record = *(start_record *)argument;
    free(argument);
    record.body(record.argument);
    return NULL;
}

int cnn_thread_start(void (*body)(void *), void *argument)
{
    start_record *record = malloc(sizeof *record);
    if (!record) return 0;
    record->body = body;
    record->argument = argument;
    pthread_t thread;
    if (pthread_create(&thread, NULL, thread_main, record) != 0) {
        free(record);
        return 0;
    }
    (void)pthread_detach(thread);
    return 1;
}

int cnn_at_fork(void (*in_child)(void))
{
    return pthread_atfork(NULL, NULL, in_child) == 0;
}

void cnn_wait(atomic_uint *word, unsigned expected)
{
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void cnn_wake(atomic_uint *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* The kernel refuses a mask that is too small for the machine, so this one has room for more than any kernel can be built
 * for. */
typedef struct processor_mask {
    unsigned long words[65536 / 8 / sizeof(unsigned long)];
} processor_mask;

#define BITS ((int32_t)(8 * sizeof(unsigned long)))

/* How many processors are in the mask of the calling thread, which those that it starts inherit; 0 when the system refuses.
 */
static int32_t read_mask(processor_mask *mask)
{
    int32_t count = 0;
    *mask = (processor_mask){{0}};
    if (sched_getaffinity(0, sizeof *mask, (void *)mask) != 0) return 0;
    for (size_t i = 0; i < sizeof mask->words / sizeof *mask->words; i++)
        count += (int32_t)__builtin_popcountl(mask->words[i]);
    return count;
}

static int32_t processors_in_mask(void)
{
    processor_mask mask;
    const int32_t count = read_mask(&mask), online = count > 0 ? count : (int32_t)sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? online : 1;
}

int64_t cnn_nanoseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int32_t cnn_processor(void)
{
    return sched_getcpu();
}

int64_t cnn_thread_id(void)
{
    return syscall(SYS_gettid);
}

void cnn_keep_off(int64_t thread, int32_t processor)
{
    processor_mask mask;
    if (processor < 0 || processor >= (int32_t)sizeof mask * 8 || read_mask(&mask) < 2) return;
    mask.words[processor / BITS] &= ~(1ul << processor % BITS);
    (void)sched_setaffinity((pid_t)thread, sizeof mask, (void *)&mask);
}

void cnn_bring_to(int64_t thread, int32_t processor)
{
    processor_mask mask = {{0}};
    if (processor < 0 || processor >= (int32_t)sizeof mask * 8) return;
    mask.words[processor / BITS] = 1ul << processor % BITS;
    (void)sched_setaffinity((pid_t)thread, sizeof mask, (void *)&mask);
}

int32_t cnn_processors_allowed(void)
{
    const int32_t count = processors_in_mask(), quota = cnn_cgroup_quota("");
    return quota > 0 && quota < count ? quota : count;
}
