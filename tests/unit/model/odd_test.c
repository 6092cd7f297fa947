// SPDX-License-Identifier: GPL-2.0-only
/* Traces with missing, odd or unrequested events. */
#include "rows.h"
#include "test.h"

static const struct model_case attach_midway[] = {
	{
		.name = "a store without a begin",
		.rows = { { SET(1, A, 5, 0, C1, 5) } },
		.want = { .stores = 1, .partial = 1 },
	},
	{
		.name = "a store without a begin, over what may have been freed",
		.rows = { { SET(1, A, 5, OLD, C1, 5) } },
		.want = { .stores = 1, .partial = 1 },
	},
	{
		.name = "drop, retake and store without a begin",
		.rows = {
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
		.want = { .stores = 1, .partial = 1 },
	},
	{
		.name = "a retake without a drop",
		.rows = {
			{ REACQUIRE(1, A, 5) },
			{ READ(1, A, 5) },
			{ FREE_NEW(1, A, 5), .pure = true },
		},
	},
	{
		.name = "a retake without a drop, in a rebuild",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
	},
	{
		.name = "frees of unknown caches",
		.rows = {
			{ FREE(1, A, 5, OLD, 4) },
			{ FREE(1, A, 5, OLD, 4) },
			{ FREE(1, 0, 0, C3, 0) },
			{ SET_NULL(1, A, 5, OLD) },
		},
	},
};

static const struct model_case tasks[] = {
	{
		.name = "a thread dies in its window, the tid comes back",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(1, A, 6), .start = 2 },
			{ SET(1, A, 6, 0, C1, 6), .start = 2 },
		},
		.records = "rebuild A t1 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1, .partial = 1 },
	},
	{
		.name = "a thread dies in its window, and nothing more",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t2 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1, .partial = 1 },
	},
	{
		.name = "a reused tid retakes nothing of the dead thread's",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 6), .start = 2 },
			{ SET(1, A, 6, 0, C1, 6), .start = 2 },
		},
		.want = { .stores = 1, .partial = 2 },
	},
	{
		.name = "a thread overwrites a cache and dies",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, C1, C2, 5) },
			{ BEGIN(2, B, 7), .start = 2 },
			{ SET(2, B, 7, 0, C3, 7), .start = 2 },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "finding unfreed_cache A t2 exact [1,2]\n"
			   "rebuild B t2 stored 7/7/7 w0 m0\n",
		.want = { .rebuilds = 3, .stores = 3, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a begin on another directory ends an unfinished rebuild",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(1, B, 7) },
			{ SET(1, B, 7, 0, C1, 7) },
		},
		.records = "rebuild B t1 stored 7/7/7 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1, .partial = 1 },
		.inconsistencies = INCONSISTENT(UNSEEN_END),
		.verdict = VERDICT_INCONCLUSIVE,
	},
};

/* A slot that is written where no probe sits. */
static const struct model_case unseen[] = {
	{
		.name = "another task begins, so the one that holds the lock is over",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t2 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .partial = 1 },
		.inconsistencies = INCONSISTENT(UNSEEN_END),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "its own next listing frees what was never seen stored",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ FREE(1, A, 6, C1, 5), .slot = C1, .flags = OVLW_F_REBUILD },
			{ BEGIN(1, A, 6) },
			{ SET(1, A, 6, 0, C2, 6) },
		},
		.records = "rebuild A t1 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .partial = 1 },
		.inconsistencies = INCONSISTENT(UNSEEN_END),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "it frees what was there before the trace",
		.rows = {
			{ BEGIN(1, A, 5), .slot = OLD },
			{ DROP(1, A, 5), .slot = OLD },
			{ REACQUIRE(1, A, 5), .slot = OLD },
			{ FREE(1, A, 5, OLD, 4), .slot = OLD, .flags = OVLW_F_REBUILD },
			{ SET(1, A, 5, 0, C2, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1 },
	},
	{
		.name = "records were lost: no wonder",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ BEGIN(2, A, 5), .lost = 1 },
			{ SET(2, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t2 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1, .partial = 1 },
		.verdict = VERDICT_INCONCLUSIVE,
	},
};

