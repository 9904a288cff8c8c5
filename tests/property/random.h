/* A small repeatable generator for property tests (splitmix64, Steele et al. 2014): the seed is
 * printed, and PARCELA_SEED sets another. */
#ifndef TESTS_PROPERTY_RANDOM_H
#define TESTS_PROPERTY_RANDOM_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t random_state;

static inline void random_seed(uint64_t fallback)
{
    const char *seed = getenv("PARCELA_SEED");
    random_state = seed ? strtoull(seed, NULL, 10) : fallback;
    printf("seed %llu (set PARCELA_SEED for another)\n", (unsigned long long)random_state);
}

static inline uint64_t random_bits(void)
{
    uint64_t z = random_state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline double random_between(double low, double high)
{
    return low + (high - low) * ((double)(random_bits() >> 11) * 0x1p-53);
}

static inline uint32_t random_below(uint32_t n)
{
    return (uint32_t)(random_bits() % n);
}

#endif
