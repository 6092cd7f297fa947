/* SPDX-License-Identifier: GPL-2.0-only */
/* Which overlays are mounted for some processes. */
#ifndef OVLTRACE_AUDIT_USERS_H
#define OVLTRACE_AUDIT_USERS_H

#include "audit/mount.h"
#include "record/task_filter.h"

/*
 * Keeps the overlays that are in the mount namespace of a process that matches. Returns how
 * many processes match, or -errno.
 */
int audit_mounts__keep_used(struct audit_mounts *m, const struct task_filter *filter);

#endif
