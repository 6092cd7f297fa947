// SPDX-License-Identifier: GPL-2.0-only
/* The record `test`: its writer and its reader. */
#include "record/internal.h"
#include "record/write.h"

static const uint8_t need_test[] = { F_TOP_name, F_TOP_source, F_TOP_event, F_TOP_begin_ns, NONE };
static const uint8_t need_test_end[] = { F_TOP_end_ns, F_TOP_result, NONE };

WORDS(source_word, test_source, test_source__name)

static const char *result_word(int i)
{
	return i ? test_result__name(i) : "";
}

static const char *event_word(int i)
{
	return i ? "end" : "begin";
}

void json__test(struct json *j, const struct rec_test *t)
{
	json__str(j, "name", t->name);
	json__word(j, "source", test_source__name(t->source));
	json__word(j, "event", t->ended ? "end" : "begin");
	json__u64(j, "begin_ns", t->begin_ns);
	if (t->ended)
		json__u64(j, "end_ns", t->end_ns);
	if (t->ended)
		json__str(j, "result", test_result__name(t->result));
}

bool form__test(struct raw *raw, struct rec_test *t)
{
	uint64_t ts_ns = raw->v[F_TOP_ts_ns].u;
	int source, event, result = 0;

	if (!form__need(raw, need_test))
		return false;
	source = form__word(raw, F_TOP_source, source_word, TEST_SOURCES);
	event = form__word(raw, F_TOP_event, event_word, 2);
	if (source < 0 || event < 0)
		return form__fault(raw, source < 0 ? "source" : "event");
	t->name = raw__string(raw, F_TOP_name, F_TOP_name_b64);
	if (!t->name || !*t->name)
		return form__fault(raw, "name");
	t->source = source;
	t->ended = event;
	t->begin_ns = raw->v[F_TOP_begin_ns].u;
	if (t->ended && !form__need(raw, need_test_end))
		return false;
	t->end_ns = t->ended ? raw->v[F_TOP_end_ns].u : 0;
	if (t->begin_ns > ts_ns || (t->ended && (t->end_ns < t->begin_ns || t->end_ns > ts_ns)))
		return form__fault(raw, "end_ns");
	if (t->ended && raw->v[F_TOP_result].type == JSON_STRING)
		result = form__word(raw, F_TOP_result, result_word, TEST_RESULTS);
	t->result = result > 0 ? result : TEST_RESULT_UNKNOWN;
	return result < 0 ? form__fault(raw, "result") : true;
}
