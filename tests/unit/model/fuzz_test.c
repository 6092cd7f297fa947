// SPDX-License-Identifier: GPL-2.0-only
/*
 * A random walk: events of any kind, from few tasks, directories and caches,
 * so that they meet. What must hold for every trace is checked by reclog.
 */
#include <stdlib.h>

#include "rows.h"
#include "test.h"

enum {
	NEVENTS = 100000,
};

static uint64_t random_state;

/* xorshift64*: the same walk everywhere */
static uint32_t below(uint32_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dULL) >> 32) % n;
}

static uint64_t random_cache(void)
{
	return below(4) ? 0x1000 * (1 + below(12)) : 0;
}

/* One random event; version[] keeps versions plausible. */
static void random_row(struct row *row, uint64_t version[5])
{
	static const uint16_t types[] = {
		OVLW_BEGIN,	OVLW_BEGIN,    OVLW_BEGIN, OVLW_DROP, OVLW_DROP,   OVLW_REACQUIRE,
		OVLW_REACQUIRE, OVLW_SET,      OVLW_SET,   OVLW_SET,  OVLW_FREE,   OVLW_FREE,
		OVLW_MODIFY,	OVLW_READ,     OVLW_FREE,  0,	      OVLW_MODIFY, 99,
		OVLW_CLEAR,	OVLW_INCIDENT,
	};

	memset(row, 0, sizeof(*row));
	row->type = types[below(sizeof(types) / sizeof(types[0]))];
	if (!below(500))
		row->type = OVLW_DESTROY;
	row->tid = 1 + below(6);
	row->start = below(400) ? 1 : 1 + below(3);
	row->dir = below(60) ? 1 + below(4) : 0;
	if (row->type == OVLW_MODIFY || !below(20))
		version[row->dir] += below(3);
	row->v = below(2000) ? version[row->dir] : below(100);
	row->ino = below(1000) ? 0 : 100 + below(8);
	row->slot = random_cache();
	row->cache = random_cache();
	row->stamp = row->v - below(3);
	row->slot_refcount = below(30) == 0;
	row->flags = below(32);
	row->err = -(int)below(40);
	row->pure = !below(5);
	row->unlocked = !below(50);
	row->whiteouts = !below(20);
	row->what = (enum ovlw_what)below(OVLW_WHATS + 1);
	row->value = -(int)below(9) * 1000;
}

struct walk {
	uint64_t seed;
	uint32_t pid;
	bool loses;
};

static void walk(const struct walk *w)
{
	static struct reclog log;
	struct model_opts opts = {
		.emit = reclog__emit,
		.emit_ctx = &log,
		.belongs = model_case__belongs,
		.belongs_ctx = (void *)&w->pid,
		.complete = true,
		.sees_windows = true,
		.sees_stores = true,
		.sees_frees = true,
		.sees_clears = true,
		.sees_mixes = true,
		.sees_returns = true,
		.sees_hazards = true,
		.sees_entries = true,
	};
	uint64_t stores = 0, ts = 1000, lost = 0, version[5] = { 10, 20, 30, 40, 50 };
	uint64_t last[8] = { 0 };
	struct rec_counts c;
	struct model *m;
	int i, kind;

	memset(&log, 0, sizeof(log));
	log.mad = true;
	random_state = w->seed;
	m = model__new(&opts);
	for (i = 0; i < NEVENTS; i++) {
		struct row row;
		union wire wire;
		size_t size;

		random_row(&row, version);
		ts += below(2000);
		lost += w->loses && !below(5000);
		/* events of a task may arrive late, but in order */
		row.ts = ts - below(500);
		if (row.ts < last[row.tid])
			row.ts = last[row.tid];
		last[row.tid] = row.ts;
		size = wire__make(&wire, &row, row.ts, lost);
		if (!below(1000))
			size = below(size);
		else if (row.type == OVLW_SET)
			stores += row.cache && row.dir && (!w->pid || row.tid == w->pid);
		model__event(m, &wire.hdr, size);
	}
	model__judge_open(m, ts + 1000);
	model__summary(m, ts + 2000, &(struct rec_summary){ 0 });
	model__counts(m, &c);
	CHECK(log.seq > 1000);
	CHECK_EQ(c.stores, stores);
	CHECK_EQ(c.rebuilds, log.rebuilds);
	CHECK(log.windows <= c.windows);
	for (kind = 0; kind < FINDING_KINDS; kind++)
		CHECK_EQ(c.finding[kind], log.kinds[kind]);
	CHECK_EQ(model__verdict(m), VERDICT_FINDINGS);
	model__free(m);
}

static void all(void)
{
	static const struct walk w = { .seed = 20261123 };

	walk(&w);
}

static void with_losses(void)
{
	static const struct walk w = { .seed = 7, .loses = true };

	walk(&w);
}

static void one_process(void)
{
	static const struct walk w = { .seed = 42, .pid = 3 };

	walk(&w);
}

int main(void)
{
	TEST(all);
	TEST(with_losses);
	TEST(one_process);
	return test_done();
}
