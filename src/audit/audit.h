/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decides whether a directory cache that the kernel would serve as fresh is wrong.
 * Pure: takes dumps, listings and results of statx().
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
	AUDIT_FOREIGN = 1 << 4, /* statx: the number belongs to another filesystem */
	AUDIT_MOUNT = 1 << 5, /* statx: the root of another mount */
	AUDIT_LINKS = 1 << 6, /* statx: it has several hard links */
};

/* One name: an entry of a cache, a line of a listing, or a result of statx(). */
struct audit_item {
	size_t name; /* offset in its list's pool */
	uint32_t len;
	uint32_t type; /* DT_* */
	uint32_t flags;
	int32_t err; /* statx: 0 or -errno */
	uint64_t ino; /* entry: 0 if overlayfs computes it during the listing */
	uint64_t real_ino; /* entry */
};

struct audit_list {
	struct audit_item *v;
	size_t n, cap;
	char *pool;
	size_t pool_len, pool_cap;
	bool failed; /* there was no room: the list is incomplete */
};

/* A cache, read from the kernel. */
struct audit_dump {
	struct ovla_dir dir;
	uint32_t flags; /* enum ovla_flag */
	struct audit_list entries;
};

enum audit_diff_kind {
	AUDIT_INO, /* listing and statx() give different numbers */
	AUDIT_MISSING, /* exists, but is not listed */
	AUDIT_PHANTOM, /* in the cache, but does not exist */
	AUDIT_MIXED, /* the cache has the wrong kind for this directory */
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
	AUDIT_OUTDATED, /* not fresh: the next listing builds a new one */
	AUDIT_UNUSED, /* the directory is no longer impure: the cache is not used */
	AUDIT_REMOVED, /* the directory was removed: it cannot be opened again */
	AUDIT_GONE, /* cache or directory vanished before it could be compared */
	AUDIT_CHANGING, /* changed during each try */
	AUDIT_PARTIAL, /* no difference, but not everything could be compared */
	AUDIT_UNREADABLE, /* nothing could be compared */
	AUDIT_VERDICTS,
};

/* The data of one pass over a directory, collected in this order. */
struct audit_view {
	struct audit_dump before;
	struct audit_list listed; /* getdents, without "." and ".." */
	struct audit_list stat; /* statx() of all names above, and of those in the upper layer */
	struct audit_list listed_again;
	struct audit_dump after;
	int xino_mode; /* ovl_fs.xino_mode */
	bool contradiction; /* out: listing and statx() disagree on what exists, without a change */
	bool incomplete; /* a merged directory's upper layer could not be listed */
};

enum {
	AUDIT_LISTS_BYTES = 512 << 20, /* of all lists together */
	AUDIT_KEPT_BYTES = 64 << 20, /* of those that are kept for the report */
};

/* The memory of all lists. */
size_t audit_list__bytes(void);
/* Appends; the item is valid until the next append. NULL: no memory, or AUDIT_LISTS_BYTES. */
struct audit_item *audit_list__add(struct audit_list *l, const char *name, size_t len);
const char *audit_list__name(const struct audit_list *l, const struct audit_item *item);
void audit_list__sort(struct audit_list *l);
/* Searches a sorted list. NULL: not found. */
const struct audit_item *audit_list__find(const struct audit_list *l, const char *name, size_t len);
/* Both are sorted. */
bool audit_list__same_names(const struct audit_list *a, const struct audit_list *b);
void audit_list__deinit(struct audit_list *l);
void audit_diffs__deinit(struct audit_diffs *d);

/*
 * Parses the records of a dump and appends them. Returns 0, or -EBADMSG at the first
 * record that a kernel cannot have written.
 */
int audit__parse_entries(struct audit_list *l, const uint8_t *buf, size_t len);

/* A directory that the walk found. */
struct audit_found {
	struct ovla_dir dir;
	char *path; /* from the mount's root, "" for the root; NULL: it has none */
};

struct audit_founds {
	struct audit_found *v;
	size_t n, cap;
};

/*
 * Parses the records of a walk. They begin with root_len bytes of names: the path of the
 * directory that the mount shows as its root. Directories outside it get no path.
 */
int audit__parse_walk(struct audit_founds *f, const uint8_t *buf, size_t len, size_t root_len);
void audit_founds__deinit(struct audit_founds *f);

/* AUDIT_OK if the kernel would serve the cache, which must then be compared; else the verdict. */
enum audit_verdict audit__served(const struct ovla_dir *dir);
/* Is the cache of the wrong kind for its directory? Then listing it would do harm. */
bool audit__mixed(const struct ovla_dir *dir);
/*
 * The verdict on one pass: AUDIT_OK, AUDIT_WRONG with its differences, AUDIT_PARTIAL,
 * or AUDIT_CHANGING if the pass proves nothing. Sorts the lists of v.
 */
enum audit_verdict audit__compare(struct audit_view *v, struct audit_diffs *diffs);
bool audit_diffs__same(const struct audit_diffs *a, const struct audit_diffs *b);

const char *audit_verdict__name(enum audit_verdict v);
const char *audit_diff__name(enum audit_diff_kind kind);

#endif
