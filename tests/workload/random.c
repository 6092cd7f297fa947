// SPDX-License-Identifier: GPL-2.0-only
/* Repeatable choices: a Weyl sequence through a 64-bit mixer, one per thread. */
#include "workload.h"

#define GOLDEN 0x9e3779b97f4a7c15ull

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

void rng_seed(struct rng *rng, uint64_t seed, uint64_t stream)
{
	rng->state = mix(seed + GOLDEN) ^ mix((stream + 1) * GOLDEN);
}

uint64_t rng_next(struct rng *rng)
{
	rng->state += GOLDEN;
	return mix(rng->state);
}

uint64_t rng_below(struct rng *rng, uint64_t bound)
{
	return bound ? rng_next(rng) % bound : 0;
}
