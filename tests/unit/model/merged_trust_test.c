// SPDX-License-Identifier: GPL-2.0-only
/* Lives of merged directories' caches that are seen in part, lost or contradictory. */
#include "model/merged_rows.h"

static const struct merged_case cases[] = {
	{
		.name = "older than the trace: its refcount is believed, its leak inferred",
		.rows = {
			{ GET(1, A, 5, C1, 5, F1, 4) },
			{ PUT(2, A, 5, C1, 5, F2, 4) },
			{ PUT(2, A, 5, C1, 5, F3, 2) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ UNSLOT(1, A, 5, C1) },
		},
		.records = "merged A 1000 t1 leaked 5 g1 p3 old\n"
			   "finding merged_leak A t1 inferred [1]\n",
		.gets = 1, .puts = 3, .leaks = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "built by a listing that began before the trace",
		.rows = {
			{ STORE(1, A, 9, 0, C1, 7, 0), .flags = OVLW_MF_BADLIST },
			{ PUT(1, A, 9, C1, 7, F1, 1) },
			{ UNSLOT(1, A, 9, C1) },
			{ MFREE(1, A, 9, C1) },
		},
		.records = "merged A 1000 t1 freed 7 g1 p1\n",
		.stores = 1, .gets = 1, .puts = 1, .frees = 1,
		.inconsistencies = INCONSISTENT(BAD_LIST), .verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "what was lost may have been its free",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1), .lost = 3 },
			{ UNSLOT(1, A, 5, C1), .lost = 3 },
		},
		.records = "merged A 1000 t1 leaked 5/5 g1 p1 cut\n",
		.stores = 1, .gets = 1, .puts = 1, .verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a stream gets one that still has one: a put went unseen",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ GET(1, A, 5, C1, 5, F1, 1) },
		},
		.records = "merged A 1000 t1 trace 5/5 g2 p0 r1/2 cut\n",
		.stores = 1, .gets = 2, .inconsistencies = INCONSISTENT(MERGED_STREAM),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a put of a stream that never got it: a get went unseen",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(2, A, 5, C1, 5, F2, 2) },
		},
		.records = "merged A 1000 t1 trace 5/5 g1 p1 r2/1 cut\n",
		.stores = 1, .gets = 1, .puts = 1, .inconsistencies = INCONSISTENT(MERGED_STREAM),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "its address comes back without a free",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ STORE(2, B, 7, 0, C1, 7, F2) },
		},
		.records = "merged A 1000 t1 unknown 5/5 g1 p0 cut\n"
			   "merged B 1000 t2 trace 7/7 g1 p0 cut\n",
		.stores = 2, .gets = 2, .inconsistencies = INCONSISTENT(MERGED_MISSED_FREE),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "freed after all, when it was taken for leaked",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ UNSLOT(1, A, 5, C1) },
			{ STORE(1, A, 5, 0, C2, 5, F1) },
			{ MFREE(3, A, 5, C1) },
		},
		.records = "merged A 1000 t1 leaked 5/5 g1 p1\n"
			   "finding merged_leak A t1 exact [1]\n"
			   "merged A 2000 t1 trace 5/5 g1 p0 cut\n",
		.stores = 2, .gets = 2, .puts = 1, .leaks = 1,
		.inconsistencies = INCONSISTENT(MERGED_LATE_FREE), .verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a put of an unknown cache: it began before the trace, or is inconsistent",
		.rows = {
			{ .type = OVLW_M_PUT, .tid = 1 },
			{ .type = OVLW_M_PUT, .tid = 1, .ts = 2000000000 },
		},
		.records = "",
		.inconsistencies = INCONSISTENT(MERGED_PUT), .verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a put that arrives too late",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1), .flags = OVLW_MF_LATE },
		},
		.records = "merged A 1000 t1 trace 5/5 g1 p1 cut\n",
		.stores = 1, .gets = 1, .puts = 1, .inconsistencies = INCONSISTENT(MERGED_PUT),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "stamped after the store",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 0, F1) },
			{ GET(2, A, 5, C1, 5, F2, 2) },
		},
		.records = "merged A 1000 t1 trace 5/0 g2 p0 cut\n",
		.stores = 1, .gets = 2, .inconsistencies = INCONSISTENT(LATE_STAMP),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "the listing ends with another cache than it stored",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ GET(1, A, 5, C2, 5, F1, 1), .flags = OVLW_MF_ODD },
		},
		.records = "merged A 1000 t1 trace 5/5 g1 p0 cut\n",
		.stores = 1, .gets = 1, .inconsistencies = INCONSISTENT(MERGED_STREAM),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "frees cannot be seen: no leak is reported",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ UNSLOT(1, A, 5, C1) },
		},
		.records = "merged A 1000 t1 unknown 5/5 g1 p1\n",
		.stores = 1, .gets = 1, .puts = 1, .frees = COUNT_UNSEEN, .leaks = COUNT_UNSEEN,
		.verdict = VERDICT_INCONCLUSIVE, .no_frees = true,
	},
	{
		.name = "the inode goes away under a stream: a put went unseen",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ GONE(2, A, 5, C1) },
		},
		.records = "merged A 1000 t1 unknown 5/5 g1 p0 cut\n",
		.stores = 1, .gets = 1, .inconsistencies = INCONSISTENT(MERGED_STREAM),
		.verdict = VERDICT_INCONCLUSIVE,
	},
};

