// SPDX-License-Identifier: GPL-2.0-only
/* Several windows in one rebuild, what is read twice, and windows half seen. */
#include "rows.h"
#include "test.h"

static const struct model_case windows[] = {
	{
		.name = "a drop per entry",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ DROP(1, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ DROP(1, A, 6) },
			{ MODIFY(2, A, 7) },
			{ MODIFY(3, A, 8) },
			{ REACQUIRE(1, A, 8) },
			{ SET(1, A, 8, 0, C1, 8) },
		},
		.records = "modify A t2 5-6\n"
			   "modify A t2 6-7\n"
			   "modify A t3 7-8\n"
			   "rebuild A t1 stored 5/8/8 w3 m3\n"
			   "finding stale_store A t1 exact [1,2,3,4]\n"
			   "stale_end 5 trace\n",
		.want = { .rebuilds = 1, .windows = 3, .stores = 1, .mods = 3, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "the retake was never seen: the store closes the window",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ SET(1, A, 6, 0, C1, 5) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 stored 5/6/5 w1 m1\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1, .superseded = 1 },
	},
	{
		.name = "the retake was never seen: the next drop closes the window",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ DROP(1, A, 6) },
			{ MODIFY(2, A, 7) },
			{ REACQUIRE(1, A, 7) },
			{ SET(1, A, 7, 0, C1, 5) },
		},
		.records = "modify A t2 5-6\n"
			   "modify A t2 6-7\n"
			   "rebuild A t1 stored 5/7/5 w2 m2\n",
		.want = { .rebuilds = 1, .windows = 2, .stores = 1, .mods = 2, .superseded = 1 },
	},
	{
		.name = "a second retake says nothing new",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1 },
	},
	{
		.name = "a window that is open when the trace ends",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
		},
		.want = { .partial = 1 },
	},
	{
		.name = "another reader stores in the window",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, 0, C2, 5) },
			{ FREE(1, A, 5, C2, 5) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 2 },
	},
};

static const struct model_case reads[] = {
	{
		.name = "read again after the retake: the new version counts",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ READ(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 stored 6/6/6 w1 m1\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1 },
	},
	{
		.name = "read in the window: the version of the drop counts",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ READ(1, A, 6) },
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
		.name = "begun again in the same rebuild: retried after the window",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ BEGIN(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t1 stored 6/6/6 w1 m1\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1 },
	},
	{
		.name = "read again, still stamped with what moved since",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 6) },
			{ READ(1, A, 6) },
			{ DROP(1, A, 6) },
			{ REACQUIRE(1, A, 7) },
			{ SET(1, A, 7, 0, C1, 7) },
		},
		.records = "rebuild A t1 stored 6/7/7 w2 m2\n"
			   "finding stale_store A t1 exact [1]\n"
			   "stale_end 2 trace\n",
		.want = { .rebuilds = 1, .windows = 2, .stores = 1, .mods = 2, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "read again, but stamped with the version before that",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ REACQUIRE(1, A, 6) },
			{ READ(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 5) },
		},
		.records = "rebuild A t1 stored 6/6/5 w1 m1\n"
			   "finding stale_store A t1 exact [1]\n"
			   "stale_end 2 trace\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1, .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "late records don't go back in time",
		.rows = {
			{ BEGIN(1, A, 5), .ts = 9000 },
			{ SET(1, A, 5, 0, C1, 5), .ts = 9500 },
			{ BEGIN(2, B, 5), .ts = 3000 },
			{ SET(2, B, 5, 0, C2, 5), .ts = 4000 },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "rebuild B t2 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 2, .stores = 2 },
	},
};

int main(void)
{
	RUN_CASES("window", windows);
	RUN_CASES("read", reads);
	return test_done();
}
