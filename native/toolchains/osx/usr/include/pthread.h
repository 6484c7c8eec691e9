/* pthread.h - what the library calls of macOS's threads, declared after POSIX. Sizes and signatures of the two objects are
 * part of macOS's ABI for 64-bit processes: a long that tells what the object is, and room for the system's own. */
#pragma once
#include <stddef.h>

typedef struct cnn_opaque_thread *pthread_t;
typedef struct cnn_opaque_thread_attributes pthread_attr_t;
typedef struct cnn_opaque_condition_attributes pthread_condattr_t;

typedef struct {
    long signature;
    char opaque[56];
} pthread_mutex_t;

typedef struct {
    long signature;
    char opaque[40];
} pthread_cond_t;

#define PTHREAD_MUTEX_INITIALIZER                                                                                           \
    {                                                                                                                       \
        0x32aaaba7,                                                                                                         \
        {                                                                                                                   \
            0                                                                                                               \
        }                                                                                                                   \
    }
#define PTHREAD_COND_INITIALIZER                                                                                            \
    {                                                                                                                       \
        0x3cb0b1bb,                                                                                                         \
        {                                                                                                                   \
            0                                                                                                               \
        }                                                                                                                   \
    }

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument);
int pthread_detach(pthread_t thread);
int pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes);
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int pthread_cond_broadcast(pthread_cond_t *condition);
