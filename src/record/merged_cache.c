// SPDX-License-Identifier: GPL-2.0-only
/* The record `merged_cache`: its writer and its reader. */
#include <stddef.h>
#include <string.h>

#include "record/internal.h"
#include "record/write.h"

static const uint8_t need_merged[] = {
	F_TOP_cache,	       F_TOP_stored_ns, F_TOP_freed_ns, F_TOP_version_read,
	F_TOP_version_stamped, F_TOP_entries,	F_TOP_gets,	F_TOP_puts,
	F_TOP_outdated,	       F_TOP_end,	NONE,
};

WORDS(end_word, merged_end, merged_end__name)

static void ns_or_null(struct json *j, const char *key, uint64_t ns)
{
	if (ns)
		json__u64(j, key, ns);
	else
		json__null(j, key);
}

void json__merged(struct json *j, const struct rec_merged *mc)
{
	json__dir(j, &mc->dir);
	json__task(j, &mc->task);
	json__hex(j, "cache", mc->cache);
	ns_or_null(j, "stored_ns", mc->stored_ns);
	ns_or_null(j, "freed_ns", mc->freed_ns);
	if (mc->version_known)
		json__u64(j, "version_read", mc->version_read);
	else
		json__null(j, "version_read");
	json__u64(j, "version_stamped", mc->version_stamped);
	json__u64(j, "entries", mc->entries);
	json__u64(j, "gets", mc->gets);
	json__u64(j, "puts", mc->puts);
	json__u64(j, "outdated", mc->outdated);
	if (mc->miscounted) {
		json__i64(j, "refcount", mc->refcount);
		json__i64(j, "streams", mc->streams);
	}
	if (mc->freed_under)
		json__u64(j, "freed_under", mc->freed_under);
	if (mc->got_after_free)
		json__u64(j, "got_after_free", mc->got_after_free);
	json__word(j, "end", merged_end__name(mc->how));
	if (mc->cut)
		json__bool(j, "cut", true);
	json__stack(j, &mc->stack);
}

static uint64_t ns_or_0(const struct raw *raw, enum raw_field f)
{
	return raw->v[f].type == JSON_NULL ? 0 : raw->v[f].u;
}

bool form__merged(struct raw *raw, struct rec_merged *mc)
{
	uint64_t ts_ns = raw->v[F_TOP_ts_ns].u;
	int how;

	if (!form__need(raw, need_merged) || !form__dir(raw, &mc->dir) ||
	    !form__task(raw, &mc->task))
		return false;
	memset((char *)mc + offsetof(struct rec_merged, cache), 0,
	       sizeof(*mc) - offsetof(struct rec_merged, cache));
	how = form__word(raw, F_TOP_end, end_word, MERGED_END_UNKNOWN + 1);
	if (how < 0)
		return form__fault(raw, "end");
	mc->how = how;
	if (!form__stack(raw, &mc->stack))
		return false;
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
