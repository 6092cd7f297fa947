// SPDX-License-Identifier: GPL-2.0-only
/* Writes records as JSON Lines: docs/json.md. A line is written by src/record/. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/write.h"
#include "sink/sink.h"

enum {
	FLUSH_BYTES = 64 << 10,
};

struct jsonl {
	struct sink sink;
	struct json j;
	int fd;
	int err; /* the first write error; nothing is written after it */
	bool error_reported;
};

static void flush(struct jsonl *s)
{
	size_t off = 0, line = 0;

	if (s->j.failed && !s->err)
		s->err = -ENOMEM;
	while (!s->err && off < s->j.len) {
		ssize_t n = write(s->fd, s->j.buf + off, s->j.len - off);

		if (n >= 0)
			off += n;
		else if (errno != EINTR)
			s->err = -errno;
	}
	if (s->err && off) {
		/* cut a regular file back to its last complete line */
		struct stat st;
		char *end;

		end = memrchr(s->j.buf, '\n', off);
		line = end ? (size_t)(end + 1 - s->j.buf) : 0;
		if (!fstat(s->fd, &st) && S_ISREG(st.st_mode) &&
		    st.st_size >= (off_t)(off - line) &&
		    ftruncate(s->fd, st.st_size - (off_t)(off - line)))
			s->err = -errno;
	}
	s->j.len = 0;
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct jsonl *s = (struct jsonl *)sink;
	struct json *j = &s->j;

	if (s->err)
		return;
	json__open(j, NULL, '{');
	json__record(j, rec);
	json__close(j, '}');
	json__newline(j);
	if (j->len >= FLUSH_BYTES)
		flush(s);
}

static int tick(struct sink *sink, const struct rec_counts *counts, uint64_t now_ns)
{
	struct jsonl *s = (struct jsonl *)sink;

	(void)counts;
	(void)now_ns;
	flush(s);
	if (!s->err || s->error_reported)
		return 0;
	s->error_reported = true;
	return s->err;
}

static void jsonl_free(struct sink *sink)
{
	struct jsonl *s = (struct jsonl *)sink;

	json__deinit(&s->j);
	free(s);
}

struct sink *sink_jsonl__new(int fd)
{
	struct jsonl *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sink.record = record;
	s->sink.tick = tick;
	s->sink.free = jsonl_free;
	s->fd = fd;
	return &s->sink;
}
