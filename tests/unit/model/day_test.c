// SPDX-License-Identifier: GPL-2.0-only
/*
 * A day in compressed time: ten thousand directories, five hundred threads, two rebuilds a
 * second, one of three outdated. Memory is that of the first hour, and nothing is lost.
 */
#include <stdlib.h>

#include "rows.h"
#include "test.h"

/* of ASan, which has no header in gcc */
size_t __sanitizer_get_current_allocated_bytes(void);

enum {
	HOURS = 24,
	REBUILDS_AN_HOUR = 7200,
	DIRS = 10000,
	THREADS = 500,
};

static const uint64_t REBUILD_NS = 3600000000000 / REBUILDS_AN_HOUR;

struct day {
	struct model *model;
	uint64_t ts, rebuilds, superseded, version[DIRS], cache[DIRS], stamp[DIRS], caches;
};

static void count(void *ctx, const struct ovl_record *rec)
{
	struct day *d = ctx;

	d->rebuilds += rec->type == RECORD_REBUILD;
	d->superseded += rec->type == RECORD_REBUILD &&
			 rec->rebuild.version_stamped != rec->rebuild.version_at_store;
}

static void event(struct day *d, struct row row, uint32_t dir)
{
	union wire wire;
	size_t size;

	row.dir = 1;
	d->ts += REBUILD_NS / 16;
	size = wire__make(&wire, &row, d->ts, 0);
	/* the directories of rows are few */
	wire.event.dir.inode = 0xffff888000000000 + dir * 0x1000ULL;
	wire.event.dir.ino = 1000 + dir;
	model__event(d->model, &wire.hdr, size);
}

/* Of a directory: what was in the slot is freed, the new cache is stored. */
static void rebuild(struct day *d, uint32_t dir, uint32_t tid)
{
	uint64_t v = d->version[dir], was = d->cache[dir], cache = 0x1000 * ++d->caches;
	bool modified = d->caches % 3 == 0;

	if (was)
		event(d, (struct row){ FREE(tid, 1, v, was, d->stamp[dir]), .slot = was }, dir);
	if (was)
		event(d, (struct row){ SET_NULL(tid, 1, v, was) }, dir);
	event(d, (struct row){ BEGIN(tid, 1, v) }, dir);
	event(d, (struct row){ DROP(tid, 1, v) }, dir);
	if (modified)
		event(d, (struct row){ MODIFY(tid + THREADS, 1, ++d->version[dir]) }, dir);
	event(d, (struct row){ REACQUIRE(tid, 1, d->version[dir]) }, dir);
	event(d, (struct row){ SET(tid, 1, d->version[dir], 0, cache, v) }, dir);
	d->cache[dir] = cache;
	d->stamp[dir] = v;
	/* and sometimes the directory is removed */
	if (d->caches % 11)
		return;
	event(d, (struct row){ DESTROY(tid, 1, d->version[dir], cache) }, dir);
	d->cache[dir] = 0;
}

static void day(void)
{
	static struct day d;
	struct model_opts opts = { .emit = count, .emit_ctx = &d, .complete = true };
	size_t hour, i, after_first = 0;
	struct rec_counts c;

	opts.sees_windows = opts.sees_stores = opts.sees_frees = true;
	d.model = model__new(&opts);
	d.ts = 1000;
	for (hour = 0; hour < HOURS; hour++) {
		for (i = 0; i < REBUILDS_AN_HOUR; i++)
			rebuild(&d, (uint32_t)(d.caches * 7919 % DIRS),
				(uint32_t)(1 + d.caches % THREADS));
		/* all directories have been seen after two hours */
		if (hour == 1)
			after_first = __sanitizer_get_current_allocated_bytes();
	}
	CHECK(after_first > 0);
	CHECK(__sanitizer_get_current_allocated_bytes() <= after_first * 11 / 10);
	model__judge_open(d.model, d.ts);
	model__counts(d.model, &c);
	CHECK_EQ(c.rebuilds, HOURS * REBUILDS_AN_HOUR);
	CHECK_EQ(d.rebuilds, HOURS * REBUILDS_AN_HOUR);
	CHECK_EQ(c.superseded_stores, d.superseded);
	CHECK_EQ(d.superseded, HOURS * REBUILDS_AN_HOUR / 3);
	CHECK_EQ(c.lost, 0);
	CHECK_EQ(c.partial, 0);
	for (i = 0; i < INCONSISTENCIES; i++)
		CHECK_EQ(model__inconsistencies(d.model)[i], 0);
	CHECK_EQ(model__verdict(d.model), VERDICT_CLEAN);
	model__free(d.model);
}

int main(void)
{
	TEST(day);
	return test_done();
}
