/* SPDX-License-Identifier: GPL-2.0-only */
/* Directories as any program sees them: opened, listed, and their names looked up. */
#ifndef OVLTRACE_AUDIT_READ_H
#define OVLTRACE_AUDIT_READ_H

#include "audit/audit.h"

/* Opens a directory beneath root, without following links or mounts. Returns fd or -errno. */
int audit_dir__open(int root, const char *path);
/*
 * Lists fd as a new stream does, because lseek() to the start waits for the directory's lock.
 * Returns 0 or -errno.
 */
int audit_list__read(struct audit_list *l, int fd);
/* Calls statx() on all names that are in neither of two sorted lists. Returns 0 or -errno. */
int audit_list__stat(struct audit_list *out, int fd, const struct audit_list *names,
		     const struct audit_list *const except[2]);

#endif
