// SPDX-License-Identifier: GPL-2.0-only
/* The audit's verdicts on what one pass over a directory saw. */
#include <errno.h>

#include "audit/audit.h"
#include "test.h"

/* --- a directory that stands still --- */

static struct audit_view view;
static struct audit_diffs diffs;

static void begin(int64_t refcount, int xino_mode)
{
	const struct ovla_dir dir = {
		.inode = 0x1000,
		.cache = 0x2000,
		.version = 7,
		.stamp = 7,
		.refcount = refcount,
		.impure = 1,
		.whiteouts = refcount > 0,
	};

	memset(&view, 0, sizeof(view));
	memset(&diffs, 0, sizeof(diffs));
	view.before.dir = view.after.dir = dir;
	view.xino_mode = xino_mode;
	/* the audit's own stream holds a merged cache, too */
	view.after.dir.refcount += refcount > 0;
}

static struct audit_item *put(struct audit_list *l, const char *name, uint64_t ino)
{
	struct audit_item *item = audit_list__add(l, name, strlen(name));

	item->ino = ino;
	return item;
}

static void entry(const char *name, uint64_t ino, uint32_t flags)
{
	struct audit_list *both[] = { &view.before.entries, &view.after.entries };
	int i;

	for (i = 0; i < 2; i++) {
		struct audit_item *item = put(both[i], name, ino);

		item->real_ino = 1000;
		item->flags = flags;
	}
}

static void listed(const char *name, uint64_t ino)
{
	put(&view.listed, name, ino);
	put(&view.listed_again, name, ino);
}

/* err: 0 or -errno; flags: of the statx result */
static void exists(const char *name, uint64_t ino, int err, uint32_t flags)
{
	struct audit_item *item = put(&view.stat, name, ino);

	item->err = err;
	item->flags = flags;
}

static enum audit_verdict judged(void)
{
	return audit__compare(&view, &diffs);
}

static void end(void)
{
	audit_list__deinit(&view.before.entries);
	audit_list__deinit(&view.after.entries);
	audit_list__deinit(&view.listed);
	audit_list__deinit(&view.listed_again);
	audit_list__deinit(&view.stat);
	audit_diffs__deinit(&diffs);
}

static const char *diff_name(size_t i)
{
	return diffs.names.pool + diffs.v[i].name;
}

/* --- impure caches --- */

static void impure_right(void)
{
	begin(0, 0);
	/* a number of its own, an upper file's, and a directory's */
	entry("translated", 10, 0);
	listed("translated", 10);
	exists("translated", 10, 0, 0);
	listed("plain", 20);
	exists("plain", 20, 0, 0);
	listed("dir", 30);
	exists("dir", 30, 0, AUDIT_DIR);
	CHECK_EQ(judged(), AUDIT_OK);
	CHECK_EQ(diffs.n, 0);
	end();
}

static void impure_lacks_an_entry(void)
{
	begin(0, 0);
	entry("a", 10, 0);
	listed("a", 10);
	exists("a", 10, 0, 0);
	listed("b", 1001);
	exists("b", 11, 0, 0);
	CHECK_EQ(judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 1)) {
		CHECK_EQ(diffs.v[0].kind, AUDIT_INO);
		CHECK_STR(diff_name(0), "b");
		CHECK(diffs.v[0].listed && !diffs.v[0].cached && diffs.v[0].exists);
		CHECK_EQ(diffs.v[0].listed_ino, 1001);
		CHECK_EQ(diffs.v[0].stat_ino, 11);
	}
	end();
}

static void impure_wrong_number(void)
{
	begin(0, 0);
	entry("a", 10, 0);
	listed("a", 10);
	exists("a", 12, 0, 0);
	CHECK_EQ(judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 1)) {
		CHECK_EQ(diffs.v[0].kind, AUDIT_INO);
		CHECK(diffs.v[0].cached);
		CHECK_EQ(diffs.v[0].cached_ino, 10);
	}
	end();
}

/* Nobody sees it yet, but a new file of that name would get the old number. */
static void impure_has_an_entry_too_many(void)
{
	begin(0, 0);
	entry("gone", 10, 0);
	exists("gone", 0, -ENOENT, 0);
	CHECK_EQ(judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 1)) {
		CHECK_EQ(diffs.v[0].kind, AUDIT_PHANTOM);
		CHECK(!diffs.v[0].listed && diffs.v[0].cached && !diffs.v[0].exists);
	}
	end();
}

/* Names of an impure directory do not come from the cache. */
static void impure_name_without_file(void)
{
	begin(0, 0);
	listed("whiteout", 5);
	exists("whiteout", 0, -ENOENT, 0);
	CHECK_EQ(judged(), AUDIT_OK);
	end();
}

static void impure_listed_from_another_cache(void)
{
	begin(0, 0);
	entry("a", 10, 0);
	listed("a", 11);
	exists("a", 11, 0, 0);
	CHECK_EQ(judged(), AUDIT_CHANGING);
	CHECK(view.contradiction);
	end();
	begin(0, 0);
	entry("a", 10, 0);
	exists("a", 10, 0, 0);
	CHECK_EQ(judged(), AUDIT_CHANGING);
	CHECK(view.contradiction);
	end();
}

/* --- merged caches --- */

