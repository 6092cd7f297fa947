// SPDX-License-Identifier: GPL-2.0-only
/* What a record of each type must have, and what its words mean. */
#include <string.h>

#include "record/form_internal.h"

static const uint8_t need_session[] = { F_TOP_schema, F_TOP_version,	       F_TOP_kernel,
					F_TOP_arch,   F_TOP_start_realtime_ns, F_TOP_coverage,
					NONE };
static const uint8_t need_finding[] = { F_TOP_kind, F_TOP_confidence, F_TOP_evidence, F_TOP_text,
					NONE };
static const uint8_t need_stale_end[] = { F_TOP_finding, F_TOP_stored_ns, F_TOP_end, NONE };
static const uint8_t need_test[] = { F_TOP_name, F_TOP_source, F_TOP_event, F_TOP_begin_ns, NONE };
static const uint8_t need_test_end[] = { F_TOP_end_ns, F_TOP_result, NONE };
static const uint8_t need_lost[] = { F_TOP_count, F_TOP_where, NONE };
static const uint8_t need_proof[] = { F_PROOF_result, F_PROOF_why, F_PROOF_duration_ns, NONE };
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

WORDS(kind_word, finding_kind, finding_kind__name)
WORDS(how_word, stale_end, stale_end__name)
WORDS(verdict_word, verdict, verdict__name)
WORDS(source_word, test_source, test_source__name)
WORDS(lock_drop_word, lock_drop, lock_drop__name)
WORDS(proof_word, proof_state, proof_state__name)
WORDS(order_word, copy_up_order, copy_up_order__name)

static const char *type_word(int i)
{
	return record_type__name(i);
}

static const char *confidence_word(int i)
{
	return i ? "exact" : "inferred";
}

static const char *result_word(int i)
{
	return i ? test_result__name(i) : "";
}

static const char *test_event_word(int i)
{
	return i ? "end" : "begin";
}

static bool finding_form(struct raw *raw, struct rec_finding *f, uint64_t ts_ns)
{
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
	memcpy(f->evidence, raw->evidence, raw->nevidence * sizeof(raw->evidence[0]));
	f->nevidence = raw->nevidence;
	return true;
}

static bool stale_end_form(struct raw *raw, struct rec_stale_end *e, uint64_t ts_ns)
{
	int how;

	if (!form__need(raw, need_stale_end) || !form__dir(raw, &e->dir))
		return false;
	how = form__word(raw, F_TOP_end, how_word, STALE_END_TRACE + 1);
	if (how < 0)
		return form__fault(raw, "end");
	e->how = how;
	if (raw->v[F_TOP_stored_ns].type == JSON_NULL)
		return form__fault(raw, "stored_ns");
	e->finding = raw->v[F_TOP_finding].u;
	e->stored_ns = raw->v[F_TOP_stored_ns].u;
	return e->stored_ns <= ts_ns ? true : form__fault(raw, "stored_ns");
}

