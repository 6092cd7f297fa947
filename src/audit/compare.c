// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a directory cache wrong?
 *
 * An *impure* cache (refcount 0) has only entries whose number for users differs from
 * the upper file's. Each listing takes names from the upper directory. It takes numbers
 * from the cache, or from the upper file if the cache has no entry. So a name that is
 * not in the cache is right if listing and statx() give the same number.
 *
 * A *merged* cache (its refcount is the number of streams) has all names. A listing has
 * exactly the names in the cache.
 */
#include "audit/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool audit__mixed(const struct ovla_dir *dir)
{
	/*
	 * A directory with OVL_WHITEOUTS is read only through merged caches, and each of
	 * them has a stream. ovl_cache_get() would take a reference on this cache, list
	 * its few entries, and free it.
	 */
	return dir->cache && dir->refcount == 0 && dir->whiteouts;
}

enum audit_verdict audit__served(const struct ovla_dir *dir)
{
	if (!dir->cache)
		return AUDIT_GONE;
	if (dir->version != dir->stamp)
		return AUDIT_OUTDATED;
	if (!dir->refcount && !dir->impure && !dir->whiteouts)
		return AUDIT_UNUSED;
	return AUDIT_OK;
}

/* Both lists are sorted. */
static bool same_listing(const struct audit_list *a, const struct audit_list *b)
{
	size_t i;

	if (!audit_list__same_names(a, b))
		return false;
	for (i = 0; i < a->n; i++)
		if (a->v[i].ino != b->v[i].ino)
			return false;
	return true;
}

/* A listing may fill in unknown numbers and mark whiteouts. */
static bool same_entries(const struct audit_list *a, const struct audit_list *b)
{
	size_t i;

	if (!audit_list__same_names(a, b))
		return false;
	for (i = 0; i < a->n; i++) {
		const struct audit_item *x = &a->v[i], *y = &b->v[i];

		if (x->real_ino != y->real_ino || (x->ino && x->ino != y->ino))
			return false;
		if (x->flags & ~y->flags & AUDIT_WHITEOUT)
			return false;
	}
	return true;
}

static bool at_rest(const struct audit_view *v)
{
	const struct ovla_dir *a = &v->before.dir, *b = &v->after.dir;

	return a->inode == b->inode && a->cache == b->cache && a->version == b->version &&
	       a->stamp == b->stamp && !a->refcount == !b->refcount && a->impure == b->impure &&
	       a->whiteouts == b->whiteouts && !((v->before.flags | v->after.flags) & OVLA_TORN) &&
	       same_entries(&v->before.entries, &v->after.entries) &&
	       same_listing(&v->listed, &v->listed_again);
}

static struct audit_diff *diff_add(struct audit_diffs *d, enum audit_diff_kind kind,
				   const struct audit_list *l, const struct audit_item *item)
{
	struct audit_item *name =
		audit_list__add(&d->names, item ? l->pool + item->name : "", item ? item->len : 0);
	struct audit_diff *diff;

	if (name && d->n == d->cap) {
		size_t cap = d->cap ? 2 * d->cap : 16;
		struct audit_diff *more = realloc(d->v, cap * sizeof(*more));

		if (more) {
			d->v = more;
			d->cap = cap;
		}
	}
	if (!name || d->n == d->cap) {
		d->failed = true;
		return NULL;
	}
	diff = &d->v[d->n++];
	memset(diff, 0, sizeof(*diff));
	diff->kind = kind;
	diff->name = name->name;
	diff->len = name->len;
	return diff;
}

/* Must listing and statx() give the same number for that name? */
static bool comparable(const struct audit_view *v, const struct audit_item *entry,
		       const struct audit_item *stat)
{
	/* layers on several filesystems without xino: d_ino is that of any layer */
	if (v->xino_mode < 0 || stat->flags & AUDIT_FOREIGN)
		return false;
	/*
	 * The lowest bit of xino's range marks numbers that overlayfs generated
	 * (ovl_map_dev_ino). d_ino never has them.
	 */
	if (v->xino_mode > 0 && v->xino_mode < 64 && stat->ino >> (64 - v->xino_mode) & 1)
		return false;
	if (!v->before.dir.refcount || !entry)
		return true;
	/*
	 * Two kinds of numbers in a merged directory change without a new version: that
	 * of a lower hard link when it is copied up, and that of an upper directory when
	 * a lookup stores its origin (ovl_fix_origin).
	 */
	if (stat->flags & AUDIT_DIR)
		return !(entry->flags & AUDIT_UPPER);
	return entry->flags & AUDIT_UPPER;
}

static void numbers(struct audit_diff *d, const struct audit_item *line,
		    const struct audit_item *entry, const struct audit_item *stat)
{
	if (!d)
		return;
	if (line) {
		d->listed = true;
		d->listed_ino = line->ino;
	}
	if (entry) {
		d->cached = true;
		d->cached_ino = entry->ino;
	}
	if (stat && !stat->err) {
		d->exists = true;
		d->stat_ino = stat->ino;
	}
}

