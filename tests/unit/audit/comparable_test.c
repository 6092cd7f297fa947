// SPDX-License-Identifier: GPL-2.0-only
/* What the audit compares at all: numbers, changing directories, unused caches. */
#include "audit/view.h"

/* --- numbers that cannot be compared --- */

static void incomparable(void)
{
	static const struct {
		int xino_mode;
		uint64_t ino;
		uint32_t flags;
		enum audit_verdict verdict;
	} rows[] = {
		{ 0, 11, 0, AUDIT_WRONG },
		{ -1, 11, 0, AUDIT_OK }, /* layers on several filesystems */
		{ 0, 11, AUDIT_FOREIGN, AUDIT_OK }, /* a mount point */
		{ 2, 11, 0, AUDIT_WRONG },
		{ 2, 1ULL << 62 | 11, 0, AUDIT_OK }, /* made up by overlayfs */
		{ 2, 1ULL << 63 | 11, 0, AUDIT_WRONG },
		{ 8, 1ULL << 56 | 11, 0, AUDIT_OK },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		view__begin(0, rows[i].xino_mode);
		view__listed("a", 10);
		view__exists("a", rows[i].ino, 0, rows[i].flags);
		CHECK_EQ(view__judged(), rows[i].verdict);
		view__end();
	}
}

/* --- what changed during the pass --- */

static void not_at_rest(void)
{
	int i;

	for (i = 0; i < 13; i++) {
		view__begin(0, 0);
		view__entry("a", 10, 0);
		view__listed("a", 1001);
		view__exists("a", 11, 0, 0);
		switch (i) {
		case 0:
			view.after.dir.version++;
			break;
		case 1:
			view.after.dir.cache++;
			break;
		case 2:
			view.after.dir.stamp++;
			break;
		case 3:
			view.after.dir.refcount = 1;
			break;
		case 4:
			view.after.dir.impure = 0;
			break;
		case 5:
			view.after.dir.inode++;
			break;
		case 6:
			view.before.flags = OVLA_TORN;
			break;
		case 7:
			view.after.flags = OVLA_TORN;
			break;
		case 8:
			view__put(&view.after.entries, "b", 1);
			break;
		case 9:
			view.after.entries.v[0].ino = 12;
			break;
		case 10:
			view__put(&view.listed_again, "b", 1);
			break;
		case 11:
			view.listed_again.v[0].ino++;
			break;
		case 12:
			view.after.dir.whiteouts = 1;
			break;
		}
		CHECK_EQ(view__judged(), AUDIT_CHANGING);
		CHECK(!view.contradiction);
		view__end();
	}
}

static void unreadable_names(void)
{
	view__begin(0, 0);
	view__listed("a", 10);
	view__exists("a", 0, -EIO, 0);
	CHECK_EQ(view__judged(), AUDIT_PARTIAL);
	view__end();
	view__begin(0, 0);
	view__listed("never asked", 10);
	CHECK_EQ(view__judged(), AUDIT_PARTIAL);
	view__end();
	view__begin(0, 0);
	view.before.flags = view.after.flags = OVLA_TOO_MANY;
	CHECK_EQ(view__judged(), AUDIT_PARTIAL);
	view__end();
}

/* --- which caches are compared at all --- */

static void served(void)
{
	struct ovla_dir d = { .cache = 1, .version = 3, .stamp = 3, .impure = 1 };

	CHECK_EQ(audit__served(&d), AUDIT_OK);
	d.stamp = 2;
	CHECK_EQ(audit__served(&d), AUDIT_OUTDATED);
	d.stamp = 3;
	d.impure = 0;
	CHECK_EQ(audit__served(&d), AUDIT_UNUSED);
	d.refcount = 1;
	CHECK_EQ(audit__served(&d), AUDIT_OK);
	d.cache = 0;
	CHECK_EQ(audit__served(&d), AUDIT_GONE);
}

static void mixed(void)
{
	view__begin(0, 0);
	CHECK(!audit__mixed(&view.before.dir));
	view.before.dir.whiteouts = view.after.dir.whiteouts = 1;
	CHECK(audit__mixed(&view.before.dir));
	CHECK_EQ(audit__served(&view.before.dir), AUDIT_OK);
	CHECK_EQ(view__judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 1))
		CHECK_EQ(diffs.v[0].kind, AUDIT_MIXED);
	view__end();
}

static void twice_the_same(void)
{
	struct audit_diffs first;

	view__begin(0, 0);
	view__listed("a", 10);
	view__exists("a", 11, 0, 0);
	view__judged();
	first = diffs;
	memset(&diffs, 0, sizeof(diffs));
	view__judged();
	CHECK(audit_diffs__same(&first, &diffs));
	diffs.v[0].stat_ino++;
	CHECK(!audit_diffs__same(&first, &diffs));
	diffs.v[0].stat_ino--;
	diffs.names.pool[0] = 'b';
	CHECK(!audit_diffs__same(&first, &diffs));
	diffs.n = 0;
	CHECK(!audit_diffs__same(&first, &diffs));
	audit_diffs__deinit(&first);
	view__end();
}

int main(void)
{
	TEST(incomparable);
	TEST(not_at_rest);
	TEST(unreadable_names);
	TEST(served);
	TEST(mixed);
	TEST(twice_the_same);
	return test_done();
}
