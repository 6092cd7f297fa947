/* SPDX-License-Identifier: GPL-2.0-only */
/* Compares what the directories of a tree list with what statx() returns. Needs no probe. */
#ifndef OVLTRACE_AUDIT_LISTINGS_H
#define OVLTRACE_AUDIT_LISTINGS_H

#include "audit/listing.h"
#include "audit/mount.h"

enum listing_verdict {
	LISTING_OK,
	LISTING_WRONG, /* at least one difference is a defect */
	LISTING_LIMITED, /* the differences are documented limits of overlayfs */
	LISTING_CHANGING, /* it differed, and changed, during each try */
	LISTING_PARTIAL, /* no difference, but some names could not be looked up */
	LISTING_UNREADABLE,
	LISTING_GONE, /* it vanished before it could be compared */
	LISTING_VERDICTS,
};

const char *listing_verdict__name(enum listing_verdict v);

/* One directory. */
struct listing_result {
	char *path; /* from the start of the walk, "" for that */
	enum listing_verdict verdict;
	bool merged;
	size_t names;
	unsigned int tries;
	size_t causes[LISTING_CAUSES]; /* all differences */
	struct listing_diffs diffs; /* those that are kept for the report */
	char why[160]; /* of LISTING_PARTIAL and LISTING_UNREADABLE */
};

void listing_result__deinit(struct listing_result *r);

/* Where directories are opened, and what is known of their overlay. */
struct listing_source {
	int root_fd; /* where the walk begins */
	const char *prefix; /* its path from the root of the overlay */
	struct audit_layers layers;
	bool rootless;
	enum tristate numbers; /* learned from files on the way */
	uint64_t mounts; /* other mounts on its directories, which are left out */
};

/*
 * Compares one directory until two passes in which nothing changed give the same differences.
 * r->path is set. Adds its subdirectories to `below`, unless that is on another mount.
 */
void listing_dir__run(struct listing_source *from, struct listing_result *r,
		      struct audit_list *below);

/* The directories below one path. */
struct listing_tree {
	char *path;
	char within[160]; /* the container or unit whose overlay it is; "" */
	uint32_t dev; /* in the kernel's encoding */
	bool rootless;
	enum tristate numbers;
	char why[160]; /* why the walk is incomplete; "" */
	uint64_t directories, names, mounts;
	uint64_t of[LISTING_VERDICTS]; /* directories */
	uint64_t causes[LISTING_CAUSES]; /* differences */
	struct listing_result *v; /* those that are not LISTING_OK */
	size_t n, cap;
};

struct listing_walk {
	uint64_t left; /* directories that may still be compared */
	/* called after each directory; false: stop */
	bool (*step)(void *ctx, const struct listing_tree *t, const char *path);
	void *ctx;
};

/* mount: what is known of the overlay; NULL: nothing. Returns 0 or -errno. */
int listing_tree__run(struct listing_tree *t, const struct audit_mount *mount,
		      struct listing_walk *walk);
void listing_tree__deinit(struct listing_tree *t);

#endif
