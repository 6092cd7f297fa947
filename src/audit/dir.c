// SPDX-License-Identifier: GPL-2.0-only
#include "audit/dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/read.h"

enum {
	TRIES = 10,
	PAUSE_US = 100, /* doubled after each */
	PAUSE_MAX_US = 20000,
};

#define WHY(r, ...) snprintf((r)->why, sizeof((r)->why), __VA_ARGS__)

/*
 * The names in the upper layer, which a merged cache might lack. Later calls of statx()
 * sort out whiteouts.
 */
static int upper_names(const struct audit_place *place, const char *path, uint64_t ino,
		       struct audit_list *names)
{
	struct stat st;
	int fd, err = 0;

	if (!ino)
		return 0; /* lower layers do not change */
	if (place->upper_fd < 0)
		return -ENOENT;
	fd = audit_dir__open(place->upper_fd, path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) || st.st_ino != ino)
		err = -ESTALE;
	else
		err = audit_list__read(names, fd);
	close(fd);
	return err;
}

static int stat_all(const struct audit_place *place, int fd, struct audit_view *v,
		    struct audit_result *r)
{
	const struct audit_list *except[2] = { NULL, NULL };
	struct audit_list upper = { 0 };
	int err;

	audit_list__sort(&v->listed);
	audit_list__sort(&v->before.entries);
	err = audit_list__stat(&v->stat, fd, &v->listed, except);
	except[0] = &v->listed;
	if (!err)
		err = audit_list__stat(&v->stat, fd, &v->before.entries, except);
	if (err || !v->before.dir.refcount)
		return err;
	if (upper_names(place, r->path, v->before.dir.upper_ino, &upper)) {
		v->incomplete = true;
		WHY(r, "the upper layer cannot be listed from here, so names that the cache lacks "
		       "cannot be found");
	}
	except[1] = &v->before.entries;
	err = audit_list__stat(&v->stat, fd, &upper, except);
	audit_list__deinit(&upper);
	return err;
}

/* Collects the parts of struct audit_view in their order. Returns 0 or -errno. */
static int look(const struct audit_place *place, int fd, struct audit_view *v,
		struct audit_result *r)
{
	int err = 0;

	v->xino_mode = place->xino_mode;
	if (audit__mixed(&v->before.dir)) {
		/* a listing would free the cache: only wait for the holder of the lock */
		if (lseek(fd, 0, SEEK_CUR) < 0)
			return -errno;
	} else {
		err = audit_list__read(&v->listed, fd);
		if (!err)
			err = stat_all(place, fd, v, r);
		if (!err)
			err = audit_list__read(&v->listed_again, fd);
	}
	return err ? err : audit_probe__dump(place->probe, fd, &v->after);
}

static void view_deinit(struct audit_view *v)
{
	audit_list__deinit(&v->listed);
	audit_list__deinit(&v->listed_again);
	audit_list__deinit(&v->stat);
	audit_dump__deinit(&v->before);
	audit_dump__deinit(&v->after);
}

static enum audit_verdict unreadable(struct audit_result *r, const char *what, int err)
{
	WHY(r, "%s: %s", what, strerror(-err));
	return AUDIT_UNREADABLE;
}

/* One pass over the directory fd. r takes the dump over. */
static enum audit_verdict pass(const struct audit_place *place, int fd, struct audit_result *r,
			       struct audit_diffs *diffs)
{
	struct audit_view v = { 0 };
	enum audit_verdict verdict;
	int err;

	r->why[0] = 0;
	err = audit_probe__dump(place->probe, fd, &v.before);
	if (err) {
		verdict = unreadable(r, "its cache cannot be read", err);
	} else if (v.before.flags & OVLA_TORN) {
		verdict = AUDIT_CHANGING;
	} else {
		verdict = audit__served(&v.before.dir);
		err = verdict == AUDIT_OK ? look(place, fd, &v, r) : 0;
		if (err)
			verdict = unreadable(r, "it cannot be listed", err);
		else if (verdict == AUDIT_OK)
			verdict = audit__compare(&v, diffs);
	}
	if (v.contradiction)
		WHY(r, "listing and statx disagree on what exists; maybe a layer was changed "
		       "directly");
	if (verdict == AUDIT_PARTIAL && !r->why[0])
		WHY(r, "not every name could be compared");
	audit_dump__deinit(&r->dump);
	r->dump = v.before;
	r->dumped = !(r->dump.flags & OVLA_TORN);
	memset(&v.before, 0, sizeof(v.before));
	view_deinit(&v);
	return verdict;
}

