/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of a file, plain or gzip (of one or more members), in bounded memory. */
#ifndef OVLTRACE_LINES_H
#define OVLTRACE_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum lines_result {
	LINES_LINE, /* ended by a newline, which is not part of it */
	LINES_REST, /* the last one, without a newline */
	LINES_LONG, /* one that is longer than wanted is passed over */
	LINES_END,
	LINES_FAILED, /* see lines__why() */
};

struct lines;

/* fd stays the caller's. NULL: out of memory. */
struct lines *lines__new(int fd, size_t longest);
void lines__free(struct lines *l);
/* line may be changed, and line[len]; both until the next call. */
enum lines_result lines__next(struct lines *l, char **line, size_t *len);
const char *lines__why(const struct lines *l);

#endif
