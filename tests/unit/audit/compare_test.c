// SPDX-License-Identifier: GPL-2.0-only
/* Wrong entries of a cache: what the audit finds in a directory that stands still. */
#include "audit/view.h"

/* --- impure caches --- */

static void impure_right(void)
{
	view__begin(0, 0);
	/* a number of its own, an upper file's, and a directory's */
	view__entry("translated", 10, 0);
	view__listed("translated", 10);
	view__exists("translated", 10, 0, 0);
	view__listed("plain", 20);
	view__exists("plain", 20, 0, 0);
	view__listed("dir", 30);
	view__exists("dir", 30, 0, AUDIT_DIR);
	CHECK_EQ(view__judged(), AUDIT_OK);
	CHECK_EQ(diffs.n, 0);
	view__end();
}

static void impure_lacks_an_entry(void)
{
	view__begin(0, 0);
	view__entry("a", 10, 0);
	view__listed("a", 10);
	view__exists("a", 10, 0, 0);
	view__listed("b", 1001);
	view__exists("b", 11, 0, 0);
	CHECK_EQ(view__judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 1)) {
		CHECK_EQ(diffs.v[0].kind, AUDIT_INO);
		CHECK_STR(view__diff_name(0), "b");
		CHECK(diffs.v[0].listed && !diffs.v[0].cached && diffs.v[0].exists);
		CHECK_EQ(diffs.v[0].listed_ino, 1001);
		CHECK_EQ(diffs.v[0].stat_ino, 11);
	}
	view__end();
}

static void impure_wrong_number(void)
{
	view__begin(0, 0);
	view__entry("a", 10, 0);
	view__listed("a", 10);
	view__exists("a", 12, 0, 0);
	CHECK_EQ(view__judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 1)) {
		CHECK_EQ(diffs.v[0].kind, AUDIT_INO);
		CHECK(diffs.v[0].cached);
		CHECK_EQ(diffs.v[0].cached_ino, 10);
	}
	view__end();
}

/* It is not visible yet, but a new file of that name would get the old number. */
static void impure_has_an_entry_too_many(void)
{
	view__begin(0, 0);
	view__entry("gone", 10, 0);
	view__exists("gone", 0, -ENOENT, 0);
	CHECK_EQ(view__judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 1)) {
		CHECK_EQ(diffs.v[0].kind, AUDIT_PHANTOM);
		CHECK(!diffs.v[0].listed && diffs.v[0].cached && !diffs.v[0].exists);
	}
	view__end();
}

/* Names of an impure directory do not come from the cache. */
static void impure_name_without_file(void)
{
	view__begin(0, 0);
	view__listed("whiteout", 5);
	view__exists("whiteout", 0, -ENOENT, 0);
	CHECK_EQ(view__judged(), AUDIT_OK);
	view__end();
}

static void impure_listed_from_another_cache(void)
{
	view__begin(0, 0);
	view__entry("a", 10, 0);
	view__listed("a", 11);
	view__exists("a", 11, 0, 0);
	CHECK_EQ(view__judged(), AUDIT_CHANGING);
	CHECK(view.contradiction);
	view__end();
	view__begin(0, 0);
	view__entry("a", 10, 0);
	view__exists("a", 10, 0, 0);
	CHECK_EQ(view__judged(), AUDIT_CHANGING);
	CHECK(view.contradiction);
	view__end();
}

/* --- merged caches --- */

static void merged_right(void)
{
	view__begin(2, 0);
	view__entry("low", 10, 0);
	view__entry("up", 20, AUDIT_UPPER);
	view__entry("hidden", 0, AUDIT_WHITEOUT);
	view__listed("low", 10);
	view__listed("up", 20);
	view__exists("low", 10, 0, 0);
	view__exists("up", 20, 0, 0);
	view__exists("hidden", 0, -ENOENT, 0);
	CHECK_EQ(view__judged(), AUDIT_OK);
	view__end();
}

static void merged_missing_and_phantom(void)
{
	view__begin(1, 0);
	view__entry("phantom", 10, 0);
	view__listed("phantom", 10);
	view__exists("phantom", 0, -ENOENT, 0);
	view__exists("missing", 30, 0, 0);
	CHECK_EQ(view__judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 2)) {
		CHECK_EQ(diffs.v[0].kind, AUDIT_PHANTOM);
		CHECK_STR(view__diff_name(0), "phantom");
		CHECK(diffs.v[0].listed);
		CHECK_EQ(diffs.v[1].kind, AUDIT_MISSING);
		CHECK_STR(view__diff_name(1), "missing");
		CHECK_EQ(diffs.v[1].stat_ino, 30);
	}
	view__end();
}

/* The kernel found out by itself, when the listing looked it up. */
static void merged_entry_that_hides_itself(void)
{
	view__begin(1, 0);
	view__entry("gone", 0, AUDIT_UPPER);
	view.after.entries.v[0].flags |= AUDIT_WHITEOUT;
	view__exists("gone", 0, -ENOENT, 0);
	CHECK_EQ(view__judged(), AUDIT_OK);
	view__end();
}

/* Numbers that change without a new version prove nothing. */
static void merged_numbers(void)
{
	static const struct {
		uint32_t entry, stat;
		enum audit_verdict verdict;
	} rows[] = {
		{ AUDIT_UPPER, 0, AUDIT_WRONG },
		{ 0, 0, AUDIT_OK }, /* a hard link that was copied up */
		{ 0, AUDIT_DIR, AUDIT_WRONG },
		{ AUDIT_UPPER, AUDIT_DIR, AUDIT_OK }, /* its origin was written down */
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		view__begin(1, 0);
		view__entry("a", 10, rows[i].entry);
		view__listed("a", 10);
		view__exists("a", 11, 0, rows[i].stat);
		CHECK_EQ(view__judged(), rows[i].verdict);
		view__end();
	}
}

static void merged_numbers_come_late(void)
{
	view__begin(1, 0);
	view__entry("a", 0, AUDIT_UPPER);
	view.after.entries.v[0].ino = 10;
	view__listed("a", 10);
	view__exists("a", 10, 0, 0);
	CHECK_EQ(view__judged(), AUDIT_OK);
	view__end();
}

static void merged_incomplete(void)
{
	view__begin(1, 0);
	view.incomplete = true;
	CHECK_EQ(view__judged(), AUDIT_PARTIAL);
	view__end();
	/* what is wrong is wrong */
	view__begin(1, 0);
	view.incomplete = true;
	view__entry("a", 10, 0);
	view__listed("a", 10);
	view__exists("a", 0, -ENOENT, 0);
	CHECK_EQ(view__judged(), AUDIT_WRONG);
	view__end();
}

int main(void)
{
	TEST(impure_right);
	TEST(impure_lacks_an_entry);
	TEST(impure_wrong_number);
	TEST(impure_has_an_entry_too_many);
	TEST(impure_name_without_file);
	TEST(impure_listed_from_another_cache);
	TEST(merged_right);
	TEST(merged_missing_and_phantom);
	TEST(merged_entry_that_hides_itself);
	TEST(merged_numbers);
	TEST(merged_numbers_come_late);
	TEST(merged_incomplete);
	return test_done();
}
