/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a directory and a task are, in words: mount points by device, in our
 * mount namespace or in the task's; cgroup paths by id.
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
 * A new directory of that device, in the kernel's encoding, was seen: look for
 * its mount point anew, device numbers come back. pid: a task that uses it.
 */
void where__mount_refresh(struct where *w, uint32_t dev, uint32_t pid);
/* The path of a cgroup in the unified hierarchy; NULL if unknown. w's string. */
const char *where__cgroup(struct where *w, uint64_t id, uint32_t pid);

/* A directory as the kernel shows it. */
struct where_dir {
	uint32_t dev; /* of its mount, in the kernel's encoding */
	uint32_t pid; /* a task that uses it, 0: none is known */
	const char *path; /* from the root of its mount; NULL: not known */
};

/*
 * Writes the directory's path from the root into buf. False: the mount point
 * can't be seen from here, or buf is too small.
 */
bool where__path(struct where *w, const struct where_dir *dir, char *buf, size_t size);

/*
 * Finds the overlay that path is on. 0, -EINVAL if path is on no overlay, or
 * -errno of the lookup.
 */
int where__overlay_dev(const char *path, uint32_t *dev);

/* In place: "\040" and its like, as fs/seq_file.c writes them (mangle_path). */
void where__unescape(char *s);

#endif
