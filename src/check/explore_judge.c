// SPDX-License-Identifier: GPL-2.0-only
/* Derives the results from what was explored. Pure but for memory. */
#include "check/explore.h"
#include "check/explore_rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/exit_status.h"

#define SET_TEXT(buf, ...) snprintf(buf, sizeof(buf), __VA_ARGS__)
#define NOT_LOOKED_FOR "not looked for by histories, which need no probes"
/* A reader that a program holds needs a processor, and so do all others. */
#define SCHEDULES_HELD "; for lack of processors %u of %u readers are held at a time"
#define NOTHING_TO_INTERLEAVE "no lock drop here: nothing to interleave"

/* The result that fails where a rule is violated. */
static const enum check_id result_of[EXPLORE_RULES] = {
#define RULE(id, result, text) CHECK_##result,
#include "explore/rules.def"
};

enum check_id explore__result_of(enum explore_rule rule)
{
	return result_of[rule];
}

static bool is_looked_for(enum check_id id)
{
	int rule;

	for (rule = 0; rule < EXPLORE_RULES; rule++)
		if (result_of[rule] == id)
			return true;
	return false;
}

const char *explore__again(const struct explore_found *f, char text[CHECK_TEXT])
{
	char history[EXPLORE_TEXT];

	snprintf(text, CHECK_TEXT, "ovltrace check --config %s --history '%s'",
		 explore_configs[f->config].name, history__print(&f->history, history));
	return text;
}

/* ---- results -------------------------------------------------------------------------- */

static void set_sub(struct check_result *r, size_t i, enum check_state state)
{
	r->sub[i].used = true;
	r->sub[i].state = state;
}

/* The first bad history of that result and configuration; counts all of them. */
static const struct explore_found *first_found(const struct explore_report *e, enum check_id id,
					       size_t config, uint64_t *count)
{
	const struct explore_found *first = NULL;
	size_t i;

	for (i = 0; i < e->nfound; i++) {
		const struct explore_found *f = &e->found[i];

		if (f->config != config || result_of[f->rule] != id)
			continue;
		first = first ?: f;
		*count += f->count;
	}
	return first;
}

static void judge_config(const struct explore_report *e, struct check_result *r, enum check_id id,
			 size_t i)
{
	const struct explore_config_report *c = &e->config[i];
	uint64_t count = 0;
	const struct explore_found *f = first_found(e, id, i, &count);
	char history[EXPLORE_TEXT];

	if (f) {
		set_sub(r, i, CHECK_FAIL);
		SET_TEXT(r->sub[i].why, "%" PRIu64 " of %" PRIu64 " histories, such as '%s'", count,
			 c->histories, history__print(&f->history, history));
		r->count += count;
	} else if (c->unfit) {
		set_sub(r, i, CHECK_SKIP);
		SET_TEXT(r->sub[i].why, "%s", c->why);
	} else if (!c->histories) {
		set_sub(r, i, CHECK_SKIP);
		SET_TEXT(r->sub[i].why, "no history was run");
	} else {
		set_sub(r, i, CHECK_OK);
		SET_TEXT(r->sub[i].why, "%" PRIu64 " histories", c->histories);
	}
}

/* Combines the configurations: any failure, else any success, else skipped. */
static void combine(const struct check_report *report, struct check_result *r)
{
	size_t i;

	r->state = CHECK_SKIP;
	for (i = 0; i < report->nsubjects; i++) {
		const struct check_sub *sub = &r->sub[i];

		if (!sub->used || r->state == CHECK_FAIL)
			continue;
		if (sub->state == CHECK_FAIL)
			SET_TEXT(r->why, "%s: %.400s", report->subject[i].name, sub->why);
		if (sub->state != CHECK_SKIP)
			r->state = sub->state;
	}
	if (r->state == CHECK_SKIP)
		SET_TEXT(r->why, "%s",
			 r->sub[EXPLORE_SUBJECT_SCHEDULES].used ?
				 r->sub[EXPLORE_SUBJECT_SCHEDULES].why :
				 "no history was run");
}

/* ---- schedules ---------------------------------------------------------------------------- */

static bool sees_by_probes(enum check_id id)
{
	return check_defs[id].kind >= 0 && !is_looked_for(id);
}

static void judge_schedules(const struct schedules_report *s, struct check_result *r,
			    enum check_id id)
{
	struct check_sub *sub = &r->sub[EXPLORE_SUBJECT_SCHEDULES];
	char text[SCHEDULE_TEXT];

