/* platform_posix.c - sleeping where there is no futex (macOS and other Unix systems): one condition variable for
 * all words, because a pool of threads sleeps on few of them. */
#include "platform.h"

#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* Nobody holds the mutex while the process is copied, so that the child finds it whole; those that slept on the condition
 * variable are not there. */
static void before_fork(void)
{
    (void)pthread_mutex_lock(&mutex);
}

static void after_fork(void)
{
    (void)pthread_mutex_unlock(&mutex);
}

static void after_fork_in_child(void)
{
    (void)pthread_cond_init(&changed, NULL);
    (void)pthread_mutex_unlock(&mutex);
}

/* Handlers of a child run in the order of registration: the mutex comes first. */
int cnn_at_fork(void (*in_child)(void))
{
    return pthread_atfork(before_fork, after_fork, after_fork_in_child) == 0 && pthread_atfork(NULL, NULL, in_child) == 0;
}

void cnn_wait(atomic_uint *word, unsigned expected)
{
    (void)pthread_mutex_lock(&mutex);
    while (atomic_load(word) == expected)
        (void)pthread_cond_wait(&changed, &mutex);
    (void)pthread_mutex_unlock(&mutex);
}

void cnn_wake(atomic_uint *word)
{
    (void)word;
    (void)pthread_mutex_lock(&mutex);
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&mutex);
}

void cnn_prefer_large_pages(void *memory, size_t bytes)
{
    (void)memory; /* they are not to be had here without a privilege or an allocation of another kind */
    (void)bytes;
}

int32_t cnn_processor(void)
{
    return -1;
}

int32_t cnn_processors_allowed(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int32_t)count : 1;
}
