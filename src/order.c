// SPDX-License-Identifier: GPL-2.0-only
#include "order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct waiting {
	uint64_t seq;
	size_t size;
	struct ovlw_hdr *ev;
};

struct order {
	order_fn fn;
	void *ctx;
	uint64_t next;
	struct waiting *heap; /* the lowest number first */
	size_t n, cap;
};

struct order *order__new(order_fn fn, void *ctx)
{
	struct order *o = calloc(1, sizeof(*o));

	if (o) {
		o->fn = fn;
		o->ctx = ctx;
	}
	return o;
}

void order__free(struct order *o)
{
	size_t i;

	if (!o)
		return;
	for (i = 0; i < o->n; i++)
		free(o->heap[i].ev);
	free(o->heap);
	free(o);
}

static int heap_push(struct order *o, const struct ovlw_hdr *ev, size_t size)
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

static struct waiting heap_pop(struct order *o)
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

static void hand_out(struct order *o)
{
	struct waiting w = heap_pop(o);

	o->fn(o->ctx, w.ev, w.size);
	o->next = w.seq + 1;
	free(w.ev);
}

int order__push(struct order *o, const struct ovlw_hdr *ev, size_t size)
{
	if (ev->seq != o->next)
		return heap_push(o, ev, size);
	o->fn(o->ctx, ev, size);
	o->next++;
	while (o->n && o->heap[0].seq == o->next)
		hand_out(o);
	return 0;
}

size_t order__flush(struct order *o)
{
	size_t n = o->n;

	while (o->n)
		hand_out(o);
	return n;
}
