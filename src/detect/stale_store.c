// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stale store: the content was read at one version and stamped with another, so
 * ovl_cache_get_impure() will serve it as fresh. A cache stamped with the version of
 * its content is merely superseded if the directory was modified: the next readdir
 * sees the mismatch and rebuilds.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

static bool rebuild(const struct rec_rebuild *rb, char text[DETECT_TEXT])
{
	char who[64];

	if (rb->outcome != OUTCOME_STORED || rb->version_stamped == rb->version_read)
		return false;
	detect__task(who, sizeof(who), &rb->task);
	snprintf(text, DETECT_TEXT,
		 "%s read the directory at version %" PRIu64
		 ", had its lock dropped in %zu window%s, "
		 "%" PRIu64 " us in all, while the version rose by %" PRIu64
		 ", and stamped the old content with version %" PRIu64 ": it is served as fresh.",
		 who, rb->version_read, rb->nwindows, rb->nwindows == 1 ? "" : "s",
		 detect__unlocked_ns(rb) / 1000, rb->mods_in_window, rb->version_stamped);
	return true;
}

const struct detector detect_stale_store = { .kind = FINDING_STALE_STORE, .rebuild = rebuild };
