// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metrics of a report, written at its end; and metrics of a running trace, in a file
 * that is replaced every few seconds, for node exporter's textfile collector.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/records.h"
#include "sink/metrics.h"
#include "util/outfile.h"

enum {
	RECORDINGS = 256, /* the most for which a report has metrics */
};

static const uint64_t WRITE_INTERVAL_NS = 5000000000;

struct openmetrics {
	struct sink sink;
	FILE *f;
	struct metrics m[RECORDINGS];
	size_t n;
};

static void report_session(void *ctx, const struct ovl_record *rec)
{
	struct openmetrics *s = ctx;

	if (s->n++ < RECORDINGS)
		metrics__begin(&s->m[s->n - 1], &rec->session, (unsigned int)s->n);
}

static void report_rebuild(void *ctx, const struct ovl_record *rec)
{
	struct openmetrics *s = ctx;

	if (s->n <= RECORDINGS)
		metrics__rebuild(&s->m[s->n - 1], &rec->rebuild);
}

static void report_summary(void *ctx, const struct ovl_record *rec)
{
	struct openmetrics *s = ctx;

	if (s->n <= RECORDINGS)
		metrics__end(&s->m[s->n - 1], &rec->summary);
}

static const record_fn report_handlers[RECORD_TYPES] = {
	[RECORD_SESSION] = report_session,
	[RECORD_REBUILD] = report_rebuild,
	[RECORD_SUMMARY] = report_summary,
};

static void report_record(struct sink *sink, const struct ovl_record *rec)
{
	record__dispatch(report_handlers, sink, rec);
}

static int report_end(struct sink *sink)
{
	struct openmetrics *s = (struct openmetrics *)sink;

	if (s->n == 1)
		s->m[0].number = 0;
	if (s->n)
		metrics__write(s->f, s->m, s->n < RECORDINGS ? s->n : RECORDINGS,
			       METRICS_OPENMETRICS);
	return 0;
}

static void report_free(struct sink *sink)
{
	free(sink);
}

struct sink *sink_openmetrics__new(FILE *f)
{
	struct openmetrics *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sink.record = report_record;
	s->sink.end = report_end;
	s->sink.free = report_free;
	s->f = f;
	return &s->sink;
}

struct live {
	struct sink sink;
	struct metrics m;
	uint64_t start_ns, written_ns;
	struct outfile *out;
	bool ended, error_reported;
};

/* Not synced: waiting for the disk would delay the records, and the next file is near. */
static int replace(struct live *s)
{
	FILE *f = outfile__stream(s->out);
	int err;

	if (!f)
		return -errno;
	metrics__write(f, &s->m, 1, METRICS_PROMETHEUS);
	err = outfile__commit(s->out);
	outfile__discard(s->out);
	return err;
}

static void live_session(void *ctx, const struct ovl_record *rec)
{
	struct live *s = ctx;

	metrics__begin(&s->m, &rec->session, 0);
	s->start_ns = rec->ts_ns;
}

static void live_rebuild(void *ctx, const struct ovl_record *rec)
{
	struct live *s = ctx;

	metrics__rebuild(&s->m, &rec->rebuild);
}

static void live_summary(void *ctx, const struct ovl_record *rec)
{
	struct live *s = ctx;

	metrics__end(&s->m, &rec->summary);
	s->ended = true;
}

static const record_fn live_handlers[RECORD_TYPES] = {
	[RECORD_SESSION] = live_session,
	[RECORD_REBUILD] = live_rebuild,
	[RECORD_SUMMARY] = live_summary,
};

static void live_record(struct sink *sink, const struct ovl_record *rec)
{
	record__dispatch(live_handlers, sink, rec);
}

static int live_tick(struct sink *sink, const struct rec_counts *counts, uint64_t now_ns)
{
	struct live *s = (struct live *)sink;
	int err;

	if (!s->ended) {
		/* metrics that follow each other in a stream are no valid text: once, at the end */
		if (s->out->dir < 0)
			return 0;
		if (s->written_ns && now_ns - s->written_ns < WRITE_INTERVAL_NS)
			return 0;
		s->m.counts = *counts;
		s->m.counts.has_hits = s->m.counts.has_directories = false;
		s->m.seconds = (double)(now_ns - s->start_ns) / 1e9;
	}
	s->written_ns = now_ns;
	err = replace(s);
	if (!err || s->error_reported)
		return 0;
	s->error_reported = true;
	return err;
}

static void live_free(struct sink *sink)
{
	free(sink);
}

struct sink *sink_metrics__new(struct outfile *out)
{
	struct live *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->out = out;
	s->sink.record = live_record;
	s->sink.tick = live_tick;
	s->sink.free = live_free;
	return &s->sink;
}
