// SPDX-License-Identifier: GPL-2.0-only
/* Writes records as JSON Lines: docs/json.md. A line is written by src/record/. */
#include <errno.h>
#include <stdlib.h>

#include "record/write.h"
#include "sink/sink.h"

enum {
	BUFFER_BYTES = 64 << 10,
	FLUSH_BYTES = BUFFER_BYTES - 4096, /* few records are longer than what is left */
};

struct jsonl {
	struct sink sink;
	struct json j;
	struct record_memo memo;
	struct jsonl_rotation rotation; /* 0 bytes: there is only one part */
	struct ovl_record session; /* what it points to remains until the end of the trace */
	uint64_t size; /* bytes of the part that are no longer in j */
	bool has_records; /* besides the session */
};

static void flush(struct jsonl *s)
{
	if (s->j.failed)
		writer__fail(s->sink.writer, -ENOMEM);
	else
		writer__write(s->sink.writer, s->j.buf, s->j.len);
	s->size += s->j.len;
	s->j.len = 0;
}

/* A full buffer is passed on as it is, and replaced. */
static void flush_full(struct jsonl *s)
{
	struct json *j = &s->j;

	if (!j->failed) {
		writer__take(s->sink.writer, &j->buf, j->len, &j->cap);
		s->size += j->len;
		j->len = 0;
		if (!j->buf)
			json__grow(j, BUFFER_BYTES);
	}
	if (j->failed)
		flush(s);
}

static void write_line(struct json *j, const struct ovl_record *rec)
{
	json__open(j, NULL, '{');
	json__record(j, rec);
	json__close(j, '}');
	json__newline(j);
}

/* The next part, after all records so far have been written to the last one. */
static void part_begin(struct jsonl *s)
{
	struct json *j = &s->j;
	int fd;

	flush(s);
	if (writer__has_failed(s->sink.writer))
		return;
	s->session.session.part++;
	write_line(j, &s->session);
	fd = j->failed ? -ENOMEM : s->rotation.next(s->rotation.ctx, j->buf, j->len);
	s->size = 0;
	if (fd < 0) {
		s->session.session.part--;
	} else {
		writer__switch(s->sink.writer, fd);
		s->size = j->len;
		s->has_records = false;
	}
	j->len = 0;
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct jsonl *s = (struct jsonl *)sink;
	struct json *j = &s->j;
	size_t before = j->len;

	if (writer__has_failed(sink->writer))
		return;
	if (s->rotation.bytes && rec->type == RECORD_SESSION) {
		s->session = *rec;
		s->session.session.part = 1;
		rec = &s->session;
	}
	write_line(j, rec);
	if (s->rotation.bytes && s->has_records && !j->failed &&
	    s->size + j->len > s->rotation.bytes) {
		/* it is written again as the first one of the next part */
		j->len = before;
		part_begin(s);
		write_line(j, rec);
	}
	s->has_records |= rec->type != RECORD_SESSION;
	if (j->len >= FLUSH_BYTES)
		flush_full(s);
}

static int tick(struct sink *sink, const struct rec_counts *counts, uint64_t now_ns)
{
	(void)counts;
	(void)now_ns;
	flush((struct jsonl *)sink);
	return writer__error(sink->writer);
}

static void jsonl_free(struct sink *sink)
{
	struct jsonl *s = (struct jsonl *)sink;

	writer__free(sink->writer);
	json__deinit(&s->j);
	free(s);
}

void sink_jsonl__rotate(struct sink *sink, const struct jsonl_rotation *rotation)
{
	((struct jsonl *)sink)->rotation = *rotation;
}

struct sink *sink_jsonl__new(int fd)
{
	struct jsonl *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sink.record = record;
	s->sink.tick = tick;
	s->sink.free = jsonl_free;
	s->j.memo = &s->memo;
	s->sink.writer = writer__new(fd);
	if (s->sink.writer)
		return &s->sink;
	free(s);
	return NULL;
}