/* Random events: the records always add up to the counts. */
struct sums {
	struct reclog log;
	uint64_t stores, gets, puts, frees, lives;
};

static void add_up(void *ctx, const struct ovl_record *rec)
{
	struct sums *s = ctx;

	reclog__emit(&s->log, rec);
	if (rec->type != RECORD_MERGED_CACHE)
		return;
	s->lives++;
	s->stores += rec->merged.stored_ns != 0;
	s->gets += rec->merged.gets;
	s->puts += rec->merged.puts;
	s->frees += rec->merged.freed_ns != 0;
}

static uint32_t below(uint64_t *state, uint32_t n)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * 0x2545f4914f6cdd1dULL) >> 32) % n;
}

enum {
	ASK = 1000,
};

static bool is_third(void *ctx, const struct rec_task *task)
{
	++*(unsigned int *)ctx;
	return task->pid == 3;
}

/* pid as a number, and as a question to ask */
static void walk(uint64_t seed, uint32_t pid, bool loses)
{
	unsigned int asked = 0;
	static struct sums sums;
	static struct mrow row[2];
	struct model_opts opts = { .emit = add_up,
				   .emit_ctx = &sums,
				   .belongs = pid == ASK ? NULL : model_case__belongs,
				   .belongs_ctx = &pid,
				   .wants = pid == ASK ? is_third : NULL,
				   .wants_ctx = &asked,
				   .complete = true,
				   .merged = true,
				   .sees_merged_stores = true,
				   .sees_merged_gets = true,
				   .sees_merged_puts = true,
				   .sees_merged_frees = true };
	struct model *m = model__new(&opts);
	uint64_t lost = 0;
	struct rec_counts n;
	int i, kind;

	memset(&sums, 0, sizeof(sums));
	sums.log.mad = true;
	for (i = 0; i < 50000; i++) {
		struct mrow *r = row;

		memset(row, 0, sizeof(row));
		r->type = OVLW_M_STORE + below(&seed, OVLW_M_FREE - OVLW_M_STORE + 1);
		if (!below(&seed, 300))
			r->type = OVLW_DESTROY;
		r->tid = 1 + below(&seed, 5);
		r->dir = below(&seed, 40) ? 1 + below(&seed, 3) : 0;
		r->v = 5 + below(&seed, 3);
		r->read = 5 + below(&seed, 3);
		r->stamp = 5 + (below(&seed, 10) == 0);
		r->slot = 0x1000 * below(&seed, 8);
		r->cache = 0x1000 * below(&seed, 8);
		r->file = 0x100 * below(&seed, 6);
		r->refcount = (int32_t)below(&seed, 4);
		r->flags = below(&seed, 2) ? 0 : below(&seed, 16);
		lost += loses && !below(&seed, 2000);
		r->lost = lost;
		r->ts = 1000 * (i + 1);
		merged_rows__play(m, row, false);
	}
	model__judge_open(m, 60000000);
	model__counts(m, &n);
	CHECK(sums.lives > 1000);
	CHECK_EQ(asked > 1000, pid == ASK);
	CHECK_EQ(n.merged_stores, sums.stores);
	CHECK_EQ(n.merged_gets, sums.gets);
	CHECK_EQ(n.merged_puts, sums.puts);
	CHECK_EQ(n.merged_frees, sums.frees);
	for (kind = FINDING_MERGED_LEAK; kind <= FINDING_MERGED_REFCOUNT; kind++)
		CHECK_EQ(n.finding[kind], sums.log.kinds[kind]);
	model__free(m);
}

static void mad(void)
{
	walk(20261125, 0, false);
	walk(7, 3, false);
	walk(7, ASK, false);
	walk(42, 0, true);
}

int main(void)
{
	size_t i;

	TEST(mad);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = test_failures;

		merged_rows__check(&cases[i]);
		test_end("merged", cases[i].name, before);
	}
	return test_done();
}
