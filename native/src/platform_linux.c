/* platform_linux.c - threads, futexes and processor counts on Linux. A futex costs nothing while nobody sleeps on it. */
#include "platform.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
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

/* The quota of control group v2, rounded up to whole processors; `count` when there is none. */
static int32_t limit_by_quota(int32_t count)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (!file) return count;
    long long quota, period;
    int fields = fscanf(file, "%lld %lld", &quota, &period);
    (void)fclose(file);
    if (fields != 2 || quota <= 0 || period <= 0) return count;
    long long processors = (quota + period - 1) / period;
    return processors < count ? (int32_t)processors : count;
}

int32_t cnn_processors_allowed(void)
{
    cpu_set_t mask;
    int count = sched_getaffinity(0, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : (int)sysconf(_SC_NPROCESSORS_ONLN);
    return limit_by_quota(count > 0 ? (int32_t)count : 1);
}