	set_sub(r, EXPLORE_SUBJECT_SCHEDULES, CHECK_SKIP);
	if (s->failing[id]) {
		sub->state = CHECK_FAIL;
		r->count += s->failing[id];
		SET_TEXT(sub->why, "%" PRIu64 " of %" PRIu64 " schedules, such as '%.300s'",
			 s->failing[id], s->realized,
			 schedule__print(&s->found[id].run.schedule, text));
	} else if (*s->running && id == CHECK_LOCK_HAZARD) {
		sub->state = CHECK_FAIL;
		r->count++;
		SET_TEXT(sub->why, "a schedule did not end: '%s'", s->running);
	} else if (s->unfit) {
		SET_TEXT(sub->why, "%s", s->why);
	} else if (s->never_drops) {
		SET_TEXT(sub->why, NOTHING_TO_INTERLEAVE);
	} else if (sees_by_probes(id) && !s->traced) {
		SET_TEXT(sub->why, "not traced: %.480s", s->untraced);
	} else if (!s->realized) {
		SET_TEXT(sub->why, "no schedule was run");
	} else {
		sub->state = CHECK_OK;
		SET_TEXT(sub->why, "%" PRIu64 " schedules", s->realized);
	}
}

/* Not all were run, or what they did was not seen. */
static bool schedules_have_gap(const struct schedules_report *s)
{
	return s->selected && !s->unfit && !s->never_drops &&
	       (s->realized < s->of || s->cut || *s->stopped || *s->untraced);
}

static void cover_schedules(const struct schedules_report *s, struct check_result *r)
{
	struct check_sub *sub = &r->sub[EXPLORE_SUBJECT_SCHEDULES];
	size_t n;

	if (!s->selected)
		return;
	set_sub(r, EXPLORE_SUBJECT_SCHEDULES,
		schedules_have_gap(s)	   ? CHECK_FAIL :
		s->unfit || s->never_drops ? CHECK_SKIP :
					     CHECK_OK);
	if (s->unfit || s->never_drops) {
		SET_TEXT(sub->why, "%s", s->unfit ? s->why : NOTHING_TO_INTERLEAVE);
		return;
	}
	n = SET_TEXT(sub->why, "%" PRIu64 " of %" PRIu64 " schedules%s%.150s", s->realized, s->of,
		     *s->forms ? "; as the forms " : "; as no known form", s->forms);
	if (s->cut)
		n += snprintf(sub->why + n, sizeof(sub->why) - n, SCHEDULES_HELD, s->held,
			      s->readers);
	if (*s->stopped)
		n += snprintf(sub->why + n, sizeof(sub->why) - n, "; %.60s", s->stopped);
	if (*s->unrealized)
		n += snprintf(sub->why + n, sizeof(sub->why) - n, "; not realized: '%.80s'",
			      s->unrealized);
	if (*s->untraced)
		snprintf(sub->why + n, sizeof(sub->why) - n, "; not traced: %.120s", s->untraced);
}

/* ---- all results ------------------------------------------------------------------------- */

static void judge_coverage(const struct explore_report *e, struct check_report *report)
{
	struct check_result *r = &report->result[CHECK_COVERAGE];
	uint64_t done = 0, left = 0;
	size_t i;

	for (i = 0; i < EXPLORE_CONFIGS; i++) {
		const struct explore_config_report *c = &e->config[i];

		if (!c->selected)
			continue;
		done += c->histories;
		left += c->unfit ? 0 : c->left;
		set_sub(r, i, !c->unfit && c->left ? CHECK_FAIL : c->unfit ? CHECK_SKIP : CHECK_OK);
		if (c->unfit)
			SET_TEXT(r->sub[i].why, "%s", c->why);
		else if (e->single)
			SET_TEXT(r->sub[i].why, "%.500s", c->story);
		else
			SET_TEXT(r->sub[i].why, "%" PRIu64 " of %" PRIu64 " histories",
				 c->histories, c->histories + c->left);
	}
	cover_schedules(&e->schedules, r);
	combine(report, r);
	if (left)
		SET_TEXT(r->why,
			 "%" PRIu64 " of %" PRIu64 " histories were run%s%.200s; "
			 "the next is --from %" PRIu64,
			 done, done + left, *e->stopped ? ": " : "", e->stopped, e->next);
}

static void note_numbers(const struct explore_report *e, struct check_result *r)
{
	unsigned int d;
	size_t n = 0;

	if (e->schedules.of)
		n = snprintf(r->note, sizeof(r->note),
			     "%" PRIu64 " of %" PRIu64
			     " schedules of up to %u readers and %u modifications; as the form: %s",
			     e->schedules.realized, e->schedules.of, e->schedules.readers,
			     e->schedules.modifications,
			     *e->schedules.forms ? e->schedules.forms : "none that is known");
	for (d = 1; d <= e->depth && e->total[d] && n < sizeof(r->note); d++)
		n += snprintf(r->note + n, sizeof(r->note) - n,
			      "%s%" PRIu64 " of %" PRIu64 " histories of length %u", n ? ", " : "",
			      e->done[d], e->total[d], d);
	if (e->caches && n < sizeof(r->note))
		n += snprintf(r->note + n, sizeof(r->note) - n, "%s%" PRIu64 " caches were read",
			      n ? "\n" : "", e->caches);
	else if (*e->caches_why && n < sizeof(r->note))
		n += snprintf(r->note + n, sizeof(r->note) - n, "%scaches were not read: %.200s",
			      n ? "\n" : "", e->caches_why);
	if (*e->warned && n < sizeof(r->note))
		snprintf(r->note + n, sizeof(r->note) - n, "%s%.300s", n ? "\n" : "", e->warned);
}

