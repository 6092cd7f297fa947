// SPDX-License-Identifier: GPL-2.0-only
/*
 * Derives the results from the facts. Pure: equal facts give an equal report.
 * A result is `ok` only if something was observed.
 */
#include "check/judge.h"

#include <inttypes.h>
#include <string.h>

#include "util/exit_status.h"

#define SET_TEXT(buf, ...) judge__set_text(buf, sizeof(buf), __VA_ARGS__)

static bool did_run(const struct check_facts *f, size_t i)
{
	return f->selected[i] && f->state[i].phase == SCENARIO_DONE && !f->state[i].idle;
}

/* Why a scenario that did not run observed nothing. */
static const char *why_not(const struct check_facts *f, size_t i)
{
	return f->state[i].idle ? f->state[i].why : scenario_phase__text(f->state[i].phase);
}

/* Judges recorded findings of one kind, by scenario. */
static void judge_kind(const struct check_facts *f, struct check_result *r, enum check_id id)
{
	int kind = check_defs[id].kind;
	char text[CHECK_TEXT];
	size_t i;

	for (i = 0; i < nscenarios; i++) {
		const struct scenario_state *st = &f->state[i];
		uint64_t n = f->findings[i][kind];

		r->count += n;
		if (n) {
			SET_TEXT(text, "%" PRIu64 " in %" PRIu64 " rebuilds", n, f->rebuilds[i]);
			judge__set_sub(r, i, CHECK_FAIL, text);
		} else if (id == CHECK_MISSED_INVALIDATION && st->wrong_links) {
			r->count += st->wrong_links;
			judge__set_sub(r, i, CHECK_FAIL, st->seen[id]);
		} else if (!f->selected[i] || !(scenarios[i].checks & CHECK_BIT(id))) {
			continue;
		} else if (id == CHECK_STALE_IMPURE_CLEAR && st->unflagged) {
			r->count += st->unflagged;
			judge__set_sub(r, i, CHECK_FAIL, st->seen[id]);
		} else if (!f->traced) {
			judge__set_sub(r, i, CHECK_SKIP, "not traced");
		} else if (!did_run(f, i)) {
			judge__set_sub(r, i, CHECK_SKIP, why_not(f, i));
		} else if (f->counts.finding[kind] == COUNT_UNSEEN) {
			judge__set_sub(r, i, CHECK_SKIP, "cannot be seen on this kernel");
		} else if (!judge__is_realized(f, i)) {
			judge__set_sub(r, i, CHECK_SKIP, JUDGE_UNREALIZED);
		} else if (!f->rebuilds[i] && scenarios[i].by_records & CHECK_BIT(id)) {
			judge__set_sub(r, i, CHECK_SKIP, "no rebuild was seen");
		} else {
			SET_TEXT(text, "%" PRIu64 " rebuilds", f->rebuilds[i]);
			judge__set_sub(r, i, CHECK_OK, text);
		}
	}
	judge__combine(r);
}

/* What a user sees in a scenario: how many observations, and how many were wrong. */
struct seen {
	enum check_id id;
	uint64_t (*wrong)(const struct scenario_state *);
	uint64_t (*looked)(const struct scenario_state *);
	const char *what; /* was observed */
};

static void judge_seen(const struct check_facts *f, struct check_result *r, const struct seen *s)
{
	char text[CHECK_TEXT];
	size_t i;

	for (i = 0; i < nscenarios; i++) {
		const struct scenario_state *st = &f->state[i];

		if (!f->selected[i] || !(scenarios[i].checks & CHECK_BIT(s->id)))
			continue;
		r->count += s->wrong(st);
		if (s->wrong(st)) {
			judge__set_sub(r, i, CHECK_FAIL, st->seen[s->id]);
		} else if (!did_run(f, i)) {
			judge__set_sub(r, i, CHECK_SKIP, why_not(f, i));
		} else if (!s->looked(st)) {
			judge__set_sub(r, i, CHECK_SKIP, "nothing was listed");
		} else {
			SET_TEXT(text, "%" PRIu64 " %s", s->looked(st), s->what);
			judge__set_sub(r, i, CHECK_OK, text);
		}
	}
	judge__combine(r);
}

