/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sinks: each writes the same records in its own format. A sink receives records in the
 * order of seq, with paths resolved, and must not modify them.
 */
#ifndef OVLTRACE_SINK_H
#define OVLTRACE_SINK_H

#include <stdio.h>

#include "record/record.h"
#include "util/writer.h"

struct outfile;

struct sink {
	struct writer *writer; /* NULL: what it writes to never waits */
	void (*record)(struct sink *s, const struct ovl_record *rec);
	/*
	 * Called a few times a second during a trace, with the counts so far: flushes output.
	 * Returns 0, or -errno once. An error may come later, from the writer.
	 */
	int (*tick)(struct sink *s, const struct rec_counts *counts, uint64_t now_ns);
	/* After the last record: completes the output. 0 or -errno. May be NULL. */
	int (*end)(struct sink *s);
	void (*free)(struct sink *s);
};

/*
 * JSON Lines to a descriptor that the caller owns. If a write fails, a regular file is
 * truncated to its last complete line.
 */
struct sink *sink_jsonl__new(int fd);

/* Parts of a recording: each begins with the session record, and its number in it. */
struct jsonl_rotation {
	uint64_t bytes; /* the most in a part, unless a single record is longer */
	/*
	 * Returns a descriptor for the next part, to which `head` has been written, or
	 * -errno: the last part then continues.
	 */
	int (*next)(void *ctx, const char *head, size_t len);
	void *ctx;
};
/* Before the first record. */
void sink_jsonl__rotate(struct sink *sink, const struct jsonl_rotation *rotation);
struct text_opts {
	bool live; /* show a status line that is overwritten */
	bool held; /* write nothing before the summary */
	bool color;
};
/* Human-readable text, to a descriptor. */
struct sink *sink_text__new(int fd, const struct text_opts *opts);

/* The same for `report`, like the formats below. */
struct sink *sink_text__new_report(FILE *f);
/* Before the first record. */
void sink_text__set_color(struct sink *sink, bool color);
/* One JSON object. */
struct sink *sink_report__new(FILE *f);
struct sink *sink_perfetto__new(FILE *f);
struct sink *sink_html__new(FILE *f);
struct sink *sink_openmetrics__new(FILE *f);

/*
 * Metrics of a running trace, for node exporter's textfile collector. The file is
 * replaced atomically every few seconds. The caller owns it.
 */
struct sink *sink_metrics__new(struct outfile *out);

#endif
