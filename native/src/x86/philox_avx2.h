/* philox_avx2.h - the generator of portable/philox.h in AVX2 instructions: compilers do not find the multiplication of 32
 * by 32 bits, of which a vector does every other lane at once, in the plain loop. */
#ifndef CNN_PHILOX_AVX2_H
#define CNN_PHILOX_AVX2_H

#include <immintrin.h>
#include <stdint.h>

/* The halves of eight products: two multiplications, three shifts and shuffles, two blends. */
static inline __m256i multiply_wide(__m256i a, __m256i factor, __m256i *high)
{
    const __m256i even = _mm256_mul_epu32(a, factor), odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), factor);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
    return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

static inline void philox_avx2(uint32_t counter[4][8], uint64_t key)
{
    __m256i *const memory = (__m256i *)(void *)counter;
    __m256i a = _mm256_loadu_si256(memory), b = _mm256_loadu_si256(memory + 1);
    __m256i c = _mm256_loadu_si256(memory + 2), d = _mm256_loadu_si256(memory + 3);
    const __m256i first = _mm256_set1_epi32((int32_t)0xd2511f53u), second = _mm256_set1_epi32((int32_t)0xcd9e8d57u);
    __m256i low = _mm256_set1_epi32((int32_t)(uint32_t)key), high = _mm256_set1_epi32((int32_t)(uint32_t)(key >> 32));
    for (int round = 0; round < 10; round++) {
        __m256i first_high, second_high;
        const __m256i first_low = multiply_wide(a, first, &first_high);
        const __m256i second_low = multiply_wide(c, second, &second_high);
        a = _mm256_xor_si256(_mm256_xor_si256(second_high, b), low);
        c = _mm256_xor_si256(_mm256_xor_si256(first_high, d), high);
        b = second_low;
        d = first_low;
        low = _mm256_add_epi32(low, _mm256_set1_epi32((int32_t)0x9e3779b9u));
        high = _mm256_add_epi32(high, _mm256_set1_epi32((int32_t)0xbb67ae85u));
    }
    _mm256_storeu_si256(memory, a);
    _mm256_storeu_si256(memory + 1, b);
    _mm256_storeu_si256(memory + 2, c);
    _mm256_storeu_si256(memory + 3, d);
}

#define PHILOX philox_avx2

#endif
