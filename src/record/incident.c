// SPDX-License-Identifier: GPL-2.0-only
/* The record `incident`: its writer and its reader. */
#include "record/internal.h"
#include "record/write.h"

static const uint8_t need_incident[] = { F_TOP_incident, NONE };

WORDS(what_word, ovlw_what, ovlw_what__name)
WORDS(op_word, ovlw_op, ovlw_op__name)

void json__incident(struct json *j, const struct rec_incident *in)
{
	json__word(j, "incident", ovlw_what__name(in->what));
	json__dir(j, &in->dir);
	json__task(j, &in->task);
	if (in->cache) {
		json__hex(j, "cache", in->cache);
		json__i64(j, "refcount", in->refcount);
	}
	if (in->what == OVLW_BAD_RETURN)
		json__i64(j, "value", in->value);
	if (in->what == OVLW_MISSED_INVALIDATION)
		json__word(j, "op", ovlw_op__name(in->op));
	if (in->what == OVLW_LOCKED_LOOKUP || in->what == OVLW_MISSED_INVALIDATION)
		json__str(j, "name", *in->name ? in->name : NULL);
	json__stack(j, &in->stack);
}

bool form__incident(struct raw *raw, struct rec_incident *in)
{
	int what;

	if (!form__need(raw, need_incident) || !form__dir(raw, &in->dir) ||
	    !form__task(raw, &in->task) || !form__stack(raw, &in->stack))
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
