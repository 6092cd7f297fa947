// SPDX-License-Identifier: GPL-2.0-only
#include "util/heavy.h"

#include <string.h>

struct heavy_entry *heavy__add(struct heavy *t, uint64_t key)
{
	struct heavy_entry *e;
	size_t i, least = 0;
	uint64_t weight;

	for (i = 0; i < t->n; i++) {
		if (t->key[i] != key)
			continue;
		t->entry[i].weight++;
		return &t->entry[i];
	}
	if (t->n < HEAVY_ENTRIES) {
		least = t->n++;
		weight = 0;
	} else {
		for (i = 1; i < t->n; i++)
			if (t->entry[i].weight < t->entry[least].weight)
				least = i;
		weight = t->entry[least].weight;
	}
	e = &t->entry[least];
	memset(e, 0, sizeof(*e));
	t->key[least] = key;
	e->weight = weight + 1;
	e->late = weight;
	return e;
}

size_t heavy__best(const struct heavy *t, const struct heavy_entry **best, size_t n)
{
	size_t i, k, found = 0;

	for (i = 0; i < t->n; i++) {
		const struct heavy_entry *e = &t->entry[i];

		/* entries with findings come first */
		for (k = found; k > 0; k--) {
			const struct heavy_entry *b = best[k - 1];

			if (b->findings > e->findings ||
			    (b->findings == e->findings && b->weight >= e->weight))
				break;
			if (k < n)
				best[k] = b;
		}
		if (k == n)
			continue;
		best[k] = e;
		found += found < n;
	}
	return found;
}
