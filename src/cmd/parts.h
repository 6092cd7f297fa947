/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of a recording that `run --rotate-size` wrote: FILE, before it FILE.1, and so on. */
#ifndef OVLTRACE_PARTS_H
#define OVLTRACE_PARTS_H

#include <stddef.h>

#include "util/outfile.h"

struct parts {
	int fd[OUTFILE_MAX_PARTS]; /* the latest part first */
	size_t n;
};

/*
 * Opens FILE, and the parts before it that belong to the same recording; '-' is standard
 * input. Returns 0, or an exit status after one line that says what failed.
 */
int parts__open(struct parts *p, const char *name);
void parts__close(struct parts *p);

#endif
