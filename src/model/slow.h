/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listings that took longer than a threshold: what each spent its time on, the slowest of
 * them, and sums of all. Pure.
 */
#ifndef OVLTRACE_MODEL_SLOW_H
#define OVLTRACE_MODEL_SLOW_H

#include "ovltrace/dirstat_wire.h"
#include "record/record.h"

/* They follow each other in no order, but do not overlap. */
enum slow_part {
	SLOW_LOCK, /* from the call of iterate_dir() to that of ovl_iterate() */
	SLOW_LAYERS, /* in iterate_dir() of the layers, for a cache */
	SLOW_LOOKUPS, /* in ovl_cache_update() */
	SLOW_MERGE, /* the rest until the cache is there: opening, whiteouts, sorting */
	SLOW_COPY, /* the rest: entries go to the caller, directly from a layer if it is a real directory */
	SLOW_PARTS,
};

/* What this kernel shows. */
struct slow_sees {
	bool types; /* of overlayfs: kinds of directories, and which file is a stream's own */
	bool calls; /* of iterate_dir() */
	bool lookups, stores;
	bool windows; /* releases of the lock within a rebuild */
};

enum slow_cause {
	SLOW_NOT_REBUILT,
	SLOW_NO_CACHE, /* there was none in the inode */
	SLOW_OUTDATED,
};

struct slow_listing {
	struct rec_dir dir;
	struct rec_task task;
	enum ovls_slow_kind kind;
	enum slow_cause cause;
	uint64_t begin_ns, total_ns;
	uint64_t part[SLOW_PARTS]; /* COUNT_UNSEEN: unknown */
	uint64_t other_ns; /* the total without the parts that are known */
	uint64_t released_ns; /* of the total: the lock was released in a rebuild; or COUNT_UNSEEN */
	uint64_t layers, lookups, entries; /* COUNT_UNSEEN: unknown */
	bool late; /* it began before the trace, so that its wait for the lock is unknown */
	bool torn; /* the end of a read or a lookup was not seen */
	int32_t err; /* negative errno */
	bool has_by; /* who outdated the cache is known */
	struct rec_task by;
	enum ovlw_op op;
	uint64_t age_ns; /* from that to the end of the listing */
};

/* Everything but paths. */
void slow_listing__make(struct slow_listing *out, const struct ovls_slow *ev,
			const struct slow_sees *sees);

const char *slow_part__name(enum slow_part part); /* "lock_wait" */
/* What takes that time, as the end of a sentence. */
const char *slow_part__text(enum slow_part part);
/* Why no listing has that part; NULL: it can be seen. */
const char *slow_part__unseen(enum slow_part part, const struct slow_sees *sees);
const char *slow_kind__name(enum ovls_slow_kind kind); /* NULL: unknown */
const char *slow_cause__name(enum slow_cause cause); /* NULL: it was not rebuilt */

struct slow_sums {
	uint64_t listings, total_ns;
	uint64_t part[SLOW_PARTS], other_ns;
	uint64_t torn;
};

enum {
	SLOW_KEPT = 10000, /* the slowest */
};

struct slow;

/* NULL if out of memory. */
struct slow *slow__new(void);
void slow__free(struct slow *s);
/* Copies the listing and its strings. False: out of memory. */
bool slow__add(struct slow *s, const struct slow_listing *l);
const struct slow_sums *slow__sums(const struct slow *s);
/* The slowest first. Returns how many are kept. */
size_t slow__sort(struct slow *s);
const struct slow_listing *slow__get(const struct slow *s, size_t i);
/* Copies a path that was found later. False: out of memory. */
bool slow__set_path(struct slow *s, size_t i, const struct rec_dir *dir);

/* The part with most of the time; SLOW_PARTS: most of it is in none. */
enum slow_part slow_sums__most(const struct slow_sums *sums);
/* What helps against it, for a directory as that of the listing; NULL: that is not known. */
const char *slow__advice(enum slow_part part, const struct slow_listing *l);

#endif
