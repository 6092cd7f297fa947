// SPDX-License-Identifier: GPL-2.0-only
#include "explore/shrink.h"

#include <string.h>

static void leave_out(const struct explore_history *h, unsigned int from, unsigned int n,
		      struct explore_history *out)
{
	*out = *h;
	memmove(&out->step[from], &out->step[from + n], (h->n - from - n) * sizeof(*out->step));
	out->n -= n;
}

/* Tries to leave out n steps that follow each other. */
static bool shorten(const struct explore_config *config, struct explore_history *h, unsigned int n,
		    bool (*bad)(void *ctx, const struct explore_history *h), void *ctx)
{
	struct explore_history shorter;
	struct model m;
	unsigned int i;

	for (i = 0; i + n <= h->n; i++) {
		leave_out(h, i, n, &shorter);
		if (model__run(&m, config, &shorter) < shorter.n || !bad(ctx, &shorter))
			continue;
		*h = shorter;
		return true;
	}
	return false;
}

void shrink__run(const struct explore_config *config, struct explore_history *h,
		 bool (*bad)(void *ctx, const struct explore_history *h), void *ctx)
{
	unsigned int n = 1;

	/* two steps may only make sense together, such as open and close */
	while (n < h->n && n <= 3)
		n = shorten(config, h, n, bad, ctx) ? 1 : n + 1;
}

/* Which operand of h stands for one of the part; 0: none yet, else its value + 1. */
struct renaming {
	uint8_t name[EXPLORE_NAMES], stream[EXPLORE_STREAMS];
};

static bool rename_to(uint8_t *map, unsigned int n, uint8_t from, uint8_t to)
{
	unsigned int i;

	if (map[from])
		return map[from] == to + 1;
	for (i = 0; i < n; i++)
		if (map[i] == to + 1)
			return false;
	map[from] = to + 1;
	return true;
}

static bool same_step(struct renaming *r, struct explore_step part, struct explore_step s)
{
	if (part.op != s.op)
		return false;
	switch (explore_ops[s.op].operands) {
	case OPERANDS_OF_NONE:
		return true;
	case OPERANDS_OF_STREAM:
		return rename_to(r->stream, EXPLORE_STREAMS, part.a, s.a);
	case OPERANDS_OF_NAME:
		return rename_to(r->name, EXPLORE_NAMES, part.a, s.a);
	case OPERANDS_OF_NAMES:
		return rename_to(r->name, EXPLORE_NAMES, part.a, s.a) &&
		       rename_to(r->name, EXPLORE_NAMES, part.b, s.b);
	}
	return false;
}

struct position {
	unsigned int h, part;
};

static bool contains_from(const struct explore_history *h, const struct explore_history *part,
			  struct position at, struct renaming r)
{
	for (; at.part < part->n; at.h++) {
		struct renaming renamed = r;

		if (h->n - at.h < part->n - at.part)
			return false;
		if (same_step(&renamed, part->step[at.part], h->step[at.h]) &&
		    contains_from(h, part, (struct position){ at.h + 1, at.part + 1 }, renamed))
			return true;
	}
	return true;
}

bool shrink__contains(const struct explore_history *h, const struct explore_history *part)
{
	struct renaming none = { 0 };

	return h->n >= part->n && contains_from(h, part, (struct position){ 0, 0 }, none);
}
