// SPDX-License-Identifier: GPL-2.0-only
/* Rows for containers, pods and units instead of directories: --by container. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/top.h"
#include "record/container.h"
#include "util/hash.h"
#include "util/text.h"

/* What the tasks of one cgroup did in the interval; later, of all cgroups of one name. */
struct total {
	UT_hash_handle hh; /* by cgroup */
	uint64_t cgroup;
	char name[CONTAINER_TEXT];
	uint64_t rebuilds, ns, invalidations;
};

struct totals {
	struct top *t;
	struct total *all;
	bool failed;
};

/* A container, pod or unit; else the path of the cgroup. */
static void name_make(char name[CONTAINER_TEXT], const char *cgroup_path)
{
	struct container c;

	container__parse(cgroup_path, &c);
	container__text(&c, name);
	if (!*name)
		snprintf(name, CONTAINER_TEXT, "%s", cgroup_path ? cgroup_path : "-");
}

static struct total *total_get(struct totals *s, const struct rec_task *task)
{
	struct total *one;

	HASH_FIND(hh, s->all, &task->cgroup, sizeof(task->cgroup), one);
	if (one)
		return one;
	one = calloc(1, sizeof(*one));
	if (!one)
		return NULL;
	one->cgroup = task->cgroup;
	name_make(one->name, task->cgroup_path);
	HASH_ADD(hh, s->all, cgroup, sizeof(one->cgroup), one);
	if (hash__holds(one))
		return one;
	free(one);
	return NULL;
}

static void add(void *ctx, const struct rec_actor *actor, bool rebuilt)
{
	struct totals *s = ctx;
	struct rec_task task = actor->task;
	struct total *to;

	task.cgroup_path = where__cgroup(s->t->where, task.cgroup, task.pid);
	if (!task_filter__matches(&s->t->filter, &task))
		return;
	to = total_get(s, &task);
	if (!to) {
		s->failed = true;
	} else if (rebuilt) {
		to->rebuilds += actor->count;
		to->ns += actor->ns;
	} else {
		to->invalidations += actor->count;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct total *const *)a)->name, (*(struct total *const *)b)->name);
}

static int by_cost(const void *a, const void *b)
{
	const struct total *x = *(struct total *const *)a, *y = *(struct total *const *)b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	if (x->invalidations != y->invalidations)
		return x->invalidations < y->invalidations ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* A container may have several cgroups. Returns how many are left. */
static size_t merge(struct total **v, size_t n)
{
	size_t i, k = 0;

	qsort(v, n, sizeof(*v), by_name);
	for (i = 1; i < n; i++) {
		if (strcmp(v[k]->name, v[i]->name)) {
			v[++k] = v[i];
			continue;
		}
		v[k]->rebuilds += v[i]->rebuilds;
		v[k]->ns += v[i]->ns;
		v[k]->invalidations += v[i]->invalidations;
	}
	return n ? k + 1 : 0;
}

void top_containers__head(FILE *f)
{
	fputs("  REBUILDS  REBUILD-MS  TIME%  INVALIDATIONS  CONTAINER\n", f);
}

static void row(FILE *f, const struct top *t, const struct total *one)
{
	fprintf(f, "%10" PRIu64 " %11.2f %6.1f", one->rebuilds, (double)one->ns / 1e6,
		(double)one->ns / 1e7 / t->seconds);
	if (plan__stats_sees_invalidations(&t->plan))
		fprintf(f, " %14" PRIu64 "  ", one->invalidations);
	else
		fprintf(f, " %14s  ", "-");
	text__bytes(f, one->name, strlen(one->name));
	fputc('\n', f);
}

void top_containers__rows(FILE *f, struct top *t, size_t lines)
{
	struct totals s = { .t = t };
	struct total *one, *next, **v;
	size_t n = 0, i;

	dirstat__each_actor(t->dirstat, DIRSTAT_INTERVAL, add, &s);
	v = calloc(HASH_COUNT(s.all) + 1, sizeof(*v));
	for (one = s.all; v && one; one = one->hh.next)
		v[n++] = one;
	n = v ? merge(v, n) : 0;
	if (n)
		qsort(v, n, sizeof(*v), by_cost);
	for (i = 0; i < n && i < lines; i++)
		row(f, t, v[i]);
	if (s.failed || !v)
		fputs("  some are missing: out of memory\n", f);
	free(v);
	HASH_ITER(hh, s.all, one, next) {
		HASH_DEL(s.all, one);
		free(one);
	}
}
