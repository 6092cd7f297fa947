// SPDX-License-Identifier: GPL-2.0-only
/* The record `directory`: its writer and its reader. */
#include <string.h>

#include "record/internal.h"
#include "record/write.h"
#include "util/saturate.h"

static const uint8_t need_directory[] = { F_TOP_kind,
					  F_TOP_listings,
					  F_TOP_readdirs,
					  F_TOP_hits,
					  F_TOP_rebuilds,
					  F_TOP_cold,
					  F_TOP_rebuild_ns,
					  F_TOP_max_rebuild_ns,
					  F_TOP_lock_held_ns,
					  F_TOP_entries,
					  F_TOP_bytes,
					  F_TOP_modifications,
					  F_TOP_invalidations,
					  F_TOP_rebuilders,
					  F_TOP_invalidators_others,
					  F_TOP_rebuilders_others,
					  NONE };
static const uint8_t need_invalidator[] = { F_ACTOR_task, F_ACTOR_op, F_ACTOR_count, NONE };
static const uint8_t need_time[] = { F_TIME_from_us, F_TIME_count, NONE };
static const uint8_t need_rebuilder[] = { F_ACTOR_task, F_ACTOR_count, F_ACTOR_ns, NONE };

WORDS(op_word, ovlw_op, ovlw_op__name)

static void actors(struct json *j, const char *key, const struct rec_actor *a, size_t n,
		   bool rebuilders)
{
	size_t i;

	json__open(j, key, '[');
	for (i = 0; i < n; i++) {
		json__open(j, NULL, '{');
		json__task(j, &a[i].task);
		if (!rebuilders)
			json__word(j, "op", ovlw_op__name(a[i].op));
		json__u64(j, "count", a[i].count);
		if (rebuilders)
			json__u64(j, "ns", a[i].ns);
		if (a[i].processes)
			json__u64(j, "processes", a[i].processes);
		json__close(j, '}');
	}
	json__close(j, ']');
}

/* The shortest time in a bucket. */
static uint64_t from_us(size_t bucket)
{
	return bucket ? 1ULL << (bucket - 1) : 0;
}

static void times(struct json *j, const struct rec_directory *d)
{
	size_t i;

	json__open(j, "rebuild_times", '[');
	for (i = 0; i < RECORD_TIMES; i++) {
		if (!d->times[i])
			continue;
		json__open(j, NULL, '{');
		json__u64(j, "from_us", from_us(i));
		json__u64(j, "count", d->times[i]);
		json__close(j, '}');
	}
	json__close(j, ']');
}

void json__directory(struct json *j, const struct rec_directory *d)
{
	json__dir(j, &d->dir);
	json__word(j, "kind", d->merged ? "merged" : "impure");
	json__u64(j, "listings", d->listings);
	json__u64(j, "readdirs", d->readdirs);
	json__u64(j, "hits", d->hits);
	json__u64(j, "rebuilds", d->rebuilds);
	json__u64(j, "cold", d->cold);
	json__u64(j, "rebuild_ns", d->rebuild_ns);
	json__u64(j, "max_rebuild_ns", d->max_rebuild_ns);
	if (d->has_times)
		times(j, d);
	json__count(j, "lock_held_ns", d->lock_held_ns);
	json__u64(j, "entries", d->entries);
	json__count(j, "bytes", d->bytes);
	json__count(j, "modifications", d->modifications);
	if (d->sees_invalidations)
		actors(j, "invalidations", d->invalidators, d->ninvalidators, false);
	else
		json__null(j, "invalidations");
	json__count(j, "invalidators_others",
		    d->sees_invalidations ? d->invalidators_others : COUNT_UNSEEN);
	actors(j, "rebuilders", d->rebuilders, d->nrebuilders, true);
	json__u64(j, "rebuilders_others", d->rebuilders_others);
}

