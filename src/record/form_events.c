// SPDX-License-Identifier: GPL-2.0-only
/* What a record of something that happened must have: rebuilds, modifications, incidents, lives. */
#include <stddef.h>
#include <string.h>

#include "record/form_internal.h"

static const uint8_t need_rebuild[] = { F_TOP_version_read,
					F_TOP_version_at_store,
					F_TOP_version_stamped,
					F_TOP_entries,
					F_TOP_windows,
					F_TOP_mods_in_window,
					F_TOP_outcome,
					F_TOP_errno,
					NONE };
static const uint8_t need_stored[] = { F_TOP_cache, F_TOP_slot_before, NONE };
static const uint8_t need_modify[] = { F_TOP_version_before, F_TOP_version_after, F_TOP_op, NONE };
static const uint8_t need_incident[] = { F_TOP_incident, NONE };
static const uint8_t need_merged[] = {
	F_TOP_cache,	       F_TOP_stored_ns, F_TOP_freed_ns, F_TOP_version_read,
	F_TOP_version_stamped, F_TOP_entries,	F_TOP_gets,	F_TOP_puts,
	F_TOP_outdated,	       F_TOP_end,	NONE,
};

WORDS(what_word, ovlw_what, ovlw_what__name)
WORDS(outcome_word, rebuild_outcome, rebuild_outcome__name)
WORDS(op_word, ovlw_op, ovlw_op__name)
WORDS(merged_word, merged_end, merged_end__name)

static const char *moved_word(int i)
{
	return i ? "in" : "out";
}

/* Do the windows follow each other, inside the rebuild, and sum up? */
static bool windows_fit(const struct raw *raw, const struct rec_rebuild *r)
{
	uint64_t at = r->begin_ns, mods = 0;
	size_t i;

	for (i = 0; i < r->nwindows; i++) {
		const struct rec_window *w = &r->windows[i];

		if (w->drop_ns < at || w->retake_ns < w->drop_ns ||
		    w->wait_ns > w->retake_ns - w->drop_ns || w->version_retake < w->version_drop)
			return false;
		mods += w->version_retake - w->version_drop;
		at = w->retake_ns;
	}
	return at <= r->end_ns && (!raw->window_versions || mods == r->mods_in_window);
}

static bool rebuild_times(struct raw *raw, struct rec_rebuild *r, uint64_t ts_ns)
{
	r->windows = raw->windows;
	r->nwindows = raw->nwindows;
	r->mods_in_window = raw->v[F_TOP_mods_in_window].u;
	r->begin_ns =
		form__number_or(raw, F_TOP_begin_ns, r->nwindows ? r->windows[0].drop_ns : ts_ns);
	r->end_ns = form__number_or(raw, F_TOP_end_ns, ts_ns);
	if (r->end_ns < r->begin_ns || r->end_ns > ts_ns)
		return form__fault(raw, "end_ns");
	return windows_fit(raw, r) ? true : form__fault(raw, "windows");
}

static bool errno_form(struct raw *raw, struct rec_rebuild *r)
{
	const struct json_value *v = &raw->v[F_TOP_errno];
	bool error = r->outcome == OUTCOME_ERROR;

	r->err = v->type == JSON_NEGATIVE ? (int32_t)(int64_t)v->u : 0;
	r->err_inferred = raw__has(raw, F_TOP_errno_confidence);
	if (v->type == JSON_NEGATIVE)
		return error && -(int64_t)v->u <= 4095 ? true : form__fault(raw, "errno");
	if (v->type == JSON_NULL)
		return error ? true : form__fault(raw, "errno");
	return !error && !v->u ? true : form__fault(raw, "errno");
}

