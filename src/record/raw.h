/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the record reader: the values of one line by field, before anybody
 * asks what type of record it is. One table says which fields there are.
 */
#ifndef OVLTRACE_RECORD_RAW_H
#define OVLTRACE_RECORD_RAW_H

#include "util/json_read.h"
#include "record/read.h"

/* where a field is */
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
	RAW_PLACES, /* what is above has fields of the table */
	AT_WINDOWS = RAW_PLACES,
	AT_EVIDENCE,
	AT_COVERAGE,
	AT_INCONSISTENCIES,
	AT_INVALIDATIONS,
	AT_REBUILDERS,
	AT_UNKNOWN, /* of a newer version: passed over */
};

/* what a value may be; bits */
enum raw_kind {
	K_NUMBER = 1, /* from 0 on */
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
	const char *bad; /* the first field that is not what it must be */
	struct rec_window *windows;
	size_t nwindows, cap;
	bool window_versions; /* all windows say them */
	uint64_t evidence[READ_MAX_EVIDENCE];
	size_t nevidence;
	struct rec_actor invalidator[RECORD_MAX_ACTORS], rebuilder[RECORD_MAX_ACTORS];
	size_t ninvalidators, nrebuilders;
	bool lists_invalidations; /* as an array, not null */
	struct coverage cover[EVENTS];
	uint32_t covered; /* bit n: event n is there */
	uint64_t inconsistencies[INCONSISTENCIES], unknown_inconsistencies;
};

_Static_assert(RAW_NFIELDS <= 192, "three words of bits");

static inline bool raw__has(const struct raw *raw, enum raw_field f)
{
	return raw->seen[f / 64] >> (f % 64) & 1;
}

/* src/record/form.c: what the values mean, if they are all there. */
enum read_result raw__record(struct raw *raw, struct record_read *out);

/* A field is not what it must be; the first one counts. */
static inline void raw__bad(struct raw *raw, const char *field)
{
	if (!raw->bad)
		raw->bad = field;
}

/* src/record/rebuild.c */
/* A window, once its object is read. */
void raw__window(struct raw *raw);

/* src/record/summary.c */
/* A cross-check that failed, once its object is read. */
void raw__inconsistency(struct raw *raw);

/* src/record/directory.c */
/* Who rebuilt or outdated, once its object is read. False: not what it must be. */
bool raw__actor(struct raw *raw, bool rebuilder);

/* src/record/coverage_json.c */
/* The coverage of an event, once its object is read; below 0: of an unknown one. */
void raw__provider(struct raw *raw, int event);

/* src/record/value.c */
/* A new line: no field is there yet. */
void raw__reset(struct raw *raw);
/*
 * A string, NUL ended; the bytes of its base64 form b64, if that is there.
 * RAW_NFIELDS: it has none. NULL: not a string, or one that has a NUL inside.
 */
char *raw__string(struct raw *raw, unsigned int f, unsigned int b64);
/* Digits without leading zeros; base 10, or 16 in small letters. */
bool raw__number(const char *s, size_t len, unsigned int base, uint64_t *out);
bool raw__decimal(const struct raw *raw, enum raw_field f, uint64_t *out);
bool raw__address(const struct raw *raw, enum raw_field f, uint64_t *out); /* 0x... */

#endif
