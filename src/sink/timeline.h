/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps copies of the latest records that may be evidence, and prints a finding as a
 * timeline of what each task did.
 */
#ifndef OVLTRACE_TIMELINE_H
#define OVLTRACE_TIMELINE_H

#include <stdio.h>

#include "record/record.h"

enum {
	TIMELINE_WINDOWS = 8, /* per rebuild that are kept; nwindows may be larger */
};

struct timeline;

struct timeline *timeline__new(void);
void timeline__free(struct timeline *t);
/* Forgets all records. */
void timeline__reset(struct timeline *t);
/* Keeps a copy of a record. Types that are no evidence are ignored. */
void timeline__note(struct timeline *t, const struct ovl_record *rec);
/* A kept record, with at most TIMELINE_WINDOWS windows. NULL: no longer kept. */
const struct ovl_record *timeline__find(const struct timeline *t, uint64_t seq);
/* Prints the timeline of a finding; end: its stale_end, or NULL. */
void timeline__write(const struct timeline *t, FILE *f, const struct ovl_record *finding,
		     const struct ovl_record *end);

#endif