bool form__rebuild(struct raw *raw, struct rec_rebuild *r, uint64_t ts_ns)
{
	const struct json_value *stamp = &raw->v[F_TOP_version_stamped];
	bool stored;
	int outcome;

	if (!form__need(raw, need_rebuild) || !form__dir(raw, &r->dir) ||
	    !form__task(raw, &r->task))
		return false;
	outcome = form__word(raw, F_TOP_outcome, outcome_word, OUTCOME_ERROR + 1);
	if (outcome < 0)
		return form__fault(raw, "outcome");
	r->outcome = outcome;
	stored = outcome == OUTCOME_STORED;
	if (raw->v[F_TOP_version_read].type == JSON_NULL)
		return form__fault(raw, "version_read");
	r->version_read = raw->v[F_TOP_version_read].u;
	r->version_at_store = raw->v[F_TOP_version_at_store].u;
	r->reads = (uint32_t)form__number_or(raw, F_TOP_reads, 1);
	r->impure_cleared = raw__has(raw, F_TOP_impure_cleared) &&
			    raw->v[F_TOP_impure_cleared].type == JSON_TRUE;
	if (r->impure_cleared && outcome != OUTCOME_EMPTY)
		return form__fault(raw, "impure_cleared");
	if ((stamp->type == JSON_UNSIGNED) != stored)
		return form__fault(raw, "version_stamped");
	if (raw->v[F_TOP_entries].u > UINT32_MAX || (!stored && raw->v[F_TOP_entries].u))
		return form__fault(raw, "entries");
	r->entries = (uint32_t)raw->v[F_TOP_entries].u;
	r->version_stamped = stored ? stamp->u : 0;
	r->cache = r->overwritten = 0;
	if (stored && !form__need(raw, need_stored))
		return false;
	if (stored && (!raw__address(raw, F_TOP_cache, &r->cache) || !r->cache))
		return form__fault(raw, "cache");
	if (stored && !raw__address(raw, F_TOP_slot_before, &r->overwritten))
		return form__fault(raw, "slot_before");
	return errno_form(raw, r) && rebuild_times(raw, r, ts_ns);
}

bool form__modify(struct raw *raw, struct rec_modify *m)
{
	int op, moved = -1;

	if (!form__need(raw, need_modify) || !form__dir(raw, &m->dir) || !form__task(raw, &m->task))
		return false;
	m->version_before = raw->v[F_TOP_version_before].u;
	m->version_after = raw->v[F_TOP_version_after].u;
	if (m->version_after <= m->version_before)
		return form__fault(raw, "version_after");
	op = form__word(raw, F_TOP_op, op_word, OVLW_OP_COUNT);
	if (op < 0)
		return form__fault(raw, "op");
	m->op = op;
	if (raw__has(raw, F_TOP_moved)) {
		moved = form__word(raw, F_TOP_moved, moved_word, 2);
		if (moved < 0)
			return form__fault(raw, "moved");
	}
	m->moved = moved < 0 ? OVLW_MOVED_WITHIN : moved ? OVLW_MOVED_IN : OVLW_MOVED_OUT;
	m->name = m->name2 = "";
	if (raw__has(raw, F_TOP_name) && raw->v[F_TOP_name].type == JSON_STRING)
		m->name = raw__string(raw, F_TOP_name, F_TOP_name_b64);
	if (raw__has(raw, F_TOP_new_name))
		m->name2 = raw__string(raw, F_TOP_new_name, F_TOP_new_name_b64);
	return m->name && m->name2 ? true : form__fault(raw, "name");
}

