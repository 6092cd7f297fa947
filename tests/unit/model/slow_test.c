// SPDX-License-Identifier: GPL-2.0-only
#include "model/slow.h"

#include <stdlib.h>

#include "test.h"

static const struct slow_sees all = { true, true, true, true, true };

/* A merged directory's listing: 5 of lock, then 100 in all. */
static struct ovls_slow merged(void)
{
	return (struct ovls_slow){
		.in = {
			.dir = { .ino = 7, .dev = 3 },
			.call_ns = 995, .begin_ns = 1000, .store_ns = 1060,
			.layers_ns = 30, .layers = 3,
			.lookups_ns = 4, .late_lookups_ns = 11, .lookups = 9,
		},
		.end_ns = 1100, .tid = 12, .kind = OVLS_SLOW_MERGED, .outcome = OVLS_REBUILT,
		.entries = 40, .comm = "ls", .at = { .pid = 11, .cgroup = 5 },
	};
}

static uint64_t parts_sum(const struct slow_listing *l)
{
	uint64_t sum = l->other_ns;
	int i;

	for (i = 0; i < SLOW_PARTS; i++)
		sum += l->part[i] == COUNT_UNSEEN ? 0 : l->part[i];
	return sum;
}

static struct slow_listing make(const struct ovls_slow *ev, const struct slow_sees *sees)
{
	struct slow_listing l;

	slow_listing__make(&l, ev, sees);
	CHECK_EQ(parts_sum(&l), l.total_ns);
	return l;
}

static void merged_parts(void)
{
	struct ovls_slow ev = merged();
	struct slow_listing l = make(&ev, &all);

	CHECK_EQ(l.begin_ns, 995);
	CHECK_EQ(l.total_ns, 105);
	CHECK_EQ(l.part[SLOW_LOCK], 5);
	CHECK_EQ(l.part[SLOW_LAYERS], 30);
	CHECK_EQ(l.part[SLOW_LOOKUPS], 15);
	CHECK_EQ(l.part[SLOW_MERGE], 60 - 30 - 4);
	CHECK_EQ(l.part[SLOW_COPY], 40 - 11);
	CHECK_EQ(l.other_ns, 0);
	CHECK_EQ(l.cause, SLOW_NO_CACHE);
	CHECK_EQ(l.layers, 3);
	CHECK_EQ(l.lookups, 9);
	CHECK_EQ(l.entries, 40);
	CHECK_EQ(l.task.pid, 11);
	CHECK_EQ(l.task.tid, 12);
	CHECK(!l.late && !l.torn && !l.has_by);
	/* the cache serves it: all lookups are late */
	ev.outcome = OVLS_HIT;
	ev.in.store_ns = ev.in.layers_ns = ev.in.layers = 0;
	l = make(&ev, &all);
	CHECK_EQ(l.part[SLOW_MERGE], 0);
	CHECK_EQ(l.part[SLOW_COPY], 100 - 15);
	CHECK_EQ(l.cause, SLOW_NOT_REBUILT);
	/* it fails before there is a cache: nothing is copied */
	ev.outcome = OVLS_FAILED;
	ev.ret = -12;
	ev.in.late_lookups_ns = 0;
	ev.in.layers_ns = 30;
	ev.in.layers = 1;
	l = make(&ev, &all);
	CHECK_EQ(l.part[SLOW_COPY], 0);
	CHECK_EQ(l.part[SLOW_MERGE], 100 - 30 - 4);
	CHECK_EQ(l.err, -12);
}

static void real_parts(void)
{
	struct ovls_slow ev = merged();
	struct slow_listing l;

	ev.kind = OVLS_SLOW_IMPURE;
	ev.in.served_ns = 1070;
	ev.in.late_lookups_ns = 0;
	l = make(&ev, &all);
	CHECK_EQ(l.part[SLOW_MERGE], 70 - 30 - 4);
	CHECK_EQ(l.part[SLOW_COPY], 30);
	CHECK_EQ(l.other_ns, 0);
	ev.kind = OVLS_SLOW_PLAIN;
	ev.in.layers = ev.in.layers_ns = ev.in.lookups_ns = 0;
	l = make(&ev, &all);
	CHECK_EQ(l.part[SLOW_MERGE], 70);
	CHECK_EQ(l.cause, SLOW_NOT_REBUILT);
	CHECK(l.entries == COUNT_UNSEEN);
	/* the read for the caller was not seen, though it succeeded */
	ev.in.served_ns = 0;
	l = make(&ev, &all);
	CHECK(l.part[SLOW_COPY] == COUNT_UNSEEN && l.part[SLOW_MERGE] == COUNT_UNSEEN);
	CHECK_EQ(l.other_ns, 100);
	ev.ret = -5;
	l = make(&ev, &all);
	CHECK_EQ(l.part[SLOW_COPY], 0);
}

