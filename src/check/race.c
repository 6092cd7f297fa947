// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios that list an impure directory while files are moved in and out of
 * it. A round ends with a file that is moved in while readers still list the
 * directory. A stale cache then stays, and a listing can show it.
 */
#include "check/race.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/clock.h"

enum {
	ROUND_MS = 300,
	ROUND_MAX_MS = 3000, /* limit for the minimum of a round */
	ROUND_LISTINGS = 2, /* at least, by each reader */
	ROUND_MODS = 4,
	ROUND_LOOK_US = 5000, /* interval at which the end of a round is checked */
	MAX_READERS = 4,
	SPARSE_US = 5000,
};

struct race_opts {
	unsigned int readers;
	uint64_t pace_us; /* between two modifications */
	bool empties; /* the renamer moves all files out, then one in */
};

struct race {
	struct area *a;
	const struct race_opts *opts;
	bool stop_readers, stop_renamer;
	uint64_t until_ns;
	/* numbered here, since each round creates new threads */
	unsigned int nreaders;
};

static bool stopped(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void stop(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

static void *reader(void *arg)
{
	struct race *r = arg;
	unsigned int n = __atomic_fetch_add(&r->nreaders, 1, __ATOMIC_RELAXED);
	char name[16] = "reader-0";

	name[7] += n;
	area__thread_name(name);
	while (!stopped(&r->stop_readers))
		view__list(r->a->st, r->a->merged_fd, "D", 4096);
	return NULL;
}

static void move_file(struct area *a, unsigned int n)
{
	int from = a->inside[n] ? a->dir_fd : a->side_fd;
	int to = a->inside[n] ? a->side_fd : a->dir_fd;
	char name[AREA_NAME];

	snprintf(name, sizeof(name), "f%u", n);
	if (renameat(from, name, to, name)) {
		view__error(a->st, "rename", name);
		return;
	}
	a->inside[n] = !a->inside[n];
	COUNT(a->st, modifications);
}

/* Moves a file into the directory. If all files are in it, one is moved out first. */
static void move_in(struct area *a)
{
	unsigned int i, n = area__random(a, a->nfiles);

	for (i = 0; i < a->nfiles && a->inside[(n + i) % a->nfiles]; i++)
		;
	n = (n + i) % a->nfiles;
	if (a->inside[n])
		move_file(a, n);
	move_file(a, n);
}

static void *renamer(void *arg)
{
	struct race *r = arg;
	struct area *a = r->a;
	unsigned int i;

	area__thread_name("renamer");
	area__on_free_cpu(a);
	while (!stopped(&r->stop_renamer)) {
		if (r->opts->empties) {
			for (i = 0; i < a->nfiles; i++)
				if (a->inside[i])
					move_file(a, i);
			area__sleep_us(r->opts->pace_us);
			move_in(a);
		} else {
			move_file(a, area__random(a, a->nfiles));
		}
		if (r->opts->pace_us)
			area__sleep_us(r->opts->pace_us);
	}
	move_in(a);
	return NULL;
}

static void verify(struct area *a)
{
	const char *names[AREA_FILES + 2] = { "own" };
	char name[AREA_FILES][AREA_NAME];
	unsigned int i, n = 1;

	for (i = 0; i < a->nfiles; i++) {
		if (!a->inside[i])
			continue;
		snprintf(name[i], sizeof(name[i]), "f%u", i);
		names[n++] = name[i];
	}
	view__verify(a, a->merged_fd, "D", names);
}

static uint64_t count_of(const uint64_t *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

/*
 * Time is not enough: on a slow machine a round could end before its readers
 * begin. So it also needs a minimum of listings and of modifications.
 */
static void wait_round(const struct race *r)
{
	const struct scenario_state *st = r->a->st;
	uint64_t listings = st->listings + (uint64_t)ROUND_LISTINGS * r->opts->readers;
	uint64_t mods = st->modifications + ROUND_MODS, begin = clock__now_ns();

	for (;;) {
		uint64_t now = clock__now_ns();
		bool enough = count_of(&st->listings) >= listings &&
			      count_of(&st->modifications) >= mods;

		if (now >= begin + ROUND_MAX_MS * 1000000ULL ||
		    (enough && (now >= r->until_ns || now >= begin + ROUND_MS * 1000000ULL)))
			return;
		area__sleep_us(ROUND_LOOK_US);
	}
}

static void one_round(struct race *r)
{
	pthread_t readers[MAX_READERS], mover;
	unsigned int i, n = 0;
	bool moving;

	r->stop_readers = r->stop_renamer = false;
	r->nreaders = 0;
	while (n < r->opts->readers && n < MAX_READERS &&
	       !pthread_create(&readers[n], NULL, reader, r))
		n++;
	moving = !pthread_create(&mover, NULL, renamer, r);
	if (n < r->opts->readers || !moving) {
		errno = EAGAIN;
		view__error(r->a->st, "start", "a thread");
	}
	wait_round(r);
	stop(&r->stop_renamer);
	if (moving)
		pthread_join(mover, NULL);
	stop(&r->stop_readers);
	for (i = 0; i < n; i++)
		pthread_join(readers[i], NULL);
	verify(r->a);
}

static void race_run(struct area *a, const struct race_opts *opts, uint64_t until_ns)
{
	struct race r = { .a = a, .opts = opts, .until_ns = until_ns };

	do
		one_round(&r);
	while (!area__time_is_up(until_ns));
}

/* lower, upper and work on one tmpfs, so that overlayfs translates numbers */
static int one_overlay(struct area *a, unsigned int nfiles)
{
	int err = area__mkdir(a, "lower");

	if (!err)
		err = area__impure_lower(a, "lower", nfiles);
	if (!err)
		err = area__overlay(a, &area_one_overlay);
	if (!err)
		err = area__impure(a, "merged", "upper");
	return err;
}

int impure_prepare(struct scenario_state *st, void *area)
{
	(void)st;
	return one_overlay(area, 12);
}

void impure_race(struct scenario_state *st, void *area, uint64_t until_ns)
{
	static const struct race_opts opts = { .readers = 3 };

	(void)st;
	race_run(area, &opts, until_ns);
}

void impure_sparse(struct scenario_state *st, void *area, uint64_t until_ns)
{
	static const struct race_opts opts = { .readers = 2, .pace_us = SPARSE_US };

	(void)st;
	race_run(area, &opts, until_ns);
}

int empty_prepare(struct scenario_state *st, void *area)
{
	(void)st;
	return one_overlay(area, 3);
}

void empty_race(struct scenario_state *st, void *area, uint64_t until_ns)
{
	static const struct race_opts opts = { .readers = 2, .pace_us = 1000, .empties = true };

	(void)st;
	race_run(area, &opts, until_ns);
}

/*
 * Two filesystems: with xino all numbers agree; without, those of files that
 * were not copied up (Documentation/filesystems/overlayfs.rst).
 */
static int two_filesystems(struct area *a, bool xino)
{
	struct area_overlay ov = {
		.merged = "merged",
		.lower = "other/lower",
		.upper = "upper",
		.work = "work",
		.extra = xino ? "xino=on" : "xino=off",
	};
	int err = area__tmpfs(a, "other");

	if (!err)
		err = area__mkdir(a, "other/lower");
	if (!err)
		err = area__impure_lower(a, "other/lower", 12);
	if (!err)
		err = area__overlay(a, &ov);
	a->dots = a->dir_inos = a->moved_inos = xino;
	if (!err)
		err = area__impure(a, "merged", "upper");
	return err;
}

int xino_on_prepare(struct scenario_state *st, void *area)
{
	(void)st;
	return two_filesystems(area, true);
}

int xino_off_prepare(struct scenario_state *st, void *area)
{
	(void)st;
	return two_filesystems(area, false);
}

/*
 * An overlay whose lower layer is an overlay with an impure directory of its
 * own. That one is listed through the upper overlay while the upper one's own
 * directory is raced for.
 */
int nested_prepare(struct scenario_state *st, void *area)
{
	static const struct area_overlay inner = {
		.merged = "inner",
		.lower = "base",
		.upper = "upper1",
		.work = "work1",
	};
	static const struct area_overlay outer = {
		.merged = "merged",
		.lower = "inner",
		.upper = "upper2",
		.work = "work2",
	};
	struct area *a = area;
	int err = area__mkdir(a, "base");

	(void)st;
	if (!err)
		err = area__impure_lower(a, "base", 6);
	if (!err)
		err = area__overlay(a, &inner);
	if (!err && mkdirat(a->merged_fd, "I", 0755))
		err = area__fail(a, "mkdir", "I");
	if (!err && (renameat(a->merged_fd, "src/f4", a->merged_fd, "I/g4") ||
		     renameat(a->merged_fd, "src/f5", a->merged_fd, "I/g5")))
		err = area__fail(a, "rename", "I/g4");
	if (!err)
		err = area__overlay(a, &outer);
	a->nfiles = 4;
	a->dots = a->dir_inos = a->moved_inos = false;
	/* from now on it is merged: listed together with the inner one below */
	if (!err)
		err = area__file(a, "merged/I/new");
	if (!err)
		err = area__impure(a, "merged", "upper2");
	return err;
}

void nested_race(struct scenario_state *st, void *area, uint64_t until_ns)
{
	static const struct race_opts opts = { .readers = 2, .pace_us = 500 };
	static const char *const names[] = { "g4", "g5", "new", NULL };
	struct area *a = area;

	view__list(st, a->merged_fd, "I", 4096);
	race_run(a, &opts, until_ns);
	view__verify(a, a->merged_fd, "I", names);
}
