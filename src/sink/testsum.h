/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings by the test in which they happened, from the records alone: live or
 * from a file. A finding is the first ended test's that its time is in, which
 * is the innermost. Pure, bounded memory.
 */
#ifndef OVLTRACE_TESTSUM_H
#define OVLTRACE_TESTSUM_H

#include "record/record.h"

enum {
	TESTSUM_NAME = 192,
	TESTSUM_RECENT = 256, /* ended tests that are kept for findings that come late */
	TESTSUM_LATE = 1 << 16, /* findings that are kept until their test has ended */
	TESTSUM_ROWS = 1 << 12,
};

struct testsum_test {
	char name[TESTSUM_NAME];
	uint64_t begin_ns, end_ns;
	enum test_result result;
};

/* A test with findings. */
struct testsum_row {
	struct testsum_test test;
	uint64_t findings[FINDING_KINDS];
};

struct testsum_late {
	uint64_t at_ns;
	enum finding_kind kind;
};

struct testsum {
	uint64_t tests; /* that have ended */
	struct testsum_row *row;
	size_t nrows, rows_cap;
	uint64_t outside[FINDING_KINDS]; /* in no test */
	uint64_t forgotten; /* there was no room for */
	struct testsum_late *late;
	size_t nlate, late_cap;
	struct testsum_test recent[TESTSUM_RECENT]; /* a ring */
};

/* Each record, in order. */
void testsum__note(struct testsum *ts, const struct ovl_record *rec);
/* All records have come: what is in no test now is outside of them. */
void testsum__close(struct testsum *ts);
/* Empties it. */
void testsum__reset(struct testsum *ts);

#endif
