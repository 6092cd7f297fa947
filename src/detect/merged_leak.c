// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merged leak: the last stream gave a merged directory's cache back, the slot
 * does not name it any more, and nobody freed it. Who gave it back, or took it
 * out of the slot, had until its next operation to do so.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

static bool merged(const struct rec_merged *mc, char text[DETECT_TEXT])
{
	char who[64];

	if (mc->cut || mc->how != MERGED_END_LEAKED)
		return false;
	detect__task(who, sizeof(who), &mc->task);
	snprintf(text, DETECT_TEXT,
		 "the cache 0x%" PRIx64
		 " of a merged directory, %u entries, that %s %s at version %" PRIu64
		 " was given back by the last of its streams, is in no slot, and nobody freed "
		 "it: it is leaked.",
		 mc->cache, mc->entries, who, mc->stored_ns ? "stored" : "had",
		 mc->version_stamped);
	return true;
}

const struct detector detect_merged_leak = { .kind = FINDING_MERGED_LEAK, .merged = merged };
