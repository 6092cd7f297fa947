// SPDX-License-Identifier: GPL-2.0-only
/* The record `stale_end`: its writer and its reader. */
#include "record/internal.h"
#include "record/write.h"

static const uint8_t need_stale_end[] = { F_TOP_finding, F_TOP_stored_ns, F_TOP_end, NONE };

WORDS(end_word, stale_end, stale_end__name)

void json__stale_end(struct json *j, const struct rec_stale_end *e)
{
	json__dir(j, &e->dir);
	json__u64(j, "finding", e->finding);
	json__u64(j, "stored_ns", e->stored_ns);
	json__word(j, "end", stale_end__name(e->how));
}

bool form__stale_end(struct raw *raw, struct rec_stale_end *e)
{
	int how;

	if (!form__need(raw, need_stale_end) || !form__dir(raw, &e->dir))
		return false;
	how = form__word(raw, F_TOP_end, end_word, STALE_END_TRACE + 1);
	if (how < 0)
		return form__fault(raw, "end");
	e->how = how;
	if (raw->v[F_TOP_stored_ns].type == JSON_NULL)
		return form__fault(raw, "stored_ns");
	e->finding = raw->v[F_TOP_finding].u;
	e->stored_ns = raw->v[F_TOP_stored_ns].u;
	return e->stored_ns <= raw->v[F_TOP_ts_ns].u ? true : form__fault(raw, "stored_ns");
}