/*
 * Finds the directory's current path, because it may have been renamed. Returns
 * AUDIT_OK, and r->path is set; else the verdict.
 */
static enum audit_verdict locate(const struct audit_place *place, uint64_t inode,
				 struct audit_result *r)
{
	struct audit_walk w = { 0 };
	enum audit_verdict verdict = AUDIT_OK;
	int err = audit_probe__walk(place->probe, place->root_fd, inode, &w);

	if (err) {
		verdict = unreadable(r, "the mount's inodes cannot be read", err);
	} else if (w.flags & (OVLA_TORN | OVLA_TOO_MANY) && !w.found.n) {
		verdict = AUDIT_CHANGING;
	} else if (!w.found.n || !w.found.v[0].dir.cache) {
		verdict = AUDIT_GONE;
	} else if (w.found.v[0].dir.unhashed) {
		verdict = AUDIT_REMOVED;
	} else if (!w.found.v[0].path) {
		WHY(r, "it is outside the subtree that is mounted here");
		verdict = AUDIT_UNREADABLE;
	} else {
		free(r->path);
		r->path = w.found.v[0].path;
		w.found.v[0].path = NULL;
	}
	audit_walk__deinit(&w);
	return verdict;
}

/* One try. AUDIT_CHANGING: try again. */
static enum audit_verdict attempt(const struct audit_place *place, uint64_t inode,
				  struct audit_result *r, struct audit_diffs *diffs)
{
	enum audit_verdict verdict;
	int fd = audit_dir__open(place->root_fd, r->path);

	if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR && fd != -ELOOP && fd != -EXDEV)
		return unreadable(r, "it cannot be opened", fd);
	if (fd >= 0) {
		verdict = pass(place, fd, r, diffs);
		close(fd);
		/* the same address: it is this directory, or one that replaced it */
		if (r->dump.dir.inode == inode)
			return verdict;
	}
	verdict = locate(place, inode, r);
	if (verdict == AUDIT_OK && fd == -EXDEV)
		return unreadable(r, "another mount covers it", fd);
	return verdict == AUDIT_OK ? AUDIT_CHANGING : verdict;
}

void audit_dir__run(const struct audit_place *place, struct audit_found *found,
		    struct audit_result *r)
{
	uint64_t inode = found->dir.inode;
	unsigned int pause = PAUSE_US;
	bool suspected = false;

	memset(r, 0, sizeof(*r));
	r->dump.dir = found->dir;
	r->path = found->path;
	found->path = NULL;
	r->verdict = r->path ? AUDIT_OK : locate(place, inode, r);
	if (found->dir.unhashed)
		r->verdict = AUDIT_REMOVED;
	if (r->verdict != AUDIT_OK)
		return;
	while (r->tries++ < TRIES) {
		struct audit_diffs diffs = { 0 };

		r->verdict = attempt(place, inode, r, &diffs);
		if (r->verdict == AUDIT_WRONG) {
			bool sure = suspected && audit_diffs__same(&diffs, &r->diffs);

			audit_diffs__deinit(&r->diffs);
			r->diffs = diffs;
			/* two streams gave the same differences: this is no race */
			if (sure)
				return;
			suspected = true;
			r->verdict = AUDIT_CHANGING;
			continue;
		}
		audit_diffs__deinit(&diffs);
		if (r->verdict != AUDIT_CHANGING)
			break;
		usleep(pause);
		pause = pause * 2 < PAUSE_MAX_US ? pause * 2 : PAUSE_MAX_US;
	}
	audit_diffs__deinit(&r->diffs);
	if (r->tries > TRIES)
		r->tries = TRIES;
}

void audit_result__deinit(struct audit_result *r)
{
	free(r->path);
	audit_dump__deinit(&r->dump);
	audit_diffs__deinit(&r->diffs);
}
