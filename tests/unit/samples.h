/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples of records: of each type, with optional fields set and not set, with hostile
 * names and with the extremes of numbers. The fields of each type are listed, so that
 * records can be compared field by field.
 */
#ifndef OVLTRACE_TEST_SAMPLES_H
#define OVLTRACE_TEST_SAMPLES_H

#include "record/records.h"

enum field_kind {
	FIELD_VALUE, /* bytes: a number, an enum, a bool, a char array without an end */
	FIELD_STRING, /* const char *, or NULL */
	FIELD_TEXT, /* a char array with a NUL */
	FIELD_LIST, /* const pointer to elements */
	FIELD_ARRAY, /* elements, in place */
	FIELD_ABSENT, /* not in a recording */
};

struct record_field {
	const char *name;
	enum field_kind kind;
	size_t at, size; /* in its struct */
	/* of lists and arrays: */
	size_t element; /* bytes of one */
	size_t count_at; /* of a size_t, how many there are; SIZE_MAX: `count` */
	size_t count;
	const struct record_field *fields; /* of an element, until one without a name; NULL: bytes */
};

/* The fields of a type, until one without a name; offsets from the start of struct rec_X. */
const struct record_field *record_fields(enum record_type type);
/* Bytes of struct rec_X of that type. */
size_t record_size(enum record_type type);

/* Sample number n of that type; false: there are no more. It lives until the next call. */
bool record_sample(enum record_type type, unsigned int n, struct ovl_record *rec);

/* The stack of a record that has one: of each length from none to the longest. */
struct rec_stack stack_sample(unsigned int n);

/* Do two records of one type agree in that field? Elements of lists are compared by field. */
bool field_equal(const struct record_field *f, const struct ovl_record *a,
		 const struct ovl_record *b);

#endif
