/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the reader of records: form__TYPE() validates the fields of a line against
 * the form of its type, and fills the record. All return false, and set raw->bad to the
 * name of the field, if a field is missing or invalid.
 */
#ifndef OVLTRACE_RECORD_INTERNAL_H
#define OVLTRACE_RECORD_INTERNAL_H

#include "record/raw.h"
#include "record/records.h"

#define NONE RAW_NFIELDS /* terminates a list of fields */

#define WORDS(fn, type, call)              \
	static const char *fn(int i)       \
	{                                  \
		return call((enum type)i); \
	}

/* src/record/form.c: what several types have */
bool form__need(struct raw *raw, const uint8_t *list);
bool form__fault(struct raw *raw, const char *what);
/* The index of the value among n names, or -1. */
int form__word(struct raw *raw, enum raw_field f, const char *(*name)(int), int n);
uint64_t form__number_or(const struct raw *raw, enum raw_field f, uint64_t otherwise);
/* COUNT_UNSEEN if the field is absent or null. */
uint64_t form__count(const struct raw *raw, enum raw_field f);
bool form__dir(struct raw *raw, struct rec_dir *d);
bool form__task(struct raw *raw, struct rec_task *t);
/* src/record/stack.c: of a record that may have one */
bool form__stack(struct raw *raw, struct rec_stack *s);
/* The task of an actor in a list. */
bool form__actor_task(struct raw *raw, struct rec_task *t);

/* src/record/records.c: by the type that the record has */
bool form__record(struct raw *raw, struct ovl_record *rec);

/* src/record/NAME.c of each type */
#define RECORD(id, name, member, subject, proves) \
	bool form__##member(struct raw *raw, struct rec_##member *to);
#include "record/records.def"

#endif
