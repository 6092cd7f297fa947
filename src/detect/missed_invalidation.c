// SPDX-License-Identifier: GPL-2.0-only
/*
 * Missed invalidation: an entry that the impure cache has to translate was added
 * or removed, and the directory's version did not rise. The cache stays fresh,
 * and is served without the change until something else raises the version. Hard
 * links in released kernels: ovl_instantiate() passes impurity false to
 * ovl_dir_modified(), which then leaves the version as it is.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

static bool incident(const struct rec_incident *in, char text[DETECT_TEXT])
{
	const char *quote = *in->name ? "'" : "";
	char who[64];

	if (in->what != OVLW_MISSED_INVALIDATION)
		return false;
	detect__task(who, sizeof(who), &in->task);
	snprintf(text, DETECT_TEXT,
		 "%s changed %s%.255s%s (%s) and did not raise the directory's version: the fresh "
		 "cache 0x%" PRIx64 " lacks the change and continues to be served.",
		 who, quote, *in->name ? in->name : "an entry", quote, ovlw_op__name(in->op),
		 in->cache);
	return true;
}

const struct detector detect_missed_invalidation = { .kind = FINDING_MISSED_INVALIDATION,
						     .incident = incident };
