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

static int32_t bits_of(DWORD_PTR mask)
{
    int32_t count = 0;
    for (; mask; mask &= mask - 1)
        count++;
    return count;
}

/* A mask covers the 64 processors of one group. From Windows 11 on a process is in all groups, unless it was given a mask.
 */
static int32_t processors_in_mask(void)
{
    DWORD_PTR process = 0, group = 0;
    USHORT groups = 0;
    const int has_mask = GetProcessAffinityMask(GetCurrentProcess(), &process, &group) != 0;
    (void)GetProcessGroupAffinity(GetCurrentProcess(), &groups, NULL); /* too small a list: it tells the number */
    if (groups > 1 && (!has_mask || process == group)) return (int32_t)GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    return has_mask ? bits_of(process) : 1;
}

/* The processors that a hard cap on the process's job comes to, rounded up; `count` when there is none. The cap is in
 * hundredths of a per cent of the whole machine. */
static int32_t limit_by_job(int32_t count)
{
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate;
    if (!QueryInformationJobObject(NULL, JobObjectCpuRateControlInformation, &rate, sizeof rate, NULL)) return count;
    const DWORD cap = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
    if ((rate.ControlFlags & cap) != cap || rate.CpuRate == 0) return count;
    const uint64_t machine = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    const uint64_t processors = (machine * rate.CpuRate + 9999) / 10000;
    return processors < (uint64_t)count ? (int32_t)processors : count;
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

void cnn_yield(void)
{
    (void)SwitchToThread();
}

int32_t cnn_processors_allowed(void)
{
    const int32_t count = limit_by_job(processors_in_mask());
    return count > 0 ? count : 1;
}
