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

static void attribute(struct testsum *ts, const struct testsum_test *t, enum finding_kind kind)
{
	size_t i = ts->nrows;

	/* a name may recur: begin_ns identifies the run */
	while (i && (ts->row[i - 1].test.begin_ns != t->begin_ns ||
		     strcmp(ts->row[i - 1].test.name, t->name)))
		i--;
	if (!i) {
		if (!grow((void **)&ts->row, ts->nrows, &ts->rows_cap, TESTSUM_ROWS,
			  sizeof(*ts->row))) {
			ts->forgotten++;
			return;
		}
		memset(&ts->row[ts->nrows], 0, sizeof(*ts->row));
		ts->row[ts->nrows].test = *t;
		i = ++ts->nrows;
	}
	ts->row[i - 1].findings[kind]++;
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
	if (!grow((void **)&ts->late, ts->nlate, &ts->late_cap, TESTSUM_LATE, sizeof(*ts->late))) {
		ts->forgotten++;
		return;
	}
	ts->late[ts->nlate].at_ns = f->at_ns;
	ts->late[ts->nlate++].kind = f->kind;
}

static void on_test(struct testsum *ts, const struct rec_test *rec)
{
	struct testsum_test *t = &ts->recent[ts->tests++ % TESTSUM_RECENT];
	size_t i, left = 0;

	snprintf(t->name, sizeof(t->name), "%s", rec->name);
	t->begin_ns = rec->begin_ns;
	t->end_ns = rec->end_ns;
	t->result = rec->result;
	for (i = 0; i < ts->nlate; i++) {
		if (in(t, ts->late[i].at_ns))
			attribute(ts, t, ts->late[i].kind);
		else
			ts->late[left++] = ts->late[i];
	}
	ts->nlate = left;
}

void testsum__note(struct testsum *ts, const struct ovl_record *rec)
{
	if (rec->type == RECORD_FINDING)
		on_finding(ts, &rec->finding);
	else if (rec->type == RECORD_TEST && rec->test.ended)
		on_test(ts, &rec->test);
}

void testsum__close(struct testsum *ts)
{
	size_t i;

	for (i = 0; i < ts->nlate; i++)
		ts->outside[ts->late[i].kind]++;
	ts->nlate = 0;
}

void testsum__reset(struct testsum *ts)
{
	free(ts->row);
	free(ts->late);
	memset(ts, 0, sizeof(*ts));
}
