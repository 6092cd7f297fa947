/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether overlayfs calls a lookup function that takes the directory's lock while
 * it holds this lock. Pure: a callback reads the kernel's code.
 */
#ifndef OVLTRACE_HAZARD_H
#define OVLTRACE_HAZARD_H

#include "code/code.h"
#include "util/tristate.h"

enum {
	HAZARD_MAX_LOOKUPS = 4,
	HAZARD_MAX_SITES = 16,
};

/* A call of such a lookup that the listing of a merged directory reaches. */
struct hazard_site {
	struct code_call call;
	int dir_arg; /* which argument is the directory's dentry */
};

struct hazard {
	enum tristate present; /* UNKNOWN: the code alone does not say, watch the lookups */
	char why[256];
	/* unlocked lookups that are called: what to watch */
	const struct ksym *lookup[HAZARD_MAX_LOOKUPS];
	int arg[HAZARD_MAX_LOOKUPS]; /* which argument is the directory's dentry */
	size_t nlookups;
	struct hazard_site site[HAZARD_MAX_SITES];
	size_t nsites;
	bool locked; /* there are lookups beside it that leave the lock alone */
	bool cut; /* there may be more sites: code that could not be read, or too many */
};

void hazard__look(struct hazard *h, const struct code_source *src);

#endif
