/* platform_pthreads.c - starting threads and giving way on Linux, macOS and other Unix systems, which all do it in one way.
 */
#include "platform.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

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

void cnn_yield(void)
{
    (void)sched_yield();
}
