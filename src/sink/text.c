// SPDX-License-Identifier: GPL-2.0-only
/* Human-readable text: a status line, and findings as timelines. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record/records.h"
#include "sink/answer.h"
#include "sink/table.h"
#include "sink/text_internal.h"
#include "util/color.h"
#include "util/text.h"

enum {
	STATUS_NS = 500000000, /* how often the live line changes */
	BUFFER_BYTES = 64 << 10,
};

static void on_rebuild(void *ctx, const struct ovl_record *rec)
{
	const struct rec_rebuild *r = &rec->rebuild;
	struct text *s = ctx;
	size_t i;

	for (i = 0; i < r->nwindows; i++) {
		hist__add(&s->window, r->windows[i].retake_ns - r->windows[i].drop_ns);
		if (r->windows[i].wait_ns)
			hist__add(&s->wait, r->windows[i].wait_ns);
	}
}

/* Collects what follows, to write it after the line that answers. */
static void hold(struct text *s)
{
	FILE *f = s->opts.held ? open_memstream(&s->held, &s->held_len) : NULL;

	s->f = f ? f : s->output;
}

static void release(struct text *s)
{
	if (s->f == s->output)
		return;
	if (!fclose(s->f))
		fwrite(s->held, 1, s->held_len, s->output);
	free(s->held);
	s->held = NULL;
	s->f = s->output;
}

/* The line that answers comes before the findings, unless these were written as they came. */
static void answer(struct text *s, const struct rec_summary *sum)
{
	static const enum color colors[] = { [VERDICT_CLEAN] = COLOR_GOOD,
					     [VERDICT_FINDINGS] = COLOR_BAD,
					     [VERDICT_INCONCLUSIVE] = COLOR_UNSURE };

	fprintf(s->output, "%s%sverdict: ", s->f == s->output ? "\n" : "",
		color__text(s->opts.color, colors[sum->verdict]));
	answer__line(s->output, &s->session, sum);
	fprintf(s->output, "%s\n", color__text(s->opts.color, COLOR_END));
	sink_text__reasons(s, sum);
	release(s);
}

static void on_summary(void *ctx, const struct ovl_record *rec)
{
	const struct rec_summary *sum = &rec->summary;
	struct text *s = ctx;

	sink_text__findings_end(s);
	sink_text__unshow(s);
	answer(s, sum);
	sink_text__summary(s, sum);
	hold(s);
	s->over = true;
	s->worst = verdict__worse(s->worst, sum->verdict);
}

static void print_line(FILE *f, const char *what, const char *hostile)
{
	fputs(what, f);
	text__bytes(f, hostile, strlen(hostile));
	fputc('\n', f);
}

/* The result of the proof, if one was requested. */
static void proof_print(struct text *s)
{
	const struct rec_proof *proof = &s->session.proof;
	const struct coverage *cover = s->session.cover;
	int i, n[PROOF_NOT_EXERCISED + 1] = { 0 };

	for (i = 0; i < EVENTS; i++)
		n[cover[i].proof]++;
	if (proof->result != PROOF_NOT_RUN)
		fprintf(s->f,
			"proof: %d events confirmed, %d contradicted, %d not exercised, in %" PRIu64
			" ms\n",
			n[PROOF_CONFIRMED], n[PROOF_CONTRADICTED], n[PROOF_NOT_EXERCISED],
			proof->duration_ns / 1000000);
	else if (proof->duration_ns)
		print_line(s->f, "not proved: ", proof->why ? proof->why : "");
	for (i = 0; i < EVENTS; i++) {
		if (cover[i].proof != PROOF_CONTRADICTED)
			continue;
		fprintf(s->f, "  %s is contradicted: ", logical_event__name(i));
		print_line(s->f, "", cover[i].proof_evidence);
	}
}

/* What is seen with less than the best provider, because the kernel refuses that one. */
static void refused_print(struct text *s)
{
	const struct coverage *cover = s->session.cover;
	int i;

	for (i = 0; i < EVENTS; i++) {
		if (!*cover[i].refused)
			continue;
		fprintf(s->f, "%s is seen by %s; refused: ", logical_event__name(i),
			cover[i].provider == PROVIDER_NONE ? "nothing" :
							     provider__name(cover[i].provider));
		print_line(s->f, "", cover[i].refused);
	}
}

/* Whatever changes the behaviour of COMMAND is announced. */
static void widen_print(struct text *s)
{
	const struct rec_session *rs = &s->session;

	if (!rs->has_hold)
		return;
	if (rs->hold_us) {
		fprintf(s->f,
			"windows of the command's tasks are held open until the directory "
			"changes, for at most %" PRIu32 " us\n",
			rs->hold_us);
		return;
	}
	print_line(s->f, "no window is held open: ", rs->hold_why);
}

