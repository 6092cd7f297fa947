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
	char *path; /* a mount point, which we can open */
	char *upper; /* the upperdir of mount(2); NULL: none */
	char **lowers; /* its lower layers, topmost first, ended by NULL; NULL: unknown */
	char *root; /* of the mount namespace that it was found in: "/proc/PID/root"; NULL: ours */
	uint32_t dev; /* in the kernel's encoding */
	uint32_t pid; /* a process in that namespace; 0: ours */
	bool rootless; /* mounted with userxattr, as by a user who is not root */
	uint32_t root_of; /* a process that has it as its root directory; 0: none was found */
	char within[160]; /* the container or unit whose overlay it is; "" */
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
	size_t namespaces; /* mount namespaces that were read */
	size_t hidden; /* processes whose namespace could not be read */
};

/* Reads all overlays of our mount namespace, each once. Returns 0 or -errno. */
int audit_mounts__read(struct audit_mounts *m);
/* Adds those that are mounted only in other namespaces, in which there is a process. */
int audit_mounts__read_others(struct audit_mounts *m);
/* From a mountinfo file. pid: a process in that namespace; 0: ours. */
int audit_mounts__parse(struct audit_mounts *m, FILE *mountinfo, uint32_t pid);
/*
 * Moves the overlay that path is on from `all` to `picked`, unless it is there. It need not be
 * in `all`. Returns 0 or -errno.
 */
int audit_mounts__pick(struct audit_mounts *picked, struct audit_mounts *all, const char *path,
		       uint32_t dev);
/* Forgets the overlays that are not in `these`. */
void audit_mounts__keep(struct audit_mounts *m, const struct audit_mounts *these);
/* NULL: there is none. */
const struct audit_mount *audit_mounts__find(const struct audit_mounts *m, uint32_t dev);
void audit_mounts__deinit(struct audit_mounts *m);

void audit_mount__run(struct audit_mount *m, struct audit_probe *probe);

#endif
