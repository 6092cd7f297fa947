// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merged stale cache: a merged directory's cache was stamped with another version than
 * that of its content, so that it passes for fresh. Or a stream that was just opened
 * or rewound got a cache of another version than the directory's. POSIX allows a
 * stream to continue reading an outdated cache. A cache that was outdated while it was
 * built is no defect either, if its stamp shows it.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

static bool merged(const struct rec_merged *mc, char text[DETECT_TEXT])
{
	bool stamp = mc->version_known && mc->version_stamped != mc->version_read;
	char who[64];

	if (mc->cut || (!stamp && !mc->outdated))
		return false;
	detect__task(who, sizeof(who), &mc->task);
	if (stamp)
		snprintf(text, DETECT_TEXT,
			 "%s read a merged directory at version %" PRIu64
			 " and stamped the content with version %" PRIu64 ": %" PRIu64
			 " streams used it as fresh.",
			 who, mc->version_read, mc->version_stamped, mc->gets);
	else
		snprintf(text, DETECT_TEXT,
			 "the cache 0x%" PRIx64
			 " of a merged directory, which %s %s at version %" PRIu64
			 ", was served %" PRIu64
			 " times to a stream just opened or rewound, although "
			 "the directory was at another version.",
			 mc->cache, who, mc->stored_ns ? "stored" : "used", mc->version_stamped,
			 mc->outdated);
	return true;
}

const struct detector detect_merged_stale_cache = { .kind = FINDING_MERGED_STALE_CACHE,
						    .merged = merged };
