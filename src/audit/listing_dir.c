// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/listings.h"
#include "audit/read.h"

enum {
	TRIES = 10,
	PAUSE_US = (LISTING_REST_MS + 10) * 1000,
	KEPT_DEFECTS = 1000, /* of one directory */
	KEPT_LIMITS = 16,
};

#define WHY(r, ...) snprintf((r)->why, sizeof((r)->why), __VA_ARGS__)

enum pass {
	PASS_SAME, /* no difference */
	PASS_DIFFERS, /* and nothing changed during the pass */
	PASS_CHANGED,
	PASS_FAILED, /* the result has its verdict */
};

/* A directory that is open, as one pass sees it. */
struct open_dir {
	int fd;
	struct layer_dir layer;
	struct listing_view view;
};

static int64_t ns_of(const struct timespec *t)
{
	return t->tv_sec * 1000000000LL + t->tv_nsec;
}

static int stamp(int fd, struct listing_stamp *s, struct stat *st)
{
	if (fstat(fd, st))
		return -errno;
	s->ctime_ns = ns_of(&st->st_ctim);
	s->mtime_ns = ns_of(&st->st_mtim);
	s->ino = st->st_ino;
	return 0;
}

static enum pass fail(struct listing_result *r, int err)
{
	r->verdict = err == -ENOENT || err == -ENOTDIR || err == -ELOOP ? LISTING_GONE :
									  LISTING_UNREADABLE;
	if (r->verdict == LISTING_UNREADABLE)
		WHY(r, "%s", err == -EXDEV ? "another mount covers it" : strerror(-err));
	return PASS_FAILED;
}

/* What the files of a directory say about the numbers of their mount. */
static void learn(struct listing_source *from, const struct audit_list *stat)
{
	size_t i;

	for (i = 0; i < stat->n; i++) {
		const struct audit_item *s = &stat->v[i];

		if (s->err || s->flags & (AUDIT_MOUNT | AUDIT_DIR))
			continue;
		if (s->flags & AUDIT_FOREIGN)
			from->numbers = TRISTATE_NO;
		else if (from->numbers == TRISTATE_UNKNOWN)
			from->numbers = TRISTATE_YES;
	}
}

static void layer_open(const struct listing_source *from, const struct listing_result *r,
		       struct open_dir *d)
{
	char *path;

	if (asprintf(&path, "%s%s%s", from->prefix, *from->prefix && *r->path ? "/" : "", r->path) <
	    0)
		return;
	layer_dir__open(&d->layer, &from->layers, path, d->fd);
	free(path);
}

/* A merged directory's listing comes from a cache, which may lack names of the upper layer. */
static int stat_upper(struct open_dir *d)
{
	const struct audit_list *const except[2] = { &d->view.listed, NULL };
	struct audit_list names = { 0 };
	int err = audit_list__read(&names, d->layer.fd);

	audit_list__sort(&d->view.listed);
	if (!err)
		err = audit_list__stat(&d->view.stat, d->fd, &names, except);
	audit_list__deinit(&names);
	return err;
}

static int collect(struct listing_source *from, struct listing_result *r, struct open_dir *d)
{
	const struct audit_list *const except[2] = { NULL, NULL };
	struct timespec now;
	struct stat st;
	int err;

	clock_gettime(CLOCK_REALTIME, &now);
	d->view.begin_ns = ns_of(&now);
	err = stamp(d->fd, &d->view.before, &st);
	if (err)
		return err;
	/* overlayfs does not count the subdirectories of a merged directory */
	r->merged = st.st_nlink == 1;
	layer_open(from, r, d);
	err = audit_list__read(&d->view.listed, d->fd);
	if (!err)
		err = audit_list__stat(&d->view.stat, d->fd, &d->view.listed, except);
	if (!err && r->merged && d->layer.fd >= 0 && d->layer.upper)
		err = stat_upper(d);
	learn(from, &d->view.stat);
	r->names = d->view.listed.n;
	return err;
}

static enum pass pass(struct listing_source *from, struct listing_result *r, struct open_dir *d,
		      struct listing_diffs *diffs)
{
	struct stat st;
	int err = collect(from, r, d);

