// SPDX-License-Identifier: GPL-2.0-only
#include "sink/late.h"

#include <stdlib.h>
#include <string.h>

struct late_node {
	uint64_t at_ns;
	uint32_t left, right;
	uint32_t rank; /* random: the root has the highest */
	uint8_t kind;
};

static uint32_t merge(struct late *l, uint32_t a, uint32_t b)
{
	struct late_node *n = l->node;

	if (!a || !b)
		return a ? a : b;
	if (n[a].rank > n[b].rank) {
		n[a].right = merge(l, n[a].right, b);
		return a;
	}
	n[b].left = merge(l, a, n[b].left);
	return b;
}

/* Splits a tree into what is before at_ns, and the rest. */
static void split(struct late *l, uint32_t root, uint64_t at_ns, uint32_t part[2])
{
	struct late_node *n = &l->node[root];
	uint32_t inner[2];

	if (!root) {
		part[0] = part[1] = 0;
	} else if (n->at_ns < at_ns) {
		split(l, n->right, at_ns, inner);
		n->right = inner[0];
		part[0] = root;
		part[1] = inner[1];
	} else {
		split(l, n->left, at_ns, inner);
		n->left = inner[1];
		part[0] = inner[0];
		part[1] = root;
	}
}

/* 0: there is no room */
static uint32_t node_get(struct late *l)
{
	uint32_t i = l->unused, cap = l->cap ? 2 * l->cap : 16;
	struct late_node *node;

	if (i) {
		l->unused = l->node[i].left;
		return i;
	}
	if (l->n > LATE_MAX)
		return 0;
	if (l->n >= l->cap) {
		node = realloc(l->node, cap * sizeof(*node));
		if (!node)
			return 0;
		l->node = node;
		l->cap = cap;
		if (!l->n)
			memset(&node[l->n++], 0, sizeof(*node));
		if (!l->seed)
			l->seed = arc4random() | 1;
	}
	return l->n++;
}

bool late__add(struct late *l, uint64_t at_ns, uint8_t kind)
{
	uint32_t i = node_get(l), part[2];

	if (!i)
		return false;
	/* xorshift32 */
	l->seed ^= l->seed << 13;
	l->seed ^= l->seed >> 17;
	l->seed ^= l->seed << 5;
	l->node[i] = (struct late_node){ .at_ns = at_ns, .rank = l->seed, .kind = kind };
	split(l, l->root, at_ns, part);
	l->root = merge(l, merge(l, part[0], i), part[1]);
	return true;
}

static void take(struct late *l, uint32_t root, late_fn fn, void *ctx)
{
	struct late_node *n;

	if (!root)
		return;
	n = &l->node[root];
	take(l, n->left, fn, ctx);
	fn(ctx, n->kind);
	take(l, n->right, fn, ctx);
	n->left = l->unused;
	l->unused = root;
}

void late__take(struct late *l, uint64_t begin_ns, uint64_t end_ns, late_fn fn, void *ctx)
{
	uint32_t before[2], in[2];

	if (!l->root || begin_ns >= end_ns)
		return;
	split(l, l->root, begin_ns, before);
	split(l, before[1], end_ns, in);
	take(l, in[0], fn, ctx);
	l->root = merge(l, before[0], in[1]);
}

void late__take_all(struct late *l, late_fn fn, void *ctx)
{
	take(l, l->root, fn, ctx);
	l->root = 0;
}

void late__deinit(struct late *l)
{
	free(l->node);
	memset(l, 0, sizeof(*l));
}
