// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes that come and go while records arrive. Each waits for the kernel's other
 * tasks (RCU), which takes seconds on a real-time kernel under load. A ring fills
 * up in less, so a thread does it beside the reader.
 */
#include "probe/attach_internal.h"

#include <string.h>

#include "util/log.h"

static void arm(struct attachment *a)
{
	int err[PLAN_MAX_PROBES];
	size_t i;

	if (!attach__ask(a, err))
		attach__later(a, err);
	for (i = 0; i < a->plan->nprobes; i++)
		if (err[i])
			complain("note: the kernel refuses a probe of %s: %s; caches served by the "
				 "wrong path cannot be seen",
				 a->plan->probe[i].func->name, strerror(-err[i]));
}

static void *work(void *arg)
{
	struct attachment *a = arg;
	struct attach_beside *b = &a->beside;

	if (b->arms)
		arm(a);
	for (; b->from < b->to; b->from++)
		bpf_link__destroy(b->gone[b->from]);
	__atomic_store_n(&b->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void join(struct attach_beside *b)
{
	if (b->runs)
		pthread_join(b->thread, NULL);
	b->runs = false;
}

void attach__beside_wait(struct attachment *a)
{
	join(&a->beside);
}

void attach__beside(struct attachment *a)
{
	struct attach_beside *b = &a->beside;

	/* what was asked for since then waits for the next call */
	if (b->runs && !__atomic_load_n(&b->done, __ATOMIC_ACQUIRE))
		return;
	join(b);
	if (!b->wants_arm && b->to == b->ngone)
		return;
	b->arms = b->wants_arm;
	b->wants_arm = false;
	b->to = b->ngone;
	b->done = false;
	b->runs = !pthread_create(&b->thread, NULL, work, a);
	if (!b->runs)
		work(a);
}

void attach__arm(struct attachment *a)
{
	if (a->armed)
		return;
	a->armed = true;
	a->beside.wants_arm = true;
	attach__beside(a);
}

void attach__drop(struct attachment *a, size_t i)
{
	struct attach_beside *b = &a->beside;

	b->gone[b->ngone++] = a->link[i];
	a->link[i] = NULL;
}

void attach__beside_end(struct attachment *a)
{
	struct attach_beside *b = &a->beside;

	a->armed = true;
	b->wants_arm = false;
	join(b);
	for (b->to = b->ngone; b->from < b->to; b->from++)
		bpf_link__destroy(b->gone[b->from]);
}