	if (err)
		return fail(r, err);
	listing__compare(&d->view, diffs);
	if (diffs->failed)
		return fail(r, -ENOMEM);
	if (!diffs->n)
		return PASS_SAME;
	err = audit_list__read(&d->view.listed_again, d->fd);
	if (!err)
		err = stamp(d->fd, &d->view.after, &st);
	if (err)
		return fail(r, err);
	return listing__at_rest(&d->view) ? PASS_DIFFERS : PASS_CHANGED;
}

static void open_dir__close(struct open_dir *d)
{
	layer_dir__close(&d->layer);
	if (d->fd >= 0)
		close(d->fd);
	audit_list__deinit(&d->view.listed);
	audit_list__deinit(&d->view.listed_again);
	audit_list__deinit(&d->view.stat);
}

static void explain(const struct listing_source *from, const struct open_dir *d,
		    struct listing_result *r)
{
	const struct listing_place place = { .merged = r->merged,
					     .rootless = from->rootless,
					     .numbers = from->numbers };
	size_t i, kept = 0, defects = 0, limits = 0;

	for (i = 0; i < r->diffs.n; i++) {
		struct listing_diff *diff = &r->diffs.v[i];
		struct layer_name layer =
			layer_dir__name(&d->layer, listing_diffs__name(&r->diffs, diff));

		listing__explain(diff, &place, &layer);
		r->causes[diff->cause]++;
		if (listing_cause__is_limit(diff->cause) ? limits++ < KEPT_LIMITS :
							   defects++ < KEPT_DEFECTS)
			r->diffs.v[kept++] = *diff;
	}
	r->verdict = defects ? LISTING_WRONG : LISTING_LIMITED;
	r->diffs.n = kept;
	/* the next directory needs the room more than the report needs these names */
	if (audit_list__bytes() > AUDIT_KEPT_BYTES)
		listing_diffs__deinit(&r->diffs);
}

static void add_below(struct listing_source *from, struct audit_list *below,
		      const struct audit_list *stat)
{
	size_t i;

	for (i = 0; i < stat->n; i++) {
		const struct audit_item *s = &stat->v[i];

		if (s->err || !(s->flags & AUDIT_DIR))
			continue;
		if (s->flags & AUDIT_MOUNT)
			from->mounts++;
		else
			audit_list__add(below, audit_list__name(stat, s), s->len);
	}
}

/* One try. True: it has a verdict. */
static bool attempt(struct listing_source *from, struct listing_result *r, struct audit_list *below)
{
	struct open_dir d = { .fd = audit_dir__open(from->root_fd, r->path), .layer.fd = -1 };
	struct listing_diffs diffs = { 0 };
	enum pass p = d.fd < 0 ? fail(r, d.fd) : pass(from, r, &d, &diffs);
	bool sure = p == PASS_DIFFERS && listing_diffs__same(&diffs, &r->diffs);

	r->tries++;
	listing_diffs__deinit(&r->diffs);
	r->diffs = diffs;
	if (p == PASS_SAME) {
		r->verdict = d.view.unknown ? LISTING_PARTIAL : LISTING_OK;
		if (d.view.unknown)
			WHY(r, "%zu names cannot be looked up", d.view.unknown);
	} else if (sure) {
		explain(from, &d, r);
	} else if (p != PASS_FAILED) {
		r->verdict = LISTING_CHANGING;
	}
	if (p != PASS_DIFFERS)
		listing_diffs__deinit(&r->diffs);
	if (p == PASS_SAME || sure || r->tries == TRIES)
		add_below(from, below, &d.view.stat);
	open_dir__close(&d);
	if (p == PASS_CHANGED)
		usleep(PAUSE_US);
	return p == PASS_SAME || p == PASS_FAILED || sure;
}

void listing_dir__run(struct listing_source *from, struct listing_result *r,
		      struct audit_list *below)
{
	while (!attempt(from, r, below) && r->tries < TRIES)
		;
	if (r->verdict == LISTING_CHANGING)
		listing_diffs__deinit(&r->diffs);
}

void listing_result__deinit(struct listing_result *r)
{
	free(r->path);
	listing_diffs__deinit(&r->diffs);
}

const char *listing_verdict__name(enum listing_verdict v)
{
	static const char *const names[LISTING_VERDICTS] = {
		"ok", "wrong", "limited", "changing", "partial", "unreadable", "gone",
	};

	return names[v];
}
