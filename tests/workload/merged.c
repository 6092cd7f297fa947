// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merged directories: set up, and what the readers of the modes merged and
 * merged-list do. Their caches are shared by reference among open files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#define STREAMS 16 /* open directories of each reader */
#define SHORT_READ 512 /* bytes: a directory takes several calls */
#define COPY_UP_NAME "~copied-up"

struct stream {
	int fd; /* -1: closed */
	unsigned int dir;
};

/* A lower directory that something was made in: from then on it has two layers. */
int merged_fill(const struct area *area, struct directory *dir)
{
	struct stat stat;
	char *path = NULL;
	int fd;

	dir->fd = openat(area->merged_fd, dir->name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0) {
		complain_errno("open", dir->name);
		return STATUS_NO_SYSTEM;
	}
	fd = openat(dir->fd, COPY_UP_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || unlinkat(dir->fd, COPY_UP_NAME, 0)) {
		complain_errno("create and unlink in", dir->name);
		return STATUS_NO_SYSTEM;
	}
	close(fd);
	if (asprintf(&path, "%s/%s", area->mounts.upper, dir->name) < 0)
		return STATUS_NO_SYSTEM;
	fd = lstat(path, &stat);
	if (fd)
		complain("directory is not merged", path, "it is not in the upper layer");
	free(path);
	for (unsigned int f = 0; f < area->nr_files; f++)
		dir->files[f].place = INSIDE;
	return fd ? STATUS_NOT_IMPURE : STATUS_OK;
}

static void read_on(struct worker *worker, const struct stream *stream, bool to_the_end)
{
	struct lister *lister = &worker->lister;
	size_t room = lister->size < SHORT_READ ? lister->size : SHORT_READ;
	long size;

	do {
		size = syscall(SYS_getdents64, stream->fd, lister->buffer, room);
	} while (size > 0 && to_the_end);
	if (size < 0)
		tally_error(&worker->tally, "getdents64");
	else if (!size)
		worker->tally.listings++;
}

static void seek(struct worker *worker, const struct stream *stream, off_t to)
{
	if (lseek(stream->fd, to, SEEK_SET) < 0)
		tally_error(&worker->tally, "lseek");
}

static void close_stream(struct stream *stream)
{
	close(stream->fd);
	stream->fd = -1;
}

static void one_step(struct worker *worker, struct stream *stream)
{
	struct area *area = worker->run->area;

	if (stream->fd < 0) {
		stream->dir = (unsigned int)rng_below(&worker->rng, area->nr_dirs);
		stream->fd = list_open(area, &area->dirs[stream->dir], &worker->tally);
		return;
	}
	switch (rng_below(&worker->rng, 8)) {
	case 0:
		seek(worker, stream, 0);
		break;
	case 1:
		seek(worker, stream, (off_t)rng_below(&worker->rng, area->nr_files + 4));
		break;
	case 2:
		seek(worker, stream, 0);
		read_on(worker, stream, false);
		break;
	case 3:
	case 4:
		close_stream(stream);
		break;
	case 5:
		read_on(worker, stream, true);
		break;
	default:
		read_on(worker, stream, false);
		break;
	}
}

/* Any of its streams does any next thing; at the end all are closed, in any order. */
void merged_streams(struct worker *worker)
{
	const struct options *opt = worker->run->opt;
	struct stream stream[STREAMS];
	uint64_t n;

	for (n = 0; n < STREAMS; n++)
		stream[n].fd = -1;
	while (!stopped() && (!opt->ops || worker->tally.ops < opt->ops)) {
		one_step(worker, &stream[rng_below(&worker->rng, STREAMS)]);
		worker->tally.ops++;
	}
	for (uint64_t first = rng_below(&worker->rng, STREAMS), i = 0; i < STREAMS; i++) {
		n = (first + 5 * i) % STREAMS; /* 5 and 16 have no common factor */
		if (stream[n].fd >= 0)
			close_stream(&stream[n]);
	}
}
