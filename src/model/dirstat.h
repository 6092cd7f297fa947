/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted for each directory, as snapshots of counters that rise: who
 * costs how much since the snapshot before, or in all. Pure.
 */
#ifndef OVLTRACE_DIRSTAT_H
#define OVLTRACE_DIRSTAT_H

#include "ovltrace/dirstat_wire.h"
#include "record/record.h"

struct dirstat;

/* NULL if out of memory. */
struct dirstat *dirstat__new(void);
void dirstat__free(struct dirstat *ds);

/* What is known of the kernel's types, and what can be seen. */
void dirstat__layout(struct dirstat *ds, const struct ovls_layout *l);
void dirstat__sees(struct dirstat *ds, bool windows, bool invalidations);
/* Can listings of merged directories be counted? */
bool dirstat__sees_merged(const struct dirstat *ds);

/* Forgets everything. */
void dirstat__reset(struct dirstat *ds);
void dirstat__path(struct dirstat *ds, const struct ovls_path *path, size_t size);
/*
 * One snapshot: begin, each actor, each directory, the rest, end. What is not
 * in it is gone. Without memory it is cut, and says so.
 */
void dirstat__begin(struct dirstat *ds);
void dirstat__actor(struct dirstat *ds, const struct ovls_actor *a,
		    const struct ovls_actor_count *n);
void dirstat__dir(struct dirstat *ds, const struct ovls_key *key, const struct ovls_dir *now);
void dirstat__rest(struct dirstat *ds, enum ovls_kind kind, const struct ovls_rest *now);
void dirstat__end(struct dirstat *ds);

size_t dirstat__dirs(const struct dirstat *ds);
size_t dirstat__actors(const struct dirstat *ds);
/* Was nothing seen of that directory in the last interval? */
bool dirstat__is_idle(const struct dirstat *ds, const struct ovls_key *key);
/* Those were taken out of the kernel's tables: they begin anew. */
void dirstat__forget_idle(struct dirstat *ds);

/* A record of the n-th directory; its arrays and strings are ds' until the next call. */
enum dirstat_span {
	DIRSTAT_ALL, /* since the first snapshot or the reset */
	DIRSTAT_INTERVAL, /* since the snapshot before; max_rebuild_ns is of all */
};

/*
 * Sorts by what rebuilds cost in that span. Returns how many directories were
 * listed or outdated in it: these come first.
 */
size_t dirstat__sort(struct dirstat *ds, enum dirstat_span span);
/* path is from the mount's root: see path_in_mount. */
void dirstat__record(struct dirstat *ds, size_t n, enum dirstat_span span,
		     struct rec_directory *out);

struct dirstat_total {
	uint64_t listings; /* of directories that have a record */
	uint64_t readdirs, hits, rebuilds, rebuild_ns;
	uint64_t unreported; /* of readdirs, in no directory's record */
};

void dirstat__total(const struct dirstat *ds, enum dirstat_span span, enum ovls_kind kind,
		    struct dirstat_total *total);
/* Directories that could not be kept for want of memory. */
uint64_t dirstat__dropped(const struct dirstat *ds);

#endif
