// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merged refcount: the refcount of a merged directory's cache differs from the number
 * of its streams, or the cache was freed while it had streams, or a stream got it
 * after the free.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

static bool merged(const struct rec_merged *mc, char text[DETECT_TEXT])
{
	char who[64];

	if (mc->cut || (!mc->miscounted && !mc->freed_under && !mc->got_after_free))
		return false;
	detect__task(who, sizeof(who), &mc->task);
	if (mc->got_after_free)
		snprintf(text, DETECT_TEXT,
			 "the cache 0x%" PRIx64
			 " of a merged directory, which %s stored, was freed, and "
			 "%" PRIu64 " streams got it afterwards: they read freed memory.",
			 mc->cache, who, mc->got_after_free);
	else if (mc->freed_under)
		snprintf(text, DETECT_TEXT,
			 "the cache 0x%" PRIx64
			 " of a merged directory, which %s stored, was freed while %" PRIu64
			 " streams used it: they read freed memory.",
			 mc->cache, who, mc->freed_under);
	else
		snprintf(text, DETECT_TEXT,
			 "the refcount of the cache 0x%" PRIx64
			 " of a merged directory, which %s stored, was %" PRId64 " while %" PRId64
			 " streams used it: %s.",
			 mc->cache, who, mc->refcount, mc->streams,
			 mc->refcount > mc->streams ? "the last of them will not free it" :
						      "it will be freed while one of them uses it");
	return true;
}

const struct detector detect_merged_refcount = { .kind = FINDING_MERGED_REFCOUNT,
						 .merged = merged };
