// SPDX-License-Identifier: GPL-2.0-only
#include "model/dirstat.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "util/dirpath.h"

struct actor {
	UT_hash_handle hh; /* by key */
	struct ovls_actor key;
	struct ovls_actor_count now, span; /* span: since the snapshot before */
	uint64_t gen;
	struct actor *next; /* of the same directory */
};

struct row {
	UT_hash_handle hh; /* by key */
	struct ovls_key key;
	struct ovls_dir now, span;
	uint64_t gen; /* the last snapshot that it was in */
	char *path; /* from the mount's root; NULL: not known */
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
	struct rec_actor invalidators[RECORD_MAX_ACTORS], rebuilders[RECORD_MAX_ACTORS];
};

struct dirstat *dirstat__new(void)
{
	struct dirstat *ds = calloc(1, sizeof(*ds));

	if (ds)
		ds->layout.file_is_real = -1;
	return ds;
}

static void row_free(struct dirstat *ds, struct row *r)
{
	HASH_DEL(ds->rows, r);
	free(r->path);
	free(r);
}

static void actor_free(struct dirstat *ds, struct actor *a)
{
	HASH_DEL(ds->actors, a);
	free(a);
}

void dirstat__reset(struct dirstat *ds)
{
	struct row *r, *rtmp;
	struct actor *a, *atmp;

	HASH_ITER(hh, ds->actors, a, atmp)
		actor_free(ds, a);
	HASH_ITER(hh, ds->rows, r, rtmp)
		row_free(ds, r);
	memset(ds->rest, 0, sizeof(ds->rest));
	memset(ds->rest_span, 0, sizeof(ds->rest_span));
	ds->nsorted = 0;
}

void dirstat__free(struct dirstat *ds)
{
	if (!ds)
		return;
	dirstat__reset(ds);
	free(ds->sorted);
	free(ds);
}

void dirstat__layout(struct dirstat *ds, const struct ovls_layout *l)
{
	ds->layout = *l;
}

void dirstat__sees(struct dirstat *ds, bool windows, bool invalidations)
{
	ds->sees_windows = windows;
	ds->sees_invalidations = invalidations;
}

bool dirstat__sees_merged(const struct dirstat *ds)
{
	return ds->layout.file_is_real >= 0;
}

static struct row *row_get(struct dirstat *ds, const struct ovls_key *key)
{
	struct row *r;

	HASH_FIND(hh, ds->rows, key, sizeof(*key), r);
	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	if (!r) {
		ds->dropped++;
		return NULL;
	}
	r->key = *key;
	HASH_ADD(hh, ds->rows, key, sizeof(r->key), r);
	return r;
}

void dirstat__path(struct dirstat *ds, const struct ovls_path *ev, size_t size)
{
	size_t head = offsetof(struct ovls_path, path);
	struct row *r;
	char *path;

	if (size < head || ev->len > size - head)
		return;
	r = row_get(ds, &ev->dir);
	path = r ? dirpath__join(ev->path, ev->len, ev->truncated) : NULL;
	if (!path)
		return;
	free(r->path);
	r->path = path;
}

void dirstat__begin(struct dirstat *ds)
{
	ds->gen++;
}

void dirstat__actor(struct dirstat *ds, const struct ovls_actor *key,
		    const struct ovls_actor_count *n)
{
	struct ovls_actor_count was;
	struct actor *a;

	HASH_FIND(hh, ds->actors, key, sizeof(*key), a);
	if (!a) {
		a = calloc(1, sizeof(*a));
		if (!a) {
			ds->dropped++;
			return;
		}
		a->key = *key;
		HASH_ADD(hh, ds->actors, key, sizeof(a->key), a);
	}
	was = a->now;
	a->now = a->span = *n;
	a->gen = ds->gen;
	/* less than before: it was taken out meanwhile and came anew */
	if (n->count < was.count)
		return;
	a->span.count -= was.count;
	a->span.ns -= was.ns;
}

void dirstat__dir(struct dirstat *ds, const struct ovls_key *key, const struct ovls_dir *now)
{
	struct row *r = row_get(ds, key);
	struct ovls_dir was;

	if (!r)
		return;
	was = r->now;
	r->now = r->span = *now;
	r->gen = ds->gen;
	r->actors = NULL;
	if (now->readdirs < was.readdirs || now->rebuilds < was.rebuilds || now->mods < was.mods ||
	    now->rebuild_ns < was.rebuild_ns)
		return;
	r->span.listings -= was.listings;
	r->span.readdirs -= was.readdirs;
	r->span.hits -= was.hits;
	r->span.rebuilds -= was.rebuilds;
	r->span.cold -= was.cold;
	r->span.rebuild_ns -= was.rebuild_ns;
	r->span.windows_ns -= was.windows_ns;
	r->span.mods -= was.mods;
	r->span.invalidations -= was.invalidations;
}

