// SPDX-License-Identifier: GPL-2.0-only
#include "testlog.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "outputs.h"

struct seen {
	struct outputs *outputs;
	uint64_t seq, begun, ended;
};

struct seen *seen__new(void)
{
	struct ovl_record rec = { .type = RECORD_SESSION, .seq = 1 };
	struct seen *s = calloc(1, sizeof(*s));

	FUZZ_CHECK(s);
	s->seq = 1;
	s->outputs = outputs__new();
	rec.session = *outputs__session();
	outputs__record(s->outputs, &rec);
	return s;
}

void seen__test(void *ctx, const struct rec_test *test)
{
	struct seen *s = ctx;
	struct ovl_record rec = { .type = RECORD_TEST, .seq = ++s->seq, .test = *test };

	FUZZ_CHECK(strlen(test->name) < TESTLOG_NAME);
	FUZZ_CHECK(test->source < TEST_SOURCES && test->result < TEST_RESULTS);
	FUZZ_CHECK(!test->ended || test->end_ns >= test->begin_ns);
	s->begun += !test->ended;
	s->ended += test->ended;
	rec.ts_ns = test->ended ? test->end_ns : test->begin_ns;
	outputs__record(s->outputs, &rec);
}

void seen__end(struct seen *s, struct testlog *log, uint64_t now)
{
	struct ovl_record last = { .type = RECORD_SUMMARY, .ts_ns = now };
	const char *name = testlog__at(log, now);

	FUZZ_CHECK(!name || strlen(name) < TESTLOG_NAME);
	testlog__end(log, now);
	/* a test of KTAP that was not announced has no begin */
	FUZZ_CHECK(s->begun <= s->ended);
	testlog__free(log);
	last.seq = s->seq + 1;
	outputs__record(s->outputs, &last);
	outputs__end(s->outputs);
	outputs__check(s->outputs);
	outputs__free(s->outputs);
	free(s);
}
