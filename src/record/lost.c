// SPDX-License-Identifier: GPL-2.0-only
/* The record `lost`: its writer and its reader. */
#include "record/internal.h"
#include "record/write.h"

static const uint8_t need_lost[] = { F_TOP_count, F_TOP_where, NONE };

void json__lost(struct json *j, const struct rec_lost *l)
{
	json__u64(j, "count", l->count);
	json__word(j, "where", l->where);
}

bool form__lost(struct raw *raw, struct rec_lost *l)
{
	if (!form__need(raw, need_lost))
		return false;
	l->count = raw->v[F_TOP_count].u;
	l->where = raw__string(raw, F_TOP_where, NONE);
	return l->where && l->count ? true : form__fault(raw, "count");
}
