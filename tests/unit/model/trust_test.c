// SPDX-License-Identifier: GPL-2.0-only
/* Losses, inconsistencies and a process filter; how long a cache stays stale. */
#include "rows.h"
#include "test.h"

static const struct model_case losses[] = {
	{
		.name = "lost in the middle of a rebuild: it proves nothing",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 6), .lost = 3 },
			{ SET(1, A, 6, 0, C1, 6) },
		},
		.want = { .windows = 1, .stores = 1, .mods = 1, .partial = 1 },
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "lost in the middle of an empty rebuild: it proves nothing",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 6), .lost = 1, .pure = true },
			{ BEGIN(1, A, 6), .pure = true },
		},
		.want = { .partial = 2 },
		.inconsistencies = INCONSISTENT(NOT_IMPURE),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "lost in the middle, and what is stored then is judged",
		.rows = {
			{ BEGIN(1, A, 5), .lost = 1 },
			{ DROP(1, A, 5), .lost = 2 },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, C1, C2, 5) },
		},
		.records = "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "finding unfreed_cache A t2 inferred [1]\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 2, .found[FINDING_UNFREED_CACHE] = 1, .partial = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "lost before a rebuild: it is exact, the trace is not",
		.rows = {
			{ BEGIN(1, A, 5), .lost = 1 },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "what was lost may have been the free: not reported",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(2, A, 5), .lost = 1 },
			{ SET(2, A, 5, C1, C2, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 2, .stores = 2 },
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "lost right after the overwriting: the free may have been that",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, C1, C2, 5) },
			{ BEGIN(3, A, 5), .lost = 1 },
			{ SET(3, A, 5, 0, C3, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "rebuild A t3 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 3, .stores = 3 },
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "lost before both stores: reported all the same",
		.rows = {
			{ BEGIN(1, A, 5), .lost = 2 },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, C1, C2, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "finding unfreed_cache A t2 exact [1,2]\n",
		.want = { .rebuilds = 2, .stores = 2, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "lost before the inode went: not reported",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ DESTROY(7, A, 5, 0), .lost = 1 },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
		.verdict = VERDICT_INCONCLUSIVE,
	},
};

static const struct model_case doubts[] = {
	{
		.name = "an address stored again without a free",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(2, B, 7) },
			{ SET(2, B, 7, 0, C1, 7) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild B t2 stored 7/7/7 w0 m0\n",
		.want = { .rebuilds = 2, .stores = 2 },
		.inconsistencies = INCONSISTENT(MISSED_FREE),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "stamped after the store",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ FREE(2, A, 6, C1, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
		.inconsistencies = INCONSISTENT(LATE_STAMP),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "the version moved, and no window was seen",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 6, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/6/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1, .superseded = 1 },
		.inconsistencies = INCONSISTENT(MISSED_DROP),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a drop of a lock that is not the reader's",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5), .unlocked = true },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
		.inconsistencies = INCONSISTENT(FOREIGN_DROP),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a rebuild of a directory that is not impure",
		.rows = {
			{ BEGIN(1, A, 5), .pure = true },
			{ SET(1, A, 5, 0, C1, 5), .pure = true },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
		.inconsistencies = INCONSISTENT(NOT_IMPURE),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a cache whose entries are no list",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5), .flags = OVLW_F_BADLIST },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
		.inconsistencies = INCONSISTENT(BAD_LIST),
		.verdict = VERDICT_INCONCLUSIVE,
	},
};

static const struct model_case filtered[] = {
	{
		.name = "other processes' rebuilds are not reported",
		.pid = 1,
		.rows = {
			{ BEGIN(2, A, 5) },
			{ DROP(2, A, 5) },
			{ MODIFY(9, A, 6) },
			{ REACQUIRE(2, A, 6) },
			{ SET(2, A, 6, 0, C2, 6) },
			{ FREE(1, A, 6, C2, 6) },
			{ BEGIN(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
		.records = "rebuild A t1 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
	},
	{
		.name = "a thread of the process, and who disturbs it",
		.pid = 1,
		.rows = {
			{ BEGIN(11, A, 5), .pid = 1 },
			{ DROP(11, A, 5), .pid = 1 },
			{ MODIFY(9, A, 6) },
			{ REACQUIRE(11, A, 6), .pid = 1 },
			{ SET(11, A, 6, 0, C1, 6), .pid = 1 },
		},
		.records = "modify A t9 5-6\n"
			   "rebuild A t11 stored 5/6/6 w1 m1\n"
			   "finding stale_store A t11 exact [1,2]\n"
			   "stale_end 3 trace\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "the overwriter is asked for",
		.pid = 1,
		.rows = {
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, 0, C2, 5) },
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, C2, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "finding unfreed_cache A t1 inferred [1]\n",
		.want = { .rebuilds = 1, .stores = 1, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "the overwriter is not asked for",
		.pid = 1,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, C1, C2, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
	},
	{
		.name = "leaked with its inode, its owner not asked for",
		.pid = 1,
		.rows = {
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, 0, C2, 5) },
			{ SET_NULL(7, B, 1, C3) },
			{ DESTROY(7, A, 5, 0) },
		},
	},
};

static const struct model_case stale_ends[] = {
	{
		.name = "freed by the next readdir after a modification",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
			{ FREE(2, A, 7, C1, 6) },
			{ BEGIN(2, A, 7) },
			{ SET(2, A, 7, 0, C2, 7) },
		},
		.records = "rebuild A t1 stored 5/6/6 w1 m1\n"
			   "finding stale_store A t1 exact [1]\n"
			   "stale_end 2 freed\n"
			   "rebuild A t2 stored 7/7/7 w0 m0\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 2, .mods = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "overwritten, and freed after: it ends once",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
			{ BEGIN(2, A, 6) },
			{ SET(2, A, 6, C1, C2, 6) },
			{ FREE(2, A, 6, C1, 6) },
		},
		.records = "rebuild A t1 stored 5/6/6 w1 m1\n"
			   "finding stale_store A t1 exact [1]\n"
			   "rebuild A t2 stored 6/6/6 w0 m0\n"
			   "stale_end 2 overwritten\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 2, .mods = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "gone with its inode",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
			{ DESTROY(7, A, 6, C1) },
		},
		.records = "rebuild A t1 stored 5/6/6 w1 m1\n"
			   "finding stale_store A t1 exact [1]\n"
			   "stale_end 2 inode\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
};

int main(void)
{
	RUN_CASES("loss", losses);
	RUN_CASES("doubt", doubts);
	RUN_CASES("filter", filtered);
	RUN_CASES("stale end", stale_ends);
	return test_done();
}
