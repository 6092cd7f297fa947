// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stale impure clear: the kernel read no impure entries and cleared the impure flag,
 * but the directory was modified between the read and the clear. Entries moved in
 * between are listed with wrong inode numbers until the next rename into the directory.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

static bool rebuild(const struct rec_rebuild *rb, char text[DETECT_TEXT])
{
	char who[64];

	if (!rb->impure_cleared || rb->version_at_store == rb->version_read)
		return false;
	detect__task(who, sizeof(who), &rb->task);
	snprintf(text, DETECT_TEXT,
		 "%s found no impure entries at version %" PRIu64
		 " and cleared the impure flag at version %" PRIu64
		 ": entries moved in between are listed with wrong inode numbers.",
		 who, rb->version_read, rb->version_at_store);
	return true;
}

const struct detector detect_stale_impure_clear = { .kind = FINDING_STALE_IMPURE_CLEAR,
						    .rebuild = rebuild };
