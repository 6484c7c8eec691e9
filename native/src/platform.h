/* platform.h - the few things that C11 does not say and each system spells in its own way: starting a thread, sleeping until
 * a word changes, and the floating-point mode. */
#ifndef CNN_PLATFORM_H
#define CNN_PLATFORM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#endif

/* Starts a detached thread; returns 0 when the system refuses. */
int cnn_thread_start(void (*body)(void *), void *argument);

/* Has `in_child` called in each child of a fork; returns 0 when the system refuses. */
int cnn_at_fork(void (*in_child)(void));

/* Sleeps while *word == expected; may wake without a reason. */
void cnn_wait(atomic_uint *word, unsigned expected);

/* Wakes the threads that sleep on the word. */
void cnn_wake(atomic_uint *word);

/* The processor that the calling thread runs on at this moment; -1 where the system does not tell. */
int32_t cnn_processor(void);

/* Lets other threads have this processor for a while. */
void cnn_yield(void);

/* Processors in the affinity mask of the process, limited by the quota of its control group or job. At least 1. */
int32_t cnn_processors_allowed(void);

/* The size of a large page on most systems, and where the system is asked for such pages. */
#define CNN_LARGE_PAGE (2 << 20)

/* Asks the system to back memory with large pages when it is touched; both numbers are multiples of one. The system need
 * not. */
void cnn_prefer_large_pages(void *memory, size_t bytes);

/* Tells the processor that this is a spin loop. */
static inline void cnn_pause(void)
{
#if defined(__x86_64__) || defined(_M_X64)
    _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__ volatile("yield");
#endif
}

/* Keeps a compiler from moving arithmetic past this place: it has to believe that memory is looked at and changed here, and
 * `object`, which it may know to be a variable that nobody else has seen. */
#if defined(__GNUC__)
#define CNN_BARRIER(object) __asm__ volatile("" : : "r"(object) : "memory")
#else
#define CNN_BARRIER(object) ((void)(object), atomic_signal_fence(memory_order_seq_cst))
#endif

/* Other threads see what this one stored past the caches before what it stores next. */
static inline void cnn_finish_streams(void)
{
#if defined(__x86_64__) || defined(_M_X64)
    _mm_sfence();
#endif
}

/* MinGW-w64 computes exp, log and pow on the x87, whose rounding and precision have a control word of their own: a caller
 * may have changed it, and Windows starts threads with less precision than these functions count on. */
#if defined(__x86_64__) && defined(__MINGW32__)
static inline uint64_t cnn_exchange_x87_control(uint64_t control)
{
    const uint16_t wanted = (uint16_t)control;
    uint16_t found;
    __asm__ volatile("fnstcw %0" : "=m"(found));
    __asm__ volatile("fldcw %0" : : "m"(wanted));
    return found;
}
#else
static inline uint64_t cnn_exchange_x87_control(uint64_t control)
{
    return control;
}
#endif

/* Gives the calling thread the floating-point mode of the library, whatever the caller's is: rounding to nearest, no traps,
 * and subnormal numbers flushed to zero, which keeps their handling in microcode out of the kernels. Returns the mode to
 * restore. cnn_parallel does this for its parts; arithmetic outside of them does it for itself. */
static inline uint64_t cnn_begin_arithmetic(void)
{
#if defined(__x86_64__) || defined(_M_X64)
    const unsigned no_traps = 0x1f80, flush_to_zero_and_denormals_are_zero = 0x8040;
    const uint64_t nearest_and_extended = 0x37f;
    const unsigned mode = _mm_getcsr();
    const uint64_t control = cnn_exchange_x87_control(nearest_and_extended);
    _mm_setcsr(no_traps | flush_to_zero_and_denormals_are_zero);
    CNN_BARRIER(NULL);
    return control << 32 | mode;
#elif defined(__aarch64__) && defined(__GNUC__)
    const uint64_t flush_to_zero = 1u << 24;
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(flush_to_zero) : "memory");
    return mode;
#else
    return 0;
#endif
}

/* Restores the mode; the exception flags that were raised since go with it. `computed` is what the arithmetic wrote, as far
 * as that is in variables of the function that calls this; null for memory that came from outside. */
static inline void cnn_end_arithmetic(uint64_t mode, const void *computed)
{
    CNN_BARRIER(computed);
#if defined(__x86_64__) || defined(_M_X64)
    _mm_setcsr((unsigned)mode);
    (void)cnn_exchange_x87_control(mode >> 32);
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
#else
    (void)mode;
#endif
}

#endif
