/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms of durations in powers of two of a microsecond. Pure. */
#ifndef OVLTRACE_HIST_H
#define OVLTRACE_HIST_H

#include <stdint.h>

#include "util/saturate.h"

enum {
	HIST_BUCKETS = 32, /* bucket 0: below 1 us; n: from 2^(n-1) us to below 2^n us */
};

struct hist {
	uint64_t bucket[HIST_BUCKETS];
	uint64_t n, sum_ns, max_ns;
};

static inline void hist__add(struct hist *h, uint64_t ns)
{
	uint64_t us = ns / 1000;
	unsigned int b = us ? 64 - __builtin_clzll(us) : 0;

	h->bucket[b < HIST_BUCKETS ? b : HIST_BUCKETS - 1]++;
	h->n++;
	saturate__add(&h->sum_ns, ns);
	if (ns > h->max_ns)
		h->max_ns = ns;
}

#endif
