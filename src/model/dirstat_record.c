// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories in the order of their costs, as records and in total.
 */
#include "model/dirstat_internal.h"

#include <stdlib.h>
#include <string.h>

static int by_cost(const struct row *a, const struct row *b, enum dirstat_span span)
{
	const struct ovls_dir *x = dirstat__span(a, span), *y = dirstat__span(b, span);

	if (x->rebuild_ns != y->rebuild_ns)
		return x->rebuild_ns < y->rebuild_ns ? 1 : -1;
	if (x->readdirs != y->readdirs)
		return x->readdirs < y->readdirs ? 1 : -1;
	/* a stable order for the rest */
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

static int by_all(const void *a, const void *b)
{
	return by_cost(*(struct row *const *)a, *(struct row *const *)b, DIRSTAT_ALL);
}

static int by_interval(const void *a, const void *b)
{
	return by_cost(*(struct row *const *)a, *(struct row *const *)b, DIRSTAT_INTERVAL);
}

size_t dirstat__sort(struct dirstat *ds, enum dirstat_span span)
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
		if (dirstat__is_active(r, span))
			ds->sorted[i++] = r;
	ds->nsorted = i;
	if (i)
		qsort(ds->sorted, i, sizeof(*ds->sorted),
		      span == DIRSTAT_ALL ? by_all : by_interval);
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

static void actors_record(struct dirstat *ds, const struct row *r, enum dirstat_span span,
			  struct rec_directory *out)
{
	const struct ovls_dir *d = dirstat__span(r, span);
	uint64_t rebuilds = 0, invalidations = 0;
	const struct actor *a;

	for (a = r->actors; a; a = a->next) {
		const struct ovls_actor_count *c = span == DIRSTAT_ALL ? &a->now : &a->span;
		bool rebuilder = a->key.what == OVLS_REBUILDS;
		struct rec_actor one = { .count = c->count };

		if (!c->count)
			continue;
		one.task.pid = a->key.pid;
		one.task.cgroup = a->key.cgroup;
		memcpy(one.task.comm, a->key.comm, sizeof(one.task.comm));
		one.ns = rebuilder ? c->ns : 0;
		one.op = rebuilder ? OVLW_OP_UNKNOWN : a->key.what;
		if (rebuilder) {
			rebuilds += c->count;
			out->rebuilders_others +=
				actor_place(ds->rebuilders, &out->nrebuilders, &one);
		} else {
			invalidations += c->count;
			out->invalidators_others +=
				actor_place(ds->invalidators, &out->ninvalidators, &one);
		}
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
	/* a merged directory's lock is never dropped */
	out->lock_held_ns = out->merged || ds->sees_windows ? d->rebuild_ns - d->windows_ns :
							      COUNT_UNSEEN;
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