static uint64_t wrong_entries(const struct scenario_state *st)
{
	return st->wrong_ino + st->wrong_names;
}

static uint64_t right_entries(const struct scenario_state *st)
{
	return st->entries;
}

static uint64_t wrong_returns(const struct scenario_state *st)
{
	return st->bad_returns + st->stale_names;
}

static uint64_t calls(const struct scenario_state *st)
{
	return st->calls;
}

static void judge_returns(const struct check_facts *f, struct check_result *r)
{
	static const struct seen seen = {
		.id = CHECK_BAD_RETURN,
		.wrong = wrong_returns,
		.looked = calls,
		.what = "calls of getdents",
	};

	judge_seen(f, r, &seen);
}

static void judge_numbers(const struct check_facts *f, struct check_result *r)
{
	static const struct seen seen = {
		.id = CHECK_D_INO,
		.wrong = wrong_entries,
		.looked = right_entries,
		.what = "entries compared",
	};

	judge_seen(f, r, &seen);
}

static const char order_text[] =
	"a directory's upper half is published before OVL_WHITEOUTS is set: a task that opens it in "
	"between takes a merged directory for a real one, and may then free a cache that others "
	"are reading (use after free). Fixed by commit cbec8610ec5a \"ovl: set OVL_WHITEOUTS before "
	"publishing the upper dir\"";

static void judge_kind_mix(const struct check_facts *f, struct check_result *r)
{
	size_t i, n;

	for (i = 0; i < nscenarios; i++) {
		const struct scenario_state *st = &f->state[i];

		if (!f->selected[i] || !(scenarios[i].checks & CHECK_BIT(CHECK_KIND_MIX)))
			continue;
		if (f->copy_ups_wrong || f->mixed_stores || f->mixed_frees)
			judge__set_sub(r, i, CHECK_FAIL, order_text);
		else if (*st->seen[CHECK_KIND_MIX])
			judge__set_sub(r, i, CHECK_FAIL, st->seen[CHECK_KIND_MIX]);
		else if (!did_run(f, i))
			judge__set_sub(r, i, CHECK_SKIP, scenario_phase__text(st->phase));
		else if (f->copy_up_order == TRISTATE_UNKNOWN)
			judge__set_sub(r, i, CHECK_SKIP,
				       *f->order_why ? f->order_why : "not looked for");
		else
			judge__set_sub(r, i, CHECK_OK, "");
	}
	r->count = f->copy_ups_wrong + f->mixed_stores + f->mixed_frees;
	judge__combine(r);
	n = f->copy_ups ? SET_TEXT(r->note,
				   "OVL_WHITEOUTS was set too late in %" PRIu64 " of %" PRIu64
				   " copy-ups of a directory",
				   f->copy_ups_wrong, f->copy_ups) :
			  0;
	if (f->mixed_stores || f->mixed_frees)
		judge__set_text(r->note + n, sizeof(r->note) - n,
				"; %" PRIu64 " impure caches were put on merged "
				"directories, %" PRIu64 " readdirs freed a cache that others held",
				f->mixed_stores, f->mixed_frees);
}

static void judge_hazard(const struct check_facts *f, struct check_result *r)
{
	size_t i;

	for (i = 0; i < nscenarios; i++) {
		const struct scenario_state *st = &f->state[i];

		if (f->selected[i] && *st->seen[CHECK_LOCK_HAZARD]) {
			judge__set_sub(r, i, CHECK_FAIL, st->seen[CHECK_LOCK_HAZARD]);
			r->count++;
		}
	}
	judge__combine(r);
	r->vital = true;
	if (r->state == CHECK_FAIL) {
		SET_TEXT(r->note, "%s", f->hazard_why);
		return;
	}
	*r->why = 0;
	r->state = f->hazard == TRISTATE_YES ? CHECK_FAIL :
		   f->hazard == TRISTATE_NO  ? CHECK_OK :
					       CHECK_SKIP;
	if (f->hazard == TRISTATE_YES)
		r->count++;
	if (f->hazard == TRISTATE_NO)
		SET_TEXT(r->note, "%s", f->hazard_why);
	else
		SET_TEXT(r->why, "%s", *f->hazard_why ? f->hazard_why : "not looked for");
}

