/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps copies of the latest rebuilds and modifications, and tells a finding
 * as the story of who did what when.
 */
#ifndef OVLTRACE_TIMELINE_H
#define OVLTRACE_TIMELINE_H

#include <stdio.h>

#include "record/record.h"

enum {
	TIMELINE_WINDOWS = 8, /* of a rebuild that are kept; nwindows may be more */
};

struct timeline;

struct timeline *timeline__new(void);
void timeline__free(struct timeline *t);
/* Forgets all records. */
void timeline__reset(struct timeline *t);
/* Takes note of a record; others than rebuild and modify are passed over. */
void timeline__note(struct timeline *t, const struct ovl_record *rec);
/* A rebuild or modify, with at most TIMELINE_WINDOWS windows. NULL: too long ago. */
const struct ovl_record *timeline__find(const struct timeline *t, uint64_t seq);
/* The story of a finding; end: its stale_end, NULL if there is none. */
void timeline__write(const struct timeline *t, FILE *f, const struct ovl_record *finding,
		     const struct ovl_record *end);

#endif
