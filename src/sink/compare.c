// SPDX-License-Identifier: GPL-2.0-only
#include "sink/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record/records.h"
#include "record/write.h"
#include "util/text.h"

struct compare {
	struct sink sink;
	struct compare_side *side;
};

static void on_session(void *ctx, const struct ovl_record *rec)
{
	const struct rec_session *rs = &rec->session;
	struct compare *c = ctx;

	c->side->recordings++;
	snprintf(c->side->kernel, sizeof(c->side->kernel), "%s", rs->kernel);
	snprintf(c->side->host, sizeof(c->side->host), "%s", rs->host ? rs->host : "");
	snprintf(c->side->version, sizeof(c->side->version), "%s", rs->version);
}

static void on_rebuild(void *ctx, const struct ovl_record *rec)
{
	const struct rec_rebuild *r = &rec->rebuild;
	struct compare *c = ctx;
	size_t i;

	hist__add(&c->side->rebuild, r->end_ns - r->begin_ns);
	for (i = 0; i < r->nwindows; i++) {
		hist__add(&c->side->window, r->windows[i].retake_ns - r->windows[i].drop_ns);
		if (r->windows[i].wait_ns)
			hist__add(&c->side->wait, r->windows[i].wait_ns);
	}
}

static void on_summary(void *ctx, const struct ovl_record *rec)
{
	const struct rec_summary *sum = &rec->summary;
	struct compare *c = ctx;

	saturate__add(&c->side->duration_ns, sum->duration_ns);
	c->side->verdict = verdict__worse(c->side->verdict, sum->verdict);
	c->side->counts = sum->total ? *sum->total : sum->counts;
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	static const record_fn handlers[RECORD_TYPES] = {
		[RECORD_SESSION] = on_session,
		[RECORD_REBUILD] = on_rebuild,
		[RECORD_SUMMARY] = on_summary,
	};

	record__dispatch(handlers, sink, rec);
}

static void compare_free(struct sink *sink)
{
	free(sink);
}

struct sink *sink_compare__new(struct compare_side *side)
{
	struct compare *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->side = side;
	c->sink.record = record;
	c->sink.free = compare_free;
	return &c->sink;
}

/* What has become of the findings of a kind. */
enum change {
	CHANGE_NONE, /* there were none, and are none */
	CHANGE_GONE,
	CHANGE_NEW,
	CHANGE_STILL,
	CHANGE_UNKNOWN, /* one of the recordings cannot show it */
	CHANGES,
};

static const char *const change_names[CHANGES] = { "none", "gone", "new", "still", "unknown" };

/* COUNT_UNSEEN if the recording has no such count, too. */
static uint64_t value(const struct compare_side *s, const struct count_def *def)
{
	return counts__has(&s->counts, def->group) ? count__get(&s->counts, def) : COUNT_UNSEEN;
}

static enum change change_of(const struct compare_side side[2], const struct count_def *def)
{
	uint64_t a = value(&side[0], def), b = value(&side[1], def);

	if (a == COUNT_UNSEEN || b == COUNT_UNSEEN)
		return a == b ? CHANGE_NONE : CHANGE_UNKNOWN;
	return a ? (b ? CHANGE_STILL : CHANGE_GONE) : b ? CHANGE_NEW : CHANGE_NONE;
}

/*
 * How many findings the second recording would have if they were as frequent a rebuild as in
 * the first one. Fewer than three: with that many expected, none at all is no rare chance
 * (e^-3 is 5 %).
 */
static double expected(const struct compare_side side[2], const struct count_def *def)
{
	uint64_t rebuilds[2] = { side[0].counts.rebuilds, side[1].counts.rebuilds };

	if (!rebuilds[0] || rebuilds[0] == COUNT_UNSEEN || rebuilds[1] == COUNT_UNSEEN)
		return 0;
	return (double)value(&side[0], def) * (double)rebuilds[1] / (double)rebuilds[0];
}

static bool few(const struct compare_side side[2], const struct count_def *def)
{
	return change_of(side, def) == CHANGE_GONE && expected(side, def) < 3;
}

/* "gone: stale stores 12; " */
static bool list(FILE *f, const struct compare_side side[2], enum change change)
{
	const char *before = "";
	size_t i;

	for (i = 0; i < COUNTS; i++) {
		const struct count_def *def = &count_defs[i];

		if (def->kind < 0 || change_of(side, def) != change)
			continue;
		if (!*before)
			fprintf(f, "%s: ", change_names[change]);
		fprintf(f, "%s%s", before, def->label);
		before = ", ";
	}
	if (*before)
		fputs("; ", f);
	return *before;
}

static void answer(FILE *f, const struct compare_side side[2])
{
	bool any = list(f, side, CHANGE_NEW);

	any |= list(f, side, CHANGE_STILL);
	any |= list(f, side, CHANGE_GONE);
	any |= list(f, side, CHANGE_UNKNOWN);
	if (!any)
		fputs("no finding before or after; ", f);
	fprintf(f, "verdict before: %s, after: %s\n", verdict__name(side[0].verdict),
		verdict__name(side[1].verdict));
}

static void side_text(FILE *f, const char *when, const struct compare_side *s)
{
	fprintf(f, "%-8s", when);
	text__bytes(f, s->name, strlen(s->name));
	fputs(": ", f);
	text__bytes(f, s->kernel, strlen(s->kernel));
	if (*s->host)
		fputs(", host ", f);
	text__bytes(f, s->host, strlen(s->host));
	fprintf(f, ", %.1f s", (double)s->duration_ns / 1e9);
	if (s->recordings != 1)
		fprintf(f, ", %" PRIu64 " recordings", s->recordings);
	fputc('\n', f);
}

