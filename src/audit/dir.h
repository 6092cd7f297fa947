/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Audits one directory: dumps its cache, lists it and compares, and tries again if the
 * directory changed in between.
 */
#ifndef OVLTRACE_AUDIT_DIR_H
#define OVLTRACE_AUDIT_DIR_H

#include "audit/probe.h"

/* The cache of a directory, and the result of comparing it. */
struct audit_result {
	char *path; /* from the mount's root, "" for the root; NULL: unknown */
	struct audit_dump dump; /* the last one; entries sorted */
	bool dumped; /* false: only dump.dir is known, from the walk; or it is too much to keep */
	enum audit_verdict verdict;
	struct audit_diffs diffs; /* of AUDIT_WRONG */
	char why[200]; /* of AUDIT_PARTIAL and AUDIT_UNREADABLE */
	unsigned int tries;
};

struct audit_place {
	struct audit_probe *probe;
	int root_fd; /* of the mount */
	int upper_fd; /* of its upper layer; -1: none, or it cannot be opened */
	int xino_mode;
};

/* found: a directory of the walk. r takes its path over. */
void audit_dir__run(const struct audit_place *place, struct audit_found *found,
		    struct audit_result *r);
void audit_result__deinit(struct audit_result *r);

#endif
