/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs and probes that the kernel refused. A plan avoids them, and takes the next
 * provider of the event's chain. Pure.
 */
#ifndef OVLTRACE_REFUSALS_H
#define OVLTRACE_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/programs.h"

enum {
	REFUSALS_MAX = 64,
};

struct refusal {
	enum program prog;
	uint64_t addr; /* of the refused probe; 0: the program, wherever it would run */
	char what[128]; /* "program ovlt_at_free", "kprobe on 'kfree+0x0'" */
	char reason[160];
	char remedy[128];
};

struct refusals {
	struct refusal v[REFUSALS_MAX];
	size_t n;
};

/* false: it is there already, or there is no room. */
bool refusals__add(struct refusals *r, const struct refusal *refusal);
/* Is that program refused, or a probe of it at addr? r may be NULL. */
const struct refusal *refusals__find(const struct refusals *r, enum program prog, uint64_t addr);

#endif
