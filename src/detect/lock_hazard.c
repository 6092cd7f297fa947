// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lock hazard: a task that holds the directory's lock for writing calls a lookup that
 * takes this lock. A name in the dcache is found without the lock. For any other name
 * the task deadlocks on its own lock, and others queue up behind it.
 */
#include "detect/detect.h"

#include <stdio.h>

static bool incident(const struct rec_incident *in, char text[DETECT_TEXT])
{
	char who[64];

	if (in->what != OVLW_LOCKED_LOOKUP)
		return false;
	detect__task(who, sizeof(who), &in->task);
	snprintf(
		text, DETECT_TEXT,
		"%s looks up %s%.255s%s in a directory that it has locked for writing, with a lookup "
		"that takes the same lock: it deadlocks as soon as the name is not in the dcache.",
		who, *in->name ? "'" : "a name", in->name, *in->name ? "'" : "");
	return true;
}

const struct detector detect_lock_hazard = { .kind = FINDING_LOCK_HAZARD, .incident = incident };
