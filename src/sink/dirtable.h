/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directories of a recording whose rebuilds cost most, in bounded memory:
 * from its `directory` records, or from its `rebuild` records where it has none.
 */
#ifndef OVLTRACE_DIRTABLE_H
#define OVLTRACE_DIRTABLE_H

#include <stdio.h>

#include "record/record.h"

struct dirtable;

/* NULL if out of memory. */
struct dirtable *dirtable__new(void);
void dirtable__free(struct dirtable *t);
/* A new recording begins. */
void dirtable__reset(struct dirtable *t);
/* Records of other types are ignored. */
void dirtable__note(struct dirtable *t, const struct ovl_record *rec);
/* How many `directory` records there were. */
uint64_t dirtable__directories(const struct dirtable *t);
/*
 * The i-th of the kept directories, in descending order of cost; false: no more. t owns
 * what it points to, until the next record.
 */
bool dirtable__get(const struct dirtable *t, size_t i, struct rec_directory *out);
/* Prints nothing if there was neither a listing nor a rebuild. */
void dirtable__print(const struct dirtable *t, FILE *f);

#endif
