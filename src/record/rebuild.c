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

enum {
	/* what json__rebuild() writes at once: keys, numbers, and a word */
	TEXT_BYTES = 512,
	WINDOW_BYTES = 256,
};

/* A number that may follow again: the version of a directory that is not modified. */
struct number {
	uint64_t value;
	size_t len; /* 0: there is none yet */
	char text[JSON_DIGITS];
};

static char *put_version(struct json *j, char *p, struct number *was, uint64_t v)
{
	/* a few moves for all of it, whatever its length */
	if (v != was->value || !was->len) {
		was->value = v;
		was->len = json_put__u64(j, was->text, v) - was->text;
	}
	memcpy(p, was->text, sizeof(was->text));
	return p + was->len;
}

static char *put_store(struct json *j, char *p, const struct rec_rebuild *r, struct number *was)
{
	if (r->outcome != OUTCOME_STORED)
		return json_put__text(p, ",\"version_stamped\":null,\"entries\":0");
	p = json_put__text(p, ",\"version_stamped\":");
	p = put_version(j, p, was, r->version_stamped);
	p = json_put__text(p, ",\"entries\":");
	p = json_put__u64(j, p, r->entries);
	p = json_put__text(p, ",\"cache\":\"");
	p = json__hexadecimal(p, r->cache);
	p = json_put__text(p, "\",\"slot_before\":\"");
	p = json__hexadecimal(p, r->overwritten);
	return json_put__text(p, "\"");
}

static char *put_window(struct json *j, char *p, const struct rec_window *w, struct number *was)
{
	p = json_put__text(p, "{\"drop_ns\":");
	p = json_put__u64(j, p, w->drop_ns);
	p = json_put__text(p, ",\"retake_ns\":");
	p = json_put__u64(j, p, w->retake_ns);
	p = json_put__text(p, ",\"wait_ns\":");
	p = json_put__u64(j, p, w->wait_ns);
	p = json_put__text(p, ",\"version_drop\":");
	p = put_version(j, p, was, w->version_drop);
	p = json_put__text(p, ",\"version_retake\":");
	p = put_version(j, p, was, w->version_retake);
	return json_put__text(p, "}");
}

/* Most records are of this type, so the room for all fields is reserved once. */
void json__rebuild(struct json *j, const struct rec_rebuild *r)
{
	struct number was = { 0 };
	char *p;
	size_t i;

	json__dir(j, &r->dir);
	json__task(j, &r->task);
	p = json__room(j, TEXT_BYTES + r->nwindows * WINDOW_BYTES);
	if (!p)
		return;
	p = json_put__text(p, ",\"begin_ns\":");
	p = json_put__u64(j, p, r->begin_ns);
	p = json_put__text(p, ",\"end_ns\":");
	p = json_put__u64(j, p, r->end_ns);
	p = json_put__text(p, ",\"version_read\":");
	p = put_version(j, p, &was, r->version_read);
	p = json_put__text(p, ",\"version_at_store\":");
	p = put_version(j, p, &was, r->version_at_store);
	p = put_store(j, p, r, &was);
	p = json_put__text(p, ",\"reads\":");
	p = json_put__u64(j, p, r->reads);
	p = json_put__text(p, ",\"windows\":[");
	for (i = 0; i < r->nwindows; i++) {
		if (i)
			*p++ = ',';
		p = put_window(j, p, &r->windows[i], &was);
	}
	p = json_put__text(p, "],\"mods_in_window\":");
	p = json_put__u64(j, p, r->mods_in_window);
	json__ends_at(j, p);
	json__word(j, "outcome", rebuild_outcome__name(r->outcome));
	if (r->err)
		json__i64(j, "errno", r->err);
	else if (r->outcome == OUTCOME_ERROR)
		json__null(j, "errno");
	else
		json__literal(j, "errno", "0");
	if (r->err_inferred)
		json__word(j, "errno_confidence", "inferred");
	json__bool(j, "impure_cleared", r->impure_cleared);
	json__stack(j, &r->stack);
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
	    !form__task(raw, &r->task) || !form__stack(raw, &r->stack))
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
