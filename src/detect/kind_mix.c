// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind mix: caches of merged directories are counted by references and freed by
 * their last user, those of impure ones are not and belong to the inode. A
 * directory that is taken for the other kind gets its cache freed under its
 * readers, or lists what is not there. Before "ovl: set OVL_WHITEOUTS before
 * publishing the upper dir" (cbec8610ec5a) whoever opens a directory in the
 * middle of its copy-up takes it for a real one.
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
			"%s listed a merged directory as a real one and put an impure cache, 0x%" PRIx64
			", on it: the next listing serves it, or leaks it.",
			who, in->cache);
		return true;
	case OVLW_MERGED_FREE:
		snprintf(text, DETECT_TEXT,
			 "%s freed the cache 0x%" PRIx64
			 " of a merged directory on the impure path "
			 "while %" PRId64 " open director%s still use%s it: a use after free.",
			 who, in->cache, in->refcount, in->refcount == 1 ? "y" : "ies",
			 in->refcount == 1 ? "s" : "");
		return true;
	case OVLW_MERGED_SERVED:
		snprintf(
			text, DETECT_TEXT,
			"%s listed a merged directory as a real one and was served its cache 0x%" PRIx64
			", which %" PRId64 " open director%s use%s: it may be freed meanwhile.",
			who, in->cache, in->refcount, in->refcount == 1 ? "y" : "ies",
			in->refcount == 1 ? "s" : "");
		return true;
	case OVLW_IMPURE_SERVED:
		snprintf(text, DETECT_TEXT,
			 "%s listed a merged directory from the impure cache 0x%" PRIx64
			 ": it has only the names that were copied up.",
			 who, in->cache);
		return true;
	case OVLW_REAL_LISTING:
		snprintf(
			text, DETECT_TEXT,
			"%s opened a directory in the middle of its copy-up, took it for a real one, "
			"and listed its upper half only.",
			who);
		return true;
	default:
		return false;
	}
}

const struct detector detect_kind_mix = { .kind = FINDING_KIND_MIX, .incident = incident };
