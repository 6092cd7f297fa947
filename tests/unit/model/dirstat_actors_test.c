// SPDX-License-Identifier: GPL-2.0-only
/* The tasks that rebuild or outdate a directory's caches. */
#include <stdio.h>

#include "dirstat_rows.h"
#include "test.h"

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

int main(void)
{
	TEST(joined_actors);
	TEST(each_actor);
	TEST(actors);
	return test_done();
}
