/* bench_peak_avx512.c - the multiply-add peak with AVX-512: twelve independent sums cover a latency of five at two a cycle.
 */
#include "bench_peak.h"

#include <immintrin.h>

#define STEPS 8192

double bench_peak_avx512(volatile float *sink)
{
    const __m512 factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(0.001f);
    /* Different starts, or the compiler would see that all sums are the same one. */
    __m512 a = _mm512_set1_ps(1), b = _mm512_set1_ps(2), c = _mm512_set1_ps(3), d = _mm512_set1_ps(4);
    __m512 e = _mm512_set1_ps(5), f = _mm512_set1_ps(6), g = _mm512_set1_ps(7), h = _mm512_set1_ps(8);
    __m512 i = _mm512_set1_ps(9), j = _mm512_set1_ps(10), k = _mm512_set1_ps(11), l = _mm512_set1_ps(12);
    for (int step = 0; step < STEPS; step++) {
        a = _mm512_fmadd_ps(a, factor, term);
        b = _mm512_fmadd_ps(b, factor, term);
        c = _mm512_fmadd_ps(c, factor, term);
        d = _mm512_fmadd_ps(d, factor, term);
        e = _mm512_fmadd_ps(e, factor, term);
        f = _mm512_fmadd_ps(f, factor, term);
        g = _mm512_fmadd_ps(g, factor, term);
        h = _mm512_fmadd_ps(h, factor, term);
        i = _mm512_fmadd_ps(i, factor, term);
        j = _mm512_fmadd_ps(j, factor, term);
        k = _mm512_fmadd_ps(k, factor, term);
        l = _mm512_fmadd_ps(l, factor, term);
    }
    const __m512 all = _mm512_add_ps(
        _mm512_add_ps(_mm512_add_ps(_mm512_add_ps(a, b), _mm512_add_ps(c, d)), _mm512_add_ps(_mm512_add_ps(e, f), g)),
        _mm512_add_ps(_mm512_add_ps(_mm512_add_ps(h, i), _mm512_add_ps(j, k)), l));
    *sink = _mm512_cvtss_f32(all);
    return 2.0 * STEPS * 12 * 16;
}
