/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The overlay mounts of the audit, and the audit of one of them.
 */
#ifndef OVLTRACE_AUDIT_MOUNT_H
#define OVLTRACE_AUDIT_MOUNT_H

#include <stdio.h>

#include "audit/dir.h"

/* What became of one overlay, however often it is mounted. */
struct audit_mount {
	char *path; /* where it was reached */
	char *upper; /* as it was given to mount(2); NULL: none */
	uint32_t dev; /* in the kernel's encoding */
	bool whole; /* path shows it from its root */
	char why[160]; /* why it could not be audited, or not completely; "" */
	bool walked;
	bool complete; /* all inodes were met */
	uint32_t inodes;
	int xino_mode;
	struct audit_result *v;
	size_t n;
};

struct audit_mounts {
	struct audit_mount *v;
	size_t n, cap;
};

/* All overlays of a mountinfo file, each once. 0 or -errno. */
int audit_mounts__read(struct audit_mounts *m, FILE *mountinfo);
/* The overlay that path is on, if it is not there yet. 0 or -errno; path need not be in m. */
int audit_mounts__pick(struct audit_mounts *picked, const struct audit_mounts *all,
		       const char *path, uint32_t dev);
void audit_mounts__deinit(struct audit_mounts *m);

void audit_mount__run(struct audit_mount *m, struct audit_probe *probe);

#endif
