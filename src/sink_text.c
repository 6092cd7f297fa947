// SPDX-License-Identifier: GPL-2.0-only
/* People's text: a live line, findings as timelines, a closing table. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dirtable.h"
#include "hist.h"
#include "sink.h"
#include "testsum.h"
#include "timeline.h"

enum {
	TOLD_PER_KIND = 3, /* findings of one kind that are told in full */
	STATUS_NS = 500000000, /* how often the live line changes */
	BAR = 40,
};

struct waiting {
	struct ovl_record rec; /* a stale store whose end is not known yet */
	char path[4096], text[512], test[TESTSUM_NAME];
	bool used;
};

struct text {
	struct sink sink;
	FILE *f;
	bool live, shown, told_error;
	uint64_t last_ns, last_findings, sessions;
	enum verdict worst;
	struct timeline *timeline;
	struct dirtable *dirs;
	struct waiting waiting[TOLD_PER_KIND];
	uint64_t told[FINDING_KINDS];
	struct hist window, wait;
	struct testsum tests;
};

static void unshow(struct text *s)
{
	if (s->shown)
		fputs("\r\033[K", s->f);
	s->shown = false;
}

static void tell(struct text *s, const struct ovl_record *rec, const struct ovl_record *end)
{
	const struct rec_finding *fd = &rec->finding;

	unshow(s);
	fprintf(s->f, "\n%s (%s) in ", finding_kind__name(fd->kind),
		fd->exact ? "exact" : "inferred");
	if (fd->dir.path)
		text__bytes(s->f, fd->dir.path, strlen(fd->dir.path));
	else
		fprintf(s->f, "inode %" PRIu64, fd->dir.ino);
	fprintf(s->f, " (dev %u:%u, ino %" PRIu64 ")", fd->dir.dev >> 20, fd->dir.dev & 0xfffff,
		fd->dir.ino);
	if (fd->test) {
		fputs(" during ", s->f);
		text__bytes(s->f, fd->test, strlen(fd->test));
	}
	fputs("\n  ", s->f);
	text__bytes(s->f, fd->text, strlen(fd->text));
	fputc('\n', s->f);
	timeline__tell(s->timeline, s->f, rec, end);
}

static void keep(struct waiting *w, const struct ovl_record *rec)
{
	w->rec = *rec;
	w->used = true;
	snprintf(w->text, sizeof(w->text), "%s", rec->finding.text);
	w->rec.finding.text = w->text;
	if (rec->finding.test) {
		snprintf(w->test, sizeof(w->test), "%s", rec->finding.test);
		w->rec.finding.test = w->test;
	}
	if (rec->finding.dir.path) {
		snprintf(w->path, sizeof(w->path), "%s", rec->finding.dir.path);
		w->rec.finding.dir.path = w->path;
	}
}

static void on_finding(struct text *s, const struct ovl_record *rec)
{
	enum finding_kind kind = rec->finding.kind;
	size_t i;

	if (s->told[kind]++ >= TOLD_PER_KIND)
		return;
	if (kind != FINDING_STALE_STORE) {
		tell(s, rec, NULL);
		return;
	}
	/* it is told when it is known until when the stale cache was served */
	for (i = 0; i < TOLD_PER_KIND && s->waiting[i].used; i++)
		;
	if (i < TOLD_PER_KIND)
		keep(&s->waiting[i], rec);
}

static void on_stale_end(struct text *s, const struct ovl_record *rec)
{
	size_t i;

	for (i = 0; i < TOLD_PER_KIND; i++) {
		struct waiting *w = &s->waiting[i];

		if (!w->used || w->rec.seq != rec->stale_end.finding)
			continue;
		tell(s, &w->rec, rec);
		/* seq 0 stays used: the slot is not needed again */
		w->rec.seq = 0;
	}
}

