// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lock hazard: a lookup that takes the directory's lock, called by a task that
 * holds it for writing. A cached name is found without the lock; on any other
 * the task waits for itself, with all others behind it.
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
		"that takes the lock: it waits for itself as soon as the name is not cached.",
		who, *in->name ? "'" : "a name", in->name, *in->name ? "'" : "");
	return true;
}

const struct detector detect_lock_hazard = { .kind = FINDING_LOCK_HAZARD, .incident = incident };
