// SPDX-License-Identifier: GPL-2.0-only
#include "perform/stage_hold.h"

static void bind(uint32_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* a failure makes holds last too long, which is noticed */
	sched_setaffinity(tid, sizeof(set), &set);
}

unsigned int stage_hold__begin(struct stage_hold *h, struct hold *by,
			       const struct stage_shared *shared)
{
	int cpu, all[CPU_SETSIZE], n = 0;
	unsigned int i;

	if (sched_getaffinity(0, sizeof(h->before), &h->before))
		return 0;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &h->before))
			all[n++] = cpu;
	if (n < 2)
		return 0;
	h->by = by;
	h->shared = shared;
	h->last = all[n - 1];
	for (h->ncpus = 0; h->ncpus < CACHE_READERS && (int)h->ncpus < n - 1; h->ncpus++)
		h->cpu[h->ncpus] = all[h->ncpus];
	bind(0, h->last);
	for (i = 0; i <= CACHE_READERS; i++)
		bind(shared->tid[i], h->last);
	for (i = 0; i < CACHE_READERS; i++)
		h->on[i] = -1;
	return h->ncpus;
}

static int free_cpu(const struct stage_hold *h)
{
	bool used[CACHE_READERS] = { 0 };
	unsigned int i;

	for (i = 0; i < CACHE_READERS; i++)
		if (h->on[i] >= 0)
			used[h->on[i]] = true;
	for (i = 0; i < h->ncpus; i++)
		if (!used[i])
			return i;
	return -1;
}

void stage_hold__arm(struct stage_hold *h, unsigned int reader, bool hold)
{
	int cpu = hold ? free_cpu(h) : -1;

	h->on[reader] = cpu;
	if (cpu < 0)
		return;
	bind(h->shared->tid[reader], h->cpu[cpu]);
	hold__arm(h->by, reader, h->shared->tid[reader], h->shared->held_at);
}

void stage_hold__disarm(struct stage_hold *h, unsigned int reader)
{
	hold__disarm(h->by, reader);
	if (h->on[reader] < 0)
		return;
	h->on[reader] = -1;
	bind(h->shared->tid[reader], h->last);
}

void stage_hold__end(struct stage_hold *h)
{
	unsigned int i;

	if (!h->by)
		return;
	for (i = 0; i < CACHE_READERS; i++)
		stage_hold__disarm(h, i);
	sched_setaffinity(0, sizeof(h->before), &h->before);
	h->by = NULL;
}
