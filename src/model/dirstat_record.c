// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories in the order of their costs, as records and in total.
 */
#include "model/dirstat_internal.h"

#include <stdlib.h>
#include <string.h>

static uint64_t lock_held(const struct ovls_dir *d)
{
	return d->rebuild_ns - d->windows_ns;
}

static uint64_t weight(const struct ovls_dir *d, enum dirstat_key key)
{
	switch (key) {
	case DIRSTAT_LOCKED:
		return lock_held(d);
	case DIRSTAT_REBUILDS:
		return d->rebuilds;
	case DIRSTAT_LISTINGS:
		return d->listings;
	case DIRSTAT_ENTRIES:
		return d->entries;
	default:
		return d->rebuild_ns;
	}
}

static int by_weight(const void *a, const void *b)
{
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
	int i;

	for (i = 0; i < DIRSTAT_WEIGHTS; i++)
		if (x->weight[i] != y->weight[i])
			return x->weight[i] < y->weight[i] ? 1 : -1;
	/* a stable order for the rest */
	return memcmp(&x->key, &y->key, sizeof(x->key));
}

static void set_weights(struct row *r, enum dirstat_span span, enum dirstat_key key)
{
	const struct ovls_dir *d = dirstat__span(r, span);

	r->weight[0] = weight(d, key);
	r->weight[1] = d->rebuild_ns;
	r->weight[2] = d->readdirs;
}

size_t dirstat__sort(struct dirstat *ds, enum dirstat_span span, enum dirstat_key key)
{
	size_t n = HASH_COUNT(ds->rows), i = 0;
	struct row *r, *tmp, **more;

	if (n > ds->cap) {
		more = realloc(ds->sorted, n * sizeof(*more));
		if (!more) {
			ds->dropped += n;
			return ds->nsorted = 0;
		}
		ds->sorted = more;
		ds->cap = n;
	}
	HASH_ITER(hh, ds->rows, r, tmp)
		if (dirstat__is_active(r, span)) {
			set_weights(r, span, key);
			ds->sorted[i++] = r;
		}
	ds->nsorted = i;
	if (i)
		qsort(ds->sorted, i, sizeof(*ds->sorted), by_weight);
	return i;
}

/* Inserts `one` into the heaviest so far. Returns the count of the actor that drops out. */
static uint64_t actor_place(struct rec_actor *best, size_t *n, const struct rec_actor *one)
{
	uint64_t weight = one->ns ? one->ns : one->count, out = one->count;
	size_t i, k = *n;

	while (k > 0 && (best[k - 1].ns ? best[k - 1].ns : best[k - 1].count) < weight)
		k--;
	if (k == RECORD_MAX_ACTORS)
		return out;
	if (*n < RECORD_MAX_ACTORS) {
		++*n;
		out = 0;
	} else {
		out = best[*n - 1].count;
	}
	for (i = *n - 1; i > k; i--)
		best[i] = best[i - 1];
	best[k] = *one;
	return out;
}

static int by_name(const void *a, const void *b)
{
	const struct rec_actor *x = a, *y = b;

	if (x->op != y->op)
		return x->op < y->op ? -1 : 1;
	if (x->task.cgroup != y->task.cgroup)
		return x->task.cgroup < y->task.cgroup ? -1 : 1;
	return memcmp(x->task.comm, y->task.comm, sizeof(x->task.comm));
}

/*
 * Many short-lived processes of a script or a service would each be too small to be shown:
 * those of one name and cgroup become one. Returns how many are left.
 */
static size_t actors_join(struct rec_actor *list, size_t n)
{
	size_t i, k = 0;

	qsort(list, n, sizeof(*list), by_name);
	for (i = 1; i < n; i++) {
		if (by_name(&list[k], &list[i])) {
			list[++k] = list[i];
			continue;
		}
		list[k].processes = list[k].processes ? list[k].processes + 1 : 2;
		list[k].task.pid = 0;
		list[k].count += list[i].count;
		list[k].ns += list[i].ns;
	}
	return n ? k + 1 : 0;
}

/* The heaviest of the list. Returns the counts of all others. */
static uint64_t actors_choose(struct rec_actor *best, size_t *n, struct rec_actor *list,
			      size_t nlist)
{
	uint64_t others = 0;
	size_t i;

	if (nlist > RECORD_MAX_ACTORS)
		nlist = actors_join(list, nlist);
	for (i = 0; i < nlist; i++)
		others += actor_place(best, n, &list[i]);
	return others;
}

static void actor_make(struct rec_actor *to, const struct ovls_actor *key,
		       const struct ovls_actor_count *c)
{
	bool rebuilder = key->what == OVLS_REBUILDS;

	memset(to, 0, sizeof(*to));
	to->count = c->count;
	to->task.pid = key->pid;
	to->task.cgroup = key->cgroup;
	memcpy(to->task.comm, key->comm, sizeof(to->task.comm));
	to->ns = rebuilder ? c->ns : 0;
	to->op = rebuilder ? OVLW_OP_UNKNOWN : key->what;
}

