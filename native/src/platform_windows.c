/* platform_windows.c - threads, address waits and processor counts on Windows 8 and later. */
#include "platform.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdlib.h>

typedef struct start_record {
    void (*body)(void *);
    void *argument;
} start_record;

static DWORD WINAPI thread_main(LPVOID argument)
{
    start_record record = *(start_record *)argument;
    free(argument);
    record.body(record.argument);
    return 0;
}

int cnn_thread_start(void (*body)(void *), void *argument)
{
    start_record *record = malloc(sizeof *record);
    if (!record) return 0;
    record->body = body;
    record->argument = argument;
    HANDLE thread = CreateThread(NULL, 0, thread_main, record, 0, NULL);
    if (!thread) {
        free(record);
        return 0;
    }
    CloseHandle(thread);
    return 1;
}

int cnn_at_fork(void (*in_child)(void))
{
    (void)in_child; /* there are no forks */
    return 1;
}

void cnn_wait(atomic_uint *word, unsigned expected)
{
    (void)WaitOnAddress((volatile void *)word, &expected, sizeof expected, INFINITE);
}

void cnn_wake(atomic_uint *word)
{
    WakeByAddressAll((void *)word);
}

int32_t cnn_processors_allowed(void)
{
    DWORD_PTR process = 0, machine = 0;
    int32_t count = 0;
    if (GetProcessAffinityMask(GetCurrentProcess(), &process, &machine))
        for (; process; process &= process - 1)
            count++;
    return count > 0 ? count : 1;
}
