/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds a file by its path without following links that another user could have made. */
#ifndef OVLTRACE_OUTPLACE_H
#define OVLTRACE_OUTPLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* A name in a directory. It is no link, unless it is one of procfs. */
struct outplace {
	int dir; /* O_PATH */
	char name[NAME_MAX + 1];
	bool procfs; /* a link of procfs, such as /proc/self/fd/1: only the kernel can follow it */
};

/*
 * Returns 0, or -errno; unsafe is the link that was refused, or "". The name need not
 * exist. What is followed: see outfile__open().
 */
int outplace__find(struct outplace *p, const char *path, char unsafe[NAME_MAX + 1]);

#endif
