// SPDX-License-Identifier: GPL-2.0-only
/*
 * Other forms of a rebuild: one that begins again within its readdir, readers that share
 * the lock, and caches that are freed later.
 */
#include "rows.h"
#include "test.h"

static const struct model_case restarts[] = {
	{
		.name = "a read that begins again under the lock is one rebuild",
		.leaves = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
	},
	{
		.name = "where returns are not seen, it may be two",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1, .partial = 1 },
		.inconsistencies = INCONSISTENT(UNSEEN_END),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a rebuild that is open when its readdir returns ended unseen",
		.leaves = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ LEAVE(1, A, 5, C1, 5, 0) },
			{ BEGIN(1, A, 6) },
			{ SET(1, A, 6, 0, C2, 6) },
		},
		.records = "rebuild A t1 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1, .partial = 1 },
		.inconsistencies = INCONSISTENT(UNSEEN_END),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a discarded cache, and another one",
		.leaves = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 5) },
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 empty 5/5 w0 m0\n"
			   "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 2, .stores = 1 },
	},
	{
		.name = "a discarded cache, and another task's is served",
		.leaves = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, 0, C1, 5) },
			{ REACQUIRE(1, A, 5) },
			{ FREE_NEW(1, A, 5) },
			{ LEAVE(1, A, 5, C1, 5, 0) },
		},
		.records = "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "rebuild A t1 empty 5/5 w1 m0\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 1 },
	},
	{
		.name = "a discarded cache, and the readdir returns without one",
		.leaves = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 5) },
			{ LEAVE(1, A, 5, 0, 0, 0) },
		},
		.records = "rebuild A t1 empty 5/5 w0 m0\n",
		.want = { .rebuilds = 1 },
		.inconsistencies = INCONSISTENT(KEPT_FLAG),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a discarded cache, and the readdir fails",
		.leaves = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 5) },
			{ LEAVE(1, A, 5, C1, 5, -12) },
		},
		.records = "rebuild A t1 empty 5/5 w0 m0\n",
		.want = { .rebuilds = 1 },
		.inconsistencies = INCONSISTENT(KEPT_FLAG),
		.verdict = VERDICT_INCONCLUSIVE,
	},
};