static const struct model_case empties[] = {
	{
		.name = "empty, the flag stays",
		.rows = { { BEGIN(1, A, 5) }, { FREE_NEW(1, A, 5) } },
		.records = "rebuild A t1 empty 5/5 w0 m0\n",
		.want = { .rebuilds = 1 },
		.inconsistencies = INCONSISTENT(KEPT_FLAG),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "another reader cleared the flag in the window, this one lets it be",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ CLEAR(2, A, 5) },
			{ FREE_NEW(2, A, 5), .pure = true },
			{ MODIFY(3, A, 6), .pure = true },
			{ REACQUIRE(1, A, 6), .pure = true },
			{ FREE_NEW(1, A, 6), .pure = true },
		},
		.records = "rebuild A t2 empty 5/5 w0 m0 clear\n"
			   "modify A t3 5-6\n"
			   "rebuild A t1 empty 5/6 w1 m1\n",
		.want = { .rebuilds = 2, .windows = 1, .mods = 1 },
	},
	{
		.name = "another reader cleared the flag in the window, this one clears it again",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ CLEAR(2, A, 5) },
			{ FREE_NEW(2, A, 5), .pure = true },
			{ MODIFY(3, A, 6), .pure = true },
			{ REACQUIRE(1, A, 6), .pure = true },
			{ CLEAR(1, A, 6), .pure = true },
			{ FREE_NEW(1, A, 6), .pure = true },
		},
		.records = "rebuild A t2 empty 5/5 w0 m0 clear\n"
			   "modify A t3 5-6\n"
			   "rebuild A t1 empty 5/6 w1 m1 clear\n"
			   "finding stale_impure_clear A t1 exact [2,3]\n",
		.want = { .rebuilds = 2, .windows = 1, .mods = 1, .found[FINDING_STALE_IMPURE_CLEAR] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "the attribute goes, the flag stays: not cleared",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ CLEAR(1, A, 6) },
			{ FREE_NEW(1, A, 6) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 empty 5/6 w1 m1\n",
		.want = { .rebuilds = 1, .windows = 1, .mods = 1 },
	},
	{
		.name = "empty, the flag is cleared",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ FREE_NEW(1, A, 5), .pure = true },
		},
		.records = "rebuild A t1 empty 5/5 w1 m0 clear\n",
		.want = { .rebuilds = 1, .windows = 1 },
	},
	{
		.name = "stale impure clear",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ FREE_NEW(1, A, 6), .pure = true },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 empty 5/6 w1 m1 clear\n"
			   "finding stale_impure_clear A t1 exact [1,2]\n",
		.want = { .rebuilds = 1, .windows = 1, .mods = 1, .found[FINDING_STALE_IMPURE_CLEAR] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "modified in the window, but the flag stays",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ FREE_NEW(1, A, 6) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 empty 5/6 w1 m1\n",
		.want = { .rebuilds = 1, .windows = 1, .mods = 1 },
	},
	{
		.name = "empty, and it was not impure to begin with",
		.rows = {
			{ BEGIN(1, A, 5), .pure = true },
			{ FREE_NEW(1, A, 5), .pure = true },
		},
		.records = "rebuild A t1 empty 5/5 w0 m0\n",
		.want = { .rebuilds = 1 },
		.inconsistencies = INCONSISTENT(NOT_IMPURE),
		.verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "an error, its number exact",
		.rows = { { BEGIN(1, A, 5) }, { FREE_NEW(1, A, 5), .err = -12 } },
		.records = "rebuild A t1 error 5/5 w0 m0 -12\n",
		.want = { .rebuilds = 1 },
	},
	{
		.name = "an error, its number guessed",
		.rows = { { BEGIN(1, A, 5) }, { FREE_NEW(1, A, 5), .guessed = true, .err = -12 } },
		.records = "rebuild A t1 error 5/5 w0 m0 -12?\n",
		.want = { .rebuilds = 1 },
	},
	{
		.name = "a guess, but the flag was cleared: no error",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 5), .guessed = true, .err = -61, .pure = true },
		},
		.records = "rebuild A t1 empty 5/5 w0 m0 clear\n",
		.want = { .rebuilds = 1 },
	},
	{
		.name = "an exact error, while another reader cleared the flag",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ FREE_NEW(2, A, 5), .pure = true },
			{ MODIFY(3, A, 6), .pure = true },
			{ REACQUIRE(1, A, 6), .pure = true },
			{ FREE_NEW(1, A, 6), .err = -12, .pure = true },
		},
		.records = "rebuild A t2 empty 5/5 w0 m0 clear\n"
			   "modify A t3 5-6\n"
			   "rebuild A t1 error 5/6 w1 m1 -12\n",
		.want = { .rebuilds = 2, .windows = 1, .mods = 1 },
	},
	{
		.name = "the retake before an error was never seen",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ FREE_NEW(1, A, 8), .err = -12 },
		},
		.records = "rebuild A t1 error 5/8 w1 m3 -12\n",
		.want = { .rebuilds = 1, .windows = 1, .mods = 3 },
	},
};

int main(void)
{
	RUN_CASES("attach midway", attach_midway);
	RUN_CASES("task", tasks);
	RUN_CASES("unseen", unseen);
	RUN_CASES("no store", empties);
	return test_done();
}
