/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The heaviest of very many things in little memory ("space saving"): whoever
 * is not among the entries takes the lightest one's place and weight. What
 * really matters stays. Pure.
 */
#ifndef OVLTRACE_TOP_H
#define OVLTRACE_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOP_ENTRIES = 128,
	TOP_LABEL = 300,
};

struct top_entry {
	uint64_t weight;
	uint64_t rebuilds, windows, mods, findings; /* since it is here */
	uint64_t rebuild_ns, held_ns, ino;
	uint32_t entries, dev;
	bool late; /* took another one's place: there may have been more */
	char label[TOP_LABEL];
};

struct top {
	uint64_t key[TOP_ENTRIES];
	struct top_entry entry[TOP_ENTRIES];
	size_t n;
};

/* The entry of key, one heavier than before; its label is empty if it is new. */
struct top_entry *top__add(struct top *t, uint64_t key);
/* Fills in pointers to at most n entries, the heaviest first. Returns how many. */
size_t top__best(const struct top *t, const struct top_entry **best, size_t n);

#endif
