// SPDX-License-Identifier: GPL-2.0-only
/* Which test ran when, from the kernel log, from KTAP, and from garbage. */
#include "session/testlog.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"
#include "sink/testsum.h"

#define MS 1000000ULL

enum {
	ROUNDS = 3000,
};

static char said[1 << 16];
static size_t said_len;
static uint64_t begun, ended;

/* "begin NAME@ms", "end NAME@ms-ms result", a line each */
static void say(void *ctx, const struct rec_test *t)
{
	const char *result = test_result__name(t->result);

	(void)ctx;
	CHECK(*t->name && strlen(t->name) < TESTLOG_NAME);
	CHECK(!t->ended || t->end_ns >= t->begin_ns);
	begun += !t->ended;
	ended += t->ended;
	if (said_len > sizeof(said) - 512)
		return;
	if (t->ended)
		said_len += snprintf(said + said_len, sizeof(said) - said_len,
				     "end %s@%llu-%llu %s\n", t->name,
				     (unsigned long long)(t->begin_ns / MS),
				     (unsigned long long)(t->end_ns / MS), result ? result : "?");
	else
		said_len += snprintf(said + said_len, sizeof(said) - said_len, "begin %s@%llu\n",
				     t->name, (unsigned long long)(t->begin_ns / MS));
}

static struct testlog *fresh(void)
{
	said_len = begun = ended = 0;
	*said = 0;
	return testlog__new(say, NULL);
}

static void kmsg(struct testlog *log, uint64_t usec, const char *text, uint64_t empty_ms,
		 uint64_t now_ms)
{
	char record[2048];
	int n = snprintf(record, sizeof(record), "12,345,%llu,-;%s\n", (unsigned long long)usec,
			 text);

	testlog__kmsg(log, record, n, empty_ms * MS, now_ms * MS);
}

static void ktap(struct testlog *log, const char *text, uint64_t ms)
{
	testlog__ktap(log, text, strlen(text), ms * MS);
}

static void fstests(void)
{
	struct testlog *log = fresh();

	kmsg(log, 1000000, "run fstests overlay/038 at 2026-11-25 10:00:00", 900, 1100);
	kmsg(log, 1500000, "overlayfs: something else", 1400, 1600);
	kmsg(log, 2000000, "run fstests overlay/041-x at 2026-11-25 10:00:01", 1900, 2100);
	CHECK_STR(testlog__at(log, 1500 * MS) ?: "", "overlay/038");
	CHECK_STR(testlog__at(log, 2000 * MS) ?: "", "overlay/041-x");
	CHECK(!testlog__at(log, 999 * MS));
	testlog__end(log, 3000 * MS);
	CHECK_STR(said, "begin overlay/038@1000\nend overlay/038@1000-2000 ?\n"
			"begin overlay/041-x@2000\nend overlay/041-x@2000-3000 ?\n");
	CHECK(!testlog__at(log, 3000 * MS));
	testlog__free(log);
}

/* The log's clock runs from another point on: what else it says narrows it down. */
static void another_clock(void)
{
	struct testlog *log = fresh();

	kmsg(log, 71000000, "x", 900, 1300);
	kmsg(log, 71500000, "x", 1450, 1900);
	kmsg(log, 72000000, "run fstests a/1 at", 1000, 3000);
	kmsg(log, 72000000, "run fstests a/2 at ", 1000, 3000);
	testlog__end(log, 4000 * MS);
	/* between 1950 and 2300 */
	CHECK_STR(said, "begin a/2@2125\nend a/2@2125-4000 ?\n");
	testlog__free(log);
	/* it jumps: the bounds of each record hold all the same */
	log = fresh();
	kmsg(log, 1000000, "x", 990, 1010);
	kmsg(log, 9000000, "run fstests a/3 at ", 2000, 2100);
	CHECK_STR(said, "begin a/3@2050\n");
	testlog__free(log);
}