/* A file may hold several recordings: each is reported separately. */
static void on_session(void *ctx, const struct ovl_record *rec)
{
	struct text *s = ctx;

	s->session = rec->session;
	s->start_ns = rec->ts_ns;
	s->over = false;
	if (s->sessions++)
		fputs("\n----\n", s->output);
	memset(s->waiting, 0, sizeof(s->waiting));
	memset(s->reported, 0, sizeof(s->reported));
	memset(&s->window, 0, sizeof(s->window));
	memset(&s->wait, 0, sizeof(s->wait));
	testsum__reset(&s->tests);
	timeline__reset(s->timeline);
	dirtable__reset(s->dirs);
	refused_print(s);
	proof_print(s);
	widen_print(s);
}

static int end(struct sink *sink)
{
	struct text *s = (struct text *)sink;

	sink_text__others(s, true);
	release(s);
	if (s->sessions > 1)
		fprintf(s->f, "\n%" PRIu64 " recordings: the worst verdict is %s\n", s->sessions,
			verdict__name(s->worst));
	return 0;
}

static void on_lost(void *ctx, const struct ovl_record *rec)
{
	struct text *s = ctx;

	sink_text__unshow(s);
	fprintf(s->f, "%" PRIu64 " records lost: ", rec->lost.count);
	text__bytes(s->f, rec->lost.where, strlen(rec->lost.where));
	fputc('\n', s->f);
}

static const record_fn handlers[RECORD_TYPES] = {
	[RECORD_SESSION] = on_session,
	[RECORD_REBUILD] = on_rebuild,
	[RECORD_FINDING] = sink_text__finding,
	[RECORD_STALE_END] = sink_text__stale_end,
	[RECORD_LOST] = on_lost,
	[RECORD_SUMMARY] = on_summary,
};

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct text *s = (struct text *)sink;

	timeline__note(s->timeline, rec);
	dirtable__note(s->dirs, rec);
	testsum__note(&s->tests, rec);
	record__dispatch(handlers, s, rec);
}

static int tick(struct sink *sink, const struct rec_counts *c, uint64_t now_ns)
{
	struct text *s = (struct text *)sink;
	uint64_t findings = 0;
	int i;

	if (s->opts.live && !s->over && now_ns - s->last_ns >= STATUS_NS) {
		for (i = 0; i < FINDING_KINDS; i++)
			findings += c->finding[i] == COUNT_UNSEEN || !finding_kind__reported(c, i) ?
					    0 :
					    c->finding[i];
		fprintf(s->f,
			"\r\033[K%.0f s: %" PRIu64 " rebuilds, %" PRIu64 " windows, %" PRIu64
			" findings, %" PRIu64 " lost",
			(double)(now_ns - s->start_ns) / 1e9, c->rebuilds, c->windows, findings,
			c->lost);
		s->shown = true;
		s->last_ns = now_ns;
	}
	fflush(s->output);
	return writer__error(sink->writer);
}

static void text_free(struct sink *sink)
{
	struct text *s = (struct text *)sink;

	if (s->f && s->f != s->output)
		fclose(s->f);
	sink_text__others(s, false);
	free(s->held);
	if (sink->writer)
		fclose(s->output);
	writer__free(sink->writer);
	timeline__free(s->timeline);
	dirtable__free(s->dirs);
	testsum__reset(&s->tests);
	free(s);
}

static struct text *text_new(void)
{
	struct text *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->timeline = timeline__new();
	s->dirs = dirtable__new();
	if (!s->timeline || !s->dirs) {
		timeline__free(s->timeline);
		dirtable__free(s->dirs);
		free(s);
		return NULL;
	}
	s->sink.record = record;
	s->sink.tick = tick;
	s->sink.end = end;
	s->sink.free = text_free;
	return s;
}

struct sink *sink_text__new(int fd, const struct text_opts *opts)
{
	struct writer *w = writer__new(fd);
	FILE *f = w ? writer__stream(w) : NULL;
	struct text *s = f ? text_new() : NULL;

	if (!s) {
		if (f)
			fclose(f);
		writer__free(w);
		return NULL;
	}
	setvbuf(f, NULL, _IOFBF, BUFFER_BYTES);
	s->sink.writer = w;
	s->output = f;
	s->opts = *opts;
	hold(s);
	return &s->sink;
}

struct sink *sink_text__new_report(FILE *f)
{
	struct text *s = text_new();

	if (!s)
		return NULL;
	s->output = f;
	s->opts = (struct text_opts){ .held = true };
	hold(s);
	return &s->sink;
}

void sink_text__set_color(struct sink *sink, bool color)
{
	((struct text *)sink)->opts.color = color;
}
