/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of a file, plain or gzip (of one or more members), in bounded memory. */
#ifndef OVLTRACE_LINES_H
#define OVLTRACE_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum lines_result {
	LINES_LINE, /* ended by a newline, which is not part of it */
	LINES_REST, /* the last one, without a newline */
	LINES_LONG, /* a line longer than `longest` was skipped */
	LINES_END,
	LINES_FAILED, /* see lines__why() */
};

struct lines;

/* The caller keeps fd open, and closes it. NULL: out of memory. */
struct lines *lines__new(int fd, size_t longest);
void lines__free(struct lines *l);
/* line is valid until the next call. The caller may change it, and line[len]. */
enum lines_result lines__next(struct lines *l, char **line, size_t *len);
const char *lines__why(const struct lines *l);

#endif
