/* cpu.c - finds out which instruction sets may be used: the processor must have them (CPUID) and the operating system must
 * keep their registers over a task switch (XGETBV). The answer is kept, because a virtual machine takes microseconds to give
 * it; two threads that ask first at the same time both write the same. */
#include "kernels.h"

#include <stdatomic.h>
#include <stddef.h>

#if defined(CNN_X86)
#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif

static void read_cpuid(uint32_t leaf, uint32_t registers[4])
{
#if defined(_MSC_VER)
    __cpuidex((int *)registers, (int)leaf, 0);
#else
    if (!__get_cpuid_count(leaf, 0, &registers[0], &registers[1], &registers[2], &registers[3]))
        registers[0] = registers[1] = registers[2] = registers[3] = 0;
#endif
}

static uint64_t read_xcr0(void)
{
#if defined(_MSC_VER)
    return _xgetbv(0);
#else
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
#endif
}

static int detect_avx2(void)
{
    const uint32_t fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28, avx2 = 1u << 5;
    const uint64_t xmm_and_ymm = 6;
    uint32_t leaf1[4], leaf7[4];
    read_cpuid(1, leaf1);
    if ((leaf1[2] & (fma | osxsave | avx)) != (fma | osxsave | avx)) return 0;
    if ((read_xcr0() & xmm_and_ymm) != xmm_and_ymm) return 0;
    read_cpuid(7, leaf7);
    return (leaf7[1] & avx2) != 0;
}

static int has_avx2(void)
{
    enum { UNKNOWN, ABSENT, PRESENT };
    static atomic_int kept = UNKNOWN;
    int state = atomic_load_explicit(&kept, memory_order_relaxed);
    if (state == UNKNOWN) {
        state = detect_avx2() ? PRESENT : ABSENT;
        atomic_store_explicit(&kept, state, memory_order_relaxed);
    }
    return state == PRESENT;
}
#endif

const cnn_kernels *cnn_kernels_for(cnn_isa isa)
{
    switch (isa) {
    case CNN_ISA_SCALAR:
        return &cnn_kernels_scalar;
    case CNN_ISA_AVX2:
#if defined(CNN_X86)
        return has_avx2() ? &cnn_kernels_avx2 : NULL;
#else
        return NULL;
#endif
    }
    return NULL;
}

const char *cnn_isa_name(cnn_isa isa)
{
    switch (isa) {
    case CNN_ISA_SCALAR:
        return "scalar";
    case CNN_ISA_AVX2:
        return "avx2";
    }
    return "unknown";
}

int32_t cnn_isa_available(cnn_isa isa)
{
    return cnn_kernels_for(isa) != NULL;
}
