// SPDX-License-Identifier: GPL-2.0-only
/* The record `modify`: its writer and its reader. */
#include "record/internal.h"
#include "record/write.h"

static const uint8_t need_modify[] = { F_TOP_version_before, F_TOP_version_after, F_TOP_op, NONE };

WORDS(op_word, ovlw_op, ovlw_op__name)

static const char *moved_word(int i)
{
	return i ? "in" : "out";
}

void json__modify(struct json *j, const struct rec_modify *m)
{
	json__dir(j, &m->dir);
	json__task(j, &m->task);
	json__u64(j, "version_before", m->version_before);
	json__u64(j, "version_after", m->version_after);
	json__word(j, "op", ovlw_op__name(m->op));
	if (m->moved != OVLW_MOVED_WITHIN)
		json__word(j, "moved", m->moved == OVLW_MOVED_OUT ? "out" : "in");
	json__str(j, "name", *m->name ? m->name : NULL);
	if (*m->name2)
		json__str(j, "new_name", m->name2);
	json__stack(j, &m->stack);
}

bool form__modify(struct raw *raw, struct rec_modify *m)
{
	int op, moved = -1;

	if (!form__need(raw, need_modify) || !form__dir(raw, &m->dir) ||
	    !form__task(raw, &m->task) || !form__stack(raw, &m->stack))
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
