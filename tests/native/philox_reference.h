/* philox_reference.h - Philox4x32-10 one block at a time, written from the paper, and where a position finds its word: what
 * the library's generator is compared with. */
#ifndef PHILOX_REFERENCE_H
#define PHILOX_REFERENCE_H

#include <stdint.h>

static inline void reference_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t result[4])
{
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = 0xD2511F53ull * x0, p1 = 0xCD9E8D57ull * x2;
        const uint32_t y0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0, y2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
        x0 = y0;
        x1 = (uint32_t)p1;
        x2 = y2;
        x3 = (uint32_t)p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    result[0] = x0;
    result[1] = x1;
    result[2] = x2;
    result[3] = x3;
}

static inline uint32_t reference_word(uint64_t seed, uint64_t position)
{
    const uint64_t block = position / 32 * 8 + position % 8;
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), 0, 0};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t result[4];
    reference_philox(counter, key, result);
    return result[position / 8 % 4];
}

#endif
