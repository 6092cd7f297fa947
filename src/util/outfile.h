/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An output file that a hostile neighbour cannot redirect, and that appears only when
 * it is complete, or when its writer says so.
 *
 * The directory is opened once and held. The file is made in it under a random name and
 * then renamed. Links of other users are not followed: see outfile__open().
 * What is no regular file (a FIFO, a terminal, /dev/stdout) is written to directly.
 */
#ifndef OVLTRACE_OUTFILE_H
#define OVLTRACE_OUTFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
	OUTFILE_PRIVATE = 0600, /* has kernel addresses and the names of other users' files */
	OUTFILE_MAX_PARTS = 100, /* NAME, NAME.1 ... NAME.99 */
	OUTFILE_PUBLIC = 0644, /* metrics, which node exporter reads as another user */
};

struct outfile {
	int dir; /* O_PATH; -1: written to directly */
	int fd; /* -1: none */
	FILE *stream; /* of fd; NULL: none */
	mode_t mode; /* whatever the umask is */
	char name[NAME_MAX + 1]; /* in dir */
	char temporary[NAME_MAX + 1]; /* the name of fd until it is committed; "" after that */
};

/*
 * Finds the place of `path`. NULL and "-" are standard output. A symbolic link in it is
 * followed if its owner is root or the effective user, or owns both the directory that it
 * is in and the one that it leads to. Links in a world-writable directory without the
 * sticky bit are not followed. A FIFO must belong to root, to the effective
 * user or to the owner of its directory. Returns 0, or -1 after one line that says why not.
 */
int outfile__open(struct outfile *o, const char *path, mode_t mode);

/* Is it the regular file that st describes, or will it replace that file? */
bool outfile__is(const struct outfile *o, const struct stat *st);

/* Begins a new file; the old one stays as it is. Returns its descriptor or -errno. */
int outfile__create(struct outfile *o);
/* The same for stdio. NULL: see errno. */
FILE *outfile__stream(struct outfile *o);

/* Gives the new file its name. It remains open and may grow. 0 or -errno. */
int outfile__commit(struct outfile *o);
/*
 * Begins another file under the same name, with len bytes of `head`. What has this name becomes NAME.1, the former
 * NAME.1 becomes NAME.2 and so on; at most `files` remain. Returns the new descriptor, or
 * -errno: then the last file continues.
 */
int outfile__rotate(struct outfile *o, unsigned int files, const char *head, size_t len);
/* Flushes, and waits until the disk has what was written. 0 or -errno. */
int outfile__sync(struct outfile *o);

/* Closes the new file. Unless it was committed, it is removed. */
void outfile__discard(struct outfile *o);
/* The same; the directory is closed, too. */
void outfile__close(struct outfile *o);

#endif
