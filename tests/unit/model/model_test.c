// SPDX-License-Identifier: GPL-2.0-only
/* Stores and windows: what a rebuild read, what it was stamped with. */
#include "rows.h"
#include "test.h"

static const struct model_case stores[] = {
	{
		.name = "stock: freed, NULL unseen, read, stored",
		.rows = {
			{ FREE(1, A, 5, OLD, 4) },
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ FREE(2, A, 7, C1, 5) },
			{ BEGIN(2, A, 7) },
			{ SET(2, A, 7, 0, C2, 7) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 7/7/7 w0 m0\n",
		.want = { .rebuilds = 2, .stores = 2 },
	},
	{
		.name = "a window in which nothing happens",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1 },
	},
	{
		.name = "stale store: modified between drop and retake",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 stored 5/6/6 w1 m1\n"
			   "finding stale_store A t1 exact [1,2]\n"
			   "stale_end 3 trace\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "superseded store: stamped with what was read",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 5) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 stored 5/6/5 w1 m1\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1, .superseded = 1 },
	},
	{
		.name = "modified before the drop",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ DROP(1, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 stored 5/6/6 w1 m0\n"
			   "finding stale_store A t1 exact [1,2]\n"
			   "stale_end 3 trace\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "modified after the retake, before the store",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 stored 5/6/6 w1 m0\n"
			   "finding stale_store A t1 exact [1,2]\n"
			   "stale_end 3 trace\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a modification that is no version bump",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1 },
	},
	{
		.name = "a modification outside of any rebuild",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ MODIFY(2, A, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
	},
	{
		.name = "a bump that no probe saw, in a window",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 7) },
			{ SET(1, A, 7, 0, C1, 7) },
		},
		.records = "rebuild A t1 stored 5/7/7 w1 m2\n"
			   "finding stale_store A t1 exact [1]\n"
			   "stale_end 2 trace\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 2, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
};

static const struct model_case nested[] = {
	{
		.name = "two nested windows, one rename in both",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ DROP(2, A, 5) },
			{ MODIFY(9, A, 6) },
			{ REACQUIRE(2, A, 6) },
			{ SET(2, A, 6, 0, C2, 6) },
			{ REACQUIRE(1, A, 6) },
			{ FREE(1, A, 6, C2, 6) },
			{ SET(1, A, 6, C2, C1, 6) },
		},
		.records = "modify A t9 5-6\n"
			   "rebuild A t2 stored 5/6/6 w1 m1\n"
			   "finding stale_store A t2 exact [1,2]\n"
			   "stale_end 3 freed\n"
			   "rebuild A t1 stored 5/6/6 w1 m1\n"
			   "finding stale_store A t1 exact [1,5]\n"
			   "stale_end 6 trace\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2, .mods = 2, .found[FINDING_STALE_STORE] = 2 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "three readers, all overlap, each reads another version",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(9, A, 6) },
			{ BEGIN(2, A, 6) },
			{ DROP(2, A, 6) },
			{ MODIFY(9, A, 7) },
			{ BEGIN(3, A, 7) },
			{ DROP(3, A, 7) },
			{ REACQUIRE(3, A, 7) },
			{ SET(3, A, 7, 0, C3, 7) },
			{ REACQUIRE(1, A, 7) },
			{ SET(1, A, 7, C3, C1, 7) },
			{ REACQUIRE(2, A, 7) },
			{ SET(2, A, 7, C1, C2, 7) },
		},
		.records = "modify A t9 5-6\n"
			   "modify A t9 6-7\n"
			   "rebuild A t3 stored 7/7/7 w1 m0\n"
			   "rebuild A t1 stored 5/7/7 w1 m2\n"
			   "finding stale_store A t1 exact [1,2,4]\n"
			   "finding unfreed_cache A t1 exact [3,4]\n"
			   "rebuild A t2 stored 6/7/7 w1 m1\n"
			   "finding stale_store A t2 exact [2,7]\n"
			   "stale_end 5 overwritten\n"
			   "finding unfreed_cache A t2 exact [4,7]\n"
			   "stale_end 8 trace\n",
		.want = { .rebuilds = 3, .windows = 3, .stores = 3, .mods = 3, .found[FINDING_STALE_STORE] = 2,
			  .found[FINDING_UNFREED_CACHE] = 2 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "two directories, interleaved",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ BEGIN(2, B, 50) },
			{ DROP(1, A, 5) },
			{ DROP(2, B, 50) },
			{ MODIFY(9, B, 51) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ REACQUIRE(2, B, 51) },
			{ SET(2, B, 51, 0, C2, 51) },
			{ FREE(1, A, 6, C1, 5) },
		},
		.records = "modify B t9 50-51\n"
			   "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild B t2 stored 50/51/51 w1 m1\n"
			   "finding stale_store B t2 exact [1,3]\n"
			   "stale_end 4 trace\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2, .mods = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
};

int main(void)
{
	RUN_CASES("store", stores);
	RUN_CASES("nested", nested);
	return test_done();
}
