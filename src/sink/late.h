/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings that wait for the end of their test, sorted by time. A treap, so that neither
 * the order in which findings arrive nor the number of tests makes an operation slow.
 */
#ifndef OVLTRACE_LATE_H
#define OVLTRACE_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LATE_MAX = 1 << 16, /* findings at a time */
};

struct late_node;

struct late {
	struct late_node *node; /* [0] is the empty tree */
	uint32_t n, cap; /* nodes that were in use, with [0]; room */
	uint32_t root, unused; /* unused: nodes that are free again, linked by `left` */
	uint32_t seed;
};

typedef void (*late_fn)(void *ctx, uint8_t kind);

/* False: there is no room. */
bool late__add(struct late *l, uint64_t at_ns, uint8_t kind);
/* Removes those from begin_ns to before end_ns, and passes each to fn. */
void late__take(struct late *l, uint64_t begin_ns, uint64_t end_ns, late_fn fn, void *ctx);
/* The same for all of them. */
void late__take_all(struct late *l, late_fn fn, void *ctx);
void late__deinit(struct late *l);

#endif
