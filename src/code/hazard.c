// SPDX-License-Identifier: GPL-2.0-only
/*
 * ovl_iterate_merged() (fs/overlayfs/readdir.c) runs with the directory's lock
 * held for writing and calls ovl_cache_update() for single entries. A version
 * of that one which looks up unlocked is right only where the lock was dropped
 * before, as in ovl_dir_read_impure(): elsewhere the task waits for itself.
 */
#include "code/hazard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_HELPERS = 32,
};

#define WHY(...) snprintf(h->why, sizeof(h->why), __VA_ARGS__)

struct unlocked {
	const char *name;
	int arg; /* of the parent's dentry */
};

/* fs/namei.c */
static const struct unlocked unlocked[] = {
	{ "lookup_one_unlocked", 2 },	  { "lookup_one_positive_unlocked", 2 },
	{ "lookup_one_len_unlocked", 1 }, { "lookup_positive_unlocked", 1 },
	{ "lookup_noperm_unlocked", 1 },  { "lookup_noperm_positive_unlocked", 1 },
};

static const struct unlocked *unlocked_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(unlocked) / sizeof(unlocked[0]); i++)
		if (ksym__is_whole(name, unlocked[i].name))
			return &unlocked[i];
	return NULL;
}

static const struct ksym *root_find(const struct ksyms *ks)
{
	static const char *const names[] = { "ovl_iterate_merged", "ovl_iterate" };
	size_t n, i;

	for (n = 0; n < 2; n++)
		for (i = 0; i < ks->n; i++)
			if (ks->v[i].ovl && ks->v[i].text && ksym__is(ks->v[i].name, names[n]) &&
			    ksym__form(ks->v[i].name, names[n]) != KSYM_PART)
				return &ks->v[i];
	return NULL;
}

static bool is_update(const struct ksym *f)
{
	return ksym__is(f->name, "ovl_cache_update") || ksym__is(f->name, "ovl_cache_update_ino");
}

/* Functions that ovl_cache_update() has always called, and that look nothing up. */
static bool is_harmless(const struct ksym *f)
{
	static const char *const names[] = {
		"ovl_path_type",  "ovl_layer_lower", "ovl_dentry_lower",
		"ovl_path_lower", "ovl_same_fs",     "ovl_same_dev",
		"ovl_xino_bits",  "ovl_xino_warn",   "ovl_remap_lower_ino",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (ksym__is(f->name, names[i]))
			return true;
	return false;
}

static void watch(struct hazard *h, const struct ksym *f, int arg)
{
	size_t i;

	for (i = 0; i < h->nlookups; i++)
		if (h->lookup[i] == f)
			return;
	if (h->nlookups == HAZARD_MAX_LOOKUPS)
		return;
	h->lookup[h->nlookups] = f;
	h->arg[h->nlookups++] = arg;
}

struct tally {
	size_t locked, unlocked, releases;
	const struct code_call *first;
};

static void tally(struct hazard *h, struct tally *t, const struct code_graph *g, size_t from)
{
	size_t i;

	for (i = from; i < g->ncalls; i++) {
		const struct code_call *c = &g->call[i];
		const struct unlocked *u = unlocked_find(c->to->name);

		t->locked += ksym__is_whole(c->to->name, "lookup_one");
		t->releases += ksym__is_whole(c->to->name, "up_write");
		if (!u)
			continue;
		t->unlocked++;
		watch(h, c->to, u->arg);
		if (h->nsites == HAZARD_MAX_SITES)
			h->cut = true;
		else
			h->site[h->nsites++] = (struct hazard_site){ *c, u->arg };
		if (!t->first)
			t->first = c;
	}
}

static void decide(struct hazard *h, const struct tally *t, const struct ksym *root,
		   const struct code_graph *g)
{
	h->locked = t->locked;
	h->cut |= g->err || g->truncated;
	if (!h->cut && !t->locked && !t->unlocked) {
		WHY("%s reaches no lookup that is known", root->name);
		return;
	}
	if (g->err || g->truncated) {
		code__describe_gap(g, root->name, h->why, sizeof(h->why));
		return;
	}
	if (!t->unlocked) {
		h->present = TRISTATE_NO;
		WHY("%s reaches no lookup that takes the directory's lock", root->name);
		return;
	}
	WHY("%s+0x%llx calls %s, which takes the directory's lock; %s, which holds that lock, calls "
	    "it: the task deadlocks as soon as a name is not in the dcache",
	    t->first->from->name, (unsigned long long)(t->first->addr - t->first->from->addr),
	    t->first->to->name, root->name);
	/* with a locked lookup or a release of the lock as well, only the trace can decide */
	if (!t->locked && !t->releases)
		h->present = TRISTATE_YES;
}

/* The calls in func and in its .cold half. */
static size_t calls_in(struct hazard *h, struct tally *t, struct code_graph *g,
		       const struct code_source *src, const struct ksym *func)
{
	const struct ksyms *ks = src->ks;
	size_t i, from = g->ncalls;

	code__calls_in(g, src, func);
	for (i = 0; i < ks->n; i++)
		if (ks->v[i].ovl && ks->v[i].text && ksym__is_cold_of(ks->v[i].name, func->name))
			code__calls_in(g, src, &ks->v[i]);
	tally(h, t, g, from);
	return g->ncalls - from;
}

/* Helpers of overlayfs that ovl_cache_update() calls, and those that they call. */
static void helpers_in(struct hazard *h, struct tally *t, struct code_graph *g,
		       const struct code_source *src)
{
	const struct ksym *done[MAX_HELPERS];
	size_t i, j, n = 0;

	for (i = 0; i < g->ncalls; i++) {
		const struct code_call c = g->call[i];
		bool of_root = !is_update(c.from);

		for (j = 0; j < n; j++)
			of_root &= done[j] != c.from;
		if (of_root || !c.to->ovl || is_update(c.to) || is_harmless(c.to))
			continue;
		for (j = 0; j < n && done[j] != c.to; j++)
			;
		if (j < n)
			continue;
		if (n == MAX_HELPERS) {
			h->cut = true;
			return;
		}
		done[n++] = c.to;
		calls_in(h, t, g, src, c.to);
	}
}

void hazard__look(struct hazard *h, const struct code_source *src)
{
	const struct ksym *root = root_find(src->ks);
	struct code_graph *g = calloc(1, sizeof(*g));
	struct tally t = { 0 };
	size_t i, n;

	memset(h, 0, sizeof(*h));
	if (!root || !g) {
		WHY("%s", g ? "no function ovl_iterate_merged or ovl_iterate" : "out of memory");
		free(g);
		return;
	}
	n = calls_in(h, &t, g, src, root);
	for (i = 0; i < n; i++) {
		const struct ksym *to = g->call[i].to;
		bool before = false;
		size_t j;

		for (j = 0; j < i; j++)
			before |= g->call[j].to == to;
		if (before || !is_update(to))
			continue;
		calls_in(h, &t, g, src, to);
	}
	helpers_in(h, &t, g, src);
	decide(h, &t, root, g);
	free(g);
}
