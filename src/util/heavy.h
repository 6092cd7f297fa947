/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The heaviest of many keys in bounded memory (the "space saving" algorithm): a new
 * key replaces the lightest entry and inherits its weight. Heavy keys are never
 * lost. Pure.
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
	uint64_t rebuilds, windows, mods, findings; /* since the entry was made */
	uint64_t rebuild_ns, held_ns, ino, mount_ns;
	uint32_t entries, dev;
	bool late; /* it replaced another entry: its counts may be too low */
	char label[HEAVY_LABEL];
};

struct heavy {
	uint64_t key[HEAVY_ENTRIES];
	struct heavy_entry entry[HEAVY_ENTRIES];
	size_t n;
};

/* Adds one to the weight of key and returns its entry. A new entry has an empty label. */
struct heavy_entry *heavy__add(struct heavy *t, uint64_t key);
/* Fills in pointers to at most n entries, the heaviest first. Returns how many. */
size_t heavy__best(const struct heavy *t, const struct heavy_entry **best, size_t n);

#endif
