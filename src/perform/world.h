/* SPDX-License-Identifier: GPL-2.0-only */
/* The mounts of a chunk: an overlay with the directories of each of its histories. */
#ifndef OVLTRACE_PERFORM_WORLD_H
#define OVLTRACE_PERFORM_WORLD_H

#include "explore/explore.h"
#include "perform/served.h"

enum {
	WORLD_PATH = 64,
};

struct world {
	const struct explore_config *config;
	unsigned int n; /* histories */
	const struct explore_history *history;
	bool rootless; /* we are root only in a user namespace */
	struct served *served; /* MOUNT_SERVES_LOWER; its descriptor is closed after the mount */
	char top[WORLD_PATH]; /* the tmpfs */
	int top_fd, merged_fd;
	char *why; /* of a failure */
	size_t why_size;
};

/* Enters namespaces of its own and mounts all. 0 or -errno with *why. */
int world__make(struct world *w);
/* Makes D of history i in the overlay; the lower layer is served. 0 or -errno with *why. */
int world__make_served(struct world *w, unsigned int i);
/* Opens the directory of history i in the overlay. A descriptor, or -errno with *why. */
int world__open(struct world *w, unsigned int i);
/* Opens it in the upper layer. */
int world__open_upper(struct world *w, unsigned int i);
/* 0 or -errno. Descriptors of the overlay must be closed before. */
int world__remount(struct world *w);
/* Drops dentries and inodes of the overlay that are not in use. 0 or -errno. */
int world__drop(struct world *w);

#endif
