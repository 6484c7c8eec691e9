/* philox_avx512.h - the generator of portable/philox.h in AVX-512 instructions: eight counters, each word in a lane of 64
 * bits. The multiplication reads the low half of a lane only, so that products and what is left above them need no clearing.
 */
#ifndef CNN_PHILOX_AVX512_H
#define CNN_PHILOX_AVX512_H

#include <immintrin.h>
#include <stdint.h>

static inline __m512i philox_word(const uint32_t words[8])
{
    return _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)words));
}

static inline void philox_avx512(uint32_t counter[4][8], uint64_t key)
{
    __m512i a = philox_word(counter[0]), b = philox_word(counter[1]), c = philox_word(counter[2]);
    __m512i d = philox_word(counter[3]);
    const __m512i first = _mm512_set1_epi64((int64_t)0xd2511f53u), second = _mm512_set1_epi64((int64_t)0xcd9e8d57u);
    __m512i low = _mm512_set1_epi32((int32_t)(uint32_t)key), high = _mm512_set1_epi32((int32_t)(uint32_t)(key >> 32));
    for (int round = 0; round < 10; round++) {
        const __m512i first_product = _mm512_mul_epu32(a, first), second_product = _mm512_mul_epu32(c, second);
        a = _mm512_ternarylogic_epi64(_mm512_srli_epi64(second_product, 32), b, low, 0x96); /* all three xor */
        c = _mm512_ternarylogic_epi64(_mm512_srli_epi64(first_product, 32), d, high, 0x96);
        b = second_product;
        d = first_product;
        low = _mm512_add_epi32(low, _mm512_set1_epi32((int32_t)0x9e3779b9u));
        high = _mm512_add_epi32(high, _mm512_set1_epi32((int32_t)0xbb67ae85u));
    }
    const __m512i results[4] = {a, b, c, d};
    for (int w = 0; w < 4; w++)
        _mm256_storeu_si256((__m256i *)(void *)counter[w], _mm512_cvtepi64_epi32(results[w]));
}

#define PHILOX philox_avx512

#endif
