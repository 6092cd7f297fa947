// SPDX-License-Identifier: GPL-2.0-only
#include "model/dirstat_internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/dirpath.h"

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
	free(ds->list);
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
	if (!hash__holds(r)) {
		ds->dropped++;
		free(r);
		return NULL;
	}
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
		if (!hash__holds(a)) {
			ds->dropped++;
			free(a);
			return;
		}
	}
	was = a->now;
	a->now = a->span = *n;
	a->gen = ds->gen;
	/* a lower count: the kernel's entry was deleted and made again */
	if (n->count < was.count)
		return;
	a->span.count -= was.count;
	a->span.ns -= was.ns;
}

static void share_add(struct ovls_dir *to, const struct ovls_dir *n)
{
	size_t i;

	to->listings += n->listings;
	to->readdirs += n->readdirs;
	to->hits += n->hits;
	to->rebuilds += n->rebuilds;
	to->cold += n->cold;
	to->rebuild_ns += n->rebuild_ns;
	to->windows_ns += n->windows_ns;
	if (n->max_ns > to->max_ns)
		to->max_ns = n->max_ns;
	for (i = 0; i < OVLS_BUCKETS; i++)
		to->bucket[i] += n->bucket[i];
}

void dirstat__share(struct dirstat *ds, const struct ovls_key *key, const struct ovls_dir *n)
{
	struct row *r = row_get(ds, key);

	if (!r)
		return;
	if (r->shares_gen != ds->gen)
		memset(&r->shares, 0, sizeof(r->shares));
	r->shares_gen = ds->gen;
	share_add(&r->shares, n);
}

void dirstat__dir(struct dirstat *ds, const struct ovls_key *key, const struct ovls_dir *now)
{
	struct row *r = row_get(ds, key);
	struct ovls_dir was;
	size_t i;

	if (!r)
		return;
	was = r->now;
	r->now = *now;
	if (r->shares_gen == ds->gen)
		share_add(&r->now, &r->shares);
	now = &r->now;
	r->span = *now;
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
	for (i = 0; i < OVLS_BUCKETS; i++)
		r->span.bucket[i] -= was.bucket[i];
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

/* Forgets what the snapshot lacks, and links actors to their directories. */
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

bool dirstat__is_idle(const struct dirstat *ds, const struct ovls_key *key)
{
	struct row *r;

	HASH_FIND(hh, ds->rows, key, sizeof(*key), r);
	return r && !dirstat__is_active(r, DIRSTAT_INTERVAL);
}

void dirstat__forget_idle(struct dirstat *ds)
{
	struct row *r, *rtmp;
	struct actor *a, *atmp;

	HASH_ITER(hh, ds->actors, a, atmp)
		if (dirstat__is_idle(ds, &a->key.dir))
			actor_free(ds, a);
	HASH_ITER(hh, ds->rows, r, rtmp)
		if (!dirstat__is_active(r, DIRSTAT_INTERVAL))
			row_free(ds, r);
	ds->nsorted = 0;
}

uint64_t dirstat__dropped(const struct dirstat *ds)
{
	return ds->dropped;
}