static void on_rebuild(struct text *s, const struct rec_rebuild *r)
{
	size_t i;

	for (i = 0; i < r->nwindows; i++) {
		hist__add(&s->window, r->windows[i].retake_ns - r->windows[i].drop_ns);
		if (r->windows[i].wait_ns)
			hist__add(&s->wait, r->windows[i].wait_ns);
	}
}

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
	for (i = first; i <= last; i++) {
		int n = (int)(h->bucket[i] * BAR / most);

		fprintf(f, "  %9llu - %-9llu us %9" PRIu64 " |%.*s\n",
			i ? 1ULL << (i - 1) : 0ULL, 1ULL << i, h->bucket[i], n,
			"########################################");
	}
}

static void count_print(FILE *f, const char *name, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		fprintf(f, "  %-22s not seen\n", name);
	else
		fprintf(f, "  %-22s %" PRIu64 "\n", name, v);
}

static void gap_print(FILE *f, enum plan_event gap, const char *evidence)
{
	fprintf(f, "  %s can't be seen on this kernel: ", plan_event__name(gap));
	text__bytes(f, evidence, strlen(evidence));
	fputc('\n', f);
}

static void verdict_print(const struct text *s)
{
	const struct session_info *info = s->sink.info;
	enum plan_event gap;
	size_t r;
	int i;

	fprintf(s->f, "\nverdict: %s\n", verdict__name(info->verdict));
	if (info->counts.lost)
		fprintf(s->f, "  %" PRIu64 " records were lost\n", info->counts.lost);
	for (i = 0; i < DOUBT_COUNT; i++)
		if (info->doubts[i])
			fprintf(s->f, "  cross-check failed %" PRIu64 " times: %s\n",
				info->doubts[i], model_doubt__text(i));
	for (r = 0; r < info->nremarks; r++) {
		fputs("  ", s->f);
		text__bytes(s->f, info->remarks[r].text, strlen(info->remarks[r].text));
		fputc('\n', s->f);
	}
	if (!plan__complete(info->plan, &gap))
		gap_print(s->f, gap, plan_coverage__why(&info->plan->cover[gap]));
	if (info->order == COPY_UP_WRONG)
		fputs("  this kernel publishes a copied-up directory before it sets OVL_WHITEOUTS, so kinds of "
		      "caches can be mixed:\n  fixed by cbec8610ec5a \"ovl: set OVL_WHITEOUTS before "
		      "publishing the upper dir\"; see kind_mix\n", s->f);
	if (info->has_command)
		fprintf(s->f, "  the command's exit status was %d\n", info->command_status);
}

static void findings_print(FILE *f, const uint64_t *n)
{
	int i;

	for (i = 0; i < FINDING_KINDS; i++)
		if (n[i])
			fprintf(f, " %s %" PRIu64, finding_kind__name(i), n[i]);
	fputc('\n', f);
}

/* Findings by test, where there were tests. */
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
		fprintf(s->f, "%s%s%s:", result ? " (" : "", result ? result : "", result ? ")" : "");
		findings_print(s->f, ts->row[i].findings);
	}
	for (i = 0; i < FINDING_KINDS; i++)
		outside += ts->outside[i];
	if (outside) {
		fputs("  outside of any test:", s->f);
		findings_print(s->f, ts->outside);
	}
	if (ts->forgotten)
		fprintf(s->f, "  %" PRIu64 " more findings, there was no room for their tests\n",
			ts->forgotten);
}