bool raw__actor(struct raw *raw, bool rebuilder)
{
	size_t *n = rebuilder ? &raw->nrebuilders : &raw->ninvalidators;
	struct rec_actor *a = rebuilder ? &raw->rebuilder[*n] : &raw->invalidator[*n];
	int op = 0;

	if (*n == RECORD_MAX_ACTORS ||
	    !form__need(raw, rebuilder ? need_rebuilder : need_invalidator) ||
	    !form__actor_task(raw, &a->task))
		return false;
	if (!rebuilder)
		op = form__word(raw, F_ACTOR_op, op_word, OVLW_OP_COUNT);
	if (op < 0)
		return false;
	a->op = op;
	a->count = raw->v[F_ACTOR_count].u;
	a->processes = form__number_or(raw, F_ACTOR_processes, 0);
	a->ns = rebuilder ? raw->v[F_ACTOR_ns].u : 0;
	++*n;
	return true;
}

bool raw__time(struct raw *raw)
{
	size_t i;

	if (!form__need(raw, need_time))
		return false;
	/* in their order, each once */
	for (i = raw->times_end; i < RECORD_TIMES && from_us(i) != raw->v[F_TIME_from_us].u; i++)
		;
	if (i == RECORD_TIMES || !raw->v[F_TIME_count].u)
		return false;
	raw->times[i] = raw->v[F_TIME_count].u;
	raw->times_end = i + 1;
	return true;
}

/* The buckets have no more rebuilds than there were. */
static bool times_fit(const struct rec_directory *d)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < RECORD_TIMES; i++)
		saturate__add(&sum, d->times[i]);
	return sum <= saturate(d->rebuilds);
}

static bool sums_fit(const struct rec_directory *d)
{
	uint64_t rebuilders = d->rebuilders_others, ns = 0;
	size_t i;

	for (i = 0; i < d->nrebuilders; i++) {
		saturate__add(&rebuilders, d->rebuilders[i].count);
		saturate__add(&ns, d->rebuilders[i].ns);
	}
	return saturate__sum(d->hits, d->rebuilds) <= d->readdirs && d->cold <= d->rebuilds &&
	       d->listings <= d->readdirs && saturate(rebuilders) == saturate(d->rebuilds) &&
	       ns <= d->rebuild_ns && d->max_rebuild_ns <= d->rebuild_ns &&
	       (d->lock_held_ns == COUNT_UNSEEN || d->lock_held_ns <= d->rebuild_ns);
}

bool form__directory(struct raw *raw, struct rec_directory *d)
{
	static const char *const kinds[] = { "impure", "merged" };
	const struct json_value *kind = &raw->v[F_TOP_kind];

	if (!form__need(raw, need_directory) || !form__dir(raw, &d->dir))
		return false;
	d->merged = kind->len == 6 && !memcmp(kind->s, kinds[1], 6);
	if (kind->len != 6 || memcmp(kind->s, kinds[d->merged], 6))
		return form__fault(raw, "kind");
	d->listings = raw->v[F_TOP_listings].u;
	d->readdirs = raw->v[F_TOP_readdirs].u;
	d->hits = raw->v[F_TOP_hits].u;
	d->rebuilds = raw->v[F_TOP_rebuilds].u;
	d->cold = raw->v[F_TOP_cold].u;
	d->rebuild_ns = raw->v[F_TOP_rebuild_ns].u;
	d->max_rebuild_ns = raw->v[F_TOP_max_rebuild_ns].u;
	d->has_times = raw__has(raw, F_TOP_rebuild_times);
	memcpy(d->times, raw->times, sizeof(d->times));
	d->lock_held_ns = form__count(raw, F_TOP_lock_held_ns);
	d->entries = raw->v[F_TOP_entries].u;
	d->bytes = form__count(raw, F_TOP_bytes);
	d->modifications = form__count(raw, F_TOP_modifications);
	d->sees_invalidations = raw->lists_invalidations;
	d->invalidators = raw->invalidator;
	d->ninvalidators = raw->ninvalidators;
	d->invalidators_others = raw->v[F_TOP_invalidators_others].u;
	d->rebuilders = raw->rebuilder;
	d->nrebuilders = raw->nrebuilders;
	d->rebuilders_others = raw->v[F_TOP_rebuilders_others].u;
	if (!sums_fit(d))
		return form__fault(raw, "rebuilds");
	return times_fit(d) ? true : form__fault(raw, "rebuild_times");
}
