// SPDX-License-Identifier: GPL-2.0-only
#include "writer.h"

#include <stdlib.h>

struct writer {
	FILE *to;
};

static FILE *streams[2];

void writer__redirect(int n, FILE *to)
{
	streams[n] = to;
}

struct writer *writer__new(int fd)
{
	struct writer *w = malloc(sizeof(*w));

	if (w)
		w->to = streams[fd];
	return w;
}

void writer__free(struct writer *w)
{
	free(w);
}

void writer__write(struct writer *w, const void *bytes, size_t len)
{
	if (len)
		fwrite(bytes, 1, len, w->to);
}

void writer__take(struct writer *w, char **bytes, size_t len, size_t *cap)
{
	writer__write(w, *bytes, len);
	free(*bytes);
	*bytes = NULL;
	*cap = 0;
}

static ssize_t pass(void *cookie, const char *bytes, size_t len)
{
	writer__write(cookie, bytes, len);
	return (ssize_t)len;
}

FILE *writer__stream(struct writer *w)
{
	return fopencookie(w, "w", (cookie_io_functions_t){ .write = pass });
}

void writer__switch(struct writer *w, int fd)
{
	(void)w;
	(void)fd;
	abort();
}

/* Only memory fails here. */
void writer__fail(struct writer *w, int err)
{
	(void)w;
	(void)err;
	abort();
}

bool writer__is_full(struct writer *w)
{
	(void)w;
	return false;
}

bool writer__has_failed(struct writer *w)
{
	(void)w;
	return false;
}

int writer__error(struct writer *w)
{
	(void)w;
	return 0;
}

bool writer__finish(struct writer *w, struct writer_wait *wait)
{
	(void)w;
	(void)wait;
	return true;
}
