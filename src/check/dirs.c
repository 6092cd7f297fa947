// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scenarios of directories that are removed, copied up, or merged.
 */
#include "check/race.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a directory that is removed while it is listed ----------------------- */

enum {
	REMOVED_OWN = 12, /* upper files in it, in addition to those of the lower layer */
	READ_ONE = 64, /* bytes: room for one entry */
	READ_SOME = 256, /* room for several entries */
};

struct removal {
	struct area *a;
	int fd;
	bool gone; /* rmdir() has returned */
	bool end;
};

/* One entry per call, so that most of the listing happens during the removal. */
static void *list_while_removed(void *arg)
{
	struct removal *r = arg;
	struct scenario_state *st = r->a->st;
	unsigned int after = 0;

	area__thread_name("reader");
	/* The thread that removes created this one: do not inherit its processor. */
	area__on_any_cpu();
	while (after < 3 && !__atomic_load_n(&r->end, __ATOMIC_ACQUIRE)) {
		bool gone = __atomic_load_n(&r->gone, __ATOMIC_ACQUIRE);
		long ret = view__read(st, r->fd, READ_ONE);

		after += gone;
		if (ret > 0 && gone) {
			COUNT(st, stale_names);
			view__report(
				st, CHECK_BAD_RETURN,
				"getdents64 gave %ld bytes of names of a directory after its rmdir had "
				"returned; -ENOENT is due",
				ret);
		} else if (ret < 0 && ret != -ENOENT) {
			errno = -(int)ret;
			view__error(st, "getdents", "a removed directory");
		}
		if (ret <= 0)
			lseek(r->fd, 0, SEEK_SET);
	}
	return NULL;
}

int removed_prepare(struct scenario_state *st, void *area)
{
	(void)st;
	return impure_prepare(NULL, area);
}

