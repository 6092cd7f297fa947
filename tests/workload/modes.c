// SPDX-License-Identifier: GPL-2.0-only
/* What the threads do, one entry of the table at the end for each mode. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define SPARE_NAME "~spare"

static struct directory *directory_at(const struct worker *worker, uint64_t n)
{
	return &worker->run->area->dirs[n % worker->run->area->nr_dirs];
}

static struct directory *any_directory(struct worker *worker)
{
	return directory_at(worker, rng_next(&worker->rng));
}

static bool more(uint64_t done, uint64_t limit)
{
	return !stopped() && (!limit || done < limit);
}

static void pause_after(const struct worker *worker)
{
	uint64_t us = worker->run->opt->period_us;
	struct timespec ts = { (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };

	if (us)
		nanosleep(&ts, NULL);
}

/* Moves the file if it is where it is expected. Until then no other thread can take it. */
static bool move_file(struct worker *worker, struct directory *dir, unsigned int n, int from)
{
	struct file *file = &dir->files[n];
	int to = from == INSIDE ? OUTSIDE : INSIDE, expected = from;
	int from_fd = from == INSIDE ? dir->fd : dir->side_fd;
	int to_fd = from == INSIDE ? dir->side_fd : dir->fd;
	bool moved;

	if (!atomic_compare_exchange_strong(&file->place, &expected, MOVING))
		return false;
	moved = !renameat(from_fd, file->name, to_fd, file->name);
	if (moved)
		worker->tally.renames++;
	else
		tally_error(&worker->tally, "rename");
	atomic_store(&file->place, moved ? to : from);
	return moved;
}

/* One modification by any file but the first, which stays: the directory is never empty. */
static void move_any(struct worker *worker, struct directory *dir)
{
	unsigned int n = 1 + (unsigned int)rng_below(&worker->rng, worker->run->area->nr_files - 1);

	if (!move_file(worker, dir, n, INSIDE))
		move_file(worker, dir, n, OUTSIDE);
}

/* ---- race, many, names -------------------------------------------------- */

static void list_any(struct worker *worker)
{
	while (!stopped()) {
		worker_list(worker, any_directory(worker));
		worker->tally.ops++;
	}
}

static void list_in_turn(struct worker *worker)
{
	for (uint64_t n = worker->index; !stopped(); n++) {
		worker_list(worker, directory_at(worker, n));
		worker->tally.ops++;
	}
}

static void rename_any(struct worker *worker)
{
	while (!stopped()) {
		move_any(worker, any_directory(worker));
		pause_after(worker);
	}
}

/* ---- empty -------------------------------------------------------------- */

/* All out, one back: a listing in between clears the flag, the one sets it again. */
static void rename_all_out(struct worker *worker)
{
	unsigned int nr_files = worker->run->area->nr_files;

	while (!stopped()) {
		struct directory *dir = any_directory(worker);

		for (unsigned int n = 0; n < nr_files; n++)
			move_file(worker, dir, n, INSIDE);
		pause_after(worker);
		move_file(worker, dir, (unsigned int)rng_below(&worker->rng, nr_files), OUTSIDE);
		pause_after(worker);
	}
}

/* ---- read --------------------------------------------------------------- */

/*
 * Each round lists a directory that was modified once since it was listed last.
 * Everybody has it open by then, so that the first getdents64 calls coincide.
 */
static void list_cold(struct worker *worker)
{
	struct run *run = worker->run;

	for (uint64_t round = 0;; round++) {
		struct directory *dir = directory_at(worker, round);
		int fd = list_open(run->area, dir, &worker->tally);

		if (!worker->index) {
			run->last_round = !more(round, run->opt->rounds);
			if (!run->last_round) {
				move_any(worker, dir);
				worker->tally.rounds++;
			}
		}
		pthread_barrier_wait(&run->round);
		if (run->last_round) {
			if (fd >= 0)
				close(fd);
			return;
		}
		if (fd >= 0)
			list_read(fd, &worker->lister, &worker->tally, NULL, NULL);
		worker->tally.ops++;
		pthread_barrier_wait(&run->round);
	}
}

static void list_only(struct worker *worker)
{
	if (worker->run->opt->cold)
		list_cold(worker);
	else
		list_any(worker);
}

/* ---- alternate, cached, rebuild, files ---------------------------------- */

static void modify_then_list(struct worker *worker)
{
	struct tally *tally = &worker->tally;

	while (more(tally->rounds, worker->run->opt->rounds)) {
		struct directory *dir = directory_at(worker, tally->rounds);

		move_any(worker, dir);
		worker_list(worker, dir);
		tally->rounds++;
		tally->ops++;
	}
}

static void list_once_each(struct worker *worker)
{
	for (unsigned int d = 0; d < worker->run->area->nr_dirs; d++)
		worker_list(worker, directory_at(worker, d));
}

static void list_cached(struct worker *worker)
{
	struct tally *tally = &worker->tally;

	while (more(tally->ops, worker->run->opt->ops)) {
		worker_list(worker, directory_at(worker, tally->ops));
		tally->ops++;
	}
}

/* The cheapest thing that makes a cache outdated: one directory, no copy-up, no other lock. */
static void swap_first_name(struct worker *worker, struct directory *dir)
{
	const char *name = dir->files[0].name;

	if (renameat(dir->fd, dir->swapped ? SPARE_NAME : name, dir->fd,
		     dir->swapped ? name : SPARE_NAME)) {
		tally_error(&worker->tally, "rename");
		return;
	}
	dir->swapped = !dir->swapped;
	worker->tally.renames++;
}

