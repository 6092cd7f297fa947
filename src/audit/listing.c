// SPDX-License-Identifier: GPL-2.0-only
/*
 * Differences between a listing and statx(). A difference may also come from a change between
 * the two, so it counts only where the directory was at rest during the pass.
 */
#include "audit/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct listing_diff *diff_add(struct listing_diffs *d, enum listing_diff_kind kind,
				     const struct audit_list *l, const struct audit_item *item)
{
	struct audit_item *name = audit_list__add(&d->names, l->pool + item->name, item->len);
	struct listing_diff *diff;

	if (name && d->n == d->cap) {
		size_t cap = d->cap ? 2 * d->cap : 16;
		struct listing_diff *more = realloc(d->v, cap * sizeof(*more));

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

static void add(struct listing_diffs *d, enum listing_diff_kind kind, const struct audit_list *l,
		const struct audit_item *of[2]) /* the line and the result of statx() */
{
	const struct audit_item *line = of[0], *stat = of[1];
	struct listing_diff *diff = diff_add(d, kind, l, line ? line : stat);

	if (!diff)
		return;
	if (line) {
		diff->listed = true;
		diff->listed_ino = line->ino;
		diff->listed_type = line->type;
	}
	if (stat && !stat->err) {
		diff->exists = true;
		diff->stat_ino = stat->ino;
		diff->stat_type = stat->type;
		diff->flags = stat->flags;
	}
}

static bool same_name(const struct audit_list *l, const struct audit_item *a,
		      const struct audit_item *b)
{
	return a->len == b->len && !memcmp(l->pool + a->name, l->pool + b->name, a->len);
}

static void judge_line(struct listing_view *v, const struct audit_item *line,
		       struct listing_diffs *d)
{
	const char *name = audit_list__name(&v->listed, line);
	const struct audit_item *stat = audit_list__find(&v->stat, name, line->len);
	const struct audit_item *of[2] = { line, stat };

	if (!stat || (stat->err && stat->err != -ENOENT)) {
		v->unknown++;
		return;
	}
	if (stat->err) {
		add(d, LISTING_PHANTOM, &v->listed, of);
		return;
	}
	/* the listing shows what is below another mount */
	if (stat->flags & AUDIT_MOUNT)
		return;
	if (line->ino != stat->ino)
		add(d, LISTING_INO, &v->listed, of);
	if (line->type != DT_UNKNOWN && line->type != stat->type)
		add(d, LISTING_TYPE, &v->listed, of);
}

void listing__compare(struct listing_view *v, struct listing_diffs *d)
{
	size_t i;

	audit_list__sort(&v->listed);
	audit_list__sort(&v->stat);
	for (i = 0; i < v->listed.n; i++) {
		const struct audit_item *line = &v->listed.v[i];
		const struct audit_item *of[2] = { line, NULL };

		if (i && same_name(&v->listed, line - 1, line))
			add(d, LISTING_DOUBLE, &v->listed, of);
		else
			judge_line(v, line, d);
	}
	for (i = 0; i < v->stat.n; i++) {
		const struct audit_item *stat = &v->stat.v[i];
		const struct audit_item *of[2] = { NULL, stat };

		if (!stat->err &&
		    !audit_list__find(&v->listed, audit_list__name(&v->stat, stat), stat->len))
			add(d, LISTING_MISSING, &v->stat, of);
	}
}

static bool same_listing(const struct audit_list *a, const struct audit_list *b)
{
	size_t i;

	if (!audit_list__same_names(a, b))
		return false;
	for (i = 0; i < a->n; i++)
		if (a->v[i].ino != b->v[i].ino || a->v[i].type != b->v[i].type)
			return false;
	return true;
}

/* A change at that time may be followed by another one with the same timestamp. */
static bool is_recent(int64_t change_ns, int64_t now_ns)
{
	return llabs(now_ns - change_ns) < LISTING_REST_MS * 1000000LL;
}

bool listing__at_rest(struct listing_view *v)
{
	audit_list__sort(&v->listed_again);
	return v->before.ino == v->after.ino && v->before.ctime_ns == v->after.ctime_ns &&
	       v->before.mtime_ns == v->after.mtime_ns &&
	       !is_recent(v->before.ctime_ns, v->begin_ns) &&
	       !is_recent(v->before.mtime_ns, v->begin_ns) &&
	       same_listing(&v->listed, &v->listed_again);
}

const char *listing_diffs__name(const struct listing_diffs *all, const struct listing_diff *d)
{
	return all->names.pool + d->name;
}

bool listing_diffs__same(const struct listing_diffs *a, const struct listing_diffs *b)
{
	size_t i;

	if (a->n != b->n || a->failed || b->failed)
		return false;
	for (i = 0; i < a->n; i++) {
		const struct listing_diff *x = &a->v[i], *y = &b->v[i];

		if (x->kind != y->kind || x->len != y->len || x->listed_ino != y->listed_ino ||
		    x->stat_ino != y->stat_ino || x->listed_type != y->listed_type ||
		    x->stat_type != y->stat_type ||
		    memcmp(listing_diffs__name(a, x), listing_diffs__name(b, y), x->len))
			return false;
	}
	return true;
}

void listing_diffs__deinit(struct listing_diffs *d)
{
	audit_list__deinit(&d->names);
	free(d->v);
	memset(d, 0, sizeof(*d));
}

const char *listing_diff__name(enum listing_diff_kind kind)
{
	static const char *const names[] = { "phantom", "missing", "ino", "type", "double" };

	return names[kind];
}

const char *listing_type__name(uint32_t type)
{
	switch (type) {
	case DT_REG:
		return "file";
	case DT_DIR:
		return "directory";
	case DT_LNK:
		return "symlink";
	case DT_CHR:
		return "character device";
	case DT_BLK:
		return "block device";
	case DT_FIFO:
		return "fifo";
	case DT_SOCK:
		return "socket";
	default:
		return "unknown";
	}
}
