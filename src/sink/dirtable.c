// SPDX-License-Identifier: GPL-2.0-only
#include "sink/dirtable.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sink/table.h"
#include "util/heavy.h"
#include "util/saturate.h"

enum {
	SHOWN = 10,
};

/* A copy of a record with its strings. */
struct kept {
	struct rec_directory d;
	struct rec_actor invalidator[RECORD_MAX_ACTORS], rebuilder[RECORD_MAX_ACTORS];
};

struct dirtable {
	struct kept kept[SHOWN];
	size_t nkept;
	uint64_t directories; /* records in all */
	/* of rebuild records */
	struct heavy top;
	uint64_t rebuilds;
};

struct dirtable *dirtable__new(void)
{
	return calloc(1, sizeof(struct dirtable));
}

static void actors_free(struct rec_actor *a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free((char *)a[i].task.cgroup_path);
}

static void kept_free(struct kept *k)
{
	free((char *)k->d.dir.path);
	actors_free(k->invalidator, k->d.ninvalidators);
	actors_free(k->rebuilder, k->d.nrebuilders);
}

void dirtable__reset(struct dirtable *t)
{
	size_t i;

	for (i = 0; i < t->nkept; i++)
		kept_free(&t->kept[i]);
	memset(t, 0, sizeof(*t));
}

void dirtable__free(struct dirtable *t)
{
	if (!t)
		return;
	dirtable__reset(t);
	free(t);
}

static void actors_copy(struct rec_actor *to, const struct rec_actor *from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		to[i] = from[i];
		if (from[i].task.cgroup_path)
			to[i].task.cgroup_path = strdup(from[i].task.cgroup_path);
	}
}

static void on_directory(struct dirtable *t, const struct rec_directory *d)
{
	size_t k = t->nkept;

	t->directories++;
	while (k > 0 && t->kept[k - 1].d.rebuild_ns < d->rebuild_ns)
		k--;
	if (k == SHOWN)
		return;
	if (t->nkept == SHOWN)
		kept_free(&t->kept[--t->nkept]);
	memmove(&t->kept[k + 1], &t->kept[k], (t->nkept - k) * sizeof(t->kept[0]));
	t->nkept++;
	t->kept[k].d = *d;
	if (d->dir.path)
		t->kept[k].d.dir.path = strdup(d->dir.path);
	actors_copy(t->kept[k].invalidator, d->invalidators, d->ninvalidators);
	actors_copy(t->kept[k].rebuilder, d->rebuilders, d->nrebuilders);
}

static void on_rebuild(struct dirtable *t, const struct rec_rebuild *r)
{
	uint64_t ns = r->end_ns - r->begin_ns, free_ns = 0;
	struct heavy_entry *e;
	size_t i;

	for (i = 0; i < r->nwindows; i++)
		free_ns += r->windows[i].retake_ns - r->windows[i].drop_ns;
	t->rebuilds++;
	e = heavy__add(&t->top, r->dir.ino * 0x9e3779b97f4a7c15ULL ^ r->dir.dev);
	e->rebuilds++;
	saturate__add(&e->rebuild_ns, ns);
	saturate__add(&e->held_ns, ns > free_ns ? ns - free_ns : 0);
	e->entries = r->entries;
	e->dev = r->dir.dev;
	e->ino = r->dir.ino;
	e->mount_ns = r->dir.mount_ns;
	if (r->dir.path)
		snprintf(e->label, sizeof(e->label), "%s", r->dir.path);
}

void dirtable__note(struct dirtable *t, const struct ovl_record *rec)
{
	if (rec->type == RECORD_DIRECTORY)
		on_directory(t, &rec->directory);
	else if (rec->type == RECORD_REBUILD)
		on_rebuild(t, &rec->rebuild);
}

static int by_cost(const void *a, const void *b)
{
	const struct heavy_entry *x = *(const struct heavy_entry *const *)a;
	const struct heavy_entry *y = *(const struct heavy_entry *const *)b;

	return (x->rebuild_ns < y->rebuild_ns) - (x->rebuild_ns > y->rebuild_ns);
}

/* Without directory records: the sums of rebuild records. */
static void rebuilds_print(const struct dirtable *t, const struct table_opts *opts, FILE *f)
{
	const struct heavy_entry *best[HEAVY_ENTRIES];
	bool cut = false;
	size_t i, n = 0;

	for (i = 0; i < t->top.n; i++) {
		best[n++] = &t->top.entry[i];
		cut |= t->top.entry[i].late;
	}
	qsort(best, n, sizeof(best[0]), by_cost);
	fprintf(f, "\ndirectories by the time of their rebuilds%s:\n",
		cut ? ", of which there are so many that their numbers are too low" : "");
	table__head(f, opts);
	for (i = 0; i < n && i < SHOWN; i++) {
		struct rec_directory d = {
			.listings = COUNT_UNSEEN,
			.rebuilds = best[i]->rebuilds,
			.rebuild_ns = best[i]->rebuild_ns,
			.lock_held_ns = best[i]->held_ns,
			.entries = best[i]->entries,
			.bytes = COUNT_UNSEEN,
			.dir = { .dev = best[i]->dev,
				 .ino = best[i]->ino,
				 .mount_ns = best[i]->mount_ns },
		};

		if (*best[i]->label)
			d.dir.path = best[i]->label;
		table__row(f, opts, &d);
	}
}

uint64_t dirtable__directories(const struct dirtable *t)
{
	return t->directories;
}

bool dirtable__get(const struct dirtable *t, size_t i, struct rec_directory *out)
{
	if (i >= t->nkept)
		return false;
	*out = t->kept[i].d;
	out->invalidators = t->kept[i].invalidator;
	out->rebuilders = t->kept[i].rebuilder;
	return true;
}

void dirtable__print(const struct dirtable *t, FILE *f)
{
	struct table_opts opts = { 0 };
	struct rec_directory d;
	size_t i;

	if (!t->directories && t->rebuilds)
		rebuilds_print(t, &opts, f);
	if (!t->directories)
		return;
	fprintf(f, "\n%" PRIu64 " %s listed%s; by the time of their rebuilds:\n", t->directories,
		t->directories == 1 ? "directory was" : "directories were",
		t->directories > SHOWN ? ", of which these cost most" : "");
	table__head(f, &opts);
	for (i = 0; dirtable__get(t, i, &d); i++)
		table__row(f, &opts, &d);
}
