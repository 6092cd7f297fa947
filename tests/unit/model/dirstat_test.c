// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots of counters, and the records that are made of them. */
#include "model/dirstat.h"

#include <stdlib.h>

#include "dirstat_rows.h"
#include "util/dirpath.h"
#include "test.h"

static void one(struct dirstat *ds, struct ovls_key k, struct ovls_dir d)
{
	dirstat__begin(ds);
	dirstat__dir(ds, &k, &d);
	dirstat__end(ds);
}

static void intervals(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(0x1000, 7, OVLS_IMPURE);
	struct ovls_dir d = counts(10, 1, 500);
	struct rec_directory r;

	d.bucket[9] = 1;
	one(ds, k, d);
	CHECK_EQ(dirstat__sort(ds, DIRSTAT_INTERVAL, DIRSTAT_TIME), 1);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 10);
	d = counts(30, 4, 900);
	d.bucket[8] = 1;
	d.bucket[9] = 3;
	one(ds, k, d);
	dirstat__sort(ds, DIRSTAT_INTERVAL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 20);
	CHECK_EQ(r.rebuilds, 3);
	CHECK_EQ(r.hits, 17);
	CHECK_EQ(r.rebuild_ns, 400);
	CHECK(r.has_times && r.times[8] == 1 && r.times[9] == 2);
	dirstat__sort(ds, DIRSTAT_ALL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_EQ(r.readdirs, 30);
	/* nothing happened: not in the table, and what is not may be taken out */
	one(ds, k, counts(30, 4, 900));
	CHECK_EQ(dirstat__sort(ds, DIRSTAT_INTERVAL, DIRSTAT_TIME), 0);
	CHECK(dirstat__is_idle(ds, &k));
	k.ino++;
	CHECK(!dirstat__is_idle(ds, &k));
	k.ino--;
	/* taken out and come again: counted from 0, not from what it was */
	one(ds, k, counts(6, 2, 50));
	dirstat__sort(ds, DIRSTAT_INTERVAL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 6);
	CHECK_EQ(r.rebuilds, 2);
	/* the same address, another inode: the old one is gone, the new one begins at 0 */
	k.ino = 8;
	one(ds, k, counts(9, 3, 60));
	CHECK_EQ(dirstat__dirs(ds), 1);
	dirstat__sort(ds, DIRSTAT_INTERVAL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.dir.ino, 8);
	CHECK_EQ(r.readdirs, 9);
	/* counters that wrap: no giant differences */
	one(ds, k, counts(UINT64_MAX, 5, 70));
	one(ds, k, counts(3, 1, 10));
	dirstat__sort(ds, DIRSTAT_INTERVAL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 3);
	dirstat__free(ds);
}

/* Taken out and come again with more than it had before: all of it is new. */
static void forgotten(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(1, 7, OVLS_MERGED), busy = key(2, 8, OVLS_MERGED);
	struct ovls_dir a = counts(10, 1, 500), b = counts(10, 1, 500);
	struct rec_directory r;
	int i;

	for (i = 0; i < 2; i++) {
		b.readdirs += i;
		dirstat__begin(ds);
		actor(ds, k, (struct actor_row){ "ls", 1, OVLS_REBUILDS, 1, 500 });
		dirstat__dir(ds, &k, &a);
		dirstat__dir(ds, &busy, &b);
		dirstat__end(ds);
	}
	dirstat__forget_idle(ds);
	CHECK_EQ(dirstat__dirs(ds), 1);
	CHECK_EQ(dirstat__actors(ds), 0);
	a = counts(12, 3, 900);
	dirstat__begin(ds);
	dirstat__dir(ds, &k, &a);
	dirstat__dir(ds, &busy, &b);
	dirstat__end(ds);
	CHECK_EQ(dirstat__sort(ds, DIRSTAT_INTERVAL, DIRSTAT_TIME), 1);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 12);
	CHECK_EQ(r.rebuilds, 3);
	dirstat__free(ds);
}

