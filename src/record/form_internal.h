/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the forms of records: what several types have, and each type's own.
 * All return false, and say in raw->bad which field it is, if one is missing
 * or not what it must be.
 */
#ifndef OVLTRACE_RECORD_FORM_INT_H
#define OVLTRACE_RECORD_FORM_INT_H

#include "record/raw.h"

#define NONE RAW_NFIELDS /* ends a list of fields */

#define WORDS(fn, type, call)              \
	static const char *fn(int i)       \
	{                                  \
		return call((enum type)i); \
	}

/* src/record/form_parts.c */
bool form__need(struct raw *raw, const uint8_t *list);
bool form__fault(struct raw *raw, const char *what);
/* The index of a word among n names, or -1. */
int form__word(struct raw *raw, enum raw_field f, const char *(*name)(int), int n);
uint64_t form__number_or(const struct raw *raw, enum raw_field f, uint64_t otherwise);
/* COUNT_UNSEEN where there is none. */
uint64_t form__count(const struct raw *raw, enum raw_field f);
bool form__dir(struct raw *raw, struct rec_dir *d);
bool form__task(struct raw *raw, struct rec_task *t);
/* The task of somebody in a list. */
bool form__actor_task(struct raw *raw, struct rec_task *t);

/* src/record/form_events.c: what has happened */
bool form__rebuild(struct raw *raw, struct rec_rebuild *r, uint64_t ts_ns);
bool form__modify(struct raw *raw, struct rec_modify *m);
bool form__incident(struct raw *raw, struct rec_incident *in);
bool form__merged(struct raw *raw, struct rec_merged *mc, uint64_t ts_ns);

/* src/record/form_directory.c: a directory's costs */
bool form__directory(struct raw *raw, struct rec_directory *d);

#endif
