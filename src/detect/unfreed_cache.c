// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unfreed cache: the cache in the slot was overwritten, or its inode was destroyed,
 * and it was not freed. A task may free the old cache right before or after it stores
 * the new one, so the model waits for that.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

static bool lost_cache(const struct lost_cache *lc, char text[DETECT_TEXT])
{
	char owner[64], by[64];

	detect__task(owner, sizeof(owner), &lc->owner);
	detect__task(by, sizeof(by), &lc->by);
	if (lc->with_inode)
		snprintf(text, DETECT_TEXT,
			 "the inode was destroyed while the cache 0x%" PRIx64
			 ", which %s stored at version %" PRIu64 ", still existed: it is leaked.",
			 lc->cache, owner, lc->version);
	else
		snprintf(text, DETECT_TEXT,
			 "%s overwrote the cache 0x%" PRIx64 ", which %s stored at version %" PRIu64
			 ", with %s. It was not freed: it is leaked.",
			 by, lc->cache, owner, lc->version, lc->by_null ? "NULL" : "a new cache");
	return true;
}

const struct detector detect_unfreed_cache = { .kind = FINDING_UNFREED_CACHE,
					       .lost_cache = lost_cache };