static void fill(struct area *a)
{
	char from[AREA_PATH], to[AREA_PATH];
	unsigned int i;
	int fd;

	if (mkdirat(a->merged_fd, "R", 0755))
		view__error(a->st, "mkdir", "R");
	for (i = 0; i < a->nfiles; i++) {
		snprintf(from, sizeof(from), "D/f%u", i);
		snprintf(to, sizeof(to), "R/f%u", i);
		if (renameat(a->merged_fd, from, a->merged_fd, to))
			view__error(a->st, "rename", from);
	}
	for (i = 0; i < REMOVED_OWN; i++) {
		snprintf(to, sizeof(to), "R/o%u", i);
		fd = openat(a->merged_fd, to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			view__error(a->st, "create", to);
		else
			close(fd);
	}
}

static void empty_and_remove(struct area *a)
{
	char from[AREA_PATH], to[AREA_PATH];
	unsigned int i;

	for (i = 0; i < a->nfiles; i++) {
		snprintf(from, sizeof(from), "R/f%u", i);
		snprintf(to, sizeof(to), "D/f%u", i);
		if (renameat(a->merged_fd, from, a->merged_fd, to))
			view__error(a->st, "rename", from);
		COUNT(a->st, modifications);
	}
	for (i = 0; i < REMOVED_OWN; i++) {
		snprintf(to, sizeof(to), "R/o%u", i);
		if (unlinkat(a->merged_fd, to, 0))
			view__error(a->st, "unlink", to);
	}
	if (unlinkat(a->merged_fd, "R", AT_REMOVEDIR))
		view__error(a->st, "rmdir", "R");
}

static void remove_once(struct area *a)
{
	struct removal r = { .a = a };
	pthread_t thread;
	bool reading;

	fill(a);
	view__verify(a, a->merged_fd, "R", NULL);
	r.fd = openat(a->merged_fd, "R", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.fd < 0) {
		view__error(a->st, "open", "R");
		return;
	}
	reading = !pthread_create(&thread, NULL, list_while_removed, &r);
	area__sleep_us(1000);
	empty_and_remove(a);
	__atomic_store_n(&r.gone, true, __ATOMIC_RELEASE);
	/* A new directory of that name is another one: the old one stays removed. */
	if (mkdirat(a->merged_fd, "R", 0755) || unlinkat(a->merged_fd, "R", AT_REMOVEDIR))
		view__error(a->st, "mkdir", "R");
	if (reading)
		pthread_join(thread, NULL);
	close(r.fd);
	COUNT(a->st, listings);
}

void removed_run(struct scenario_state *st, void *area, uint64_t until_ns)
{
	(void)st;
	area__on_free_cpu(area);
	do
		remove_once(area);
	while (!area__time_is_up(until_ns));
}

/* ---- a directory that is copied up ---------------------------------------- */

enum {
	COPY_UPS = 400,
	COPY_FILES = 3,
	COPY_ORDINARY = 5, /* one ordinary copy-up decides; a few more confirm it */
};

int copy_up_prepare(struct scenario_state *st, void *area)
{
	struct area *a = area;
	int dirs = a->opts->provoke ? COPY_UPS : COPY_ORDINARY, d, f;
	int err = area__mkdir(a, "lower");
	char path[AREA_PATH];

	(void)st;
	for (d = 0; !err && d < dirs; d++) {
		snprintf(path, sizeof(path), "lower/C%d", d);
		err = area__mkdir(a, path);
		for (f = 0; !err && f < COPY_FILES; f++) {
			snprintf(path, sizeof(path), "lower/C%d/c%d", d, f);
			err = area__file(a, path);
		}
	}
	return err ? err : area__overlay(a, &area_one_overlay);
}

static void copy_up(struct area *a, const char *dir)
{
	char path[AREA_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/c0", dir);
	fd = openat(a->merged_fd, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		view__error(a->st, "open for writing", path);
		return;
	}
	close(fd);
	COUNT(a->st, copy_ups);
}

void copy_up_run(struct scenario_state *st, void *area, uint64_t until_ns)
{
	static const char *const names[] = { "c0", "c1", "c2", NULL };
	struct area *a = area;
	int dirs = a->opts->provoke ? COPY_UPS : COPY_ORDINARY;
	static int d; /* each directory can be copied up only once, in any turn */
	char name[AREA_NAME];

	for (; d < dirs && (d < COPY_ORDINARY || !area__time_is_up(until_ns)); d++) {
		struct provoker *p;

		snprintf(name, sizeof(name), "C%d", d);
		/* Once is enough: each time may damage more of the kernel's memory. */
		p = a->opts->provoke && !__atomic_load_n(&st->provoked, __ATOMIC_ACQUIRE) ?
			    provoke__begin(a, name) :
			    NULL;
		copy_up(a, name);
		provoke__end(p);
		if (!p || !st->wrong_names)
			view__verify(a, a->merged_fd, name, names);
	}
}

/* ---- merged directories with many open descriptors ------------------------ */

enum {
	MERGED_DIRS = 3,
	MERGED_FILES = 10, /* of each layer */
	MERGED_FDS = 64,
};

int merged_prepare(struct scenario_state *st, void *area)
{
	struct area *a = area;
	char path[AREA_PATH];
	int err = area__mkdir(a, "lower"), d, f;

	(void)st;
	if (!err)
		err = area__mkdir(a, "upper");
	for (d = 0; !err && d < MERGED_DIRS; d++) {
		snprintf(path, sizeof(path), "lower/M%d", d);
		err = area__mkdir(a, path);
		snprintf(path, sizeof(path), "upper/M%d", d);
		if (!err)
			err = area__mkdir(a, path);
		for (f = 0; !err && f < MERGED_FILES; f++) {
			snprintf(path, sizeof(path), "lower/M%d/l%d", d, f);
			err = area__file(a, path);
			/* created in the layer, so that no dentry of it is cached when it is listed */
			snprintf(path, sizeof(path), "upper/M%d/u%d", d, f);
			if (!err)
				err = area__file(a, path);
		}
	}
	return err ? err : area__overlay(a, &area_one_overlay);
}

struct merged {
	struct area *a;
	int fd[MERGED_FDS];
	bool here[MERGED_DIRS][MERGED_FILES]; /* the upper layer's files */
};

/* Some are read in part, some to their end, some are closed and opened again. */
static void use_one(struct merged *m)
{
	unsigned int i = area__random(m->a, MERGED_FDS), d = i % MERGED_DIRS;
	char name[AREA_NAME];

	snprintf(name, sizeof(name), "M%u", d);
	if (m->fd[i] >= 0 && !area__random(m->a, 4)) {
		close(m->fd[i]);
		m->fd[i] = -1;
	}
	if (m->fd[i] < 0)
		m->fd[i] = openat(m->a->merged_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->fd[i] < 0) {
		view__error(m->a->st, "open", name);
		return;
	}
	if (!area__random(m->a, 3))
		lseek(m->fd[i], 0, SEEK_SET);
	view__read(m->a->st, m->fd[i], READ_SOME);
}

static void change_one(struct merged *m)
{
	unsigned int d = area__random(m->a, MERGED_DIRS), f = area__random(m->a, MERGED_FILES);
	char path[AREA_PATH];
	int fd = -1;

	snprintf(path, sizeof(path), "M%u/u%u", d, f);
	if (m->here[d][f]) {
		if (unlinkat(m->a->merged_fd, path, 0))
			view__error(m->a->st, "unlink", path);
	} else {
		fd = openat(m->a->merged_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			view__error(m->a->st, "create", path);
		else
			close(fd);
	}
	m->here[d][f] = !m->here[d][f];
	COUNT(m->a->st, modifications);
}

static void look(struct merged *m, unsigned int d)
{
	char name[2 * MERGED_FILES][AREA_NAME], dir[AREA_NAME];
	const char *names[2 * MERGED_FILES + 1] = { NULL };
	unsigned int f, n = 0;

	for (f = 0; f < MERGED_FILES; f++) {
		snprintf(name[n], AREA_NAME, "l%u", f);
		names[n] = name[n];
		n++;
		if (!m->here[d][f])
			continue;
		snprintf(name[n], AREA_NAME, "u%u", f);
		names[n] = name[n];
		n++;
	}
	snprintf(dir, sizeof(dir), "M%u", d);
	view__verify(m->a, m->a->merged_fd, dir, names);
}

static struct merged *merged_begin(struct scenario_state *st, void *area)
{
	struct merged *m = calloc(1, sizeof(*m));
	char path[AREA_PATH];
	unsigned int i;
	int fd;

	if (!m) {
		view__error(st, "memory for", "descriptors");
		return NULL;
	}
	m->a = area;
	/* An entry from the lower layer makes the directory impure: each entry is looked up. */
	for (i = 0; i < MERGED_DIRS; i++) {
		snprintf(path, sizeof(path), "M%u/l0", i);
		fd = openat(m->a->merged_fd, path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			view__error(st, "open for writing", path);
		else
			close(fd);
	}
	memset(m->here, true, sizeof(m->here));
	for (i = 0; i < MERGED_FDS; i++)
		m->fd[i] = -1;
	return m;
}

void merged_run(struct scenario_state *st, void *area, uint64_t until_ns)
{
	static struct merged *m; /* its descriptors stay open from turn to turn */
	unsigned int i;

	if (!m)
		m = merged_begin(st, area);
	if (!m)
		return;
	do {
		for (i = 0; i < MERGED_FDS; i++)
			use_one(m);
		change_one(m);
		for (i = 0; i < MERGED_DIRS; i++)
			look(m, i);
	} while (!area__time_is_up(until_ns));
}