void dirstat__each_actor(const struct dirstat *ds, enum dirstat_span span, dirstat_actor_fn fn,
			 void *ctx)
{
	const struct actor *a;
	struct rec_actor one;

	for (a = ds->actors; a; a = a->hh.next) {
		const struct ovls_actor_count *c = span == DIRSTAT_ALL ? &a->now : &a->span;

		if (!c->count)
			continue;
		actor_make(&one, &a->key, c);
		fn(ctx, &one, a->key.what == OVLS_REBUILDS);
	}
}

/* Copies the actors of a row: those that rebuild from the front of the list, others from its end. */
static bool actors_collect(struct dirstat *ds, const struct row *r, enum dirstat_span span,
			   size_t n[2])
{
	const struct actor *a;
	size_t total = 0;

	for (a = r->actors; a; a = a->next)
		total++;
	if (total > ds->list_cap) {
		struct rec_actor *more = realloc(ds->list, total * sizeof(*more));

		if (!more)
			return false;
		ds->list = more;
		ds->list_cap = total;
	}
	n[0] = n[1] = 0;
	for (a = r->actors; a; a = a->next) {
		const struct ovls_actor_count *c = span == DIRSTAT_ALL ? &a->now : &a->span;
		bool rebuilder = a->key.what == OVLS_REBUILDS;
		struct rec_actor *one;

		if (!c->count)
			continue;
		one = rebuilder ? &ds->list[n[0]++] : &ds->list[total - ++n[1]];
		actor_make(one, &a->key, c);
	}
	ds->list_end = total;
	return true;
}

static uint64_t count_sum(const struct rec_actor *list, size_t n)
{
	uint64_t sum = 0;

	while (n-- > 0)
		sum += list[n].count;
	return sum;
}

static void actors_record(struct dirstat *ds, const struct row *r, enum dirstat_span span,
			  struct rec_directory *out)
{
	const struct ovls_dir *d = dirstat__span(r, span);
	uint64_t rebuilds = 0, invalidations = 0;
	size_t n[2] = { 0, 0 };

	if (actors_collect(ds, r, span, n)) {
		struct rec_actor *invalidators = ds->list + (ds->list_end - n[1]);

		rebuilds = count_sum(ds->list, n[0]);
		invalidations = count_sum(invalidators, n[1]);
		out->rebuilders_others =
			actors_choose(ds->rebuilders, &out->nrebuilders, ds->list, n[0]);
		out->invalidators_others =
			actors_choose(ds->invalidators, &out->ninvalidators, invalidators, n[1]);
	}
	/* actors that did not fit into the kernel's table; its entries may be older than the count */
	if (d->rebuilds > rebuilds)
		out->rebuilders_others += d->rebuilds - rebuilds;
	if (d->invalidations > invalidations)
		out->invalidators_others += d->invalidations - invalidations;
	out->invalidators = ds->invalidators;
	out->rebuilders = ds->rebuilders;
}

void dirstat__record(struct dirstat *ds, size_t n, enum dirstat_span span,
		     struct rec_directory *out)
{
	const struct row *r = ds->sorted[n];
	const struct ovls_dir *d = dirstat__span(r, span);
	size_t i;

	memset(out, 0, sizeof(*out));
	out->dir.ino = r->key.ino;
	out->dir.dev = r->key.dev;
	out->dir.path = r->path;
	out->dir.path_in_mount = true;
	out->merged = r->key.kind == OVLS_MERGED;
	out->listings = d->listings;
	out->readdirs = d->readdirs;
	out->hits = d->hits;
	out->rebuilds = d->rebuilds;
	out->cold = d->cold;
	out->rebuild_ns = d->rebuild_ns;
	out->max_rebuild_ns = d->max_ns;
	out->has_times = true;
	for (i = 0; i < OVLS_BUCKETS; i++)
		out->times[i] = d->bucket[i];
	/* a merged directory's lock is never dropped */
	out->lock_held_ns = out->merged || ds->sees_windows ? lock_held(d) : COUNT_UNSEEN;
	out->entries = d->entries;
	out->bytes = !ds->layout.entry_size || ds->layout.entry_len < 0 ? COUNT_UNSEEN :
		     !d->entries					? 0 :
				   ds->layout.cache_size + d->name_bytes +
					   (uint64_t)d->entries * ds->layout.entry_size;
	out->modifications = ds->sees_invalidations ? d->mods : COUNT_UNSEEN;
	out->sees_invalidations = ds->sees_invalidations;
	actors_record(ds, r, span, out);
}

void dirstat__total(const struct dirstat *ds, enum dirstat_span span, enum ovls_kind kind,
		    struct dirstat_total *total)
{
	const struct ovls_rest *rest = span == DIRSTAT_ALL ? &ds->rest[kind] : &ds->rest_span[kind];
	struct row *r, *tmp;

	total->listings = 0;
	total->readdirs = total->unreported = rest->readdirs;
	total->hits = rest->hits;
	total->rebuilds = rest->rebuilds;
	total->rebuild_ns = rest->rebuild_ns;
	HASH_ITER(hh, ds->rows, r, tmp) {
		const struct ovls_dir *d = dirstat__span(r, span);

		if (r->key.kind != kind)
			continue;
		total->listings += d->listings;
		total->readdirs += d->readdirs;
		total->hits += d->hits;
		total->rebuilds += d->rebuilds;
		total->rebuild_ns += d->rebuild_ns;
	}
}
