// SPDX-License-Identifier: GPL-2.0-only
#include "model/slow.h"

#include <stdlib.h>
#include <string.h>

struct slow {
	struct slow_listing *v; /* a heap, the fastest on top, until it is sorted */
	size_t n, cap;
	struct slow_sums sums;
};

/* a - b of times that may be unknown; unknown if it were negative, because then one is wrong. */
static uint64_t minus(uint64_t a, uint64_t b)
{
	return a == COUNT_UNSEEN || b == COUNT_UNSEEN || a < b ? COUNT_UNSEEN : a - b;
}

/* When the first entry could go to the caller. */
static uint64_t ready_ns(const struct ovls_slow *ev, const struct slow_sees *sees)
{
	const struct ovls_listing *in = &ev->in;

	if (ev->kind == OVLS_SLOW_UNKNOWN || in->torn)
		return COUNT_UNSEEN;
	if (ev->kind == OVLS_SLOW_MERGED) {
		if (!sees->stores)
			return COUNT_UNSEEN;
		return ev->outcome == OVLS_REBUILT ? in->store_ns :
		       ev->outcome == OVLS_HIT	   ? in->begin_ns :
						     ev->end_ns;
	}
	if (!sees->calls || !sees->types)
		return COUNT_UNSEEN;
	return in->served_ns ? in->served_ns : ev->ret < 0 ? ev->end_ns : COUNT_UNSEEN;
}

static void parts(struct slow_listing *out, const struct ovls_slow *ev,
		  const struct slow_sees *sees)
{
	const struct ovls_listing *in = &ev->in;
	uint64_t ready = ready_ns(ev, sees), early = in->lookups_ns, late = in->late_lookups_ns;
	bool merged = ev->kind == OVLS_SLOW_MERGED;
	int i;

	/* without a rebuild, all lookups of a merged directory come after its cache */
	if (merged && ev->outcome == OVLS_HIT) {
		late += early;
		early = 0;
	}
	for (i = 0; i < SLOW_PARTS; i++)
		out->part[i] = COUNT_UNSEEN;
	if (sees->calls && in->call_ns)
		out->part[SLOW_LOCK] = minus(in->begin_ns, in->call_ns);
	if (sees->calls && sees->types && !in->torn)
		out->part[SLOW_LAYERS] = in->layers_ns;
	if (sees->lookups && !in->torn)
		out->part[SLOW_LOOKUPS] = early + late;
	/* only a rebuild looks entries up before, and only a merged directory after that */
	if (!sees->lookups && out->cause != SLOW_NOT_REBUILT)
		early = COUNT_UNSEEN;
	if (!sees->lookups && merged)
		late = COUNT_UNSEEN;
	out->part[SLOW_MERGE] =
		minus(minus(minus(ready, in->begin_ns), out->part[SLOW_LAYERS]), early);
	out->part[SLOW_COPY] = ready == COUNT_UNSEEN ? COUNT_UNSEEN :
						       minus(minus(ev->end_ns, ready), late);
	out->other_ns = out->total_ns;
	for (i = 0; i < SLOW_PARTS; i++)
		if (out->part[i] != COUNT_UNSEEN)
			out->other_ns -= out->part[i];
}

static void outdated_by(struct slow_listing *out, const struct ovls_slow *ev)
{
	out->has_by = out->cause == SLOW_OUTDATED && ev->by.ns;
	if (!out->has_by)
		return;
	out->by.pid = ev->by.pid;
	out->by.cgroup = ev->by.cgroup;
	memcpy(out->by.comm, ev->by.comm, sizeof(out->by.comm));
	out->op = ev->by.op;
	out->age_ns = ev->end_ns > ev->by.ns ? ev->end_ns - ev->by.ns : 0;
}

void slow_listing__make(struct slow_listing *out, const struct ovls_slow *ev,
			const struct slow_sees *sees)
{
	const struct ovls_listing *in = &ev->in;
	bool cached = ev->kind != OVLS_SLOW_PLAIN;
	bool rebuilt = sees->calls && sees->types ? in->layers : ev->outcome == OVLS_REBUILT;

	memset(out, 0, sizeof(*out));
	out->dir.ino = in->dir.ino;
	out->dir.dev = in->dir.dev;
	out->task.pid = ev->at.pid;
	out->task.tid = ev->tid;
	out->task.cgroup = ev->at.cgroup;
	memcpy(out->task.comm, ev->comm, sizeof(out->task.comm));
	out->kind = ev->kind;
	out->cause = !rebuilt || !cached ? SLOW_NOT_REBUILT :
		     in->slot		 ? SLOW_OUTDATED :
					   SLOW_NO_CACHE;
	out->begin_ns = sees->calls && in->call_ns ? in->call_ns : in->begin_ns;
	out->total_ns = ev->end_ns - out->begin_ns;
	out->late = sees->calls && !in->call_ns;
	out->torn = in->torn;
	out->released_ns = sees->windows || ev->kind == OVLS_SLOW_MERGED ||
					   ev->kind == OVLS_SLOW_PLAIN ?
				   in->windows_ns :
				   COUNT_UNSEEN;
	out->layers = sees->calls && sees->types ? in->layers : COUNT_UNSEEN;
	out->lookups = sees->lookups ? in->lookups : COUNT_UNSEEN;
	out->entries = !cached || ev->kind == OVLS_SLOW_UNKNOWN ||
				       ev->entries == OVLS_SLOW_ENTRIES ?
			       COUNT_UNSEEN :
			       ev->entries;
	out->err = ev->ret < 0 ? ev->ret : 0;
	parts(out, ev, sees);
	outdated_by(out, ev);
}