static void on_summary(struct text *s)
{
	const struct session_info *info = s->sink.info;
	const struct rec_counts *c = &info->counts;
	size_t i;

	for (i = 0; i < TOLD_PER_KIND; i++)
		if (s->waiting[i].used && s->waiting[i].rec.seq)
			tell(s, &s->waiting[i].rec, NULL);
	for (i = 0; i < FINDING_KINDS; i++)
		if (s->told[i] > TOLD_PER_KIND)
			fprintf(s->f, "\n%" PRIu64 " more of %s are counted but not told here\n",
				s->told[i] - TOLD_PER_KIND, finding_kind__name(i));
	unshow(s);
	hist_print(s->f, "windows (lock dropped to retaken)", &s->window);
	hist_print(s->f, "waits for the lock", &s->wait);
	dirtable__print(s->dirs, s->f);
	tests_print(s);
	fprintf(s->f, "\nin %.1f s on ", (double)(info->end_ns - info->start_ns) / 1e9);
	text__bytes(s->f, info->kernel, strlen(info->kernel));
	if (info->host) {
		fputs(", host ", s->f);
		text__bytes(s->f, info->host, strlen(info->host));
	}
	fprintf(s->f, " (lock drop: %s)\n", plan__lock_drop_name(info->plan));
	if (info->widen_waits)
		fprintf(s->f, "  windows were held open %" PRIu64 " times, %" PRIu64 " us each, %" PRIu64
			" of them in vain\n", info->widen_waits,
			info->widen_ns / info->widen_waits / 1000, info->widen_vain);
	if (c->has_hits) {
		count_print(s->f, "readdirs", c->readdirs);
		count_print(s->f, "cache hits", c->hits);
	}
	if (c->has_directories) {
		count_print(s->f, "readdirs of merged", c->merged_readdirs);
		count_print(s->f, "their cache hits", c->merged_hits);
	}
	count_print(s->f, "rebuilds", c->rebuilds);
	count_print(s->f, "windows", c->windows);
	count_print(s->f, "mods in windows", c->mods);
	count_print(s->f, "stores", c->stores);
	count_print(s->f, "superseded stores", c->superseded_stores);
	count_print(s->f, "stale stores", c->finding[FINDING_STALE_STORE]);
	count_print(s->f, "unfreed caches", c->finding[FINDING_UNFREED_CACHE]);
	count_print(s->f, "stale impure clears", c->finding[FINDING_STALE_IMPURE_CLEAR]);
	count_print(s->f, "kind mixes", c->finding[FINDING_KIND_MIX]);
	count_print(s->f, "bad returns", c->finding[FINDING_BAD_RETURN]);
	count_print(s->f, "lock hazards", c->finding[FINDING_LOCK_HAZARD]);
	if (c->has_merged) {
		count_print(s->f, "merged stores", c->merged_stores);
		count_print(s->f, "merged gets", c->merged_gets);
		count_print(s->f, "merged puts", c->merged_puts);
		count_print(s->f, "merged frees", c->merged_frees);
		count_print(s->f, "merged leaks", c->finding[FINDING_MERGED_LEAK]);
		count_print(s->f, "merged stales", c->finding[FINDING_MERGED_STALE]);
		count_print(s->f, "merged refcounts", c->finding[FINDING_MERGED_REFCOUNT]);
	}
	verdict_print(s);
	s->worst = verdict__worse(s->worst, info->verdict);
}

/* One line of how far the plan can be trusted; nothing where nobody asked. */
static void proof_print(struct text *s)
{
	const struct session_info *info = s->sink.info;
	int i, n[PLAN_NOT_EXERCISED + 1] = { 0 };

	for (i = 0; i < PLAN_EVENTS; i++)
		n[info->plan->cover[i].proof]++;
	if (info->proof != PLAN_NOT_PROVED)
		fprintf(s->f, "proof: %d events confirmed, %d contradicted, %d not exercised, in %"
			PRIu64 " ms\n", n[PLAN_CONFIRMED], n[PLAN_CONTRADICTED],
			n[PLAN_NOT_EXERCISED], info->proof_ns / 1000000);
	else if (info->proof_ns)
		fprintf(s->f, "not proved: %s\n", info->proof_why);
	for (i = 0; i < PLAN_EVENTS; i++)
		if (info->plan->cover[i].proof == PLAN_CONTRADICTED)
			fprintf(s->f, "  %s is not what it seems: %s\n", plan_event__name(i),
				info->plan->cover[i].proof_evidence);
}

