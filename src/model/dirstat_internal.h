/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internals of dirstat: dirstat.c maintains the tables, dirstat_record.c makes records
 * from them.
 */
#ifndef OVLTRACE_DIRSTAT_INTERNAL_H
#define OVLTRACE_DIRSTAT_INTERNAL_H

#include "model/dirstat.h"
#include "util/hash.h"

enum {
	DIRSTAT_WEIGHTS = 3,
};

struct actor {
	UT_hash_handle hh; /* by key */
	struct ovls_actor key;
	struct ovls_actor_count now, span; /* span: since the previous snapshot */
	uint64_t gen;
	struct actor *next; /* of the same directory */
};

struct row {
	UT_hash_handle hh; /* by key */
	struct ovls_key key;
	struct ovls_dir now, span;
	struct ovls_dir shares; /* their sum */
	uint64_t gen, shares_gen; /* the last snapshot with it, with a share of it */
	uint64_t weight[DIRSTAT_WEIGHTS]; /* for dirstat__sort() */
	char *path; /* from the mount's root; NULL: unknown */
	struct actor *actors; /* of the last snapshot */
};

struct dirstat {
	struct row *rows, **sorted;
	struct actor *actors;
	size_t nsorted, cap;
	struct ovls_rest rest[OVLS_KINDS], rest_span[OVLS_KINDS];
	struct ovls_layout layout;
	bool sees_windows, sees_invalidations;
	uint64_t gen, dropped;
	/* the actors of one directory: those that rebuild first, others before list_end */
	struct rec_actor *list;
	size_t list_cap, list_end;
	struct rec_actor invalidators[RECORD_MAX_ACTORS], rebuilders[RECORD_MAX_ACTORS];
};

static inline const struct ovls_dir *dirstat__span(const struct row *r, enum dirstat_span span)
{
	return span == DIRSTAT_ALL ? &r->now : &r->span;
}

static inline bool dirstat__is_active(const struct row *r, enum dirstat_span span)
{
	const struct ovls_dir *d = dirstat__span(r, span);

	return d->readdirs || d->mods;
}

#endif