struct slow *slow__new(void)
{
	return calloc(1, sizeof(struct slow));
}

static void listing_deinit(struct slow_listing *l)
{
	free((char *)l->dir.path);
	free((char *)l->task.cgroup_path);
	free((char *)l->by.cgroup_path);
}

void slow__free(struct slow *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->n; i++)
		listing_deinit(&s->v[i]);
	free(s->v);
	free(s);
}

static bool copy_string(const char **s)
{
	if (!*s)
		return true;
	*s = strdup(*s);
	return *s;
}

/* Frees what was copied if there is no memory for the rest. */
static bool copy(struct slow_listing *to, const struct slow_listing *from)
{
	bool path, task, by;

	*to = *from;
	path = copy_string(&to->dir.path);
	task = copy_string(&to->task.cgroup_path);
	by = copy_string(&to->by.cgroup_path);
	if (path && task && by)
		return true;
	listing_deinit(to);
	return false;
}

static void swap(struct slow_listing *a, struct slow_listing *b)
{
	struct slow_listing t = *a;

	*a = *b;
	*b = t;
}

static void sift_up(struct slow *s, size_t i)
{
	for (; i && s->v[i].total_ns < s->v[(i - 1) / 2].total_ns; i = (i - 1) / 2)
		swap(&s->v[i], &s->v[(i - 1) / 2]);
}

static void sift_down(struct slow *s)
{
	size_t i = 0, k;

	for (; (k = 2 * i + 1) < s->n; i = k) {
		if (k + 1 < s->n && s->v[k + 1].total_ns < s->v[k].total_ns)
			k++;
		if (s->v[i].total_ns <= s->v[k].total_ns)
			return;
		swap(&s->v[i], &s->v[k]);
	}
}

static bool reserve(struct slow *s)
{
	size_t cap = s->cap ? s->cap * 2 : 64;
	struct slow_listing *v;

	if (s->n < s->cap)
		return true;
	v = realloc(s->v, cap * sizeof(*v));
	if (!v)
		return false;
	s->v = v;
	s->cap = cap;
	return true;
}

static void sum(struct slow_sums *sums, const struct slow_listing *l)
{
	int i;

	sums->listings++;
	sums->total_ns += l->total_ns;
	sums->other_ns += l->other_ns;
	sums->torn += l->torn;
	for (i = 0; i < SLOW_PARTS; i++)
		if (l->part[i] != COUNT_UNSEEN)
			sums->part[i] += l->part[i];
}

bool slow__add(struct slow *s, const struct slow_listing *l)
{
	struct slow_listing one;

	sum(&s->sums, l);
	if (s->n == SLOW_KEPT && l->total_ns <= s->v[0].total_ns)
		return true;
	if ((s->n < SLOW_KEPT && !reserve(s)) || !copy(&one, l))
		return false;
	if (s->n < SLOW_KEPT) {
		s->v[s->n] = one;
		sift_up(s, s->n++);
	} else {
		listing_deinit(&s->v[0]);
		s->v[0] = one;
		sift_down(s);
	}
	return true;
}

const struct slow_sums *slow__sums(const struct slow *s)
{
	return &s->sums;
}

static int by_total(const void *a, const void *b)
{
	const struct slow_listing *x = a, *y = b;

	if (x->total_ns != y->total_ns)
		return x->total_ns < y->total_ns ? 1 : -1;
	return x->begin_ns < y->begin_ns ? -1 : x->begin_ns > y->begin_ns;
}

size_t slow__sort(struct slow *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_total);
	return s->n;
}

const struct slow_listing *slow__get(const struct slow *s, size_t i)
{
	return &s->v[i];
}

bool slow__set_path(struct slow *s, size_t i, const struct rec_dir *dir)
{
	struct rec_dir to = *dir;

	if (!copy_string(&to.path))
		return false;
	free((char *)s->v[i].dir.path);
	s->v[i].dir = to;
	return true;
}
