// SPDX-License-Identifier: GPL-2.0-only
/* Findings by test: as the definition says, and in a time that does not square. */
#include "sink/testsum.h"

#include <stdlib.h>
#include <time.h>

#include "test.h"

enum {
	ROUNDS = 300,
	MANY = 100000,
	SECONDS = 2, /* of CPU time; a square takes ten or more */
};

static void finding(struct testsum *ts, uint64_t at)
{
	struct ovl_record rec = { .type = RECORD_FINDING, .finding = { .at_ns = at } };

	testsum__note(ts, &rec);
}

static void test_ends(struct testsum *ts, uint64_t begin, uint64_t end)
{
	struct ovl_record rec = {
		.type = RECORD_TEST,
		.test = { .name = "t", .ended = true, .begin_ns = begin, .end_ns = end }
	};

	testsum__note(ts, &rec);
}

static uint64_t findings(const struct testsum *ts)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < ts->nrows; i++)
		n += ts->row[i].findings[0];
	return n;
}

/* Random findings and tests, compared with a list that is searched from its start. */
static void definition(void)
{
	static uint64_t late[ROUNDS];
	size_t nlate = 0, i, k;
	struct testsum ts = { 0 };
	uint64_t taken = 0;

	srandom(1);
	for (i = 0; i < ROUNDS; i++) {
		uint64_t at = 1000 + random() % 50, begin = random() % 60,
			 end = begin + random() % 9;

		/* later than any test that has ended */
		if (random() % 3) {
			late[nlate++] = at + 1000 * i;
			finding(&ts, at + 1000 * i);
			continue;
		}
		begin += 1000 * i - 1000;
		end += 1000 * i - 1000;
		for (k = 0; k < nlate;) {
			if (late[k] >= begin && late[k] < end) {
				taken++;
				late[k] = late[--nlate];
			} else {
				k++;
			}
		}
		test_ends(&ts, begin, end);
		CHECK_EQ(findings(&ts), taken);
	}
	CHECK(taken > 0);
	testsum__close(&ts);
	CHECK_EQ(ts.outside[0], nlate);
	testsum__reset(&ts);
}

static double seconds(clock_t since)
{
	return (double)(clock() - since) / CLOCKS_PER_SEC;
}

/* Neither waiting findings nor tests with findings are searched one by one. */
static void many(void)
{
	struct testsum ts = { 0 };
	clock_t start = clock();
	uint64_t i;

	for (i = 0; i < LATE_MAX; i++)
		finding(&ts, (uint64_t)1 << 40 | (i * 40503 & 0xffff));
	for (i = 0; i < MANY; i++)
		test_ends(&ts, 2 * i, 2 * i + 1);
	CHECK_EQ(ts.nrows, 0);
	test_ends(&ts, 0, ~0ULL);
	CHECK_EQ(findings(&ts), LATE_MAX);
	testsum__reset(&ts);
	for (i = 0; i < MANY; i++) {
		finding(&ts, 2 * i);
		test_ends(&ts, 2 * i, 2 * i + 1);
	}
	CHECK_EQ(findings(&ts), TESTSUM_ROWS);
	CHECK_EQ(ts.forgotten, MANY - TESTSUM_ROWS);
	testsum__reset(&ts);
	CHECK(seconds(start) < SECONDS);
}

int main(void)
{
	TEST(definition);
	TEST(many);
	return test_done();
}