/* Adds what the trace found of a kind that is also detected in other ways. */
static void add_findings(const struct check_facts *f, struct check_result *r,
			 enum finding_kind kind)
{
	char text[64];
	size_t i;

	for (i = 0; i < nscenarios; i++) {
		uint64_t n = f->findings[i][kind];

		if (!n || r->sub[i].state == CHECK_FAIL)
			continue;
		SET_TEXT(text, "%" PRIu64 " by the records", n);
		judge__set_sub(r, i, CHECK_FAIL, text);
		r->count += n;
		r->state = CHECK_FAIL;
		SET_TEXT(r->why, "%.60s: %s", scenarios[i].name, text);
	}
}

static void judge_lost(const struct check_facts *f, struct check_result *r)
{
	r->vital = true;
	if (!f->traced || f->timed_out) {
		r->state = CHECK_SKIP;
		SET_TEXT(r->why, "%s", f->timed_out ? "the trace did not end" : "not traced");
		return;
	}
	r->count = f->counts.lost;
	r->state = r->count ? CHECK_FAIL : CHECK_OK;
	if (r->count)
		SET_TEXT(r->why, "%" PRIu64 " records were lost", r->count);
}

/* Failures of these are defects of the kernel; of the other two, of the check itself. */
static bool is_defect(enum check_id id)
{
	return id != CHECK_COVERAGE && id != CHECK_LOST;
}

static int status_of(const struct check_facts *f, const struct check_report *r)
{
	bool defect = false, gap = false;
	int id;

	for (id = 0; id < CHECK_RESULTS; id++) {
		const struct check_result *res = &r->result[id];

		if (res->todo)
			continue;
		defect |= res->state == CHECK_FAIL && is_defect(id);
		gap |= res->state == CHECK_FAIL || (res->state == CHECK_SKIP && res->vital);
	}
	if (defect)
		return EXIT_FINDINGS;
	if (!f->traced && !f->timed_out)
		return EXIT_UNTRACEABLE;
	return gap ? EXIT_INCONCLUSIVE : EXIT_CLEAN;
}

/* Results with a judge of their own; all others depend only on recorded findings. */
static void (*const judges[CHECK_RESULTS])(const struct check_facts *f, struct check_result *r) = {
	[CHECK_COVERAGE] = judge__coverage, [CHECK_KIND_MIX] = judge_kind_mix,
	[CHECK_BAD_RETURN] = judge_returns, [CHECK_LOCK_HAZARD] = judge_hazard,
	[CHECK_D_INO] = judge_numbers,	    [CHECK_LOST] = judge_lost,
};

static void judge_one(const struct check_facts *f, struct check_result *r, enum check_id id)
{
	if (!judges[id]) {
		judge_kind(f, r, id);
		return;
	}
	judges[id](f, r);
	if (check_defs[id].kind >= 0)
		add_findings(f, r, check_defs[id].kind);
}

void check__judge(const struct check_facts *f, struct check_report *report)
{
	struct check_result *r = report->result;
	size_t i;
	int id;

	memset(r, 0, sizeof(report->result));
	report->nsubjects = nscenarios;
	for (i = 0; i < nscenarios; i++)
		report->subject[i] =
			(struct check_subject){ scenarios[i].name, scenarios[i].property };
	for (id = 0; id < CHECK_RESULTS; id++) {
		judge_one(f, &r[id], id);
		if (!check_defs[id].known || f->strict)
			continue;
		r[id].vital = false;
		r[id].todo = r[id].state == CHECK_FAIL;
	}
	report->facts = f;
	report->status = status_of(f, report);
}
