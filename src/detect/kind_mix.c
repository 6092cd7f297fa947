// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind mix: caches of merged directories have a refcount, and their last user frees
 * them. Caches of impure directories have none and belong to the inode. If a
 * directory is mistaken for the other kind, its cache is freed under its readers, or
 * its listing is wrong. Before "ovl: set OVL_WHITEOUTS before publishing the upper
 * dir" (cbec8610ec5a), a task that opens a directory in the middle of its copy-up
 * mistakes it for a real one.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

static bool incident(const struct rec_incident *in, char text[DETECT_TEXT])
{
	char who[64];

	detect__task(who, sizeof(who), &in->task);
	switch (in->what) {
	case OVLW_IMPURE_STORE:
		snprintf(
			text, DETECT_TEXT,
			"%s listed a merged directory as a real one and stored an impure cache, 0x%" PRIx64
			", in its slot: the next listing serves or leaks it.",
			who, in->cache);
		return true;
	case OVLW_MERGED_FREE:
		snprintf(text, DETECT_TEXT,
			 "%s freed the cache 0x%" PRIx64
			 " of a merged directory on the impure path "
			 "while %" PRId64 " open director%s still use%s it: use after free.",
			 who, in->cache, in->refcount, in->refcount == 1 ? "y" : "ies",
			 in->refcount == 1 ? "s" : "");
		return true;
	case OVLW_MERGED_SERVED:
		snprintf(text, DETECT_TEXT,
			 "%s listed a merged directory as a real one from its cache 0x%" PRIx64
			 " without a reference; %" PRId64
			 " open director%s use%s the cache and may free it during the listing.",
			 who, in->cache, in->refcount, in->refcount == 1 ? "y" : "ies",
			 in->refcount == 1 ? "s" : "");
		return true;
	case OVLW_IMPURE_SERVED:
		snprintf(text, DETECT_TEXT,
			 "%s listed a merged directory from the impure cache 0x%" PRIx64
			 ": that cache has only the names that were copied up.",
			 who, in->cache);
		return true;
	case OVLW_REAL_LISTING:
		snprintf(
			text, DETECT_TEXT,
			"%s opened a directory in the middle of its copy-up, mistook it for a real one, "
			"and listed only its upper half.",
			who);
		return true;
	default:
		return false;
	}
}

const struct detector detect_kind_mix = { .kind = FINDING_KIND_MIX, .incident = incident };
