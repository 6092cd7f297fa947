// SPDX-License-Identifier: GPL-2.0-only
/* The object `explored` of a report in JSON: docs/explore.md says what is in it. */
#include "check/explore.h"

#include "util/json.h"

static void lengths(struct json *j, const struct explore_report *e)
{
	unsigned int d;

	json__open(j, "lengths", '[');
	for (d = 1; d <= e->depth && !e->single; d++) {
		json__open(j, NULL, '{');
		json__u64(j, "length", d);
		json__u64(j, "histories", e->done[d]);
		json__u64(j, "of", e->total[d]);
		json__close(j, '}');
	}
	json__close(j, ']');
}

static void configurations(struct json *j, const struct explore_report *e)
{
	size_t i;

	json__open(j, "configurations", '[');
	for (i = 0; i < EXPLORE_CONFIGS; i++) {
		const struct explore_config_report *c = &e->config[i];
		const struct explore_config *def = &explore_configs[i];

		if (!c->selected)
			continue;
		json__open(j, NULL, '{');
		json__word(j, "name", def->name);
		json__str(j, "directory", explore_dirs[def->dir].text);
		json__str(j, "mount", explore_mounts[def->mount].text);
		json__str(j, "unfit", c->unfit ? c->why : NULL);
		json__u64(j, "histories", c->histories);
		json__u64(j, "left", c->left);
		json__u64(j, "entries", c->entries);
		json__u64(j, "bad", c->bad);
		json__close(j, '}');
	}
	json__close(j, ']');
}

static void bad(struct json *j, const struct explore_report *e)
{
	char text[CHECK_TEXT];
	size_t i;

	json__open(j, "bad", '[');
	for (i = 0; i < e->nfound; i++) {
		const struct explore_found *f = &e->found[i];

		json__open(j, NULL, '{');
		json__word(j, "configuration", explore_configs[f->config].name);
		json__str(j, "rule", explore_rules[f->rule]);
		json__str(j, "history", history__print(&f->history, text));
		json__str(j, "text", f->text);
		json__bool(j, "alone", f->alone);
		json__u64(j, "count", f->count);
		json__str(j, "again", explore__again(f, text));
		json__close(j, '}');
	}
	json__close(j, ']');
}

static void failing(struct json *j, const struct schedules_report *s)
{
	char text[SCHEDULE_TEXT];
	int id;

	json__open(j, "failing", '[');
	for (id = 0; id < CHECK_RESULTS; id++) {
		if (!s->failing[id])
			continue;
		json__open(j, NULL, '{');
		json__word(j, "result", check_id__name(id));
		json__u64(j, "count", s->failing[id]);
		json__str(j, "schedule", schedule__print(&s->found[id].run.schedule, text));
		json__close(j, '}');
	}
	json__close(j, ']');
}

static void schedules(struct json *j, const struct schedules_report *s)
{
	json__open(j, "schedules", '{');
	json__str(j, "unfit", s->unfit ? s->why : NULL);
	json__str(j, "stopped", *s->stopped ? s->stopped : NULL);
	json__str(j, "untraced", *s->untraced ? s->untraced : NULL);
	json__u64(j, "readers", s->readers);
	json__u64(j, "modifications", s->modifications);
	json__u64(j, "windows", s->windows);
	json__bool(j, "held_by_program", s->by_program);
	json__u64(j, "held", s->held);
	json__u64(j, "schedules", s->realized);
	json__u64(j, "of", s->of);
	json__str(j, "unrealized", *s->unrealized ? s->unrealized : NULL);
	json__str(j, "forms", *s->forms ? s->forms : NULL);
	failing(j, s);
	json__close(j, '}');
}

void explore_json__write(struct json *j, const struct explore_report *e)
{
	json__open(j, "explored", '{');
	json__u64(j, "depth", e->depth);
	json__u64(j, "jobs", e->jobs);
	json__u64(j, "from", e->from);
	json__u64(j, "next", e->next);
	json__str(j, "stopped", *e->stopped ? e->stopped : NULL);
	json__str(j, "warned", *e->warned ? e->warned : NULL);
	json__u64(j, "caches", e->caches);
	json__str(j, "caches_unread", *e->caches_why ? e->caches_why : NULL);
	lengths(j, e);
	configurations(j, e);
	bad(j, e);
	json__u64(j, "unsorted", e->unsorted);
	if (e->schedules.selected)
		schedules(j, &e->schedules);
	json__close(j, '}');
}
