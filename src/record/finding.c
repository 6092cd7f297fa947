// SPDX-License-Identifier: GPL-2.0-only
/* The record `finding`: its writer and its reader. */
#include <string.h>

#include "record/internal.h"
#include "record/write.h"

static const uint8_t need_finding[] = { F_TOP_kind, F_TOP_confidence, F_TOP_evidence, F_TOP_text,
					NONE };

WORDS(kind_word, finding_kind, finding_kind__name)

static const char *confidence_word(int i)
{
	return i ? "exact" : "inferred";
}

void json__finding(struct json *j, const struct rec_finding *f)
{
	size_t i;

	json__word(j, "kind", finding_kind__name(f->kind));
	json__dir(j, &f->dir);
	json__task(j, &f->task);
	json__word(j, "confidence", f->exact ? "exact" : "inferred");
	json__open(j, "evidence", '[');
	for (i = 0; i < f->nevidence; i++)
		json__u64(j, NULL, f->evidence[i]);
	json__close(j, ']');
	json__str(j, "text", f->text);
	json__u64(j, "at_ns", f->at_ns);
	if (f->test)
		json__str(j, "test", f->test);
	if (!f->told_apart)
		return;
	if (f->of_command == TRISTATE_UNKNOWN)
		json__null(j, "of_command");
	else
		json__bool(j, "of_command", f->of_command == TRISTATE_YES);
}

static void command_form(struct raw *raw, struct rec_finding *f)
{
	enum json_type type = raw->v[F_TOP_of_command].type;

	f->told_apart = raw__has(raw, F_TOP_of_command);
	f->of_command = !f->told_apart || type == JSON_NULL ? TRISTATE_UNKNOWN :
			type == JSON_TRUE		    ? TRISTATE_YES :
							      TRISTATE_NO;
}

bool form__finding(struct raw *raw, struct rec_finding *f)
{
	uint64_t ts_ns = raw->v[F_TOP_ts_ns].u;
	int kind, exact;

	if (!form__need(raw, need_finding) || !form__dir(raw, &f->dir) ||
	    !form__task(raw, &f->task))
		return false;
	kind = form__word(raw, F_TOP_kind, kind_word, FINDING_KINDS);
	exact = form__word(raw, F_TOP_confidence, confidence_word, 2);
	f->text = raw__string(raw, F_TOP_text, F_TOP_text_b64);
	if (kind < 0 || exact < 0 || !f->text || !*f->text)
		return form__fault(raw, kind < 0 ? "kind" : exact < 0 ? "confidence" : "text");
	f->kind = kind;
	f->exact = exact;
	f->at_ns = form__number_or(raw, F_TOP_at_ns, ts_ns);
	if (f->at_ns > ts_ns)
		return form__fault(raw, "at_ns");
	f->test = raw__has(raw, F_TOP_test) ? raw__string(raw, F_TOP_test, F_TOP_test_b64) : NULL;
	if (raw__has(raw, F_TOP_test) && !f->test)
		return form__fault(raw, "test");
	command_form(raw, f);
	memcpy(f->evidence, raw->evidence, raw->nevidence * sizeof(raw->evidence[0]));
	f->nevidence = raw->nevidence;
	return true;
}
