/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a directory list what stat() knows? Pure: takes listings and results of statx(), and
 * what the layers below showed of a name.
 */
#ifndef OVLTRACE_AUDIT_LISTING_H
#define OVLTRACE_AUDIT_LISTING_H

#include "audit/audit.h"
#include "audit/layers.h"
#include "util/tristate.h"

enum listing_diff_kind {
	LISTING_PHANTOM, /* listed, and does not exist */
	LISTING_MISSING, /* exists, and is not listed */
	LISTING_INO, /* listed with another number than statx() returns */
	LISTING_TYPE, /* listed with another type */
	LISTING_DOUBLE, /* listed twice */
	LISTING_DIFF_KINDS,
};

enum listing_cause {
	/* defects */
	LISTING_UNKNOWN,
	LISTING_WHITEOUT,
	LISTING_HARD_LINK,
	LISTING_STALE_CACHE,
	/* documented limits of overlayfs */
	LISTING_LAYER_CHANGED,
	LISTING_ROOTLESS,
	LISTING_XINO,
	LISTING_RENUMBERED,
	LISTING_CAUSES,
};

struct listing_diff {
	enum listing_diff_kind kind;
	size_t name; /* offset in the pool of `names` */
	uint32_t len;
	uint32_t flags; /* of statx */
	bool listed, exists; /* are the next ones known? */
	uint32_t listed_type, stat_type;
	uint64_t listed_ino, stat_ino;
	enum listing_cause cause;
	bool exact; /* a layer, or the mount, showed the cause */
};

struct listing_diffs {
	struct listing_diff *v;
	size_t n, cap;
	struct audit_list names;
	bool failed; /* there was no room: they are incomplete */
};

void listing_diffs__deinit(struct listing_diffs *d);
bool listing_diffs__same(const struct listing_diffs *a, const struct listing_diffs *b);
const char *listing_diffs__name(const struct listing_diffs *all, const struct listing_diff *d);

/* When a directory was changed last. */
struct listing_stamp {
	int64_t ctime_ns, mtime_ns; /* CLOCK_REALTIME */
	uint64_t ino;
};

/* One pass over a directory, collected in this order. */
struct listing_view {
	int64_t begin_ns; /* CLOCK_REALTIME */
	struct listing_stamp before;
	struct audit_list listed; /* without "." and ".." */
	struct audit_list stat; /* statx() of these names, and of those in the upper layer */
	struct audit_list listed_again; /* may be left out if there is no difference */
	struct listing_stamp after;
	size_t unknown; /* out: names that statx() failed for in another way than -ENOENT */
};

enum {
	/* Timestamps of files are as coarse as the kernel's tick, 10 ms at most. */
	LISTING_REST_MS = 50,
};

/* Finds the differences. Sorts `listed` and `stat`. */
void listing__compare(struct listing_view *v, struct listing_diffs *d);
/* Did nothing change during the pass? Sorts listed_again. */
bool listing__at_rest(struct listing_view *v);

/* What is known of a mount and a directory when causes are looked for. */
struct listing_place {
	bool merged; /* the directory has layers below */
	bool rootless; /* the mount has userxattr */
	enum tristate numbers; /* does the kernel promise that numbers agree? */
};

/* Sets cause and exact. */
void listing__explain(struct listing_diff *d, const struct listing_place *place,
		      const struct layer_name *layer);
bool listing_cause__is_limit(enum listing_cause cause);
const char *listing_cause__name(enum listing_cause cause);
/* One sentence without its full stop. */
const char *listing_cause__text(enum listing_cause cause);
const char *listing_diff__name(enum listing_diff_kind kind);
/* "file", "directory", ... of a DT_*. */
const char *listing_type__name(uint32_t type);

#endif
