// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad return: a readdir must return 0 or a negative errno. Any other value comes from
 * a pointer (1711b6ed6953: PTR_ERR() of a valid one). A rebuild returns -EIO if its
 * list of entries had the same name twice.
 */
#include "detect/detect.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	EIO_ERRNO = 5,
	MAX_ERRNO = 4095,
};

static bool rebuild(const struct rec_rebuild *rb, char text[DETECT_TEXT])
{
	char who[64];

	if (rb->outcome != OUTCOME_ERROR || rb->err != -EIO_ERRNO)
		return false;
	detect__task(who, sizeof(who), &rb->task);
	snprintf(text, DETECT_TEXT,
		 "%s rebuilt the cache at version %" PRIu64 " and failed with -EIO: the directory "
		 "cannot be listed.",
		 who, rb->version_read);
	return true;
}

static bool incident(const struct rec_incident *in, char text[DETECT_TEXT])
{
	char who[64];

	if (in->what != OVLW_BAD_RETURN)
		return false;
	detect__task(who, sizeof(who), &in->task);
	if (in->value <= 0 && in->value >= -MAX_ERRNO)
		snprintf(text, DETECT_TEXT,
			 "a readdir by %s returned %" PRId32 " after its rebuild had failed.", who,
			 in->value);
	else
		snprintf(text, DETECT_TEXT,
			 "a readdir by %s returned %" PRId32
			 ", which is neither 0 nor a negative errno.",
			 who, in->value);
	return true;
}

const struct detector detect_bad_return = { .kind = FINDING_BAD_RETURN,
					    .rebuild = rebuild,
					    .incident = incident };