struct verdicts {
	bool changed; /* the pass proves nothing */
	bool partial;
};

/* Judges a listed name. */
static void judge_line(const struct audit_view *v, const struct audit_item *line,
		       struct audit_diffs *d, struct verdicts *r)
{
	const char *name = audit_list__name(&v->listed, line);
	const struct audit_item *entry = audit_list__find(&v->before.entries, name, line->len);
	const struct audit_item *stat = audit_list__find(&v->stat, name, line->len);
	bool merged = v->before.dir.refcount;

	if (!stat || (stat->err && stat->err != -ENOENT)) {
		r->partial = true;
	} else if (merged ? !entry : entry && entry->ino != line->ino) {
		/* served by another cache */
		r->changed = true;
	} else if (stat->err) {
		/* names of an impure directory do not come from the cache */
		if (merged)
			numbers(diff_add(d, AUDIT_PHANTOM, &v->listed, line), line, entry, NULL);
	} else if (stat->ino != line->ino && comparable(v, entry, stat)) {
		numbers(diff_add(d, AUDIT_INO, &v->listed, line), line, entry, stat);
	}
}

/*
 * Judges an entry of an impure cache that was not listed: a new file of that name would
 * get its number.
 */
static void judge_entry(const struct audit_view *v, const struct audit_item *entry,
			struct audit_diffs *d, struct verdicts *r)
{
	const char *name = audit_list__name(&v->before.entries, entry);
	const struct audit_item *stat;

	if (audit_list__find(&v->listed, name, entry->len))
		return;
	stat = audit_list__find(&v->stat, name, entry->len);
	if (!stat || (stat->err && stat->err != -ENOENT))
		r->partial = true;
	else if (!stat->err)
		r->changed = true;
	else
		numbers(diff_add(d, AUDIT_PHANTOM, &v->before.entries, entry), NULL, entry, NULL);
}

/* Judges a name that exists, according to the upper layer. */
static void judge_stat(const struct audit_view *v, const struct audit_item *stat,
		       struct audit_diffs *d)
{
	const char *name = audit_list__name(&v->stat, stat);

	if (stat->err || audit_list__find(&v->listed, name, stat->len))
		return;
	numbers(diff_add(d, AUDIT_MISSING, &v->stat, stat), NULL,
		audit_list__find(&v->before.entries, name, stat->len), stat);
}

enum audit_verdict audit__compare(struct audit_view *v, struct audit_diffs *d)
{
	bool merged = v->before.dir.refcount;
	struct verdicts r = { 0 };
	size_t i;

	audit_list__sort(&v->before.entries);
	audit_list__sort(&v->after.entries);
	audit_list__sort(&v->listed);
	audit_list__sort(&v->listed_again);
	audit_list__sort(&v->stat);
	if (!at_rest(v))
		return AUDIT_CHANGING;
	if (audit__mixed(&v->before.dir)) {
		diff_add(d, AUDIT_MIXED, NULL, NULL);
		return d->failed ? AUDIT_PARTIAL : AUDIT_WRONG;
	}
	for (i = 0; i < v->listed.n; i++)
		judge_line(v, &v->listed.v[i], d, &r);
	for (i = 0; i < v->before.entries.n && !merged; i++)
		judge_entry(v, &v->before.entries.v[i], d, &r);
	for (i = 0; i < v->stat.n && merged; i++)
		judge_stat(v, &v->stat.v[i], d);
	v->contradiction = r.changed;
	if (r.changed)
		return AUDIT_CHANGING;
	if (d->n)
		return AUDIT_WRONG;
	r.partial |= v->incomplete || d->failed || v->listed.failed || v->stat.failed ||
		     v->before.entries.failed || (v->before.flags & OVLA_TOO_MANY);
	return r.partial ? AUDIT_PARTIAL : AUDIT_OK;
}

bool audit_diffs__same(const struct audit_diffs *a, const struct audit_diffs *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		const struct audit_diff *x = &a->v[i], *y = &b->v[i];

		if (x->kind != y->kind || x->len != y->len || x->listed_ino != y->listed_ino ||
		    x->cached_ino != y->cached_ino || x->stat_ino != y->stat_ino ||
		    memcmp(a->names.pool + x->name, b->names.pool + y->name, x->len))
			return false;
	}
	return true;
}

void audit_diffs__deinit(struct audit_diffs *d)
{
	audit_list__deinit(&d->names);
	free(d->v);
	memset(d, 0, sizeof(*d));
}

const char *audit_verdict__name(enum audit_verdict v)
{
	static const char *const names[AUDIT_VERDICTS] = {
		"ok",	"wrong",    "outdated", "unused",     "removed",
		"gone", "changing", "partial",	"unreadable",
	};

	return names[v];
}

const char *audit_diff__name(enum audit_diff_kind kind)
{
	static const char *const names[] = { "ino", "missing", "phantom", "kind" };

	return names[kind];
}
