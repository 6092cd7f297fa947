/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sinks: each writes the same records in its own form. A sink is one file and
 * sees records in the order of their seq, resolved and immutable.
 */
#ifndef OVLTRACE_SINK_H
#define OVLTRACE_SINK_H

#include <stdio.h>

#include "record/record.h"

struct sink {
	void (*record)(struct sink *s, const struct ovl_record *rec);
	/*
	 * What can wait no longer: called a few times a second while a trace runs, with
	 * the counts so far. 0 or -errno, once.
	 */
	int (*tick)(struct sink *s, const struct rec_counts *counts, uint64_t now_ns);
	/* Nothing comes after this: closes what is open. 0 or -errno. May be NULL. */
	int (*end)(struct sink *s);
	void (*free)(struct sink *s);
};

/*
 * JSON Lines to a descriptor, which stays the caller's. If a write fails, a
 * regular file is cut back to its last complete line.
 */
struct sink *sink_jsonl__new(int fd);
/* People's text. live: show a status line that is overwritten. */
struct sink *sink_text__new(FILE *f, bool live);

/* The same as a report's form, like those below. */
struct sink *sink_text__new_report(FILE *f);
/* One JSON object. */
struct sink *sink_report__new(FILE *f);
struct sink *sink_perfetto__new(FILE *f);
struct sink *sink_html__new(FILE *f);
struct sink *sink_openmetrics__new(FILE *f);

/*
 * Metrics of a running trace, in a file that is replaced every few seconds:
 * whoever reads it sees a whole one. For node exporter's textfile collector.
 */
struct sink *sink_metrics__new(const char *path);

#endif
