/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the record reader: the values of one line by field, before its record
 * type is considered. fields.def lists the fields.
 */
#ifndef OVLTRACE_RECORD_RAW_H
#define OVLTRACE_RECORD_RAW_H

#include "util/json_read.h"
#include "record/read.h"

/* the object that a field is in */
enum raw_place {
	AT_TOP,
	AT_DIR,
	AT_TASK,
	AT_COUNTS,
	AT_WINDOW,
	AT_PROVIDER,
	AT_INCONSISTENCY,
	AT_PROOF,
	AT_WIDENED,
	AT_ACTOR,
	AT_TIME,
	RAW_PLACES, /* the places above have fields in fields.def */
	AT_WINDOWS = RAW_PLACES,
	AT_EVIDENCE,
	AT_COVERAGE,
	AT_INCONSISTENCIES,
	AT_INVALIDATIONS,
	AT_REBUILDERS,
	AT_TIMES,
	AT_STACK,
	AT_UNKNOWN, /* of a newer version: skipped */
};

/* the types that a value may have; bits */
enum raw_kind {
	K_NUMBER = 1, /* not negative */
	K_NEGATIVE = 2,
	K_STRING = 4,
	K_BOOL = 8,
	K_NULL = 16,
	K_OBJECT = 32,
	K_ARRAY = 64,
};

enum raw_field {
#define FIELD(place, name, kinds) F_##place##_##name,
#include "record/fields.def"
	RAW_NFIELDS,
};

struct raw {
	struct json_value v[RAW_NFIELDS]; /* valid if seen */
	uint64_t seen[3];
	const char *bad; /* the first invalid field */
	struct rec_window *windows;
	size_t nwindows, cap;
	bool window_versions; /* every window has both versions */
	uint64_t evidence[READ_MAX_EVIDENCE];
	size_t nevidence;
	struct json_value stack[RECORD_MAX_FRAMES]; /* strings */
	const char *frame[RECORD_MAX_FRAMES]; /* the same, ended */
	size_t nstack;
	struct rec_actor invalidator[RECORD_MAX_ACTORS], rebuilder[RECORD_MAX_ACTORS];
	size_t ninvalidators, nrebuilders;
	bool lists_invalidations; /* as an array, not null */
	uint64_t times[RECORD_TIMES];
	size_t times_end; /* the bucket after the last one that was read */
	struct coverage cover[EVENTS];
	uint32_t covered; /* bit n: event n is present */
	uint64_t inconsistencies[INCONSISTENCIES], unknown_inconsistencies;
};

_Static_assert(RAW_NFIELDS <= 192, "three words of bits");

static inline bool raw__has(const struct raw *raw, enum raw_field f)
{
	return raw->seen[f / 64] >> (f % 64) & 1;
}

/* src/record/form.c: interprets the values as a record. */
enum read_result raw__record(struct raw *raw, struct record_read *out);

/* Notes an invalid field, if it is the first of the line. */
static inline void raw__bad(struct raw *raw, const char *field)
{
	if (!raw->bad)
		raw->bad = field;
}

/* src/record/rebuild.c */
/* Called at the end of a window object. */
void raw__window(struct raw *raw);

/* src/record/summary.c */
/* Called at the end of the object of a failed cross-check. */
void raw__inconsistency(struct raw *raw);

/* src/record/directory.c */
/* Called at the end of the object of an actor. False: it is invalid. */
bool raw__actor(struct raw *raw, bool rebuilder);
/* Called at the end of the object of a bucket. False: it is invalid. */
bool raw__time(struct raw *raw);

/* src/record/coverage_json.c */
/* Called at the end of the object of an event; event < 0: unknown. */
void raw__provider(struct raw *raw, int event);

/* src/record/value.c */
/* Begins a new line: all fields are absent. */
void raw__reset(struct raw *raw);
/*
 * A NUL-terminated string; decoded from the base64 field b64, if that is present.
 * b64 is RAW_NFIELDS if there is no such field. NULL: not a string, or it contains NUL.
 */
char *raw__string(struct raw *raw, unsigned int f, unsigned int b64);
/* Digits without leading zeros; base 10, or 16 in lower case. */
bool raw__number(const char *s, size_t len, unsigned int base, uint64_t *out);
bool raw__decimal(const struct raw *raw, enum raw_field f, uint64_t *out);
bool raw__address(const struct raw *raw, enum raw_field f, uint64_t *out); /* 0x... */

#endif
