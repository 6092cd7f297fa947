// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unfreed cache: what was in the slot was overwritten, or went away with its
 * inode, and nobody freed it. An overwriter that frees the old cache before or
 * right after the store is no defect; the model waits for that.
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
			 " that %s stored at version %" PRIu64 " was still its own: it is leaked.",
			 lc->cache, owner, lc->version);
	else
		snprintf(text, DETECT_TEXT,
			 "%s overwrote the cache 0x%" PRIx64 " that %s stored at version %" PRIu64
			 " with %s, and nobody freed it: it is leaked.",
			 by, lc->cache, owner, lc->version, lc->by_null ? "NULL" : "its own");
	return true;
}

const struct detector detect_unfreed_cache = { .kind = FINDING_UNFREED_CACHE,
					       .lost_cache = lost_cache };
