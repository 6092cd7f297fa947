/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings by test, derived from records alone, live or from a file. A finding belongs to
 * the first test to end that spans its time, which is the innermost. Pure, bounded memory.
 */
#ifndef OVLTRACE_TESTSUM_H
#define OVLTRACE_TESTSUM_H

#include "record/record.h"
#include "sink/late.h"

enum {
	TESTSUM_NAME = 192,
	TESTSUM_RECENT = 256, /* ended tests that are kept for late findings */
	TESTSUM_ROWS = 1 << 12,
	TESTSUM_INDEX = 2 * TESTSUM_ROWS,
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

struct testsum {
	uint64_t tests; /* that have ended */
	struct testsum_row *row;
	size_t nrows, rows_cap;
	uint64_t outside[FINDING_KINDS]; /* of no test */
	uint64_t forgotten; /* findings without room */
	struct late late;
	uint16_t *index; /* a hash table of row numbers from 1; 0: empty */
	struct testsum_test recent[TESTSUM_RECENT]; /* a ring */
};

/* To be called for each record, in order. */
void testsum__note(struct testsum *ts, const struct ovl_record *rec);
/* After the last record: findings without a test are outside of any. */
void testsum__close(struct testsum *ts);
/* Removes all findings and tests. */
void testsum__reset(struct testsum *ts);

#endif
