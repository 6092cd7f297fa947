/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Overlay mounts, and the audit of one of them.
 */
#ifndef OVLTRACE_AUDIT_MOUNT_H
#define OVLTRACE_AUDIT_MOUNT_H

#include <stdio.h>

#include "audit/dir.h"

/* The audit of one overlay, which may be mounted several times. */
struct audit_mount {
	char *path; /* a mount point */
	char *upper; /* the upperdir of mount(2); NULL: none */
	uint32_t dev; /* in the kernel's encoding */
	bool whole; /* path shows the overlay from its root */
	char why[160]; /* why it was not audited, or only in part; "" */
	bool walked;
	bool complete; /* all inodes were read */
	uint32_t inodes;
	int xino_mode;
	struct audit_result *v;
	size_t n;
};

struct audit_mounts {
	struct audit_mount *v;
	size_t n, cap;
};

/* Reads all overlays of a mountinfo file, each once. Returns 0 or -errno. */
int audit_mounts__read(struct audit_mounts *m, FILE *mountinfo);
/*
 * Adds the overlay that path is on, unless `picked` has it. It need not be in `all`. Returns
 * 0 or -errno.
 */
int audit_mounts__pick(struct audit_mounts *picked, const struct audit_mounts *all,
		       const char *path, uint32_t dev);
void audit_mounts__deinit(struct audit_mounts *m);

void audit_mount__run(struct audit_mount *m, struct audit_probe *probe);

#endif
