/* bench_peak_avx2.c - the multiply-add peak with AVX2: twelve independent sums cover a latency of five at two a cycle. */
#include "bench_peak.h"

#include <immintrin.h>

#define STEPS 8192

double bench_peak_avx2(volatile float *sink)
{
    const __m256 factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(0.001f);
    /* Different starts, or the compiler would see that all sums are the same one. */
    __m256 a = _mm256_set1_ps(1), b = _mm256_set1_ps(2), c = _mm256_set1_ps(3), d = _mm256_set1_ps(4);
    __m256 e = _mm256_set1_ps(5), f = _mm256_set1_ps(6), g = _mm256_set1_ps(7), h = _mm256_set1_ps(8);
    __m256 i = _mm256_set1_ps(9), j = _mm256_set1_ps(10), k = _mm256_set1_ps(11), l = _mm256_set1_ps(12);
    for (int step = 0; step < STEPS; step++) {
        a = _mm256_fmadd_ps(a, factor, term);
        b = _mm256_fmadd_ps(b, factor, term);
        c = _mm256_fmadd_ps(c, factor, term);
        d = _mm256_fmadd_ps(d, factor, term);
        e = _mm256_fmadd_ps(e, factor, term);
        f = _mm256_fmadd_ps(f, factor, term);
        g = _mm256_fmadd_ps(g, factor, term);
        h = _mm256_fmadd_ps(h, factor, term);
        i = _mm256_fmadd_ps(i, factor, term);
        j = _mm256_fmadd_ps(j, factor, term);
        k = _mm256_fmadd_ps(k, factor, term);
        l = _mm256_fmadd_ps(l, factor, term);
    }
    const __m256 all = _mm256_add_ps(
        _mm256_add_ps(_mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d)), _mm256_add_ps(_mm256_add_ps(e, f), g)),
        _mm256_add_ps(_mm256_add_ps(_mm256_add_ps(h, i), _mm256_add_ps(j, k)), l));
    *sink = _mm256_cvtss_f32(all);
    return 2.0 * STEPS * 12 * 8;
}