void dirstat__rest(struct dirstat *ds, enum ovls_kind kind, const struct ovls_rest *now)
{
	const struct ovls_rest *was = &ds->rest[kind];
	struct ovls_rest *span = &ds->rest_span[kind];

	*span = *now;
	if (now->readdirs >= was->readdirs && now->rebuilds >= was->rebuilds) {
		span->readdirs -= was->readdirs;
		span->hits -= was->hits;
		span->rebuilds -= was->rebuilds;
		span->rebuild_ns -= was->rebuild_ns;
	}
	ds->rest[kind] = *now;
}

/* What was in no snapshot any more is gone; actors go to their directories. */
void dirstat__end(struct dirstat *ds)
{
	struct row *r, *rtmp;
	struct actor *a, *atmp;

	HASH_ITER(hh, ds->rows, r, rtmp)
		if (r->gen != ds->gen)
			row_free(ds, r);
	HASH_ITER(hh, ds->actors, a, atmp) {
		HASH_FIND(hh, ds->rows, &a->key.dir, sizeof(a->key.dir), r);
		if (a->gen != ds->gen || !r) {
			actor_free(ds, a);
			continue;
		}
		a->next = r->actors;
		r->actors = a;
	}
	ds->nsorted = 0;
}

size_t dirstat__dirs(const struct dirstat *ds)
{
	return HASH_COUNT(ds->rows);
}

size_t dirstat__actors(const struct dirstat *ds)
{
	return HASH_COUNT(ds->actors);
}

static const struct ovls_dir *spanned(const struct row *r, enum dirstat_span span)
{
	return span == DIRSTAT_ALL ? &r->now : &r->span;
}

static bool active(const struct row *r, enum dirstat_span span)
{
	const struct ovls_dir *d = spanned(r, span);

	return d->readdirs || d->mods;
}

bool dirstat__is_idle(const struct dirstat *ds, const struct ovls_key *key)
{
	struct row *r;

	HASH_FIND(hh, ds->rows, key, sizeof(*key), r);
	return r && !active(r, DIRSTAT_INTERVAL);
}

void dirstat__forget_idle(struct dirstat *ds)
{
	struct row *r, *rtmp;
	struct actor *a, *atmp;

	HASH_ITER(hh, ds->actors, a, atmp)
		if (dirstat__is_idle(ds, &a->key.dir))
			actor_free(ds, a);
	HASH_ITER(hh, ds->rows, r, rtmp)
		if (!active(r, DIRSTAT_INTERVAL))
			row_free(ds, r);
	ds->nsorted = 0;
}

static int by_cost(const struct row *a, const struct row *b, enum dirstat_span span)
{
	const struct ovls_dir *x = spanned(a, span), *y = spanned(b, span);

	if (x->rebuild_ns != y->rebuild_ns)
		return x->rebuild_ns < y->rebuild_ns ? 1 : -1;
	if (x->readdirs != y->readdirs)
		return x->readdirs < y->readdirs ? 1 : -1;
	/* whatever comes next: the same each time */
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
		if (active(r, span))
			ds->sorted[i++] = r;
	ds->nsorted = i;
	if (i)
		qsort(ds->sorted, i, sizeof(*ds->sorted),
		      span == DIRSTAT_ALL ? by_all : by_interval);
	return i;
}

/* Puts it among the n heaviest so far. Returns the count of whoever falls out. */
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
	const struct ovls_dir *d = spanned(r, span);
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
	/* for whom the kernel's table had no room; its entries may be older than the count */
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
	const struct ovls_dir *d = spanned(r, span);

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
	total->readdirs = total->untold = rest->readdirs;
	total->hits = rest->hits;
	total->rebuilds = rest->rebuilds;
	total->rebuild_ns = rest->rebuild_ns;
	HASH_ITER(hh, ds->rows, r, tmp) {
		const struct ovls_dir *d = spanned(r, span);

		if (r->key.kind != kind)
			continue;
		total->listings += d->listings;
		total->readdirs += d->readdirs;
		total->hits += d->hits;
		total->rebuilds += d->rebuilds;
		total->rebuild_ns += d->rebuild_ns;
	}
}

uint64_t dirstat__dropped(const struct dirstat *ds)
{
	return ds->dropped;
}
