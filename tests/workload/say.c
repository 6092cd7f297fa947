// SPDX-License-Identifier: GPL-2.0-only
/* Complaints: one clear line each, whatever bytes a name consists of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "workload.h"

void complain(const char *what, const char *which, const char *why)
{
	flockfile(stderr);
	fprintf(stderr, "workload: %s '", what);
	for (const unsigned char *c = (const unsigned char *)which; *c; c++) {
		if (*c < 0x20 || *c >= 0x7f)
			fprintf(stderr, "\\x%02x", *c);
		else
			fputc(*c, stderr);
	}
	fprintf(stderr, "': %s\n", why);
	funlockfile(stderr);
}

void complain_errno(const char *what, const char *which)
{
	complain(what, which, strerror(errno));
}
