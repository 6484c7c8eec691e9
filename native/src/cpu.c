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

static int has_all(uint64_t flags, uint64_t wanted)
{
    return (flags & wanted) == wanted;
}

/* The best instruction set of this family. */
static cnn_isa detect_isa(void)
{
    const uint32_t fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28;
    const uint32_t avx2 = 1u << 5, avx512f = 1u << 16, avx512dq = 1u << 17, avx512bw = 1u << 30, avx512vl = 1u << 31;
    const uint64_t xmm_and_ymm = 0x06, opmask_and_zmm = 0xe0; /* the upper halves and registers 16 to 31 of zmm */
    uint32_t leaf1[4], leaf7[4];
    read_cpuid(1, leaf1);
    if (!has_all(leaf1[2], fma | osxsave | avx)) return CNN_ISA_SCALAR;
    const uint64_t saved = read_xcr0();
    if (!has_all(saved, xmm_and_ymm)) return CNN_ISA_SCALAR;
    read_cpuid(7, leaf7);
    if (!has_all(leaf7[1], avx2)) return CNN_ISA_SCALAR;
    if (!has_all(saved, opmask_and_zmm)) return CNN_ISA_AVX2;
    return has_all(leaf7[1], avx512f | avx512dq | avx512bw | avx512vl) ? CNN_ISA_AVX512 : CNN_ISA_AVX2;
}

static int has_isa(cnn_isa isa)
{
    enum { UNKNOWN = -1 };
    static atomic_int kept = UNKNOWN;
    int best = atomic_load_explicit(&kept, memory_order_relaxed);
    if (best == UNKNOWN) {
        best = (int)detect_isa();
        atomic_store_explicit(&kept, best, memory_order_relaxed);
    }
    return (int)isa <= best;
}
#endif

const cnn_kernels *cnn_kernels_for(cnn_isa isa)
{
    switch (isa) {
    case CNN_ISA_SCALAR:
        return &cnn_kernels_scalar;
#if defined(CNN_X86)
    case CNN_ISA_AVX2:
        return has_isa(isa) ? &cnn_kernels_avx2 : NULL;
    case CNN_ISA_AVX512:
        return has_isa(isa) ? &cnn_kernels_avx512 : NULL;
#endif
#if defined(CNN_ARM64)
    case CNN_ISA_NEON: /* part of every 64-bit ARM processor */
        return &cnn_kernels_neon;
#endif
    default:
        return NULL;
    }
}

const char *cnn_isa_name(cnn_isa isa)
{
    switch (isa) {
    case CNN_ISA_SCALAR:
        return "scalar";
    case CNN_ISA_AVX2:
        return "avx2";
    case CNN_ISA_AVX512:
        return "avx512";
    case CNN_ISA_NEON:
        return "neon";
    }
    return "unknown";
}

int32_t cnn_isa_available(cnn_isa isa)
{
    return cnn_kernels_for(isa) != NULL;
}
