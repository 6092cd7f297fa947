/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The audit's BPF program, which reads directory caches from kernel memory.
 */
#ifndef OVLTRACE_AUDIT_PROBE_H
#define OVLTRACE_AUDIT_PROBE_H

#include "audit/audit.h"

struct audit_probe;

/*
 * In two steps: a child of the task that loaded it can attach it to itself, if it keeps
 * the descriptor. Each returns 0 or -errno.
 */
int audit_probe__load(struct audit_probe **p, const struct ovla_layout *layout);
int audit_probe__attach(struct audit_probe *p);
int audit_probe__fd(const struct audit_probe *p);
/* Both steps. Returns 0, or -errno and *p is NULL. */
int audit_probe__new(struct audit_probe **p, const struct ovla_layout *layout);
void audit_probe__free(struct audit_probe *p);

struct audit_walk {
	struct audit_founds found;
	uint32_t inodes; /* of the mount */
	uint32_t flags; /* enum ovla_flag: why the list may be incomplete */
	int xino_mode;
};

/*
 * Finds all directory caches of the overlay that fd, a directory, is on. With only_inode
 * only that directory, even if it has no cache. Tries again a few times if the list
 * changed during the walk. Returns 0 or -errno.
 */
int audit_probe__walk(struct audit_probe *p, int fd, uint64_t only_inode, struct audit_walk *w);
void audit_walk__deinit(struct audit_walk *w);
/* Reads the cache of the directory fd. Returns 0, also for OVLA_TORN, or -errno. */
int audit_probe__dump(struct audit_probe *p, int fd, struct audit_dump *d);
void audit_dump__deinit(struct audit_dump *d);

#endif