/* What is done to COMMAND is never done without a word. */
static void widen_print(struct text *s)
{
	const struct session_info *info = s->sink.info;

	if (!info->has_widen)
		return;
	if (info->widen_us) {
		fprintf(s->f, "windows of the command's tasks are held open until the directory "
			"changes, for %" PRIu32 " us at most\n", info->widen_us);
		return;
	}
	fputs("no window is held open: ", s->f);
	text__bytes(s->f, info->widen_why, strlen(info->widen_why));
	fputc('\n', s->f);
}

/* A file may hold several recordings: each is told for itself. */
static void on_session(struct text *s)
{
	if (s->sessions++)
		fputs("\n----\n", s->f);
	memset(s->waiting, 0, sizeof(s->waiting));
	memset(s->told, 0, sizeof(s->told));
	memset(&s->window, 0, sizeof(s->window));
	memset(&s->wait, 0, sizeof(s->wait));
	testsum__reset(&s->tests);
	timeline__reset(s->timeline);
	dirtable__reset(s->dirs);
	proof_print(s);
	widen_print(s);
}

static int end(struct sink *sink)
{
	struct text *s = (struct text *)sink;

	if (s->sessions > 1)
		fprintf(s->f, "\n%" PRIu64 " recordings: the worst verdict is %s\n", s->sessions,
			verdict__name(s->worst));
	return 0;
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct text *s = (struct text *)sink;

	timeline__note(s->timeline, rec);
	dirtable__note(s->dirs, rec);
	testsum__note(&s->tests, rec);
	switch (rec->type) {
	case RECORD_SESSION:
		on_session(s);
		break;
	case RECORD_REBUILD:
		on_rebuild(s, &rec->rebuild);
		break;
	case RECORD_FINDING:
		on_finding(s, rec);
		break;
	case RECORD_STALE_END:
		on_stale_end(s, rec);
		break;
	case RECORD_LOST:
		unshow(s);
		fprintf(s->f, "%" PRIu64 " records lost: ", rec->lost.count);
		text__bytes(s->f, rec->lost.where, strlen(rec->lost.where));
		fputc('\n', s->f);
		break;
	case RECORD_SUMMARY:
		on_summary(s);
		break;
	default:
		break;
	}
}

static int tick(struct sink *sink, const struct rec_counts *c, uint64_t now_ns)
{
	struct text *s = (struct text *)sink;
	uint64_t findings = 0;
	int i;

	if (s->live && now_ns - s->last_ns >= STATUS_NS) {
		for (i = 0; i < FINDING_KINDS; i++)
			findings += c->finding[i] == COUNT_UNSEEN || !finding_kind__told(c, i) ?
					    0 : c->finding[i];
		fprintf(s->f, "\r\033[K%.0f s: %" PRIu64 " rebuilds, %" PRIu64
			" windows, %" PRIu64 " findings, %" PRIu64 " lost",
			(double)(now_ns - sink->info->start_ns) / 1e9, c->rebuilds, c->windows,
			findings, c->lost);
		s->shown = true;
		s->last_ns = now_ns;
	}
	if ((fflush(s->f) || ferror(s->f)) && !s->told_error) {
		s->told_error = true;
		return errno ? -errno : -EIO;
	}
	return 0;
}

static void text_free(struct sink *sink)
{
	struct text *s = (struct text *)sink;

	fflush(s->f);
	timeline__free(s->timeline);
	dirtable__free(s->dirs);
	testsum__reset(&s->tests);
	free(s);
}

struct sink *sink_text__new(FILE *f, bool live, const struct session_info *info)
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
	s->sink.info = info;
	s->f = f;
	s->live = live;
	return &s->sink;
}

struct sink *sink_text__new_report(FILE *f, const struct session_info *info)
{
	return sink_text__new(f, false, info);
}
