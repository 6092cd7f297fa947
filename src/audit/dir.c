// SPDX-License-Identifier: GPL-2.0-only
#include "audit/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
	TRIES = 10,
	PAUSE_US = 100, /* doubled after each */
	PAUSE_MAX_US = 20000,
	PIECE = 2048, /* paths may exceed PATH_MAX, and are opened in pieces */
	MAX_NAMES = 1 << 22, /* of a listing */
};

#define WHY(r, ...) snprintf((r)->why, sizeof((r)->why), __VA_ARGS__)

static int open_piece(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	int fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* Opens a directory beneath root, without following links or mounts. Returns fd or -errno. */
static int open_beneath(int root, const char *path)
{
	char piece[PIECE];
	int dir = root, fd;

	while (strlen(path) >= PIECE) {
		const char *cut = memrchr(path, '/', PIECE - 1);

		if (!cut) {
			fd = -ENAMETOOLONG;
			goto out;
		}
		memcpy(piece, path, cut - path);
		piece[cut - path] = 0;
		fd = open_piece(dir, piece, O_PATH);
		if (fd < 0)
			goto out;
		if (dir != root)
			close(dir);
		dir = fd;
		path = cut + 1;
	}
	fd = open_piece(dir, *path ? path : ".", O_RDONLY);
out:
	if (dir != root)
		close(dir);
	return fd;
}

struct dirent64_head {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

static int list_chunk(const char *buf, size_t n, struct audit_list *l)
{
	size_t at, len;

	for (at = 0; at < n; at += len) {
		const struct dirent64_head *d = (const void *)(buf + at);
		struct audit_item *item;

		len = d->len;
		if (!strcmp(d->name, ".") || !strcmp(d->name, ".."))
			continue;
		item = l->n < MAX_NAMES ? audit_list__add(l, d->name, strlen(d->name)) : NULL;
		if (!item)
			return -ENOMEM;
		item->ino = d->ino;
		item->type = d->type;
	}
	return 0;
}

/* Lists as a new stream does: lseek() to the start waits for the directory's lock. */
static int list(int fd, struct audit_list *l)
{
	static char buf[1 << 16] __attribute__((aligned(8)));
	long n;
	int err;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0) {
		err = list_chunk(buf, n, l);
		if (err)
			return err;
	}
	return n < 0 ? -errno : 0;
}

static bool in_any(const char *name, size_t len, const struct audit_list *const except[2])
{
	return (except[0] && audit_list__find(except[0], name, len)) ||
	       (except[1] && audit_list__find(except[1], name, len));
}

/* Calls statx() on all names that are in neither of two sorted lists. */
static int stat_names(int fd, const struct audit_list *names,
		      const struct audit_list *const except[2], struct audit_list *out)
{
	struct statx own, st;
	size_t i;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO, &own))
		return -errno;
	for (i = 0; i < names->n; i++) {
		const char *name = audit_list__name(names, &names->v[i]);
		struct audit_item *item;

		if (in_any(name, names->v[i].len, except))
			continue;
		item = audit_list__add(out, name, names->v[i].len);
		if (!item)
			return -ENOMEM;
		if (statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_INO | STATX_TYPE,
			  &st)) {
			item->err = -errno;
			continue;
		}
		item->ino = st.stx_ino;
		if (S_ISDIR(st.stx_mode))
			item->flags |= AUDIT_DIR;
		if (st.stx_dev_major != own.stx_dev_major ||
		    st.stx_dev_minor != own.stx_dev_minor ||
		    st.stx_attributes & STATX_ATTR_MOUNT_ROOT)
			item->flags |= AUDIT_FOREIGN;
	}
	return 0;
}

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
	fd = open_beneath(place->upper_fd, path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) || st.st_ino != ino)
		err = -ESTALE;
	else
		err = list(fd, names);
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
	err = stat_names(fd, &v->listed, except, &v->stat);
	except[0] = &v->listed;
	if (!err)
		err = stat_names(fd, &v->before.entries, except, &v->stat);
	if (err || !v->before.dir.refcount)
		return err;
	if (upper_names(place, r->path, v->before.dir.upper_ino, &upper)) {
		v->incomplete = true;
		WHY(r, "the upper layer cannot be listed from here, so names that the cache lacks "
		       "cannot be found");
	}
	except[1] = &v->before.entries;
	err = stat_names(fd, &upper, except, &v->stat);
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
		err = list(fd, &v->listed);
		if (!err)
			err = stat_all(place, fd, v, r);
		if (!err)
			err = list(fd, &v->listed_again);
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
	int fd = open_beneath(place->root_fd, r->path);

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
