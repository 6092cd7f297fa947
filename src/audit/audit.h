/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The audit's decisions: is a directory cache, which the kernel would serve as
 * fresh, wrong? Pure: dumps, listings and statx results come in.
 */
#ifndef OVLTRACE_AUDIT_H
#define OVLTRACE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ovltrace/audit_wire.h"

enum {
	AUDIT_UPPER = 1 << 0, /* entry: from the upper layer */
	AUDIT_WHITEOUT = 1 << 1, /* entry: not listed */
	AUDIT_XWHITEOUT = 1 << 2, /* entry: looked up at each listing */
	AUDIT_DIR = 1 << 3, /* statx: a directory */
	AUDIT_FOREIGN = 1 << 4, /* statx: its number is another filesystem's */
};

/* One name: a cache's entry, a line of a listing, or what statx says of it. */
struct audit_item {
	size_t name; /* offset in its list's pool */
	uint32_t len;
	uint32_t type; /* DT_*, of an entry or a line */
	uint32_t flags;
	int32_t err; /* statx: 0 or -errno */
	uint64_t ino; /* entry: 0 where overlayfs finds it out at the listing */
	uint64_t real_ino; /* entry */
};

struct audit_list {
	struct audit_item *v;
	size_t n, cap;
	char *pool;
	size_t pool_len, pool_cap;
	bool failed; /* out of memory: the list is cut */
};

/* A cache as it was read from the kernel. */
struct audit_dump {
	struct ovla_dir dir;
	uint32_t flags; /* enum ovla_flag */
	struct audit_list entries;
};

enum audit_diff_kind {
	AUDIT_INO, /* listed with another number than statx gives */
	AUDIT_MISSING, /* exists, but is not listed */
	AUDIT_PHANTOM, /* in the cache, but does not exist */
	AUDIT_MIXED, /* the cache is of the wrong kind for this directory */
};

struct audit_diff {
	enum audit_diff_kind kind;
	size_t name; /* offset in the pool of `names`; AUDIT_MIXED has none */
	uint32_t len;
	bool listed, cached, exists; /* are the numbers known? */
	uint64_t listed_ino, cached_ino, stat_ino;
};

struct audit_diffs {
	struct audit_diff *v;
	size_t n, cap;
	struct audit_list names;
	bool failed;
};

enum audit_verdict {
	AUDIT_OK, /* fresh, and right */
	AUDIT_WRONG, /* fresh, and wrong */
	AUDIT_OUTDATED, /* not fresh: the next listing makes a new one */
	AUDIT_UNUSED, /* the directory is not impure any more: nobody looks at it */
	AUDIT_REMOVED, /* the directory is: nobody can open it anew */
	AUDIT_GONE, /* the cache or the directory, before it could be looked at */
	AUDIT_CHANGING, /* never settled */
	AUDIT_PARTIAL, /* right as far as it could be compared, not all could */
	AUDIT_UNREADABLE, /* nothing could be compared */
	AUDIT_VERDICTS,
};

/* What one pass over a directory saw, in this order. */
struct audit_view {
	struct audit_dump before;
	struct audit_list listed; /* getdents, without "." and ".." */
	struct audit_list stat; /* statx of all names above and of the upper layer's */
	struct audit_list listed_again;
	struct audit_dump after;
	int xino_mode; /* ovl_fs.xino_mode */
	bool contradiction; /* out: nothing changed, and yet listing and statx disagree on what exists */
	bool incomplete; /* a merged directory's upper layer could not be listed */
};

/* Appends; the item is valid until the next append. NULL: out of memory. */
struct audit_item *audit_list__add(struct audit_list *l, const char *name, size_t len);
const char *audit_list__name(const struct audit_list *l, const struct audit_item *item);
void audit_list__sort(struct audit_list *l);
/* In a sorted list; NULL if it is not there. */
const struct audit_item *audit_list__find(const struct audit_list *l, const char *name, size_t len);
void audit_list__deinit(struct audit_list *l);
void audit_diffs__deinit(struct audit_diffs *d);

/*
 * Takes the records of a dump apart. 0, or -EBADMSG if they can't be what a
 * kernel writes (entries are appended up to there).
 */
int audit__parse_entries(struct audit_list *l, const uint8_t *buf, size_t len);

/* A directory that the walk found; path is from the mount's root, "" for that. */
struct audit_found {
	struct ovla_dir dir;
	char *path; /* NULL: it has none */
};

struct audit_founds {
	struct audit_found *v;
	size_t n, cap;
};

/*
 * The records of a walk. root_len: of the names that come first, of the
 * directory that the mount shows as its root. What is not beneath it has no path.
 */
int audit__parse_walk(struct audit_founds *f, const uint8_t *buf, size_t len, size_t root_len);
void audit_founds__deinit(struct audit_founds *f);

/* Would the kernel serve it? AUDIT_OK: yes, so compare; else the verdict. */
enum audit_verdict audit__served(const struct ovla_dir *dir);
/* Does the cache's kind contradict the directory's? Listing it would do harm. */
bool audit__mixed(const struct ovla_dir *dir);
/*
 * The verdict on one pass: AUDIT_OK, AUDIT_WRONG with its differences,
 * AUDIT_PARTIAL, or AUDIT_CHANGING where the pass proves nothing. Sorts the
 * lists of v.
 */
enum audit_verdict audit__compare(struct audit_view *v, struct audit_diffs *diffs);
bool audit_diffs__same(const struct audit_diffs *a, const struct audit_diffs *b);

const char *audit_verdict__name(enum audit_verdict v);
const char *audit_diff__name(enum audit_diff_kind kind);

#endif