static const struct model_case sharers[] = {
	{
		.name = "a reader without the lock for writing, where it should have it",
		.rows = {
			{ BEGIN(1, A, 5), .unlocked = true },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
		.inconsistencies = INCONSISTENT(NOT_LOCKED),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "two rebuild at once, and the last reader frees the first one's cache",
		.shared = true,
		.late = true,
		.rows = {
			{ BEGIN(1, A, 5), .unlocked = true },
			{ BEGIN(2, A, 5), .unlocked = true },
			{ SET(1, A, 5, 0, C1, 5) },
			{ SET(2, A, 5, C1, C2, 5), .slot_refcount = 3 },
			{ BEGIN(3, B, 1), .unlocked = true },
			{ SET(3, B, 1, 0, C3, 1) },
			{ BEGIN(2, B, 2), .unlocked = true },
			{ FREE_LATER(3, A, 5, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "rebuild B t3 stored 1/1/1 w0 m0\n",
		.want = { .rebuilds = 3, .stores = 3, .partial = 1 },
	},
	{
		.name = "the same, never freed",
		.shared = true,
		.late = true,
		.rows = {
			{ BEGIN(1, A, 5), .unlocked = true },
			{ BEGIN(2, A, 5), .unlocked = true },
			{ SET(1, A, 5, 0, C1, 5) },
			{ SET(2, A, 5, C1, C2, 5), .slot_refcount = 3 },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "finding unfreed_cache A t2 exact [1,2]\n",
		.want = { .rebuilds = 2, .stores = 2, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a shared lock is dropped, and the later version is stamped",
		.shared = true,
		.late = true,
		.rows = {
			{ BEGIN(1, A, 5), .unlocked = true },
			{ SET(1, A, 7, 0, C1, 7) },
		},
		.records = "rebuild A t1 stored 5/7/7 w0 m0\n"
			   "finding stale_store A t1 exact [1]\n"
			   "stale_end 2 trace\n",
		.want = { .rebuilds = 1, .stores = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
};

static const struct model_case laters[] = {
	{
		.name = "a cache is freed after other tasks have used the directory",
		.late = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ SET_NULL(2, A, 6, C1) },
			{ BEGIN(2, A, 6) },
			{ SET(2, A, 6, 0, C2, 6) },
			{ BEGIN(3, A, 6) },
			{ FREE_LATER(9, A, 6, C1, 5) },
			{ SET(3, A, 6, C2, C3, 6) },
			{ FREE_LATER(3, A, 6, C2, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 6/6/6 w0 m0\n"
			   "rebuild A t3 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 3, .stores = 3 },
	},
	{
		.name = "a free in the middle of a rebuild of the task that it interrupts",
		.late = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ SET_NULL(2, A, 6, C1) },
			{ BEGIN(2, A, 6) },
			{ FREE_LATER(2, 0, 0, C1, 5) },
			{ SET(2, A, 6, 0, C2, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 2, .stores = 2 },
	},
	{
		.name = "a cache that outlives its inode, and one that is never freed",
		.late = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(1, A, 6) },
			{ SET(1, A, 6, C1, C2, 6) },
			{ BEGIN(1, A, 7) },
			{ SET(1, A, 7, C2, C3, 7) },
			{ DESTROY(1, A, 7, C3) },
			/* the inode's address belongs to another directory now */
			{ BEGIN(1, A, 1), .ino = 103 },
			{ FREE_LATER(9, A, 5, C1, 5) },
			{ SET(1, A, 1, 0, C4, 1), .ino = 103 },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t1 stored 6/6/6 w0 m0\n"
			   "rebuild A t1 stored 7/7/7 w0 m0\n"
			   "rebuild C t1 stored 1/1/1 w0 m0\n"
			   "finding unfreed_cache A t1 exact [2,3]\n",
		.want = { .rebuilds = 4, .stores = 4, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
};

/* A cache is stored, and yet nothing is ever in a slot. */
static const struct model_case elsewhere[] = {
	{
		.name = "stored again",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(1, A, 6) },
			{ SET(1, A, 6, 0, C2, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t1 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 2, .stores = 2 },
		.inconsistencies = INCONSISTENT(NOT_IN_SLOT),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "destroyed with its inode: no leak",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ DESTROY(7, A, 5, 0) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
		.inconsistencies = INCONSISTENT(NOT_IN_SLOT),
		.verdict = VERDICT_INCONCLUSIVE,
	},
};

static void late_and_lost(void)
{
	const struct row rows[] = {
		{ BEGIN(1, A, 5) },
		{ SET(1, A, 5, 0, C1, 5) },
		{ BEGIN(1, A, 6) },
		{ SET(1, A, 6, C1, C2, 6) },
		{ 0 },
	};
	static struct reclog log;
	struct model_opts opts = {
		.emit = reclog__emit,
		.emit_ctx = &log,
		.complete = true,
		.sees_stores = true,
		.sees_frees = true,
		.late_frees = true,
	};
	struct model *m = model__new(&opts);
	struct rec_counts c;

	/* the kernel says at the end that a probe did not run: it may be that of the free */
	model__lost(m, 1, "probe runs skipped by the kernel", 1);
	rows__play(m, rows);
	model__counts(m, &c);
	CHECK_EQ(c.finding[FINDING_UNFREED_CACHE], 0);
	CHECK_EQ(model__verdict(m), VERDICT_INCONCLUSIVE);
	model__free(m);
}

int main(void)
{
	RUN_CASES("restart", restarts);
	RUN_CASES("shared lock", sharers);
	RUN_CASES("later", laters);
	RUN_CASES("another place", elsewhere);
	TEST(late_and_lost);
	return test_done();
}
