/* bench_peak.c - the peak in portable C, which compilers vectorise for the target's own registers, and the choice. */
#include "bench_peak.h"

#define LANES 48 /* independent sums: more than latency times width on any machine so far */
#define STEPS 4096

volatile float bench_sink;

static double portable(void)
{
    float sums[LANES];
    const float factor = 0.999f + bench_sink * 0, term = 0.001f;
    for (int lane = 0; lane < LANES; lane++)
        sums[lane] = (float)lane; /* different, or the compiler would see that all sums are the same one */
    for (int step = 0; step < STEPS; step++)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] = sums[lane] * factor + term;
    float all = 0;
    for (int lane = 0; lane < LANES; lane++)
        all += sums[lane];
    bench_sink = all;
    return 2.0 * STEPS * LANES;
}

double bench_peak_run(cnn_isa isa)
{
#if defined(__x86_64__)
    if (isa == CNN_ISA_AVX2) return bench_peak_avx2();
    if (isa == CNN_ISA_AVX512) return bench_peak_avx512();
#endif
    (void)isa;
    return portable();
}
