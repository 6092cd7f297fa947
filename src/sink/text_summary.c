// SPDX-License-Identifier: GPL-2.0-only
/* The end of human-readable text: histograms, tables, counts, the verdict. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "sink/answer.h"
#include "sink/text_internal.h"
#include "util/log.h"
#include "util/text.h"

enum {
	BAR = 40,
	WIDTH = 80,
};

static void hist_print(FILE *f, const char *title, const struct hist *h)
{
	uint64_t most = 0;
	int i, first = HIST_BUCKETS, last = 0;

	if (!h->n)
		return;
	for (i = 0; i < HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		first = i < first ? i : first;
		last = i;
		most = h->bucket[i] > most ? h->bucket[i] : most;
	}
	fprintf(f, "\n%s: %" PRIu64 ", mean %" PRIu64 " us, longest %" PRIu64 " us\n", title, h->n,
		h->sum_ns / h->n / 1000, h->max_ns / 1000);
	if (!log__is_verbose())
		return;
	for (i = first; i <= last; i++) {
		int n = (int)(h->bucket[i] * BAR / most);

		fprintf(f, "  %9llu - %-9llu us %9" PRIu64 " |%.*s\n", i ? 1ULL << (i - 1) : 0ULL,
			1ULL << i, h->bucket[i], n, "########################################");
	}
}

static void count_print(FILE *f, const char *name, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		fprintf(f, "  %-22s not observable\n", name);
	else
		fprintf(f, "  %-22s %" PRIu64 "\n", name, v);
}

static void gap_print(FILE *f, enum logical_event gap, const char *evidence)
{
	fprintf(f, "  %s cannot be seen on this kernel: ", logical_event__name(gap));
	text__bytes(f, evidence, strlen(evidence));
	fputc('\n', f);
}

void sink_text__reasons(struct text *s, const struct rec_summary *sum)
{
	FILE *f = s->output;
	enum logical_event gap;
	size_t r;
	int i;

	if (sum->counts.lost)
		fprintf(f, "  %" PRIu64 " records were lost\n", sum->counts.lost);
	for (i = 0; i < INCONSISTENCIES; i++)
		if (sum->inconsistencies[i])
			fprintf(f, "  cross-check failed %" PRIu64 " times: %s\n",
				sum->inconsistencies[i], inconsistency__text(i));
	for (r = 0; r < sum->nremarks; r++) {
		fputs("  ", f);
		text__bytes(f, sum->remarks[r].text, strlen(sum->remarks[r].text));
		fputc('\n', f);
	}
	if (!rec_session__complete(&s->session, &gap))
		gap_print(f, gap, coverage__why(&s->session.cover[gap]));
	if (s->session.follow_why) {
		fputs("  it is not known which tasks are the command's: ", f);
		text__bytes(f, s->session.follow_why, strlen(s->session.follow_why));
		fputc('\n', f);
	}
	if (s->session.follow)
		fputs("  only what the command and its descendants take part in was judged\n", f);
	if (sum->has_command)
		fprintf(f, "  the command's exit status was %d\n", sum->command_status);
}

/* Sentences of at most WIDTH columns, each with a dash. */
static void meaning_print(struct text *s, const struct rec_summary *sum)
{
	const char *text, *word;
	size_t i;

	fputs("\nwhat this means:\n", s->f);
	for (i = 0; (text = answer__meaning(&s->session, sum, i)); i++) {
		int at = fprintf(s->f, "  -");

		for (word = text; *word; word += strspn(word, " ")) {
			int len = (int)strcspn(word, " ");

			if (at + 1 + len > WIDTH)
				at = fprintf(s->f, "\n   ") - 1;
			at += fprintf(s->f, " %.*s", len, word);
			word += len;
		}
		fputc('\n', s->f);
	}
}

static void findings_print(FILE *f, const uint64_t *n)
{
	int i;

	for (i = 0; i < FINDING_KINDS; i++)
		if (n[i])
			fprintf(f, " %s %" PRIu64, finding_kind__name(i), n[i]);
	fputc('\n', f);
}

/* Findings by test, if there were tests. */
static void tests_print(struct text *s)
{
	struct testsum *ts = &s->tests;
	uint64_t outside = 0;
	size_t i;

	testsum__close(ts);
	if (!ts->tests)
		return;
	fprintf(s->f, "\n%" PRIu64 " tests, %zu of them with findings\n", ts->tests, ts->nrows);
	for (i = 0; i < ts->nrows; i++) {
		const struct testsum_test *t = &ts->row[i].test;
		const char *result = test_result__name(t->result);

		fputs("  ", s->f);
		text__bytes(s->f, t->name, strlen(t->name));
		fprintf(s->f, "%s%s%s:", result ? " (" : "", result ? result : "",
			result ? ")" : "");
		findings_print(s->f, ts->row[i].findings);
	}
	for (i = 0; i < FINDING_KINDS; i++)
		outside += ts->outside[i];
	if (outside) {
		fputs("  outside of any test:", s->f);
		findings_print(s->f, ts->outside);
	}
	if (ts->forgotten)
		fprintf(s->f, "  %" PRIu64 " more findings, without room for their tests\n",
			ts->forgotten);
}

static void counts_print(FILE *f, const struct rec_counts *c)
{
	size_t i;

	for (i = 0; i < COUNTS; i++)
		if (count_defs[i].label && counts__has(c, count_defs[i].group))
			count_print(f, count_defs[i].label, count__get(c, &count_defs[i]));
	if (c->has_hits)
		fputs("  (one listing makes several readdir calls; tables count listings)\n", f);
}

static void began_print(FILE *f, const struct rec_session *rs)
{
	time_t at = (time_t)(rs->start_realtime_ns / 1000000000);
	char when[64];
	struct tm tm;

	if (gmtime_r(&at, &tm) && strftime(when, sizeof(when), "%F %T UTC", &tm))
		fprintf(f, "  began at %s\n", when);
	if (!rs->command_line)
		return;
	fputs("  ", f);
	text__bytes(f, rs->command_line, strlen(rs->command_line));
	fputc('\n', f);
}

void sink_text__summary(struct text *s, const struct rec_summary *sum)
{
	const struct rec_session *rs = &s->session;

	hist_print(s->f, "windows (lock dropped to reacquired)", &s->window);
	hist_print(s->f, "waits for the lock", &s->wait);
	dirtable__print(s->dirs, s->f);
	tests_print(s);
	fprintf(s->f, "\nin %.1f s on ", (double)sum->duration_ns / 1e9);
	text__bytes(s->f, rs->kernel, strlen(rs->kernel));
	if (rs->host) {
		fputs(", host ", s->f);
		text__bytes(s->f, rs->host, strlen(rs->host));
	}
	fprintf(s->f, " (lock drop: %s)\n", lock_drop__name(rs->lock_drop));
	began_print(s->f, rs);
	if (sum->hold_waits)
		fprintf(s->f,
			"  windows were held open %" PRIu64 " times, %" PRIu64 " us each, %" PRIu64
			" of them timed out\n",
			sum->hold_waits, sum->hold_waited_ns / sum->hold_waits / 1000,
			sum->hold_timed_out);
	counts_print(s->f, &sum->counts);
	meaning_print(s, sum);
}