static void merged_right(void)
{
	begin(2, 0);
	entry("low", 10, 0);
	entry("up", 20, AUDIT_UPPER);
	entry("hidden", 0, AUDIT_WHITEOUT);
	listed("low", 10);
	listed("up", 20);
	exists("low", 10, 0, 0);
	exists("up", 20, 0, 0);
	exists("hidden", 0, -ENOENT, 0);
	CHECK_EQ(judged(), AUDIT_OK);
	end();
}

static void merged_missing_and_phantom(void)
{
	begin(1, 0);
	entry("phantom", 10, 0);
	listed("phantom", 10);
	exists("phantom", 0, -ENOENT, 0);
	exists("missing", 30, 0, 0);
	CHECK_EQ(judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 2)) {
		CHECK_EQ(diffs.v[0].kind, AUDIT_PHANTOM);
		CHECK_STR(diff_name(0), "phantom");
		CHECK(diffs.v[0].listed);
		CHECK_EQ(diffs.v[1].kind, AUDIT_MISSING);
		CHECK_STR(diff_name(1), "missing");
		CHECK_EQ(diffs.v[1].stat_ino, 30);
	}
	end();
}

/* The kernel found out by itself, when the listing looked it up. */
static void merged_entry_that_hides_itself(void)
{
	begin(1, 0);
	entry("gone", 0, AUDIT_UPPER);
	view.after.entries.v[0].flags |= AUDIT_WHITEOUT;
	exists("gone", 0, -ENOENT, 0);
	CHECK_EQ(judged(), AUDIT_OK);
	end();
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
		begin(1, 0);
		entry("a", 10, rows[i].entry);
		listed("a", 10);
		exists("a", 11, 0, rows[i].stat);
		CHECK_EQ(judged(), rows[i].verdict);
		end();
	}
}

static void merged_numbers_come_late(void)
{
	begin(1, 0);
	entry("a", 0, AUDIT_UPPER);
	view.after.entries.v[0].ino = 10;
	listed("a", 10);
	exists("a", 10, 0, 0);
	CHECK_EQ(judged(), AUDIT_OK);
	end();
}

static void merged_incomplete(void)
{
	begin(1, 0);
	view.incomplete = true;
	CHECK_EQ(judged(), AUDIT_PARTIAL);
	end();
	/* what is wrong is wrong */
	begin(1, 0);
	view.incomplete = true;
	entry("a", 10, 0);
	listed("a", 10);
	exists("a", 0, -ENOENT, 0);
	CHECK_EQ(judged(), AUDIT_WRONG);
	end();
}

/* --- numbers that can't be compared --- */

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
		begin(0, rows[i].xino_mode);
		listed("a", 10);
		exists("a", rows[i].ino, 0, rows[i].flags);
		CHECK_EQ(judged(), rows[i].verdict);
		end();
	}
}

/* --- what changed meanwhile --- */

static void not_at_rest(void)
{
	int i;

	for (i = 0; i < 13; i++) {
		begin(0, 0);
		entry("a", 10, 0);
		listed("a", 1001);
		exists("a", 11, 0, 0);
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
			put(&view.after.entries, "b", 1);
			break;
		case 9:
			view.after.entries.v[0].ino = 12;
			break;
		case 10:
			put(&view.listed_again, "b", 1);
			break;
		case 11:
			view.listed_again.v[0].ino++;
			break;
		case 12:
			view.after.dir.whiteouts = 1;
			break;
		}
		CHECK_EQ(judged(), AUDIT_CHANGING);
		CHECK(!view.contradiction);
		end();
	}
}

static void unreadable_names(void)
{
	begin(0, 0);
	listed("a", 10);
	exists("a", 0, -EIO, 0);
	CHECK_EQ(judged(), AUDIT_PARTIAL);
	end();
	begin(0, 0);
	listed("never asked", 10);
	CHECK_EQ(judged(), AUDIT_PARTIAL);
	end();
	begin(0, 0);
	view.before.flags = view.after.flags = OVLA_TOO_MANY;
	CHECK_EQ(judged(), AUDIT_PARTIAL);
	end();
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
	begin(0, 0);
	CHECK(!audit__mixed(&view.before.dir));
	view.before.dir.whiteouts = view.after.dir.whiteouts = 1;
	CHECK(audit__mixed(&view.before.dir));
	CHECK_EQ(audit__served(&view.before.dir), AUDIT_OK);
	CHECK_EQ(judged(), AUDIT_WRONG);
	if (CHECK_EQ(diffs.n, 1))
		CHECK_EQ(diffs.v[0].kind, AUDIT_MIXED);
	end();
}

static void twice_the_same(void)
{
	struct audit_diffs first;

	begin(0, 0);
	listed("a", 10);
	exists("a", 11, 0, 0);
	judged();
	first = diffs;
	memset(&diffs, 0, sizeof(diffs));
	judged();
	CHECK(audit_diffs__same(&first, &diffs));
	diffs.v[0].stat_ino++;
	CHECK(!audit_diffs__same(&first, &diffs));
	diffs.v[0].stat_ino--;
	diffs.names.pool[0] = 'b';
	CHECK(!audit_diffs__same(&first, &diffs));
	diffs.n = 0;
	CHECK(!audit_diffs__same(&first, &diffs));
	audit_diffs__deinit(&first);
	end();
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
	TEST(incomparable);
	TEST(not_at_rest);
	TEST(unreadable_names);
	TEST(served);
	TEST(mixed);
	TEST(twice_the_same);
	return test_done();
}
