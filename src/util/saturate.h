/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sums of numbers that a file or the kernel supplies. A sum that wrapped around to 0
 * would turn lost records into a clean verdict. Pure.
 */
#ifndef OVLTRACE_SATURATE_H
#define OVLTRACE_SATURATE_H

#include <stdint.h>

/* The largest sum: UINT64_MAX stands for a count that cannot be seen. */
#define SATURATE_MAX (UINT64_MAX - 1)

static inline uint64_t saturate(uint64_t n)
{
	return n > SATURATE_MAX ? SATURATE_MAX : n;
}

static inline uint64_t saturate__sum(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? SATURATE_MAX : saturate(sum);
}

static inline void saturate__add(uint64_t *sum, uint64_t n)
{
	*sum = saturate__sum(*sum, n);
}

#endif
