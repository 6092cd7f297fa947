// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merged leak: the last stream dropped its reference to a merged directory's cache,
 * the slot does not have it, and it was not freed. The task that dropped the reference
 * or emptied the slot must free it before that task's next operation.
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
		 ", has no stream and is in no slot, but was not freed: it is leaked.",
		 mc->cache, mc->entries, who, mc->stored_ns ? "stored" : "used",
		 mc->version_stamped);
	return true;
}

const struct detector detect_merged_leak = { .kind = FINDING_MERGED_LEAK, .merged = merged };