static void rebuild(struct worker *worker)
{
	struct tally *tally = &worker->tally;

	while (more(tally->ops, worker->run->opt->ops)) {
		struct directory *dir = directory_at(worker, tally->ops);

		swap_first_name(worker, dir);
		worker_list(worker, dir);
		tally->ops++;
	}
}

static void swap_names_back(struct worker *worker)
{
	uint64_t renames = worker->tally.renames;

	for (unsigned int d = 0; d < worker->run->area->nr_dirs; d++)
		if (directory_at(worker, d)->swapped)
			swap_first_name(worker, directory_at(worker, d));
	worker->tally.renames = renames;
}

static bool plain_file(int dir_fd, struct tally *tally)
{
	static const char block[4096] = { 1 };
	int fd = openat(dir_fd, "workload.tmp", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool written;

	if (fd < 0) {
		tally_error(tally, "create");
		return false;
	}
	written = write(fd, block, sizeof(block)) == (ssize_t)sizeof(block);
	if (!written)
		tally_error(tally, "write");
	close(fd);
	if (!unlinkat(dir_fd, "workload.tmp", 0))
		return written;
	tally_error(tally, "unlink");
	return false;
}

static void plain_files(struct worker *worker)
{
	while (more(worker->tally.ops, worker->run->opt->ops)) {
		plain_file(worker->run->area->plain_fd, &worker->tally);
		worker->tally.ops++;
	}
}

/* ---- the table ---------------------------------------------------------- */

const struct mode modes[] = {
	{ .name = "race",
	  .help = "listings race with files that are moved out and back",
	  .dirs = 1,
	  .entries = 64,
	  .readers = 2,
	  .renamers = 1,
	  .min_entries = 2,
	  .reader = list_any,
	  .renamer = rename_any },
	{ .name = "read",
	  .help = "listings only; with --cold several at once after each change",
	  .dirs = 1,
	  .entries = 64,
	  .readers = 4,
	  .min_entries = 2,
	  .reader = list_only },
	{ .name = "alternate",
	  .help = "--rounds times one modification, then one listing",
	  .limit = BY_ROUNDS,
	  .dirs = 1,
	  .entries = 64,
	  .readers = 1,
	  .min_entries = 2,
	  .rounds = 23,
	  .single = true,
	  .reader = modify_then_list },
	{ .name = "empty",
	  .help = "directories become empty while others rename into them",
	  .dirs = 1,
	  .entries = 4,
	  .readers = 3,
	  .renamers = 2,
	  .min_entries = 1,
	  .reader = list_any,
	  .renamer = rename_all_out },
	{ .name = "many",
	  .help = "race in many directories, which each reader lists in turn",
	  .dirs = 100,
	  .entries = 16,
	  .readers = 3,
	  .renamers = 2,
	  .min_entries = 2,
	  .reader = list_in_turn,
	  .renamer = rename_any },
	{ .name = "names",
	  .help = "race with hostile names of directories, files and threads",
	  .dirs = 32,
	  .entries = 40,
	  .readers = 3,
	  .renamers = 2,
	  .min_entries = 2,
	  .reader = list_any,
	  .renamer = rename_any },
	{ .name = "cached",
	  .help = "an operation is a listing of an unchanged directory",
	  .limit = BY_OPS,
	  .dirs = 1,
	  .entries = 64,
	  .readers = 1,
	  .min_entries = 1,
	  .ops = 10000,
	  .single = true,
	  .prepare = list_once_each,
	  .reader = list_cached },
	{ .name = "rebuild",
	  .help = "an operation is a rename in place and a listing that rebuilds",
	  .limit = BY_OPS,
	  .dirs = 1,
	  .entries = 64,
	  .readers = 1,
	  .min_entries = 1,
	  .ops = 10000,
	  .single = true,
	  .reader = rebuild,
	  .finish = swap_names_back },
	{ .name = "merged",
	  .help = "streams of merged directories read, seek and close; files move out and back",
	  .dirs = 3,
	  .entries = 40,
	  .readers = 3,
	  .renamers = 1,
	  .min_entries = 2,
	  .merged = true,
	  .reader = merged_streams,
	  .renamer = rename_any },
	{ .name = "merged-list",
	  .help = "an operation is a listing of a merged directory, which builds its cache",
	  .limit = BY_OPS,
	  .dirs = 1,
	  .entries = 64,
	  .readers = 1,
	  .min_entries = 1,
	  .ops = 10000,
	  .single = true,
	  .merged = true,
	  .reader = list_cached },
	{ .name = "files",
	  .help = "an operation is create, write, unlink outside of the overlay",
	  .limit = BY_OPS,
	  .dirs = 1,
	  .entries = 2,
	  .readers = 1,
	  .min_entries = 1,
	  .ops = 10000,
	  .single = true,
	  .reader = plain_files },
};

const unsigned int nr_modes = sizeof(modes) / sizeof(modes[0]);

const struct mode *mode_find(const char *name)
{
	for (unsigned int m = 0; m < nr_modes; m++)
		if (!strcmp(modes[m].name, name))
			return &modes[m];
	return NULL;
}
