/* SPDX-License-Identifier: GPL-2.0-only */
/* What one pass of the audit sees of a directory that stands still: tests change one part. */
#ifndef OVLTRACE_TEST_VIEW_H
#define OVLTRACE_TEST_VIEW_H

#include <errno.h>

#include "audit/audit.h"
#include "test.h"

extern struct audit_view view;
extern struct audit_diffs diffs; /* what view__judged() found */

/* refcount: 0 for an impure cache */
void view__begin(int64_t refcount, int xino_mode);
void view__end(void);

struct audit_item *view__put(struct audit_list *l, const char *name, uint64_t ino);
/* an entry of the cache */
void view__entry(const char *name, uint64_t ino, uint32_t flags);
void view__listed(const char *name, uint64_t ino);
/* err: 0 or -errno; flags: of the statx result */
void view__exists(const char *name, uint64_t ino, int err, uint32_t flags);

enum audit_verdict view__judged(void);
const char *view__diff_name(size_t i);

#endif