static bool test_form(struct raw *raw, struct rec_test *t, uint64_t ts_ns)
{
	int source, event, result = 0;

	if (!form__need(raw, need_test))
		return false;
	source = form__word(raw, F_TOP_source, source_word, TEST_SOURCES);
	event = form__word(raw, F_TOP_event, test_event_word, 2);
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

static bool proof_form(struct raw *raw, struct rec_proof *p)
{
	int result;

	memset(p, 0, sizeof(*p));
	if (!raw__has(raw, F_TOP_proof))
		return true;
	if (!form__need(raw, need_proof))
		return false;
	result = form__word(raw, F_PROOF_result, proof_word, PROOF_NOT_EXERCISED + 1);
	p->result = result < 0 ? PROOF_NOT_RUN : result;
	p->duration_ns = raw->v[F_PROOF_duration_ns].u;
	if (raw->v[F_PROOF_why].type == JSON_NULL)
		return true;
	p->why = raw__string(raw, F_PROOF_why, NONE);
	return p->why ? true : form__fault(raw, "proof");
}

static bool session_hold_form(struct raw *raw, struct rec_session *s)
{
	s->has_hold = raw__has(raw, F_TOP_widen);
	s->hold_us = s->has_hold ? (uint32_t)raw->v[F_TOP_widen].u : 0;
	s->hold_why = raw__has(raw, F_TOP_widen_why) ? raw__string(raw, F_TOP_widen_why, NONE) : "";
	return s->hold_why ? true : form__fault(raw, "widen_why");
}

static bool session_form(struct raw *raw, struct rec_session *s)
{
	int drop = 0;

	if (!form__need(raw, need_session))
		return false;
	s->schema = raw__string(raw, F_TOP_schema, NONE);
	s->version = raw__string(raw, F_TOP_version, NONE);
	s->kernel = raw__string(raw, F_TOP_kernel, NONE);
	s->arch = raw__string(raw, F_TOP_arch, NONE);
	s->host = raw__has(raw, F_TOP_host) ? raw__string(raw, F_TOP_host, NONE) : NULL;
	if (!s->schema || !s->version || !s->kernel || !s->arch ||
	    (raw__has(raw, F_TOP_host) && !s->host))
		return form__fault(raw, "kernel");
	if (!session_hold_form(raw, s) || !proof_form(raw, &s->proof))
		return false;
	if (raw__has(raw, F_TOP_lock_drop))
		drop = form__word(raw, F_TOP_lock_drop, lock_drop_word, LOCK_DROPS);
	if (drop < 0)
		return form__fault(raw, "lock_drop");
	s->lock_drop = drop;
	s->start_realtime_ns = raw->v[F_TOP_start_realtime_ns].u;
	/* older versions did not say */
	s->complete = !raw__has(raw, F_TOP_complete) || raw->v[F_TOP_complete].type == JSON_TRUE;
	s->cover = raw->cover;
	s->covered = raw->covered;
	s->merged = s->covered >> EVENT_MERGED_STORED & 1;
	return true;
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
						  form__number_or(raw, fields[i], 0);
	}
	for (i = 0; i < COUNT_GROUPS; i++)
		if (has[i])
			counts__add_group(c, i);
}

static bool summary_hold_form(struct raw *raw, struct rec_summary *s)
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

static bool summary_form(struct raw *raw, struct rec_summary *s)
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
	s->command_status = s->has_command ? (int)(raw->v[F_TOP_command_status].u & 0xff) : 0;
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
		s->counts.inconsistencies += s->inconsistencies[i];
	s->remarks = NULL;
	s->nremarks = 0;
	s->total = NULL;
	return summary_hold_form(raw, s);
}

static bool form(struct raw *raw, struct record_read *out)
{
	struct ovl_record *rec = &out->rec;

	switch (rec->type) {
	case RECORD_SESSION:
		return session_form(raw, &rec->session);
	case RECORD_REBUILD:
		return form__rebuild(raw, &rec->rebuild, rec->ts_ns);
	case RECORD_MODIFY:
		return form__modify(raw, &rec->modify);
	case RECORD_INCIDENT:
		return form__incident(raw, &rec->incident);
	case RECORD_FINDING:
		return finding_form(raw, &rec->finding, rec->ts_ns);
	case RECORD_STALE_END:
		return stale_end_form(raw, &rec->stale_end, rec->ts_ns);
	case RECORD_DIRECTORY:
		return form__directory(raw, &rec->directory);
	case RECORD_LOST:
		if (!form__need(raw, need_lost))
			return false;
		rec->lost.count = raw->v[F_TOP_count].u;
		rec->lost.where = raw__string(raw, F_TOP_where, NONE);
		return rec->lost.where && rec->lost.count ? true : form__fault(raw, "count");
	case RECORD_TEST:
		return test_form(raw, &rec->test, rec->ts_ns);
	case RECORD_SUMMARY:
		return summary_form(raw, &rec->summary);
	case RECORD_MERGED_CACHE:
		return form__merged(raw, &rec->merged, rec->ts_ns);
	case RECORD_TYPES:
		break;
	}
	return false;
}

enum read_result raw__record(struct raw *raw, struct record_read *out)
{
	static const uint8_t need_all[] = { F_TOP_type, F_TOP_seq, F_TOP_ts_ns, NONE };
	const char *bad = raw->bad;
	int type;

	if (!form__need(raw, need_all) || bad) {
		out->what = bad ? bad : raw->bad;
		return READ_DAMAGED;
	}
	out->rec.seq = raw->v[F_TOP_seq].u;
	out->rec.ts_ns = raw->v[F_TOP_ts_ns].u;
	type = form__word(raw, F_TOP_type, type_word, RECORD_TYPES);
	if (type < 0) {
		out->what = raw__string(raw, F_TOP_type, NONE);
		return out->what ? READ_UNKNOWN : READ_DAMAGED;
	}
	out->rec.type = type;
	if (form(raw, out))
		return READ_OK;
	out->what = raw->bad;
	return READ_DAMAGED;
}