/* What some tasks did is added to the directory, which has counters of its own. */
static void shares(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(1, 7, OVLS_IMPURE), other = key(2, 8, OVLS_IMPURE);
	struct ovls_dir of_all = { .mods = 9, .entries = 3 }, a, b;
	struct dirstat_total t;
	struct rec_directory r;
	uint64_t pass;

	dirstat__sees(ds, true, true);
	for (pass = 1; pass <= 2; pass++) {
		a = counts(10 * pass, 4 * pass, 500 * pass);
		b = counts(6, 1, 2000);
		b.cold = b.windows_ns = b.bucket[11] = 1;
		dirstat__begin(ds);
		dirstat__share(ds, &k, &a);
		dirstat__share(ds, &k, &b);
		dirstat__dir(ds, &k, &of_all);
		dirstat__dir(ds, &other, &of_all);
		dirstat__end(ds);
	}
	dirstat__sort(ds, DIRSTAT_ALL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_EQ(r.listings, 13);
	CHECK_EQ(r.readdirs, 26);
	CHECK_EQ(r.hits, 17);
	CHECK_EQ(r.rebuilds, 9);
	CHECK_EQ(r.cold, 1);
	CHECK_EQ(r.rebuild_ns, 3000);
	CHECK_EQ(r.lock_held_ns, 2999);
	CHECK_EQ(r.max_rebuild_ns, 2000);
	CHECK_EQ(r.times[11], 1);
	CHECK_EQ(r.modifications, 9);
	CHECK_EQ(r.entries, 3);
	/* nothing of the other one is theirs */
	dirstat__record(ds, 1, DIRSTAT_ALL, &r);
	CHECK_EQ(r.readdirs, 0);
	CHECK_EQ(r.modifications, 9);
	/* an interval has what happened since */
	dirstat__total(ds, DIRSTAT_INTERVAL, OVLS_IMPURE, &t);
	CHECK_EQ(t.readdirs, 10);
	CHECK_EQ(t.rebuilds, 4);
	CHECK_EQ(t.rebuild_ns, 500);
	dirstat__free(ds);
}

static void kinds_and_totals(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key i = key(0x1000, 7, OVLS_IMPURE), m = key(0x1000, 7, OVLS_MERGED);
	struct ovls_dir a = counts(10, 1, 500), b = counts(4, 2, 9000);
	struct ovls_rest rest = { .readdirs = 5, .hits = 3, .rebuilds = 2, .rebuild_ns = 7 };
	struct dirstat_total t;
	struct rec_directory r;

	dirstat__begin(ds);
	dirstat__dir(ds, &i, &a);
	dirstat__dir(ds, &m, &b);
	dirstat__rest(ds, OVLS_IMPURE, &rest);
	dirstat__end(ds);
	CHECK_EQ(dirstat__sort(ds, DIRSTAT_ALL, DIRSTAT_TIME), 2);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK(r.merged);
	dirstat__total(ds, DIRSTAT_ALL, OVLS_IMPURE, &t);
	CHECK_EQ(t.readdirs, 15);
	CHECK_EQ(t.hits, 12);
	CHECK_EQ(t.unreported, 5);
	dirstat__total(ds, DIRSTAT_ALL, OVLS_MERGED, &t);
	CHECK_EQ(t.readdirs, 4);
	CHECK_EQ(t.unreported, 0);
	/* windows that go unseen make the time with the lock unknown, but not where none can be */
	CHECK_EQ(r.lock_held_ns, 9000);
	dirstat__record(ds, 1, DIRSTAT_ALL, &r);
	CHECK(r.lock_held_ns == COUNT_UNSEEN);
	CHECK(r.bytes == COUNT_UNSEEN);
	CHECK(r.modifications == COUNT_UNSEEN);
	dirstat__free(ds);
}

static void memory(void)
{
	struct ovls_layout l = {
		.entry_len = 0, .entry_node = 24, .entry_size = 75, .cache_size = 40
	};
	struct dirstat *ds = dirstat__new();
	struct ovls_dir d = counts(2, 1, 5);
	struct rec_directory r;

	d.entries = 64;
	d.name_bytes = 200;
	d.windows_ns = 2;
	dirstat__layout(ds, &l);
	dirstat__sees(ds, true, true);
	one(ds, key(1, 2, OVLS_IMPURE), d);
	dirstat__sort(ds, DIRSTAT_ALL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_EQ(r.bytes, 40 + 200 + 64 * 75);
	CHECK_EQ(r.lock_held_ns, 3);
	dirstat__free(ds);
}

static void keys(void)
{
	static const struct ovls_dir dirs[] = {
		{ .readdirs = 9, .listings = 5, .rebuilds = 1, .rebuild_ns = 90, .windows_ns = 89 },
		{ .readdirs = 9, .listings = 9, .rebuilds = 2, .rebuild_ns = 50, .windows_ns = 10 },
		{ .readdirs = 9, .listings = 6, .rebuilds = 6, .rebuild_ns = 30, .entries = 7 },
	};
	static const uint64_t first[DIRSTAT_KEYS] = { [DIRSTAT_TIME] = 1,
						      [DIRSTAT_LOCKED] = 2,
						      [DIRSTAT_REBUILDS] = 3,
						      [DIRSTAT_LISTINGS] = 2,
						      [DIRSTAT_ENTRIES] = 3 };
	struct dirstat *ds = dirstat__new();
	struct rec_directory r;
	int i;

	dirstat__sees(ds, true, true);
	dirstat__begin(ds);
	for (i = 0; i < 3; i++) {
		struct ovls_key k = key(2, 1 + i, OVLS_IMPURE);

		dirstat__dir(ds, &k, &dirs[i]);
	}
	dirstat__end(ds);
	for (i = 0; i < DIRSTAT_KEYS; i++) {
		CHECK_EQ(dirstat__sort(ds, DIRSTAT_ALL, i), 3);
		dirstat__record(ds, 0, DIRSTAT_ALL, &r);
		CHECK_EQ(r.dir.ino, first[i]);
	}
	dirstat__free(ds);
}

static void paths(void)
{
	struct dirstat *ds = dirstat__new();
	static struct ovls_path ev;
	struct rec_directory r;
	char *p;

	p = dirpath__join("c\0b\0a", 6, false);
	CHECK_STR(p, "/a/b/c");
	free(p);
	p = dirpath__join("", 0, false);
	CHECK_STR(p, "/");
	free(p);
	p = dirpath__join("c", 2, true);
	CHECK_STR(p, "/.../c");
	free(p);
	ev.dir = key(1, 2, OVLS_IMPURE);
	memcpy(ev.path, "x\0y", 4);
	ev.len = 4;
	dirstat__path(ds, &ev, sizeof(ev));
	/* longer than it is: not believed */
	ev.len = 5000;
	dirstat__path(ds, &ev, sizeof(ev));
	dirstat__path(ds, &ev, 8);
	one(ds, ev.dir, counts(2, 1, 5));
	dirstat__sort(ds, DIRSTAT_ALL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_STR(r.dir.path, "/y/x");
	dirstat__free(ds);
}

int main(void)
{
	TEST(intervals);
	TEST(forgotten);
	TEST(shares);
	TEST(kinds_and_totals);
	TEST(memory);
	TEST(keys);
	TEST(paths);
	return test_done();
}
