// SPDX-License-Identifier: GPL-2.0-only
/* The steps of a history as system calls. */
#include "perform/perform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "perform/internal.h"
#include "util/log.h"

enum {
	PATH = 8, /* "D/a" */
};

void run__report(struct run *r, enum explore_rule rule, const char *fmt, ...)
{
	struct violation *v = &r->st->violation[r->st->nviolations];
	va_list ap;

	if (r->bad)
		return;
	r->bad = true;
	v->history = r->history;
	v->rule = rule;
	va_start(ap, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, ap);
	va_end(ap);
	__atomic_store_n(&r->st->nviolations, r->st->nviolations + 1, __ATOMIC_RELEASE);
}

void run__describe(struct run *r, const char *fmt, ...)
{
	size_t n;
	va_list ap;

	if (!r->story)
		return;
	n = strlen(r->st->story);
	va_start(ap, fmt);
	vsnprintf(r->st->story + n, sizeof(r->st->story) - n, fmt, ap);
	va_end(ap);
}

static const char *dir_of(const struct model *m)
{
	return m->moved ? "E" : "D";
}

int run__open_dir(struct run *r)
{
	int fd = openat(r->fd, r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		run__report(r, RULE_OPERATIONS, "open fails: %s", strerror(errno));
	return fd;
}

static const char *path_of(const char *dir, uint8_t name, char path[PATH])
{
	char *p = path;

	*p++ = *dir;
	*p++ = '/';
	*p++ = *explore_names[name];
	*p = 0;
	return path;
}

static int create(struct run *r, const char *path)
{
	int fd = openat(r->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int write_to(struct run *r, const char *path)
{
	int fd = openat(r->fd, path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, "w", 1);
	close(fd);
	return n == 1 ? 0 : -1;
}

/* Our descriptor of the overlay must not keep it mounted. */
static int remount(struct run *r)
{
	int err;

	close(r->fd);
	r->fd = -1;
	err = world__remount(r->world);
	if (!err)
		r->fd = world__open(r->world, r->history);
	errno = err ? -err : r->fd < 0 ? -r->fd : 0;
	return errno ? -1 : 0;
}

static int drop(struct run *r)
{
	errno = -world__drop(r->world);
	return errno ? -1 : 0;
}

/* A step that changes something. 0, or -1 with errno. */
static int change(struct run *r, struct explore_step s)
{
	char from[PATH], to[PATH], side[PATH];
	int fd = r->fd;

	path_of(r->dir, s.a, from);
	path_of(r->dir, s.b, to);
	path_of("S", s.a, side);
	switch (s.op) {
	case OP_CREATE:
		return create(r, from);
	case OP_MKDIR:
		return mkdirat(fd, from, 0755);
	case OP_UNLINK:
		return unlinkat(fd, from, 0);
	case OP_RMDIR:
		return unlinkat(fd, from, AT_REMOVEDIR);
	case OP_RENAME_IN:
		return renameat(fd, side, fd, from);
	case OP_RENAME_OUT:
		return renameat(fd, from, fd, side);
	case OP_RENAME:
		return renameat(fd, from, fd, to);
	case OP_EXCHANGE:
		return renameat2(fd, from, fd, to, RENAME_EXCHANGE);
	case OP_LINK_IN:
		return linkat(fd, side, fd, from, 0);
	case OP_LINK:
		return linkat(fd, from, fd, to, 0);
	case OP_CHOWN:
		return fchownat(fd, from, 0, 0, 0);
	case OP_WRITE:
		return write_to(r, from);
	case OP_CHOWN_DIR:
		return fchownat(fd, r->dir, 0, 0, 0);
	case OP_REMOVE:
		return unlinkat(fd, r->dir, AT_REMOVEDIR);
	case OP_REMAKE:
		return mkdirat(fd, r->dir, 0755);
	case OP_MOVE:
		return renameat(fd, r->dir, fd, dir_of(&r->model));
	case OP_DROP:
		return drop(r);
	case OP_REMOUNT:
		return remount(r);
	}
	errno = ENOSYS;
	return -1;
}

static bool reads(struct explore_step s)
{
	return s.op == OP_LIST || explore_ops[s.op].operands == OPERANDS_OF_STREAM;
}

void run__step(struct run *r, struct explore_step s)
{
	char text[EXPLORE_TEXT];

	if (r->story)
		run__describe(r, "%s%s%s", *r->st->story ? "\n" : "", history__step(s, text),
			      s.op == OP_LIST || s.op == OP_READ || s.op == OP_READ_ALL ? ":" : "");
	r->dir = dir_of(&r->model);
	if (!model__apply(&r->model, s)) {
		run__report(r, RULE_OPERATIONS, "%s is not possible here", history__step(s, text));
		return;
	}
	if (reads(s))
		reading__step(r, s);
	else if (change(r, s))
		run__report(r, RULE_OPERATIONS, "%s fails: %s", history__step(s, text),
			    strerror(errno));
}

void run__begin(struct run *r)
{
	int i;

	for (i = 0; i < EXPLORE_STREAMS; i++)
		r->reading[i].fd = -1;
	r->bad = false;
	model__init(&r->model, r->world->config);
	r->dir = dir_of(&r->model);
	r->fd = world__open(r->world, r->history);
	if (r->fd < 0)
		run__report(r, RULE_OPERATIONS, "%s", r->st->why);
}

void run__end(struct run *r)
{
	r->dir = dir_of(&r->model);
	if (!r->bad)
		caches__read(r);
	if (!r->bad)
		oracle__check(r);
	reading__finish(r);
	if (r->fd >= 0)
		close(r->fd);
}

static void run_history(struct run *r, const struct explore_history *h)
{
	char text[EXPLORE_TEXT];
	int i;

	if (log__is_verbose())
		debug("%s: %s", r->world->config->name, history__print(h, text));
	run__begin(r);
	for (i = 0; i < h->n && !r->bad; i++) {
		__atomic_store_n(&r->st->step, i, __ATOMIC_RELAXED);
		run__step(r, h->step[i]);
	}
	__atomic_store_n(&r->st->step, i, __ATOMIC_RELAXED);
	run__end(r);
}

void perform__run(const struct perform_chunk *chunk, struct perform_state *st)
{
	struct world w = {
		.config = chunk->config,
		.n = chunk->n,
		.history = chunk->history,
		.why = st->why,
		.why_size = sizeof(st->why),
	};
	struct run r = {
		.world = &w,
		.st = st,
		.story = chunk->n == 1,
		.reader = chunk->reader,
	};
	int err;

	err = chunk->caches ? chunk->caches->attach(chunk->reader) : 0;
	if (err)
		snprintf(st->caches_why, sizeof(st->caches_why), "cannot attach: %s",
			 strerror(-err));
	r.caches = err ? NULL : chunk->caches;
	if (world__make(&w)) {
		__atomic_store_n(&st->phase, PERFORM_UNFIT, __ATOMIC_RELEASE);
		return;
	}
	__atomic_store_n(&st->phase, PERFORM_RUNNING, __ATOMIC_RELEASE);
	for (r.history = 0; r.history < chunk->n; r.history++) {
		__atomic_store_n(&st->at, r.history, __ATOMIC_RELEASE);
		run_history(&r, &chunk->history[r.history]);
	}
	__atomic_store_n(&st->phase, PERFORM_DONE, __ATOMIC_RELEASE);
}
