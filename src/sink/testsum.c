// SPDX-License-Identifier: GPL-2.0-only
#include "sink/testsum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for one more element of size bytes, up to max elements. */
static bool grow(void **v, size_t n, size_t *cap, size_t max, size_t size)
{
	size_t more = *cap ? *cap * 2 : 16;
	void *p;

	if (n < *cap)
		return true;
	if (n >= max)
		return false;
	p = realloc(*v, more * size);
	if (!p)
		return false;
	*v = p;
	*cap = more;
	return true;
}

static bool in(const struct testsum_test *t, uint64_t at)
{
	return t->begin_ns <= at && at < t->end_ns;
}

/* Where the row of a test is in the index, or where it belongs. */
static uint16_t *row_find(struct testsum *ts, const struct testsum_test *t)
{
	uint64_t h = t->begin_ns * 0x9e3779b97f4a7c15ULL;
	const char *c;
	size_t i;

	/* a name may recur: begin_ns identifies the run */
	for (c = t->name; *c; c++)
		h = (h ^ (unsigned char)*c) * 0x100000001b3ULL;
	for (i = h ^ h >> 32;; i++) {
		uint16_t *slot = &ts->index[i % TESTSUM_INDEX];
		const struct testsum_test *found = *slot ? &ts->row[*slot - 1].test : NULL;

		if (!found || (found->begin_ns == t->begin_ns && !strcmp(found->name, t->name)))
			return slot;
	}
}

/* NULL: there is no room */
static struct testsum_row *row_of(struct testsum *ts, const struct testsum_test *t)
{
	struct testsum_row *row;
	uint16_t *slot;

	if (!ts->index)
		ts->index = calloc(TESTSUM_INDEX, sizeof(*ts->index));
	if (!ts->index)
		return NULL;
	slot = row_find(ts, t);
	if (*slot)
		return &ts->row[*slot - 1];
	if (!grow((void **)&ts->row, ts->nrows, &ts->rows_cap, TESTSUM_ROWS, sizeof(*ts->row)))
		return NULL;
	row = &ts->row[ts->nrows++];
	memset(row, 0, sizeof(*row));
	row->test = *t;
	*slot = (uint16_t)ts->nrows;
	return row;
}

static void attribute(struct testsum *ts, const struct testsum_test *t, enum finding_kind kind)
{
	struct testsum_row *row = row_of(ts, t);

	if (row)
		row->findings[kind]++;
	else
		ts->forgotten++;
}

static void on_finding(struct testsum *ts, const struct rec_finding *f)
{
	uint64_t n = ts->tests < TESTSUM_RECENT ? ts->tests : TESTSUM_RECENT, i;

	/* the test that ended first is the innermost */
	for (i = ts->tests - n; i < ts->tests; i++) {
		const struct testsum_test *t = &ts->recent[i % TESTSUM_RECENT];

		if (!in(t, f->at_ns))
			continue;
		attribute(ts, t, f->kind);
		return;
	}
	if (!late__add(&ts->late, f->at_ns, f->kind))
		ts->forgotten++;
}

struct ended {
	struct testsum *ts;
	const struct testsum_test *test;
};

static void on_late(void *ctx, uint8_t kind)
{
	struct ended *e = ctx;

	attribute(e->ts, e->test, kind);
}

static void on_test(struct testsum *ts, const struct rec_test *rec)
{
	struct testsum_test *t = &ts->recent[ts->tests++ % TESTSUM_RECENT];
	struct ended e = { .ts = ts, .test = t };

	snprintf(t->name, sizeof(t->name), "%s", rec->name);
	t->begin_ns = rec->begin_ns;
	t->end_ns = rec->end_ns;
	t->result = rec->result;
	late__take(&ts->late, t->begin_ns, t->end_ns, on_late, &e);
}

void testsum__note(struct testsum *ts, const struct ovl_record *rec)
{
	if (rec->type == RECORD_FINDING)
		on_finding(ts, &rec->finding);
	else if (rec->type == RECORD_TEST && rec->test.ended)
		on_test(ts, &rec->test);
}

static void on_outside(void *ctx, uint8_t kind)
{
	struct testsum *ts = ctx;

	ts->outside[kind]++;
}

void testsum__close(struct testsum *ts)
{
	late__take_all(&ts->late, on_outside, ts);
}

void testsum__reset(struct testsum *ts)
{
	free(ts->row);
	free(ts->index);
	late__deinit(&ts->late);
	/* all but the ring, which is empty again: a file may hold thousands of recordings */
	memset(ts, 0, offsetof(struct testsum, recent));
}
