// SPDX-License-Identifier: GPL-2.0-only
#include "probe/sequencer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct waiting {
	uint64_t seq;
	size_t size;
	struct ovlw_hdr *ev;
};

struct sequencer {
	sequencer_fn fn;
	void *ctx;
	uint64_t next, end;
	struct waiting *heap; /* the lowest number first */
	size_t n, cap;
};

struct sequencer *sequencer__new(sequencer_fn fn, void *ctx)
{
	struct sequencer *o = calloc(1, sizeof(*o));

	if (o) {
		o->fn = fn;
		o->ctx = ctx;
	}
	return o;
}

void sequencer__free(struct sequencer *o)
{
	size_t i;

	if (!o)
		return;
	for (i = 0; i < o->n; i++)
		free(o->heap[i].ev);
	free(o->heap);
	free(o);
}

static int heap_push(struct sequencer *o, const struct ovlw_hdr *ev, size_t size)
{
	struct ovlw_hdr *copy = malloc(size);
	size_t i, up;

	if (o->n == o->cap) {
		size_t cap = o->cap ? 2 * o->cap : 64;
		struct waiting *heap = realloc(o->heap, cap * sizeof(*heap));

		if (!heap) {
			free(copy);
			return -ENOMEM;
		}
		o->heap = heap;
		o->cap = cap;
	}
	if (!copy)
		return -ENOMEM;
	memcpy(copy, ev, size);
	for (i = o->n++; i; i = up) {
		up = (i - 1) / 2;
		if (o->heap[up].seq <= ev->seq)
			break;
		o->heap[i] = o->heap[up];
	}
	o->heap[i].seq = ev->seq;
	o->heap[i].size = size;
	o->heap[i].ev = copy;
	return 0;
}

static struct waiting heap_pop(struct sequencer *o)
{
	struct waiting top = o->heap[0], last = o->heap[--o->n];
	size_t i = 0, down;

	while ((down = 2 * i + 1) < o->n) {
		if (down + 1 < o->n && o->heap[down + 1].seq < o->heap[down].seq)
			down++;
		if (last.seq <= o->heap[down].seq)
			break;
		o->heap[i] = o->heap[down];
		i = down;
	}
	o->heap[i] = last;
	return top;
}

/* Passes on all events that are due, and drops duplicates. */
static void hand_out(struct sequencer *o)
{
	while (o->n && o->heap[0].seq <= o->next) {
		struct waiting w = heap_pop(o);

		if (w.seq == o->next) {
			o->fn(o->ctx, w.ev, w.size);
			o->next++;
		}
		free(w.ev);
	}
}

static int push_one(struct sequencer *o, const struct ovlw_hdr *ev, size_t size)
{
	/* no event has this number, and there is none after it */
	if (ev->seq == UINT64_MAX)
		return 0;
	if (ev->seq >= o->end)
		o->end = ev->seq + 1;
	if (ev->seq < o->next)
		return 0;
	if (ev->seq > o->next)
		return heap_push(o, ev, size);
	o->fn(o->ctx, ev, size);
	o->next++;
	hand_out(o);
	return 0;
}

int sequencer__push(struct sequencer *o, const void *record, size_t size)
{
	const char *at = record;
	int err = 0, one;

	while (size >= sizeof(struct ovlw_hdr)) {
		const struct ovlw_hdr *ev = (const void *)at;
		size_t len = event__size(ev->type);

		if (ev->type == OVLW_NOTHING || len > size)
			break;
		if (ev->type == OVLW_PATH_NAME)
			len = size;
		one = push_one(o, ev, len);
		if (one)
			err = one;
		at += len;
		size -= len;
	}
	return err;
}

uint64_t sequencer__next(const struct sequencer *o)
{
	return o->next;
}

uint64_t sequencer__end(const struct sequencer *o)
{
	return o->end;
}

bool sequencer__waits(const struct sequencer *o)
{
	return o->n;
}

uint64_t sequencer__give_up(struct sequencer *o, uint64_t upto)
{
	uint64_t missing = 0;

	while (o->next < upto) {
		uint64_t to = o->n && o->heap[0].seq < upto ? o->heap[0].seq : upto;

		missing += to - o->next;
		o->next = to;
		hand_out(o);
	}
	return missing;
}
