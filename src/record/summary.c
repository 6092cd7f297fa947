// SPDX-License-Identifier: GPL-2.0-only
/* The record `summary`: its writer and its reader. */
#include <string.h>

#include "record/internal.h"
#include "record/write.h"
#include "util/saturate.h"

static const uint8_t need_widened[] = { F_WIDENED_waits, F_WIDENED_timed_out, F_WIDENED_waited_ns,
					NONE };
static const uint8_t need_summary[] = {
	F_TOP_duration_ns,
	F_TOP_verdict,
	F_TOP_command_status,
	F_TOP_counts,
#define NEED_COUNTS_ALWAYS(field) field,
#define NEED_COUNTS_ADDED(field)
#define NEED_COUNTS_HITS(field)
#define NEED_COUNTS_DIRECTORIES(field)
#define NEED_COUNTS_MERGED(field)
#define COUNT(member, name, group, needs, records, metric, label, help) \
	NEED_##group(F_COUNTS_##name)
#define FINDING(id, kind, counts, group, needs, check, label) NEED_##group(F_COUNTS_##counts)
#include "record/counts.def"
	NONE,
};

WORDS(verdict_word, verdict, verdict__name)
WORDS(order_word, copy_up_order, copy_up_order__name)

void json__counts(struct json *j, const struct rec_counts *c)
{
	size_t i;

	json__open(j, "counts", '{');
	for (i = 0; i < COUNTS; i++)
		if (counts__has(c, count_defs[i].group))
			json__count(j, count_defs[i].name, count__get(c, &count_defs[i]));
	json__close(j, '}');
}

void json__inconsistencies(struct json *j, const uint64_t *inconsistencies)
{
	int i;

	json__open(j, "inconsistencies", '[');
	for (i = 0; i < INCONSISTENCIES; i++) {
		if (!inconsistencies[i])
			continue;
		json__open(j, NULL, '{');
		json__word(j, "check", inconsistency__text(i));
		json__u64(j, "count", inconsistencies[i]);
		json__close(j, '}');
	}
	json__close(j, ']');
}

void json__summary(struct json *j, const struct rec_summary *s)
{
	json__u64(j, "duration_ns", s->duration_ns);
	json__word(j, "verdict", verdict__name(s->verdict));
	if (s->has_command)
		json__i64(j, "command_status", s->command_status);
	else
		json__null(j, "command_status");
	if (s->told_apart)
		json__count(j, "command_findings", s->command_findings);
	json__str(j, "copy_up_order", s->order ? copy_up_order__name(s->order) : NULL);
	json__counts(j, &s->counts);
	if (s->has_hold) {
		json__open(j, "widened", '{');
		json__u64(j, "waits", s->hold_waits);
		json__u64(j, "timed_out", s->hold_timed_out);
		json__u64(j, "waited_ns", s->hold_waited_ns);
		json__close(j, '}');
	}
	json__inconsistencies(j, s->inconsistencies);
}

void raw__inconsistency(struct raw *raw)
{
	const struct json_value *v = &raw->v[F_INCONSISTENCY_check];
	uint64_t n = raw->v[F_INCONSISTENCY_count].u;
	int i;

	if (!raw__has(raw, F_INCONSISTENCY_check) || !raw__has(raw, F_INCONSISTENCY_count) || !n) {
		raw__bad(raw, "inconsistencies");
		return;
	}
	for (i = 0; i < INCONSISTENCIES; i++) {
		if (strlen(inconsistency__text(i)) != v->len ||
		    memcmp(inconsistency__text(i), v->s, v->len))
			continue;
		saturate__add(&raw->inconsistencies[i], n);
		return;
	}
	saturate__add(&raw->unknown_inconsistencies, n);
}

/* A group is in the summary if all of its counts are. */
static void counts_form(const struct raw *raw, struct rec_counts *c)
{
	static const uint8_t fields[COUNTS] = {
#define COUNT(member, name, group, needs, records, metric, label, help) F_COUNTS_##name,
#define FINDING(id, kind, counts, group, needs, check, label) F_COUNTS_##counts,
#include "record/counts.def"
	};
	bool has[COUNT_GROUPS];
	size_t i;

	memset(c, 0, sizeof(*c));
	memset(has, true, sizeof(has));
	for (i = 0; i < COUNTS; i++) {
		const struct count_def *def = &count_defs[i];

		has[def->group] &= def->kind >= 0 || raw__has(raw, fields[i]);
		*count__of(c, def) = def->needs ? form__count(raw, fields[i]) :
						  saturate(form__number_or(raw, fields[i], 0));
	}
	for (i = 0; i < COUNT_GROUPS; i++)
		if (has[i])
			counts__add_group(c, i);
}

static bool hold_form(struct raw *raw, struct rec_summary *s)
{
	s->has_hold = raw__has(raw, F_TOP_widened);
	s->hold_waits = s->hold_timed_out = s->hold_waited_ns = 0;
	if (!s->has_hold)
		return true;
	if (!form__need(raw, need_widened))
		return false;
	s->hold_waits = raw->v[F_WIDENED_waits].u;
	s->hold_timed_out = raw->v[F_WIDENED_timed_out].u;
	s->hold_waited_ns = raw->v[F_WIDENED_waited_ns].u;
	return true;
}

bool form__summary(struct raw *raw, struct rec_summary *s)
{
	bool order;
	int verdict, i;

	if (!form__need(raw, need_summary))
		return false;
	verdict = form__word(raw, F_TOP_verdict, verdict_word, VERDICT_INCONCLUSIVE + 1);
	if (verdict < 0)
		return form__fault(raw, "verdict");
	s->verdict = verdict;
	s->duration_ns = raw->v[F_TOP_duration_ns].u;
	s->has_command = raw->v[F_TOP_command_status].type != JSON_NULL;
	if (s->has_command && raw->v[F_TOP_command_status].u > UINT8_MAX)
		return form__fault(raw, "command_status");
	s->command_status = s->has_command ? (int)raw->v[F_TOP_command_status].u : 0;
	s->told_apart = raw__has(raw, F_TOP_command_findings);
	s->command_findings = s->told_apart ? form__count(raw, F_TOP_command_findings) : 0;
	order = raw__has(raw, F_TOP_copy_up_order) &&
		raw->v[F_TOP_copy_up_order].type == JSON_STRING;
	i = order ? form__word(raw, F_TOP_copy_up_order, order_word, COPY_UP_WRONG + 1) : 0;
	if (order && i <= COPY_UP_UNKNOWN)
		return form__fault(raw, "copy_up_order");
	s->order = i;
	counts_form(raw, &s->counts);
	memcpy(s->inconsistencies, raw->inconsistencies, sizeof(s->inconsistencies));
	s->unknown_inconsistencies = raw->unknown_inconsistencies;
	s->counts.inconsistencies = s->unknown_inconsistencies;
	for (i = 0; i < INCONSISTENCIES; i++)
		saturate__add(&s->counts.inconsistencies, s->inconsistencies[i]);
	s->remarks = NULL;
	s->nremarks = 0;
	s->total = NULL;
	return hold_form(raw, s);
}