static int status_of(const struct explore_report *e, const struct check_report *report)
{
	const struct check_result *coverage = &report->result[CHECK_COVERAGE];
	bool gap = coverage->state == CHECK_FAIL;
	size_t i;
	int id;

	for (id = 0; id < CHECK_RESULTS; id++)
		if (id != CHECK_COVERAGE && report->result[id].state == CHECK_FAIL &&
		    !report->result[id].todo)
			return EXIT_FINDINGS;
	if (coverage->state == CHECK_SKIP && !e->single)
		return EXIT_UNTRACEABLE;
	/* a configuration that was asked for must have run */
	for (i = 0; i < EXPLORE_SUBJECTS; i++)
		gap |= e->named && coverage->sub[i].used && coverage->sub[i].state == CHECK_SKIP;
	return gap || coverage->state == CHECK_SKIP ? EXIT_INCONCLUSIVE : EXIT_CLEAN;
}

void explore__judge(const struct explore_report *e, struct check_report *report)
{
	size_t i;
	int id;

	memset(report, 0, sizeof(*report));
	report->explored = e;
	report->nsubjects = EXPLORE_SUBJECTS;
	report->subject[EXPLORE_SUBJECT_SCHEDULES] =
		(struct check_subject){ schedule_config.name, SCHEDULES_TEXT };
	for (i = 0; i < EXPLORE_CONFIGS; i++)
		report->subject[i] =
			(struct check_subject){ explore_configs[i].name,
						explore_dirs[explore_configs[i].dir].text };
	judge_coverage(e, report);
	note_numbers(e, &report->result[CHECK_COVERAGE]);
	for (id = 0; id < CHECK_RESULTS; id++) {
		struct check_result *r = &report->result[id];

		if (id == CHECK_COVERAGE)
			continue;
		if (e->schedules.selected && id != CHECK_LOST)
			judge_schedules(&e->schedules, r, id);
		if (!is_looked_for(id) && !r->sub[EXPLORE_SUBJECT_SCHEDULES].used) {
			r->state = CHECK_SKIP;
			SET_TEXT(r->why, "%s", NOT_LOOKED_FOR);
			continue;
		}
		for (i = 0; i < EXPLORE_CONFIGS && is_looked_for(id); i++)
			if (e->config[i].selected)
				judge_config(e, r, id, i);
		combine(report, r);
		r->todo = check_defs[id].known && !e->strict && r->state == CHECK_FAIL;
	}
	report->status = status_of(e, report);
}

/* ---- findings --------------------------------------------------------------------------- */

static char *story_of(const struct explore_found *f)
{
	char again[CHECK_TEXT], *text = NULL;

	if (asprintf(&text, "%s%sagain: %s\nhistories that contain it: %" PRIu64 "%s\n", f->story,
		     *f->story ? "\n" : "", explore__again(f, again), f->count,
		     f->alone || f->rule == RULE_ENDS ?
			     "" :
			     "; in a mount of its own it was not bad") < 0)
		return NULL;
	return text;
}

/* Appends a finding. *last is the end of the list. */
static void append(struct check_finding ***last, const struct check_finding *what)
{
	struct check_finding *fd = malloc(sizeof(*fd));

	if (!fd)
		return;
	*fd = *what;
	**last = fd;
	*last = &fd->next;
}

static void append_schedules(const struct schedules_report *s, struct check_finding ***last)
{
	int id;

	for (id = 0; id < CHECK_RESULTS; id++) {
		const struct check_finding fd = {
			.id = id,
			.subject = EXPLORE_SUBJECT_SCHEDULES,
			.text = s->failing[id] ? strdup(s->found[id].text) : NULL,
			.story = s->failing[id] ? schedules__story(&s->found[id]) : NULL,
		};

		if (s->failing[id])
			append(last, &fd);
	}
}

struct check_finding *explore__findings(const struct explore_report *e)
{
	uint8_t shown[EXPLORE_CONFIGS][EXPLORE_RULES] = { 0 };
	struct check_finding *first = NULL, **last = &first;
	size_t i;

	append_schedules(&e->schedules, &last);
	for (i = 0; i < e->nfound; i++) {
		const struct explore_found *f = &e->found[i];
		struct check_finding fd = { .id = result_of[f->rule], .subject = f->config };

		/* the shortest ones come first */
		if (shown[f->config][f->rule] == EXPLORE_SHOWN)
			continue;
		shown[f->config][f->rule]++;
		fd.text = strdup(f->text);
		fd.story = story_of(f);
		append(&last, &fd);
	}
	return first;
}

void explore__free_findings(struct check_finding *f)
{
	while (f) {
		struct check_finding *next = f->next;

		free(f->text);
		free(f->story);
		free(f);
		f = next;
	}
}
