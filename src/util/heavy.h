/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The heaviest of very many things in little memory ("space saving"): whoever
 * is not among the entries takes the lightest one's place and weight. What
 * really matters stays. Pure.
 */
#ifndef OVLTRACE_HEAVY_H
#define OVLTRACE_HEAVY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HEAVY_ENTRIES = 128,
	HEAVY_LABEL = 300,
};

struct heavy_entry {
	uint64_t weight;
	uint64_t rebuilds, windows, mods, findings; /* since it is here */
	uint64_t rebuild_ns, held_ns, ino;
	uint32_t entries, dev;
	bool late; /* took another one's place: there may have been more */
	char label[HEAVY_LABEL];
};

struct heavy {
	uint64_t key[HEAVY_ENTRIES];
	struct heavy_entry entry[HEAVY_ENTRIES];
	size_t n;
};

/* The entry of key, one heavier than before; its label is empty if it is new. */
struct heavy_entry *heavy__add(struct heavy *t, uint64_t key);
/* Fills in pointers to at most n entries, the heaviest first. Returns how many. */
size_t heavy__best(const struct heavy *t, const struct heavy_entry **best, size_t n);

#endif
