// SPDX-License-Identifier: GPL-2.0-only
/*
 * zlib's gzFile would read plain files and gzip alike, at the same speed. But it
 * ignores what follows the last member, and drops what it inflated before an error:
 * a recording that is cut or changed there could pass for a complete one.
 */
#include "util/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
	IN_BYTES = 256 << 10,
	OUT_BYTES = 256 << 10, /* at first; the buffer grows up to the longest line */
};

struct lines {
	int fd;
	size_t longest;
	char *buf; /* lines, from start to end; has one spare byte */
	size_t start, scanned, end, cap;
	unsigned char *in; /* gzip: read and not yet inflated */
	z_stream z;
	bool looked, gzip, member_open, eof, skipping;
	char why[128];
};

struct lines *lines__new(int fd, size_t longest)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->fd = fd;
	l->longest = longest;
	l->cap = OUT_BYTES;
	l->buf = malloc(l->cap + 1);
	if (l->buf)
		return l;
	free(l);
	return NULL;
}

void lines__free(struct lines *l)
{
	if (!l)
		return;
	if (l->gzip)
		inflateEnd(&l->z);
	free(l->in);
	free(l->buf);
	free(l);
}

const char *lines__why(const struct lines *l)
{
	return l->why;
}

static ssize_t read_some(struct lines *l, void *to, size_t size)
{
	ssize_t n;

	do
		n = read(l->fd, to, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		snprintf(l->why, sizeof(l->why), "%s", strerror(errno));
	return n;
}

static void gzip_fail(struct lines *l, const char *why)
{
	snprintf(l->why, sizeof(l->why), "gzip: %s", why);
}

/* Detects gzip by its first two bytes. False: an error, see l->why. */
static bool look(struct lines *l)
{
	ssize_t n = 0;

	l->looked = true;
	while (l->end < 2) {
		n = read_some(l, l->buf + l->end, l->cap - l->end);
		if (n <= 0)
			break;
		l->end += n;
	}
	if (n < 0)
		return false;
	if (l->end < 2 || memcmp(l->buf, "\x1f\x8b", 2))
		return true;
	l->in = malloc(IN_BYTES);
	if (!l->in || inflateInit2(&l->z, 15 + 16) != Z_OK) {
		gzip_fail(l, "out of memory");
		return false;
	}
	l->gzip = l->member_open = true;
	memcpy(l->in, l->buf, l->end);
	l->z.next_in = l->in;
	l->z.avail_in = l->end;
	l->end = 0;
	return true;
}

/* Appends some inflated bytes. */
static void fill_gzip(struct lines *l)
{
	size_t room = l->cap - l->end;
	int err;

	l->z.next_out = (unsigned char *)l->buf + l->end;
	l->z.avail_out = room;
	while (l->z.avail_out == room) {
		if (!l->z.avail_in) {
			ssize_t n = read_some(l, l->in, IN_BYTES);

			if (n < 0)
				return;
			l->eof = !n;
			if (l->eof && l->member_open)
				gzip_fail(l, "it is cut");
			if (l->eof)
				return;
			l->z.next_in = l->in;
			l->z.avail_in = n;
		}
		if (!l->member_open) {
			inflateReset(&l->z);
			l->member_open = true;
		}
		err = inflate(&l->z, Z_NO_FLUSH);
		if (err == Z_STREAM_END)
			l->member_open = false;
		else if (err != Z_OK && err != Z_BUF_ERROR)
			gzip_fail(l, l->z.msg ? l->z.msg : "damaged");
		l->end = l->cap - l->z.avail_out;
		if (l->why[0])
			return;
	}
}

static void fill_plain(struct lines *l)
{
	ssize_t n = read_some(l, l->buf + l->end, l->cap - l->end);

	if (n < 0)
		return;
	l->eof = !n;
	l->end += n;
}

/* Makes room by moving the rest to the front, then by growing. False: the line is too long. */
static bool make_room(struct lines *l)
{
	size_t cap = l->cap * 2;
	char *buf;

	if (l->start) {
		memmove(l->buf, l->buf + l->start, l->end - l->start);
		l->end -= l->start;
		l->scanned -= l->start;
		l->start = 0;
	}
	if (l->end < l->cap)
		return true;
	buf = l->cap < l->longest ? realloc(l->buf, cap + 1) : NULL;
	if (!buf)
		return false;
	l->buf = buf;
	l->cap = cap;
	return true;
}

/* Appends bytes, or sets eof or why. */
static void fill(struct lines *l)
{
	if (!make_room(l)) {
		/* drop the rest of the line as it is read */
		l->skipping = true;
		l->start = l->scanned = l->end = 0;
	}
	if (!l->looked) {
		if (!look(l) || l->end)
			return;
	}
	if (l->gzip)
		fill_gzip(l);
	else
		fill_plain(l);
}

enum lines_result lines__next(struct lines *l, char **line, size_t *len)
{
	bool skipped;

	for (;;) {
		char *nl = memchr(l->buf + l->scanned, '\n', l->end - l->scanned);

		*line = l->buf + l->start;
		if (nl) {
			*len = nl - *line;
			l->start = l->scanned = nl + 1 - l->buf;
			skipped = l->skipping;
			l->skipping = false;
			return skipped || *len > l->longest ? LINES_LONG : LINES_LINE;
		}
		l->scanned = l->end;
		if (l->why[0])
			return LINES_FAILED;
		if (l->eof) {
			*len = l->end - l->start;
			l->start = l->end;
			skipped = l->skipping;
			l->skipping = false;
			if (skipped)
				return LINES_LONG;
			return *len ? LINES_REST : LINES_END;
		}
		fill(l);
	}
}
