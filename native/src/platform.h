/* platform.h - the few things that C11 does not say and each system spells in its own way: starting a thread, sleeping until
 * a word changes, and the floating-point mode. */
#ifndef CNN_PLATFORM_H
#define CNN_PLATFORM_H

#include <stdatomic.h>
#include <stdint.h>

/* Starts a detached thread; returns 0 when the system refuses. */
int cnn_thread_start(void (*body)(void *), void *argument);

/* Sleeps while *word == expected; may wake without a reason. */
void cnn_wait(atomic_uint *word, unsigned expected);

/* Wakes the threads that sleep on the word. */
void cnn_wake(atomic_uint *word);

/* Processors in the affinity mask of the process, limited by the quota of its control group. At least 1. */
int32_t cnn_processors_allowed(void);

/* Tells the processor that this is a spin loop. */
static inline void cnn_pause(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__ volatile("yield");
#endif
}

/* Makes the calling thread flush denormal numbers to zero, which keeps their handling in microcode out of the kernels.
 * Returns the mode to restore. */
static inline uint64_t cnn_flush_denormals(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    const unsigned flush_to_zero_and_denormals_are_zero = 0x8040;
    unsigned mode = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(mode | flush_to_zero_and_denormals_are_zero);
    return mode;
#elif defined(__aarch64__) && defined(__GNUC__)
    const uint64_t flush_to_zero = 1u << 24;
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode | flush_to_zero));
    return mode;
#else
    return 0;
#endif
}

static inline void cnn_restore_denormals(uint64_t mode)
{
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_ldmxcsr((unsigned)mode);
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
    (void)mode;
#endif
}

#endif
