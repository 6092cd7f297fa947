// SPDX-License-Identifier: GPL-2.0-only
/* A report as one JSON object: see docs/report.md. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/records.h"
#include "sink/dirtable.h"
#include "util/hist.h"
#include "record/write.h"
#include "sink/sink.h"
#include "sink/stack_copy.h"
#include "sink/testsum.h"

enum {
	SHOWN_FINDINGS = 100, /* findings per recording that are shown */
	FLUSH_BYTES = 64 << 10,
};

struct report {
	struct sink sink;
	struct json j;
	FILE *f;
	bool began;
	uint64_t findings;
	struct hist window, wait;
	enum verdict verdict; /* the worst */
	struct rec_counts total;
	struct testsum tests;
	struct dirtable *dirs;
	struct stack_list stacks;
};

static void flush(struct report *s)
{
	fwrite(s->j.buf, 1, s->j.len, s->f);
	s->j.len = 0;
}

static void begin(struct report *s)
{
	if (s->began)
		return;
	s->began = true;
	json__open(&s->j, NULL, '{');
	json__word(&s->j, "schema", "ovltrace-report/1");
	json__open(&s->j, "recordings", '[');
}

static void on_session(void *ctx, const struct ovl_record *rec)
{
	const struct rec_session *rs = &rec->session;
	struct report *s = ctx;
	struct json *j = &s->j;

	begin(s);
	dirtable__reset(s->dirs);
	testsum__reset(&s->tests);
	stack_list__reset(&s->stacks);
	s->findings = 0;
	memset(&s->window, 0, sizeof(s->window));
	memset(&s->wait, 0, sizeof(s->wait));
	json__open(j, NULL, '{');
	json__str(j, "host", rs->host);
	json__str(j, "version", rs->version);
	json__str(j, "kernel", rs->kernel);
	json__str(j, "arch", rs->arch);
	json__u64(j, "start_realtime_ns", rs->start_realtime_ns);
	json__word(j, "lock_drop", lock_drop__name(rs->lock_drop));
	json__coverage(j, rs->cover, rs->merged);
	json__open(j, "findings", '[');
}

static void on_rebuild(void *ctx, const struct ovl_record *rec)
{
	const struct rec_rebuild *r = &rec->rebuild;
	struct report *s = ctx;
	size_t i;

	for (i = 0; i < r->nwindows; i++) {
		hist__add(&s->window, r->windows[i].retake_ns - r->windows[i].drop_ns);
		if (r->windows[i].wait_ns)
			hist__add(&s->wait, r->windows[i].wait_ns);
	}
}

/* Those of the records that prove the finding; nothing if there are none. */
static void stacks_write(struct report *s, const struct rec_finding *f)
{
	const char *frame[RECORD_MAX_FRAMES];
	struct json *j = &s->j;
	bool any = false;
	size_t i;

	for (i = 0; s->stacks.n && i < f->nevidence; i++) {
		struct rec_stack stack = stack_list__find(&s->stacks, f->evidence[i], frame);

		if (!stack.n)
			continue;
		if (!any)
			json__open(j, "stacks", '[');
		any = true;
		json__open(j, NULL, '{');
		json__u64(j, "seq", f->evidence[i]);
		json__stack(j, &stack);
		json__close(j, '}');
	}
	if (any)
		json__close(j, ']');
}

static void on_finding(void *ctx, const struct ovl_record *rec)
{
	struct report *s = ctx;
	struct json *j = &s->j;

	if (s->findings++ >= SHOWN_FINDINGS)
		return;
	json__open(j, NULL, '{');
	/* 0: the recording lacks the finding, but its records show it */
	json__u64(j, "seq", rec->seq);
	json__u64(j, "ts_ns", rec->ts_ns);
	json__finding(j, &rec->finding);
	stacks_write(s, &rec->finding);
	json__close(j, '}');
}

static void hist_write(struct json *j, const char *key, const struct hist *h)
{
	int i;

	json__open(j, key, '{');
	json__u64(j, "count", h->n);
	json__u64(j, "sum_ns", h->sum_ns);
	json__u64(j, "max_ns", h->max_ns);
	json__open(j, "buckets", '[');
	for (i = 0; i < HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		json__open(j, NULL, '{');
		json__u64(j, "from_us", i ? 1ULL << (i - 1) : 0);
		json__u64(j, "count", h->bucket[i]);
		json__close(j, '}');
	}
	json__close(j, ']');
	json__close(j, '}');
}

static void kinds_write(struct json *j, const char *key, const uint64_t *n)
{
	int i;

	json__open(j, key, '{');
	for (i = 0; i < FINDING_KINDS; i++)
		if (n[i])
			json__u64(j, finding_kind__name(i), n[i]);
	json__close(j, '}');
}

