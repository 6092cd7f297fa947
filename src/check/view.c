// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a user sees: listings with each return value of getdents judged, and new
 * listings compared with statx. System calls are made without the C library, so
 * that the kernel's raw return value is visible.
 */
#include "check/area.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "util/getdents.h"

enum {
	MAX_WRONG = 64,
};

void view__report(struct scenario_state *st, enum check_id id, const char *fmt, ...)
{
	va_list ap;

	if (*st->seen[id])
		return;
	va_start(ap, fmt);
	vsnprintf(st->seen[id], sizeof(st->seen[id]), fmt, ap);
	va_end(ap);
}

void view__error(struct scenario_state *st, const char *what, const char *which)
{
	int err = errno;

	if (!COUNT(st, errors))
		snprintf(st->why, sizeof(st->why), "%s '%s': %s", what, which, strerror(err));
}

long view__getdents(struct scenario_state *st, int fd, const struct view_buffer *vb)
{
	long ret = getdents__raw(fd, vb->buf, vb->size), at;

	COUNT(st, calls);
	if (ret < -GETDENTS_MAX_ERRNO || ret > (long)vb->size) {
		COUNT(st, bad_returns);
		view__report(
			st, CHECK_BAD_RETURN,
			"getdents64 of a %zu byte buffer returned %ld, which is neither a length nor "
			"an errno",
			vb->size, ret);
		return -EIO;
	}
	if (ret == -EIO) {
		COUNT(st, bad_returns);
		view__report(st, CHECK_BAD_RETURN, "getdents64 failed with EIO on a tmpfs");
	}
	for (at = 0; vb->entry && at < ret;) {
		const struct dirent_record *e = (const void *)(vb->buf + at);

		vb->entry(vb->ctx, e->d_name, e->d_ino);
		at += e->d_reclen;
	}
	return ret;
}

long view__read(struct scenario_state *st, int fd, size_t size)
{
	char buf[VIEW_BUFFER];
	struct view_buffer vb = {
		.buf = buf,
		.size = size < sizeof(buf) ? size : sizeof(buf),
	};

	return view__getdents(st, fd, &vb);
}

static void list(struct scenario_state *st, int fd, const struct view_buffer *vb, const char *name)
{
	long ret;

	do {
		ret = view__getdents(st, fd, vb);
	} while (ret > 0);
	if (ret < 0) {
		errno = -(int)ret;
		view__error(st, "getdents", name);
	}
	COUNT(st, listings);
}

void view__list(struct scenario_state *st, int parent_fd, const char *name, size_t bufsize)
{
	int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char buf[VIEW_BUFFER];
	struct view_buffer vb = {
		.buf = buf,
		.size = bufsize < sizeof(buf) ? bufsize : sizeof(buf),
	};

	if (fd < 0) {
		view__error(st, "open", name);
		return;
	}
	list(st, fd, &vb, name);
	close(fd);
}

struct wrong {
	char name[AREA_NAME];
	uint64_t listed, is; /* both 0: the name is wrong, not the inode number */
	bool missing;
};

struct verify {
	struct area *a;
	int fd;
	const char *const *names;
	bool seen[2 * MAX_WRONG];
	struct wrong wrong[MAX_WRONG];
	size_t nwrong;
	uint64_t entries;
};

static struct wrong *wrong_add(struct verify *v, const char *name)
{
	struct wrong *w = &v->wrong[v->nwrong < MAX_WRONG ? v->nwrong++ : MAX_WRONG - 1];

	memset(w, 0, sizeof(*w));
	snprintf(w->name, sizeof(w->name), "%s", name);
	return w;
}

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static void verify_name(struct verify *v, const char *name)
{
	size_t i;

	for (i = 0; v->names && v->names[i]; i++) {
		if (strcmp(v->names[i], name))
			continue;
		if (!v->seen[i]) {
			v->seen[i] = true;
			return;
		}
		break;
	}
	if (v->names)
		wrong_add(v, name);
}

static void verify_entry(void *ctx, const char *name, uint64_t ino)
{
	struct verify *v = ctx;
	struct statx stx;
	struct wrong *w;

	if (is_dot(name) && !v->a->dots)
		return;
	v->entries++;
	if (!is_dot(name))
		verify_name(v, name);
	/* verify_name() reports a missing name */
	if (statx(v->fd, name, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_TYPE, &stx) ||
	    stx.stx_ino == ino || (S_ISDIR(stx.stx_mode) && !v->a->dir_inos) ||
	    (*name == 'f' && !v->a->moved_inos))
		return;
	w = wrong_add(v, name);
	w->listed = ino;
	w->is = stx.stx_ino;
}

static bool verify_once(struct verify *v, int parent_fd, const char *name)
{
	char buf[VIEW_BUFFER];
	struct view_buffer vb = {
		.buf = buf,
		.size = sizeof(buf),
		.entry = verify_entry,
		.ctx = v,
	};
	size_t i;

	v->nwrong = v->entries = 0;
	memset(v->seen, 0, sizeof(v->seen));
	v->fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->fd < 0) {
		view__error(v->a->st, "open", name);
		return true;
	}
	list(v->a->st, v->fd, &vb, name);
	close(v->fd);
	for (i = 0; v->names && v->names[i]; i++)
		if (!v->seen[i])
			wrong_add(v, v->names[i])->missing = true;
	return !v->nwrong;
}

/* Whether the upper directory lost the impure flag, without which numbers are not translated. */
static bool flag_is_gone(const struct area *a)
{
	char value;

	return *a->upper_dir && lgetxattr(a->upper_dir, "trusted.overlay.impure", &value, 1) < 0 &&
	       errno == ENODATA;
}

static void report_wrong(struct verify *v, const char *dir)
{
	struct scenario_state *st = v->a->st;
	bool gone = flag_is_gone(v->a);
	size_t i;

	for (i = 0; i < v->nwrong; i++) {
		const struct wrong *w = &v->wrong[i];
		enum check_id id = w->listed && gone ? CHECK_STALE_IMPURE_CLEAR : CHECK_D_INO;

		if (!w->listed) {
			COUNT(st, wrong_names);
			view__report(st, id, "two new listings of '%s' %s '%s'", dir,
				     w->missing ? "lack" : "have, where it is not,", w->name);
			continue;
		}
		if (gone)
			COUNT(st, unflagged);
		else
			COUNT(st, wrong_ino);
		view__report(st, id,
			     "two new listings of '%s' give '%s' the inode number %" PRIu64
			     ", statx gives it %" PRIu64 "%s",
			     dir, w->name, w->listed, w->is,
			     gone ? "; the directory's impure flag is gone" : "");
	}
}

void view__verify(struct area *a, int parent_fd, const char *name, const char *const *names)
{
	struct verify *v = calloc(1, sizeof(*v));

	if (!v)
		return;
	v->a = a;
	v->names = names;
	if (!verify_once(v, parent_fd, name) && !verify_once(v, parent_fd, name))
		report_wrong(v, name);
	COUNT(a->st, verified);
	__atomic_fetch_add(&a->st->entries, v->entries, __ATOMIC_RELAXED);
	free(v);
}