static void not_a_test(void)
{
	static const char *const texts[] = {
		"run fstests",
		"run fstests ",
		"run fstests  at ",
		"run fstests overlay at x",
		"run fstests /038 at x",
		"run fstests overlay/ at x",
		"run fstests overlay/038",
		"run fstests o\\x0averlay/038 at x",
		"run fstests \xff/1 at x",
		"run fstests a/\"1 at x",
		" run fstests a/1 at x",
	};
	struct testlog *log = fresh();
	char text[1024];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		kmsg(log, 1, texts[i], 0, 1);
	snprintf(text, sizeof(text), "run fstests a/%0900d at x", 1);
	kmsg(log, 1, text, 0, 1);
	testlog__kmsg(log, "12,1,99999999999999999999,-;run fstests a/1 at x", 46, 0, 1);
	testlog__kmsg(log, "12,1,-5,-;run fstests a/1 at x", 30, 0, 1);
	testlog__kmsg(log, "run fstests a/1 at x", 20, 0, 1);
	testlog__kmsg(log, "", 0, 0, 1);
	CHECK_EQ(begun + ended, 0);
	testlog__free(log);
}

/* Records were lost: another test may have begun, so it is not known which one runs. */
static void a_gap(void)
{
	struct testlog *log = fresh();

	kmsg(log, 1000000, "run fstests a/1 at ", 900, 1100);
	testlog__kmsg_lost(log, 1500 * MS);
	CHECK(!testlog__at(log, 1600 * MS));
	testlog__kmsg_lost(log, 1700 * MS);
	CHECK_STR(said, "begin a/1@1000\nend a/1@1000-1500 ?\n");
	testlog__free(log);
}

static void flat_ktap(void)
{
	struct testlog *log = fresh();

	ktap(log, "before\nok 1 not KTAP yet\nKTAP version 1\n1..3\n", 10);
	ktap(log, "ok 1 first\n", 20);
	ktap(log, "# a diagnosis\nnot o", 25);
	ktap(log, "k 2 - second one # because\nok 3 # SKIP no such thing\n", 40);
	CHECK_STR(said, "end not KTAP yet@10-10 ok\nend first@10-20 ok\n"
			"end second one@20-40 not ok\nend unnamed@40-40 skip\n");
	CHECK_STR(testlog__at(log, 30 * MS) ?: "", "second one");
	CHECK_STR(testlog__at(log, 10 * MS) ?: "", "first");
	testlog__free(log);
}

static void nested_ktap(void)
{
	struct testlog *log = fresh();

	ktap(log, "KTAP version 1\n1..2\n", 1);
	ktap(log, "  KTAP version 1\n  # Subtest: suite\n  1..2\n", 2);
	CHECK_STR(testlog__at(log, 3 * MS) ?: "", "suite");
	ktap(log, "  ok 1 a\n", 5);
	/* what ended is the innermost now */
	CHECK_STR(testlog__at(log, 3 * MS) ?: "", "suite/a");
	ktap(log, "  not ok 2 b\n", 7);
	ktap(log, "not ok 1 suite\n", 8);
	CHECK_STR(testlog__at(log, 3 * MS) ?: "", "suite/a");
	CHECK(!testlog__at(log, 9 * MS));
	ktap(log, "ok 2 alone\n", 10);
	CHECK_STR(said, "begin suite@2\nend suite/a@2-5 ok\nend suite/b@5-7 not ok\n"
			"end suite@2-8 not ok\nend alone@8-10 ok\n");
	testlog__free(log);
}

static void kselftest(void)
{
	struct testlog *log = fresh();

	ktap(log, "TAP version 13\n1..1\n# timeout set to 45\n", 1);
	ktap(log, "# selftests: overlayfs: dev_in_maps\n# TAP version 13\n# 1..1\n", 2);
	ktap(log, "# ok 1 checks\n# # Totals: pass:1\n", 3);
	ktap(log, "ok 1 selftests: overlayfs: dev_in_maps\n", 4);
	CHECK_STR(said, "begin selftests: overlayfs: dev_in_maps@2\n"
			"end selftests: overlayfs: dev_in_maps/checks@2-3 ok\n"
			"end selftests: overlayfs: dev_in_maps@2-4 ok\n");
	testlog__free(log);
}

static uint64_t random_state = 20261125;

static uint32_t below(uint32_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dULL) >> 32) % n;
}

