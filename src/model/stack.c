// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel stacks. A task's stack comes before the event that it belongs to, and other tasks' events
 * may come between the two. If that event is lost, the stack belongs to no other one.
 */
#include "model/internal.h"

#include <stdlib.h>

static void note(struct model *m, const struct ovlw_stack *ev)
{
	if (!m->stacks)
		m->stacks = calloc(MODEL_STACKS, sizeof(*m->stacks));
	/* a record without its stack is still a record */
	if (m->stacks)
		m->stacks[m->nstacks++ % MODEL_STACKS] = *ev;
}

static size_t waiting(const struct model *m)
{
	return m->nstacks < MODEL_STACKS ? m->nstacks : MODEL_STACKS;
}

/* These come between a stack and its event. */
static bool is_between(const struct ovlw_hdr *hdr)
{
	switch (hdr->type) {
	case OVLW_PATH_NAME:
	case OVLW_CLEAR:
		return true;
	case OVLW_FREE: /* in an interrupt: the current task has nothing to do with it */
		return ((const struct ovlw_cache *)hdr)->flags & OVLW_F_LATER;
	default:
		return false;
	}
}

void stack__pass(struct model *m, const struct ovlw_hdr *hdr)
{
	size_t i, n = waiting(m);

	if (hdr->type == OVLW_STACK)
		note(m, (const void *)hdr);
	else if (!is_between(hdr))
		for (i = 0; i < n; i++)
			if (m->stacks[i].hdr.tid == hdr->tid)
				m->stacks[i].hdr.tid = 0;
}

/* The latest one. */
static const struct ovlw_stack *find(const struct model *m, uint32_t tid, uint16_t of)
{
	size_t i, n = waiting(m);

	for (i = 1; i <= n; i++) {
		const struct ovlw_stack *s = &m->stacks[(m->nstacks - i) % MODEL_STACKS];

		if (tid && s->hdr.tid == tid && s->of == of)
			return s;
	}
	return NULL;
}

struct rec_stack stack__get(const struct model *m, const struct ovlw_hdr *hdr)
{
	struct rec_stack s = { .raw = NULL };

	/* the clear of the flag says more than the free that follows */
	if (hdr->type == OVLW_FREE)
		s.raw = find(m, hdr->tid, OVLW_CLEAR);
	if (!s.raw)
		s.raw = find(m, hdr->tid, hdr->type);
	return s;
}