static void number(FILE *f, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		fprintf(f, " %12s", "-");
	else
		fprintf(f, " %12" PRIu64, v);
}

/* Per 1000 rebuilds: the loads are rarely the same. */
static void rate(FILE *f, const struct compare_side *s, uint64_t v)
{
	if (v == COUNT_UNSEEN || !s->counts.rebuilds || s->counts.rebuilds == COUNT_UNSEEN)
		fprintf(f, " %12s", "-");
	else
		fprintf(f, " %12.1f", 1000.0 * (double)v / (double)s->counts.rebuilds);
}

static void counts_text(FILE *f, const struct compare_side side[2])
{
	size_t i;

	fprintf(f, "%-22s %12s %12s %25s\n%-22s %12s %12s %12s %12s\n", "", "", "",
		"per 1000 rebuilds", "", "before", "after", "before", "after");
	for (i = 0; i < COUNTS; i++) {
		const struct count_def *def = &count_defs[i];
		uint64_t v[2] = { value(&side[0], def), value(&side[1], def) };

		if (!def->label || (v[0] == COUNT_UNSEEN && v[1] == COUNT_UNSEEN))
			continue;
		fprintf(f, "%-22s", def->label);
		number(f, v[0]);
		number(f, v[1]);
		rate(f, &side[0], v[0]);
		rate(f, &side[1], v[1]);
		fputc('\n', f);
	}
}

static void durations_text(FILE *f, const char *what, const struct hist *a, const struct hist *b)
{
	const struct hist *h[2] = { a, b };
	int i;

	if (!a->n && !b->n)
		return;
	fprintf(f, "%-22s", what);
	for (i = 0; i < 2; i++)
		if (h[i]->n)
			fprintf(f, " %12.1f", (double)h[i]->sum_ns / (double)h[i]->n / 1000);
		else
			fprintf(f, " %12s", "-");
	for (i = 0; i < 2; i++)
		fprintf(f, " %12.1f", (double)h[i]->max_ns / 1000);
	fputc('\n', f);
}

void compare__text(FILE *f, const struct compare_side side[2])
{
	size_t i;

	answer(f, side);
	for (i = 0; i < COUNTS; i++)
		if (count_defs[i].kind >= 0 && few(side, &count_defs[i]))
			fprintf(f,
				"  that %s are gone shows little: as often per rebuild as before, "
				"there would be %.1f\n",
				count_defs[i].label, expected(side, &count_defs[i]));
	fputc('\n', f);
	side_text(f, "before", &side[0]);
	side_text(f, "after", &side[1]);
	fputc('\n', f);
	counts_text(f, side);
	fprintf(f, "\n%-22s %25s %25s\n%-22s %12s %12s %12s %12s\n", "microseconds", "mean",
		"longest", "", "before", "after", "before", "after");
	durations_text(f, "rebuild", &side[0].rebuild, &side[1].rebuild);
	durations_text(f, "lock dropped", &side[0].window, &side[1].window);
	durations_text(f, "waits for the lock", &side[0].wait, &side[1].wait);
}

static void hist_json(struct json *j, const char *key, const struct hist *h)
{
	json__open(j, key, '{');
	json__u64(j, "count", h->n);
	json__u64(j, "sum_ns", h->sum_ns);
	json__u64(j, "max_ns", h->max_ns);
	json__close(j, '}');
}

static void side_json(struct json *j, const char *key, const struct compare_side *s)
{
	json__open(j, key, '{');
	json__str(j, "file", s->name);
	json__str(j, "host", *s->host ? s->host : NULL);
	json__str(j, "version", s->version);
	json__str(j, "kernel", s->kernel);
	json__u64(j, "recordings", s->recordings);
	json__u64(j, "duration_ns", s->duration_ns);
	json__word(j, "verdict", verdict__name(s->verdict));
	json__counts(j, &s->counts);
	hist_json(j, "rebuild_times", &s->rebuild);
	hist_json(j, "windows", &s->window);
	hist_json(j, "waits", &s->wait);
	json__close(j, '}');
}

int compare__json(FILE *f, const struct compare_side side[2])
{
	struct json j = { 0 };
	int err;
	size_t i;

	json__open(&j, NULL, '{');
	json__word(&j, "schema", "ovltrace-comparison/1");
	json__open(&j, "findings", '[');
	for (i = 0; i < COUNTS; i++) {
		const struct count_def *def = &count_defs[i];
		enum change change = change_of(side, def);

		if (def->kind < 0 || change == CHANGE_NONE)
			continue;
		json__open(&j, NULL, '{');
		json__word(&j, "kind", finding_kind__name((enum finding_kind)def->kind));
		json__word(&j, "change", change_names[change]);
		json__bool(&j, "few", few(side, def));
		json__close(&j, '}');
	}
	json__close(&j, ']');
	side_json(&j, "before", &side[0]);
	side_json(&j, "after", &side[1]);
	json__close(&j, '}');
	json__newline(&j);
	err = j.failed ? -ENOMEM : 0;
	if (!err)
		fwrite(j.buf, 1, j.len, f);
	json__deinit(&j);
	return err;
}
