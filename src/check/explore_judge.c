// SPDX-License-Identifier: GPL-2.0-only
/* Derives the results from what was explored. Pure but for memory. */
#include "check/explore.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/exit_status.h"

#define SET_TEXT(buf, ...) snprintf(buf, sizeof(buf), __VA_ARGS__)
#define NOT_LOOKED_FOR "not looked for by --explore, which attaches no probes"

/* The result that fails where a rule is violated. */
static const enum check_id result_of[EXPLORE_RULES] = {
#define RULE(id, result, text) CHECK_##result,
#include "explore/rules.def"
};

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
		SET_TEXT(r->why, "no history was run");
}

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
	combine(report, r);
	if (r->state == CHECK_FAIL)
		SET_TEXT(r->why,
			 "%" PRIu64 " of %" PRIu64 " histories were run%s%.200s; "
			 "the next is --from %" PRIu64,
			 done, done + left, *e->stopped ? ": " : "", e->stopped, e->next);
}

static void note_numbers(const struct explore_report *e, struct check_result *r)
{
	unsigned int d;
	size_t n = 0;

	for (d = 1; d <= e->depth && !e->single && n < sizeof(r->note); d++)
		n += snprintf(r->note + n, sizeof(r->note) - n,
			      "%s%" PRIu64 " of %" PRIu64 " histories of length %u", n ? ", " : "",
			      e->done[d], e->total[d], d);
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
	for (i = 0; i < EXPLORE_CONFIGS; i++)
		gap |= e->named && coverage->sub[i].used && coverage->sub[i].state == CHECK_SKIP;
	return gap || coverage->state == CHECK_SKIP ? EXIT_INCONCLUSIVE : EXIT_CLEAN;
}

void explore__judge(const struct explore_report *e, struct check_report *report)
{
	size_t i;
	int id;

	memset(report, 0, sizeof(*report));
	report->explored = e;
	report->nsubjects = EXPLORE_CONFIGS;
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
		if (!is_looked_for(id)) {
			r->state = CHECK_SKIP;
			SET_TEXT(r->why, "%s", NOT_LOOKED_FOR);
			continue;
		}
		for (i = 0; i < EXPLORE_CONFIGS; i++)
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

struct check_finding *explore__findings(const struct explore_report *e)
{
	uint8_t shown[EXPLORE_CONFIGS][EXPLORE_RULES] = { 0 };
	struct check_finding *first = NULL, **last = &first;
	size_t i;

	for (i = 0; i < e->nfound; i++) {
		const struct explore_found *f = &e->found[i];
		struct check_finding *fd;

		/* the shortest ones come first */
		if (shown[f->config][f->rule] == EXPLORE_SHOWN)
			continue;
		shown[f->config][f->rule]++;
		fd = calloc(1, sizeof(*fd));
		if (!fd)
			break;
		fd->id = result_of[f->rule];
		fd->subject = f->config;
		fd->text = strdup(f->text);
		fd->story = story_of(f);
		*last = fd;
		last = &fd->next;
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
