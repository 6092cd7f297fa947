/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One directory of the audit: its cache is dumped, listed and compared, again
 * and again until it stood still meanwhile.
 */
#ifndef OVLTRACE_AUDIT_DIR_H
#define OVLTRACE_AUDIT_DIR_H

#include "audit/probe.h"

/* What the kernel holds for a directory, and what came of comparing it. */
struct audit_result {
	char *path; /* from the mount's root, "" for that; NULL: unknown */
	struct audit_dump dump; /* the last one; entries sorted */
	bool dumped; /* else only dump.dir is known, from the walk */
	enum audit_verdict verdict;
	struct audit_diffs diffs; /* of AUDIT_WRONG */
	char why[120]; /* of AUDIT_PARTIAL and AUDIT_UNREADABLE */
	unsigned int tries;
};

struct audit_place {
	struct audit_probe *probe;
	int root_fd; /* of the mount */
	int upper_fd; /* of its upper layer, -1: none, or not to be had */
	int xino_mode;
};

/* found is a directory of the walk; its path may become r's. */
void audit_dir__run(const struct audit_place *place, struct audit_found *found,
		    struct audit_result *r);
void audit_result__deinit(struct audit_result *r);

#endif
