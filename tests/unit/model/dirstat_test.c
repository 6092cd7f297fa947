// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots of counters, and the records that are made of them. */
#include "model/dirstat.h"

#include <stdlib.h>

#include "util/dirpath.h"
#include "test.h"

static struct ovls_key key(uint64_t inode, uint64_t ino, enum ovls_kind kind)
{
	struct ovls_key k = { .inode = inode, .ino = ino, .dev = 32, .kind = kind };

	return k;
}

static struct ovls_dir counts(uint64_t readdirs, uint64_t rebuilds, uint64_t ns)
{
	struct ovls_dir d = { .listings = readdirs / 2,
			      .readdirs = readdirs,
			      .hits = readdirs - rebuilds,
			      .rebuilds = rebuilds,
			      .rebuild_ns = ns,
			      .max_ns = ns,
			      .mods = rebuilds };

	return d;
}

/* A row of the actors' table. */
struct actor_row {
	const char *comm;
	uint32_t pid, what;
	uint64_t count, ns;
};

static void actor(struct dirstat *ds, struct ovls_key k, struct actor_row row)
{
	struct ovls_actor a = { .dir = k, .pid = row.pid, .what = row.what, .cgroup = 1 };
	struct ovls_actor_count n = { row.count, row.ns };

	strncpy(a.comm, row.comm, sizeof(a.comm));
	dirstat__actor(ds, &a, &n);
}

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

static void joined_actors(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(1, 2, OVLS_MERGED);
	struct ovls_dir d = counts(100, 50, 1000);
	struct rec_directory r;
	size_t i;

	d.invalidations = 100;
	dirstat__sees(ds, true, true);
	dirstat__begin(ds);
	for (i = 1; i <= 11; i++)
		actor(ds, k, (struct actor_row){ "mv", 100 + i, OVLW_OP_RENAME, i, 0 });
	actor(ds, k, (struct actor_row){ "mv", 112, OVLW_OP_LINK, 1, 0 });
	for (i = 1; i <= 8; i++)
		actor(ds, k, (struct actor_row){ "ls", 200 + i, OVLS_REBUILDS, 2, 900 });
	dirstat__dir(ds, &k, &d);
	dirstat__end(ds);
	dirstat__sort(ds, DIRSTAT_ALL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	/* there was no room for all */
	CHECK_EQ(r.ninvalidators, 2);
	CHECK_EQ(r.invalidators[0].count, 66);
	CHECK_EQ(r.invalidators[0].processes, 11);
	CHECK_EQ(r.invalidators[0].task.pid, 0);
	CHECK_EQ(r.invalidators[1].count, 1);
	CHECK_EQ(r.invalidators[1].processes, 0);
	CHECK_EQ(r.invalidators[1].task.pid, 112);
	CHECK_EQ(r.invalidators_others, 33);
	/* here there was */
	CHECK_EQ(r.nrebuilders, 8);
	CHECK_EQ(r.rebuilders[0].processes, 0);
	dirstat__free(ds);
}

static void sum_up(void *ctx, const struct rec_actor *actor, bool rebuilt)
{
	uint64_t *sums = ctx;

	CHECK_EQ(actor->task.cgroup, 1);
	sums[rebuilt] += actor->count;
	sums[2] += actor->ns;
}

static void each_actor(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(1, 2, OVLS_MERGED), other = key(2, 3, OVLS_IMPURE);
	struct ovls_dir d = counts(100, 50, 1000);
	uint64_t all[3] = { 0 }, interval[3] = { 0 }, i, pass;

	for (pass = 1; pass <= 2; pass++) {
		dirstat__begin(ds);
		for (i = 1; i <= 11; i++)
			actor(ds, k,
			      (struct actor_row){ "mv", 100 + i, OVLW_OP_RENAME, i * pass, 0 });
		actor(ds, other, (struct actor_row){ "mv", 1, OVLW_OP_UNKNOWN, 5, 0 });
		actor(ds, other,
		      (struct actor_row){ "ls", 2, OVLS_REBUILDS, 3 * pass, 900 * pass });
		dirstat__dir(ds, &k, &d);
		dirstat__dir(ds, &other, &d);
		dirstat__end(ds);
	}
	dirstat__each_actor(ds, DIRSTAT_ALL, sum_up, all);
	CHECK_EQ(all[0], 2 * 66 + 5);
	CHECK_EQ(all[1], 6);
	CHECK_EQ(all[2], 1800);
	dirstat__each_actor(ds, DIRSTAT_INTERVAL, sum_up, interval);
	CHECK_EQ(interval[0], 66);
	CHECK_EQ(interval[1], 3);
	CHECK_EQ(interval[2], 900);
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

static void actors(void)
{
	static char names[12][16];
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(1, 2, OVLS_MERGED);
	struct ovls_dir d = counts(100, 50, 1000);
	struct rec_directory r;
	uint64_t sum = 0;
	size_t i;

	d.invalidations = 100;
	dirstat__sees(ds, true, true);
	dirstat__begin(ds);
	for (i = 1; i <= 11; i++) {
		snprintf(names[i], sizeof(names[i]), "mv%zu", i);
		actor(ds, k, (struct actor_row){ names[i], 100 + i, OVLW_OP_RENAME, i, 0 });
	}
	actor(ds, k, (struct actor_row){ "ls", 7, OVLS_REBUILDS, 2, 900 });
	actor(ds, k, (struct actor_row){ "find", 8, OVLS_REBUILDS, 40, 80 });
	dirstat__dir(ds, &k, &d);
	dirstat__end(ds);
	dirstat__sort(ds, DIRSTAT_ALL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_EQ(r.ninvalidators, RECORD_MAX_ACTORS);
	CHECK_EQ(r.invalidators[0].count, 11);
	CHECK_EQ(r.invalidators[0].op, OVLW_OP_RENAME);
	for (i = 0; i < r.ninvalidators; i++)
		sum += r.invalidators[i].count;
	/* actors that dropped out, and those that did not fit into the table */
	CHECK_EQ(sum + r.invalidators_others, 100);
	/* rebuilders by their time */
	CHECK_EQ(r.nrebuilders, 2);
	CHECK_STR(r.rebuilders[0].task.comm, "ls");
	CHECK_EQ(r.rebuilders_others, 8);
	/* an interval has only what happened since, and no idle actors */
	d.rebuilds += 3;
	d.rebuild_ns += 30;
	d.readdirs += 6;
	dirstat__begin(ds);
	actor(ds, k, (struct actor_row){ "ls", 7, OVLS_REBUILDS, 2, 900 });
	actor(ds, k, (struct actor_row){ "find", 8, OVLS_REBUILDS, 43, 110 });
	dirstat__dir(ds, &k, &d);
	dirstat__end(ds);
	CHECK_EQ(dirstat__actors(ds), 2);
	dirstat__sort(ds, DIRSTAT_INTERVAL, DIRSTAT_TIME);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.nrebuilders, 1);
	CHECK_STR(r.rebuilders[0].task.comm, "find");
	CHECK_EQ(r.rebuilders[0].count, 3);
	CHECK_EQ(r.rebuilders_others, 0);
	CHECK_EQ(r.ninvalidators, 0);
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
	TEST(kinds_and_totals);
	TEST(memory);
	TEST(joined_actors);
	TEST(each_actor);
	TEST(keys);
	TEST(actors);
	TEST(paths);
	return test_done();
}
