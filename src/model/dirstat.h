/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts for each directory, from snapshots of the kernel's counters: what each one
 * cost in total or since the previous snapshot. Pure.
 */
#ifndef OVLTRACE_DIRSTAT_H
#define OVLTRACE_DIRSTAT_H

#include "ovltrace/dirstat_wire.h"
#include "record/record.h"

struct dirstat;

/* NULL if out of memory. */
struct dirstat *dirstat__new(void);
void dirstat__free(struct dirstat *ds);

/* Set the layout of the kernel's structures, and what can be seen. */
void dirstat__layout(struct dirstat *ds, const struct ovls_layout *l);
void dirstat__sees(struct dirstat *ds, bool windows, bool invalidations);
/* Can listings of merged directories be counted? */
bool dirstat__sees_merged(const struct dirstat *ds);

/* Forgets everything. */
void dirstat__reset(struct dirstat *ds);
void dirstat__path(struct dirstat *ds, const struct ovls_path *path, size_t size);
/*
 * One snapshot: begin, each actor, each share, each directory, the rest, end. A share is
 * what some tasks did, and is added to its directory. Directories and actors that are not in it are forgotten. For lack of memory see dirstat__dropped().
 */
void dirstat__begin(struct dirstat *ds);
void dirstat__actor(struct dirstat *ds, const struct ovls_actor *a,
		    const struct ovls_actor_count *n);
void dirstat__share(struct dirstat *ds, const struct ovls_key *key, const struct ovls_dir *n);
void dirstat__dir(struct dirstat *ds, const struct ovls_key *key, const struct ovls_dir *now);
void dirstat__rest(struct dirstat *ds, enum ovls_kind kind, const struct ovls_rest *now);
void dirstat__end(struct dirstat *ds);

size_t dirstat__dirs(const struct dirstat *ds);
size_t dirstat__actors(const struct dirstat *ds);
/* Was nothing seen of that directory in the last interval? */
bool dirstat__is_idle(const struct dirstat *ds, const struct ovls_key *key);
/* Forgets idle directories, which were deleted from the kernel's tables and restart at 0. */
void dirstat__forget_idle(struct dirstat *ds);

enum dirstat_span {
	DIRSTAT_ALL, /* since the first snapshot or the reset */
	DIRSTAT_INTERVAL, /* since the previous snapshot; max_rebuild_ns is that of all time */
};

enum dirstat_key {
	DIRSTAT_TIME, /* of rebuilds */
	DIRSTAT_LOCKED, /* the part of it with the lock held */
	DIRSTAT_REBUILDS,
	DIRSTAT_LISTINGS,
	DIRSTAT_ENTRIES,
	DIRSTAT_KEYS,
};

/*
 * Sorts the directories that were listed or outdated in that span, the largest first.
 * Returns how many there are.
 */
size_t dirstat__sort(struct dirstat *ds, enum dirstat_span span, enum dirstat_key key);
/*
 * A record of the n-th directory. ds owns its arrays and strings, until the next call.
 * The path is from the mount's root: see path_in_mount.
 */
void dirstat__record(struct dirstat *ds, size_t n, enum dirstat_span span,
		     struct rec_directory *out);

/* What a task did: it rebuilt caches, or made them outdated. */
typedef void (*dirstat_actor_fn)(void *ctx, const struct rec_actor *actor, bool rebuilt);
/* For each task and directory, in that span. */
void dirstat__each_actor(const struct dirstat *ds, enum dirstat_span span, dirstat_actor_fn fn,
			 void *ctx);

struct dirstat_total {
	uint64_t listings; /* of directories that have a record */
	uint64_t readdirs, hits, rebuilds, rebuild_ns;
	uint64_t unreported; /* of readdirs, in no directory's record */
};

void dirstat__total(const struct dirstat *ds, enum dirstat_span span, enum ovls_kind kind,
		    struct dirstat_total *total);
/* Directories and actors that were dropped for lack of memory. */
uint64_t dirstat__dropped(const struct dirstat *ds);

#endif