/* Pieces of what is understood, and garbage, in any order: each begin has its end. */
static void garbage(void)
{
	static const char *const words[] = {
		"KTAP version 1\n",
		"TAP version 13\n",
		"ok ",
		"not ok ",
		"1 ",
		"- ",
		"name",
		"\n",
		"# Subtest: ",
		"# selftests: a: b\n",
		"  ",
		"                    ",
		"# ",
		"# SKIP",
		"run fstests a/1 at x",
		"1,2,3,-;",
		",",
		";",
		"\r",
		"\xff\xfe",
		"\x1b[2J",
		"4294967296",
		"18446744073709551615",
		"999999999999999999999999",
	};
	struct testlog *log = fresh();
	char text[4096];
	uint64_t now = 1;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		size_t n = 0;
		uint32_t k = below(12);

		while (k-- && n < sizeof(text) - 128) {
			const char *w = words[below(sizeof(words) / sizeof(words[0]))];

			n += snprintf(text + n, sizeof(text) - n, "%s", w);
			if (!below(8))
				text[n++] = (char)below(256);
		}
		if (!below(50)) {
			memset(text, 'a', sizeof(text) - 1);
			n = sizeof(text) - 1;
		}
		now += below(3) * MS;
		if (below(2))
			testlog__ktap(log, text, n, now);
		else
			testlog__kmsg(log, text, n, now - below(2), now);
		if (!below(100))
			testlog__kmsg_lost(log, now);
		testlog__at(log, below(now));
	}
	testlog__end(log, now);
	CHECK(begun > 50);
	CHECK(ended > begun);
	CHECK(!testlog__at(log, now));
	testlog__free(log);
}

static void finding(struct testsum *ts, uint64_t at)
{
	struct ovl_record rec = { .type = RECORD_FINDING, .finding = { .at_ns = at } };

	testsum__note(ts, &rec);
}

static void test_ends(struct testsum *ts, const char *name, uint64_t begin, uint64_t end)
{
	struct ovl_record rec = {
		.type = RECORD_TEST,
		.test = { .name = name, .ended = true, .begin_ns = begin, .end_ns = end }
	};

	testsum__note(ts, &rec);
}

/* In time or late, a finding is the innermost test's. */
static void by_test(void)
{
	struct testsum ts = { 0 };
	int i;

	finding(&ts, 5);
	finding(&ts, 15);
	test_ends(&ts, "a/1", 0, 10);
	finding(&ts, 7);
	test_ends(&ts, "b", 10, 20);
	finding(&ts, 19);
	test_ends(&ts, "a", 0, 30);
	finding(&ts, 25);
	finding(&ts, 30);
	/* the same name again is another time */
	finding(&ts, 35);
	test_ends(&ts, "b", 31, 40);
	for (i = 0; i < 1000; i++)
		test_ends(&ts, "quiet", 40 + i, 41 + i);
	testsum__close(&ts);
	CHECK_EQ(ts.tests, 1004);
	CHECK_EQ(ts.nrows, 4);
	CHECK_STR(ts.row[0].test.name, "a/1");
	CHECK_EQ(ts.row[0].findings[0], 2);
	CHECK_EQ(ts.row[1].findings[0], 2);
	CHECK_EQ(ts.row[2].findings[0], 1);
	CHECK_EQ(ts.row[3].findings[0], 1);
	CHECK_EQ(ts.outside[0], 1);
	testsum__reset(&ts);
}

static void bounded(void)
{
	struct testsum ts = { 0 };
	uint64_t i;

	for (i = 0; i < LATE_MAX + 10; i++)
		finding(&ts, 5);
	CHECK_EQ(ts.forgotten, 10);
	test_ends(&ts, "t", 0, 10);
	for (i = 1; i < TESTSUM_ROWS + 5; i++) {
		finding(&ts, 10 * i);
		test_ends(&ts, "t", 10 * i, 10 * i + 10);
	}
	testsum__close(&ts);
	CHECK_EQ(ts.nrows, TESTSUM_ROWS);
	CHECK_EQ(ts.forgotten, 15);
	testsum__reset(&ts);
}

int main(void)
{
	TEST(fstests);
	TEST(another_clock);
	TEST(not_a_test);
	TEST(a_gap);
	TEST(flat_ktap);
	TEST(nested_ktap);
	TEST(kselftest);
	TEST(garbage);
	TEST(by_test);
	TEST(bounded);
	return test_done();
}
