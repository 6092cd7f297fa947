/* SPDX-License-Identifier: GPL-2.0-only */
/* A few files in one: a tar archive (ustar), compressed by gzip. */
#ifndef OVLTRACE_BUNDLE_H
#define OVLTRACE_BUNDLE_H

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

struct bundle_file {
	char name[NAME_MAX + 1]; /* without directories */
	char *bytes; /* a NUL follows them; to be freed */
	size_t len;
};

/* Writes n files, all in directory `dir`, readable by their owner. 0 or -errno. */
int bundle__write(FILE *f, const char *dir, const struct bundle_file *files, size_t n);

struct bundle;

/* Of a regular file; the caller keeps fd open. NULL: it is no such archive. */
struct bundle *bundle__open(int fd);
/* The next file. 1; 0 after the last one; -1: see bundle__why(). */
int bundle__next(struct bundle *b, struct bundle_file *file);
const char *bundle__why(const struct bundle *b);
void bundle__close(struct bundle *b);

#endif
