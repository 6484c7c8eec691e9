/* philox.h - the generator alone, so that its tests can reach it: counters in, random words out, eight at a time. In plain C
 * that each instruction set compiles for itself; compilers turn the lanes into vectors. */
#ifndef CNN_PORTABLE_PHILOX_H
#define CNN_PORTABLE_PHILOX_H

#include <stdint.h>

#define RANDOM_LANES 8

/* Philox4x32-10 of eight counters: counter[w] holds word w of each, and is replaced by the words of the results. */
static inline void philox(uint32_t counter[4][RANDOM_LANES], uint64_t key)
{
    uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        for (int l = 0; l < RANDOM_LANES; l++) {
            const uint64_t first = (uint64_t)counter[0][l] * 0xd2511f53u, second = (uint64_t)counter[2][l] * 0xcd9e8d57u;
            counter[0][l] = (uint32_t)(second >> 32) ^ counter[1][l] ^ low;
            counter[1][l] = (uint32_t)second;
            counter[2][l] = (uint32_t)(first >> 32) ^ counter[3][l] ^ high;
            counter[3][l] = (uint32_t)first;
        }
        low += 0x9e3779b9u;
        high += 0xbb67ae85u;
    }
}

#endif
