// SPDX-License-Identifier: GPL-2.0-only
/* The record `rebuild`: its writer and its reader. */
#include <stdlib.h>
#include <string.h>

#include "record/internal.h"
#include "record/write.h"
#include "util/saturate.h"

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

WORDS(outcome_word, rebuild_outcome, rebuild_outcome__name)

void json__rebuild(struct json *j, const struct rec_rebuild *r)
{
	bool stored = r->outcome == OUTCOME_STORED;
	size_t i;

	json__dir(j, &r->dir);
	json__task(j, &r->task);
	json__u64(j, "begin_ns", r->begin_ns);
	json__u64(j, "end_ns", r->end_ns);
	json__u64(j, "version_read", r->version_read);
	json__u64(j, "version_at_store", r->version_at_store);
	if (stored) {
		json__u64(j, "version_stamped", r->version_stamped);
		json__u64(j, "entries", r->entries);
		json__hex(j, "cache", r->cache);
		json__hex(j, "slot_before", r->overwritten);
	} else {
		json__null(j, "version_stamped");
		json__u64(j, "entries", 0);
	}
	json__u64(j, "reads", r->reads);
	json__open(j, "windows", '[');
	for (i = 0; i < r->nwindows; i++) {
		const struct rec_window *w = &r->windows[i];

		json__open(j, NULL, '{');
		json__u64(j, "drop_ns", w->drop_ns);
		json__u64(j, "retake_ns", w->retake_ns);
		json__u64(j, "wait_ns", w->wait_ns);
		json__u64(j, "version_drop", w->version_drop);
		json__u64(j, "version_retake", w->version_retake);
		json__close(j, '}');
	}
	json__close(j, ']');
	json__u64(j, "mods_in_window", r->mods_in_window);
	json__word(j, "outcome", rebuild_outcome__name(r->outcome));
	if (r->outcome == OUTCOME_ERROR && !r->err)
		json__null(j, "errno");
	else
		json__i64(j, "errno", r->err);
	if (r->err_inferred)
		json__word(j, "errno_confidence", "inferred");
	json__bool(j, "impure_cleared", r->impure_cleared);
}

void raw__window(struct raw *raw)
{
	struct rec_window *w;

	if (!raw__has(raw, F_WINDOW_drop_ns) || !raw__has(raw, F_WINDOW_retake_ns)) {
		raw__bad(raw, "windows");
		return;
	}
	if (raw->nwindows == raw->cap) {
		size_t cap = raw->cap ? raw->cap * 2 : 8;

		w = realloc(raw->windows, cap * sizeof(*w));
		if (!w) {
			raw__bad(raw, "windows");
			return;
		}
		raw->windows = w;
		raw->cap = cap;
	}
	w = &raw->windows[raw->nwindows++];
	memset(w, 0, sizeof(*w));
	w->drop_ns = raw->v[F_WINDOW_drop_ns].u;
	w->retake_ns = raw->v[F_WINDOW_retake_ns].u;
	if (raw__has(raw, F_WINDOW_wait_ns))
		w->wait_ns = raw->v[F_WINDOW_wait_ns].u;
	if (!raw__has(raw, F_WINDOW_version_drop) || !raw__has(raw, F_WINDOW_version_retake)) {
		raw->window_versions = false;
		return;
	}
	w->version_drop = raw->v[F_WINDOW_version_drop].u;
	w->version_retake = raw->v[F_WINDOW_version_retake].u;
}

/* Are the windows in order, inside the rebuild, and do they add up to mods_in_window? */
static bool windows_fit(const struct raw *raw, const struct rec_rebuild *r)
{
	uint64_t at = r->begin_ns, mods = 0;
	size_t i;

	for (i = 0; i < r->nwindows; i++) {
		const struct rec_window *w = &r->windows[i];

		if (w->drop_ns < at || w->retake_ns < w->drop_ns ||
		    w->wait_ns > w->retake_ns - w->drop_ns || w->version_retake < w->version_drop)
			return false;
		saturate__add(&mods, w->version_retake - w->version_drop);
		at = w->retake_ns;
	}
	return at <= r->end_ns && (!raw->window_versions || mods == saturate(r->mods_in_window));
}

static bool rebuild_times(struct raw *raw, struct rec_rebuild *r)
{
	uint64_t ts_ns = raw->v[F_TOP_ts_ns].u;

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
		return error && (int64_t)v->u >= -4095 ? true : form__fault(raw, "errno");
	if (v->type == JSON_NULL)
		return error ? true : form__fault(raw, "errno");
	return !error && !v->u ? true : form__fault(raw, "errno");
}

bool form__rebuild(struct raw *raw, struct rec_rebuild *r)
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
	if (form__number_or(raw, F_TOP_reads, 1) > UINT32_MAX)
		return form__fault(raw, "reads");
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
	return errno_form(raw, r) && rebuild_times(raw, r);
}
