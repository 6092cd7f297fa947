/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names for where a directory and a task are: mount points by device number, in our
 * mount namespace or in the task's, and cgroup paths by id. Of each, the 4,096 that were
 * used last are kept.
 */
#ifndef OVLTRACE_WHERE_H
#define OVLTRACE_WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct where;

struct where *where__new(void);
void where__free(struct where *w);

/*
 * Looks up the mount point of dev again, because device numbers are reused. To be
 * called for each new directory. dev: in the kernel's encoding. pid: a task that
 * uses the directory.
 */
void where__mount_refresh(struct where *w, uint32_t dev, uint32_t pid);
/*
 * The path of a cgroup in the unified hierarchy; NULL if unknown. w owns the string, and
 * keeps it for the next 60 calls at least.
 */
const char *where__cgroup(struct where *w, uint64_t id, uint32_t pid);

/* The same of a process that still runs, or NULL; to be freed. */
char *where__cgroup_by_pid(uint32_t pid);

/* A directory as the kernel shows it. */
struct where_dir {
	uint32_t dev; /* of its mount, in the kernel's encoding */
	uint32_t pid; /* a task that uses it; 0: unknown */
	const char *path; /* from the root of its mount; NULL: unknown */
	uint64_t mount_ns; /* result: the mount namespace of the absolute path; 0: ours */
};

/*
 * Writes the directory's absolute path into buf. False: the mount point is not
 * visible to us, not known yet, or buf is too small.
 */
bool where__path(struct where *w, struct where_dir *dir, char *buf, size_t size);

/*
 * Finds the overlay that path is on. 0, -EINVAL if path is on no overlay, or
 * -errno of the lookup.
 */
int where__overlay_dev(const char *path, uint32_t *dev);

#endif