/* What cannot be seen is unknown, and its time is in the rest. */
static void unseen(void)
{
	struct ovls_slow ev = merged();
	struct slow_sees sees = all;
	struct slow_listing l;
	int i;

	sees.calls = false;
	l = make(&ev, &sees);
	CHECK_EQ(l.total_ns, 100);
	CHECK_EQ(l.begin_ns, 1000);
	CHECK(l.part[SLOW_LOCK] == COUNT_UNSEEN && l.part[SLOW_LAYERS] == COUNT_UNSEEN);
	CHECK(l.part[SLOW_MERGE] == COUNT_UNSEEN && l.layers == COUNT_UNSEEN);
	CHECK_EQ(l.part[SLOW_COPY], 29);
	CHECK(slow_part__unseen(SLOW_LOCK, &sees) && !l.late);
	sees = all;
	sees.lookups = false;
	l = make(&ev, &sees);
	CHECK(l.part[SLOW_MERGE] == COUNT_UNSEEN && l.part[SLOW_COPY] == COUNT_UNSEEN);
	CHECK_EQ(l.other_ns, 70);
	sees = all;
	sees.stores = false;
	l = make(&ev, &sees);
	CHECK(l.part[SLOW_MERGE] == COUNT_UNSEEN && l.part[SLOW_COPY] == COUNT_UNSEEN);
	sees = all;
	sees.windows = false;
	ev.kind = OVLS_SLOW_IMPURE;
	l = make(&ev, &sees);
	CHECK(l.released_ns == COUNT_UNSEEN);
	sees.types = false;
	ev.kind = OVLS_SLOW_UNKNOWN;
	l = make(&ev, &sees);
	CHECK_EQ(l.part[SLOW_LOCK], 5);
	CHECK_EQ(l.other_ns, 85);
	CHECK(!slow_kind__name(l.kind) && l.entries == COUNT_UNSEEN);
	for (i = 0; i < SLOW_PARTS; i++)
		CHECK(!slow_part__unseen(i, &all));
}

static void broken(void)
{
	struct ovls_slow ev = merged();
	struct slow_listing l;

	ev.in.torn = 1;
	l = make(&ev, &all);
	CHECK(l.torn);
	CHECK_EQ(l.other_ns, 100);
	ev = merged();
	ev.in.call_ns = 0;
	l = make(&ev, &all);
	CHECK(l.late && l.part[SLOW_LOCK] == COUNT_UNSEEN);
	CHECK_EQ(l.total_ns, 100);
	/* numbers that contradict each other are no result */
	ev = merged();
	ev.in.layers_ns = 70;
	ev.in.layers = 1;
	l.other_ns = 0;
	slow_listing__make(&l, &ev, &all);
	CHECK(l.part[SLOW_MERGE] == COUNT_UNSEEN);
	ev = merged();
	ev.entries = OVLS_SLOW_ENTRIES;
	CHECK(make(&ev, &all).entries == COUNT_UNSEEN);
}

static void outdated(void)
{
	struct ovls_slow ev = merged();
	struct slow_listing l;

	ev.by = (struct ovls_change){ .ns = 900, .pid = 4, .op = OVLW_OP_RENAME, .comm = "mv" };
	CHECK(!make(&ev, &all).has_by);
	ev.in.slot = 0xffff;
	l = make(&ev, &all);
	CHECK_EQ(l.cause, SLOW_OUTDATED);
	CHECK(l.has_by);
	CHECK_EQ(l.op, OVLW_OP_RENAME);
	CHECK_EQ(l.age_ns, 200);
	CHECK_STR(l.by.comm, "mv");
	ev.by.ns = 0;
	CHECK(!make(&ev, &all).has_by);
}

static void late_path(void)
{
	struct slow *s = slow__new();
	struct slow_listing l = { .dir = { .path = "/d", .path_in_mount = true, .ino = 7 } };
	struct rec_dir dir;
	char path[] = "/mnt/m/d";

	CHECK(slow__add(s, &l));
	CHECK_EQ(slow__sort(s), 1);
	dir = slow__get(s, 0)->dir;
	dir.path = path;
	dir.path_in_mount = false;
	CHECK(slow__set_path(s, 0, &dir));
	path[0] = 0;
	CHECK_STR(slow__get(s, 0)->dir.path, "/mnt/m/d");
	CHECK(!slow__get(s, 0)->dir.path_in_mount);
	CHECK_EQ(slow__get(s, 0)->dir.ino, 7);
	slow__free(s);
}

/* Of more than are kept, the slowest are. */
static void kept(void)
{
	struct slow *s = slow__new();
	struct slow_listing l = { .dir = { .path = "/d" } };
	uint64_t i, n = SLOW_KEPT + 500, last = UINT64_MAX;

	for (i = 0; i < n; i++) {
		l.total_ns = 1 + i * 7919 % n;
		l.part[SLOW_LAYERS] = l.total_ns;
		CHECK(slow__add(s, &l));
	}
	CHECK_EQ(slow__sums(s)->listings, n);
	CHECK_EQ(slow__sums(s)->total_ns, n * (n + 1) / 2);
	CHECK_EQ(slow_sums__most(slow__sums(s)), SLOW_LAYERS);
	CHECK_EQ(slow__sort(s), SLOW_KEPT);
	for (i = 0; i < SLOW_KEPT; i++) {
		CHECK(slow__get(s, i)->total_ns <= last);
		last = slow__get(s, i)->total_ns;
	}
	CHECK_EQ(slow__get(s, 0)->total_ns, n);
	CHECK_EQ(last, 501);
	slow__free(s);
}

static void advice(void)
{
	struct slow_listing l = { .kind = OVLS_SLOW_MERGED, .cause = SLOW_NO_CACHE };

	CHECK(strstr(slow__advice(SLOW_LAYERS, &l), "keep a stream open"));
	CHECK(strstr(slow__advice(SLOW_LOCK, &l), "split the directory"));
	CHECK(strstr(slow__advice(SLOW_COPY, &l), "split it"));
	l.cause = SLOW_OUTDATED;
	CHECK(strstr(slow__advice(SLOW_LOOKUPS, &l), "move what changes elsewhere"));
	l.kind = OVLS_SLOW_PLAIN;
	CHECK(strstr(slow__advice(SLOW_COPY, &l), "filesystem"));
	CHECK(!slow__advice(SLOW_PARTS, &l));
}

int main(void)
{
	TEST(merged_parts);
	TEST(real_parts);
	TEST(unseen);
	TEST(broken);
	TEST(outdated);
	TEST(kept);
	TEST(late_path);
	TEST(advice);
	return test_done();
}