/* Findings by test; nothing if there were no tests. */
static void tests_write(struct report *s)
{
	struct testsum *ts = &s->tests;
	struct json *j = &s->j;
	size_t i;

	testsum__close(ts);
	if (!ts->tests)
		return;
	json__open(j, "tests", '{');
	json__u64(j, "ended", ts->tests);
	json__open(j, "with_findings", '[');
	for (i = 0; i < ts->nrows; i++) {
		const struct testsum_row *r = &ts->row[i];

		json__open(j, NULL, '{');
		json__str(j, "name", r->test.name);
		json__str(j, "result", test_result__name(r->test.result));
		json__u64(j, "begin_ns", r->test.begin_ns);
		json__u64(j, "end_ns", r->test.end_ns);
		kinds_write(j, "findings", r->findings);
		json__close(j, '}');
	}
	json__close(j, ']');
	kinds_write(j, "outside", ts->outside);
	json__u64(j, "forgotten", ts->forgotten);
	json__close(j, '}');
}

/* The cost of directories' caches in descending order; nothing if it was not counted. */
static void directories_write(struct report *s)
{
	uint64_t all = dirtable__directories(s->dirs);
	struct rec_directory d;
	struct json *j = &s->j;
	size_t i;

	if (!all)
		return;
	json__open(j, "directories", '[');
	for (i = 0; dirtable__get(s->dirs, i, &d); i++) {
		json__open(j, NULL, '{');
		json__directory(j, &d);
		json__close(j, '}');
	}
	json__close(j, ']');
	json__u64(j, "directories_not_shown", all - i);
}

static void on_summary(void *ctx, const struct ovl_record *rec)
{
	const struct rec_summary *sum = &rec->summary;
	struct report *s = ctx;
	struct json *j = &s->j;
	size_t i;

	json__close(j, ']');
	json__u64(j, "findings_not_shown",
		  s->findings > SHOWN_FINDINGS ? s->findings - SHOWN_FINDINGS : 0);
	json__u64(j, "duration_ns", sum->duration_ns);
	json__word(j, "verdict", verdict__name(sum->verdict));
	if (sum->has_command)
		json__i64(j, "command_status", sum->command_status);
	else
		json__null(j, "command_status");
	if (sum->told_apart)
		json__count(j, "command_findings", sum->command_findings);
	json__str(j, "copy_up_order", sum->order ? copy_up_order__name(sum->order) : NULL);
	json__counts(j, &sum->counts);
	tests_write(s);
	json__inconsistencies(j, sum->inconsistencies);
	json__open(j, "remarks", '[');
	for (i = 0; i < sum->nremarks; i++) {
		json__open(j, NULL, '{');
		json__bool(j, "damage", sum->remarks[i].damage);
		json__str(j, "text", sum->remarks[i].text);
		json__close(j, '}');
	}
	json__close(j, ']');
	hist_write(j, "windows", &s->window);
	hist_write(j, "waits", &s->wait);
	directories_write(s);
	json__close(j, '}');
	s->verdict = verdict__worse(s->verdict, sum->verdict);
	if (sum->total)
		s->total = *sum->total;
	flush(s);
}

static const record_fn handlers[RECORD_TYPES] = {
	[RECORD_SESSION] = on_session,
	[RECORD_REBUILD] = on_rebuild,
	[RECORD_FINDING] = on_finding,
	[RECORD_SUMMARY] = on_summary,
};

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct report *s = (struct report *)sink;

	testsum__note(&s->tests, rec);
	stack_list__note(&s->stacks, rec);
	dirtable__note(s->dirs, rec);
	record__dispatch(handlers, s, rec);
	if (s->j.len >= FLUSH_BYTES)
		flush(s);
}

static int end(struct sink *sink)
{
	struct report *s = (struct report *)sink;

	/* without a recording there is no report */
	if (!s->began)
		return 0;
	json__close(&s->j, ']');
	json__word(&s->j, "verdict", verdict__name(s->verdict));
	json__counts(&s->j, &s->total);
	json__close(&s->j, '}');
	json__newline(&s->j);
	flush(s);
	return s->j.failed ? -ENOMEM : 0;
}

static void report_free(struct sink *sink)
{
	struct report *s = (struct report *)sink;

	json__deinit(&s->j);
	testsum__reset(&s->tests);
	stack_list__reset(&s->stacks);
	dirtable__free(s->dirs);
	free(s);
}

struct sink *sink_report__new(FILE *f)
{
	struct report *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->dirs = dirtable__new();
	if (!s->dirs) {
		free(s);
		return NULL;
	}
	s->sink.record = record;
	s->sink.end = end;
	s->sink.free = report_free;
	s->f = f;
	return &s->sink;
}