bool form__incident(struct raw *raw, struct rec_incident *in)
{
	int what;

	if (!form__need(raw, need_incident) || !form__dir(raw, &in->dir) ||
	    !form__task(raw, &in->task))
		return false;
	what = form__word(raw, F_TOP_incident, what_word, OVLW_WHATS);
	if (what < 0)
		return form__fault(raw, "incident");
	in->what = what;
	in->cache = 0;
	in->refcount = raw__has(raw, F_TOP_refcount) ? (int64_t)raw->v[F_TOP_refcount].u : 0;
	in->value = 0;
	in->op = OVLW_OP_UNKNOWN;
	in->name = "";
	if (raw__has(raw, F_TOP_cache) && !raw__address(raw, F_TOP_cache, &in->cache))
		return form__fault(raw, "cache");
	if (raw__has(raw, F_TOP_value)) {
		int64_t value = (int64_t)raw->v[F_TOP_value].u;

		if (value < INT32_MIN || value > INT32_MAX)
			return form__fault(raw, "value");
		in->value = (int32_t)value;
	} else if (what == OVLW_BAD_RETURN) {
		return form__fault(raw, "value");
	}
	if (what == OVLW_MISSED_INVALIDATION) {
		int op = raw__has(raw, F_TOP_op) ?
				 form__word(raw, F_TOP_op, op_word, OVLW_OP_COUNT) :
				 -1;

		if (op < 0)
			return form__fault(raw, "op");
		in->op = op;
	}
	if (raw__has(raw, F_TOP_name) && raw->v[F_TOP_name].type == JSON_STRING)
		in->name = raw__string(raw, F_TOP_name, F_TOP_name_b64);
	return in->name ? true : form__fault(raw, "name");
}

static uint64_t ns_or_0(const struct raw *raw, enum raw_field f)
{
	return raw->v[f].type == JSON_NULL ? 0 : raw->v[f].u;
}

bool form__merged(struct raw *raw, struct rec_merged *mc, uint64_t ts_ns)
{
	int how;

	if (!form__need(raw, need_merged) || !form__dir(raw, &mc->dir) ||
	    !form__task(raw, &mc->task))
		return false;
	memset((char *)mc + offsetof(struct rec_merged, cache), 0,
	       sizeof(*mc) - offsetof(struct rec_merged, cache));
	how = form__word(raw, F_TOP_end, merged_word, MERGED_END_UNKNOWN + 1);
	if (how < 0)
		return form__fault(raw, "end");
	mc->how = how;
	if (!raw__address(raw, F_TOP_cache, &mc->cache))
		return form__fault(raw, "cache");
	mc->stored_ns = ns_or_0(raw, F_TOP_stored_ns);
	mc->freed_ns = ns_or_0(raw, F_TOP_freed_ns);
	if (mc->stored_ns > ts_ns || mc->freed_ns > ts_ns ||
	    (mc->freed_ns && mc->stored_ns > mc->freed_ns))
		return form__fault(raw, "freed_ns");
	if ((how == MERGED_END_FREED) != (mc->freed_ns != 0))
		return form__fault(raw, "end");
	mc->version_known = raw->v[F_TOP_version_read].type != JSON_NULL;
	mc->version_read = mc->version_known ? raw->v[F_TOP_version_read].u : 0;
	if (raw->v[F_TOP_version_stamped].type == JSON_NULL)
		return form__fault(raw, "version_stamped");
	mc->version_stamped = raw->v[F_TOP_version_stamped].u;
	if (raw->v[F_TOP_entries].u > UINT32_MAX)
		return form__fault(raw, "entries");
	mc->entries = (uint32_t)raw->v[F_TOP_entries].u;
	mc->gets = raw->v[F_TOP_gets].u;
	mc->puts = raw->v[F_TOP_puts].u;
	mc->outdated = raw->v[F_TOP_outdated].u;
	mc->miscounted = raw__has(raw, F_TOP_refcount) && raw__has(raw, F_TOP_streams);
	if (mc->miscounted) {
		mc->refcount = (int64_t)raw->v[F_TOP_refcount].u;
		mc->streams = (int64_t)raw->v[F_TOP_streams].u;
	}
	mc->freed_under = form__number_or(raw, F_TOP_freed_under, 0);
	mc->got_after_free = form__number_or(raw, F_TOP_got_after_free, 0);
	mc->cut = raw__has(raw, F_TOP_cut) && raw->v[F_TOP_cut].type == JSON_TRUE;
	return true;
}
