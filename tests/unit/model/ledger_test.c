// SPDX-License-Identifier: GPL-2.0-only
/* Caches: overwritten, freed, taken away with their inode, older than the trace. */
#include "rows.h"
#include "test.h"

#define REBUILD(t, d, ver)                         \
	{ BEGIN(t, d, ver) }, { DROP(t, d, ver) }, \
	{                                          \
		REACQUIRE(t, d, ver)               \
	}

static const struct model_case overwritten[] = {
	{
		.name = "two cold readers, no modification",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ DROP(2, A, 5) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ REACQUIRE(2, A, 5) },
			{ SET(2, A, 5, C1, C2, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 5/5/5 w1 m0\n"
			   "finding unfreed_cache A t2 exact [1,2]\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "freed first, with NULL in between",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			REBUILD(2, A, 6),
			{ FREE(2, A, 6, C1, 5) },
			{ SET_NULL(2, A, 6, C1) },
			{ SET(2, A, 6, 0, C2, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w1 m0\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2 },
	},
	{
		.name = "freed first, without NULL in between",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			REBUILD(2, A, 6),
			{ FREE(2, A, 6, C1, 5) },
			{ SET(2, A, 6, C1, C2, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w1 m0\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2 },
	},
	{
		.name = "freed first, and the same address stored again",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			REBUILD(2, A, 6),
			{ FREE(2, A, 6, C1, 5) },
			{ SET(2, A, 6, C1, C1, 6) },
			{ FREE(2, A, 7, C1, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w1 m0\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2 },
	},
	{
		.name = "NULL first, freed after",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			REBUILD(2, A, 6),
			{ SET_NULL(2, A, 6, C1) },
			{ FREE(2, A, 6, C1, 5) },
			{ SET(2, A, 6, 0, C2, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w1 m0\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2 },
	},
	{
		.name = "swapped, freed after by the same task",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			REBUILD(2, A, 6),
			{ SET(2, A, 6, C1, C2, 6) },
			{ FREE(2, A, 6, C1, 5) },
			{ BEGIN(3, A, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w1 m0\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2, .partial = 1 },
	},
	{
		.name = "swapped, another task touches the directory first",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			REBUILD(2, A, 6),
			{ SET(2, A, 6, C1, C2, 6) },
			{ MODIFY(3, A, 7) },
			{ FREE(2, A, 7, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w1 m0\n"
			   "finding unfreed_cache A t2 exact [1,2]\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "swapped, another task is busy with another directory",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			REBUILD(2, A, 6),
			{ SET(2, A, 6, C1, C2, 6) },
			{ BEGIN(3, B, 7) },
			{ SET(3, B, 7, 0, C3, 7) },
			{ FREE(2, A, 6, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w1 m0\n"
			   "rebuild B t3 stored 7/7/7 w0 m0\n",
		.want = { .rebuilds = 3, .windows = 2, .stores = 3 },
	},
	{
		.name = "freed in one directory, its memory at once another one's cache",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ FREE(2, A, 6, C1, 5) },
			REBUILD(3, B, 1),
			{ SET(3, B, 1, 0, C1, 1) },
			{ SET_NULL(2, A, 6, C1) },
			{ BEGIN(2, A, 6) },
			{ SET(2, A, 6, 0, C2, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild B t3 stored 1/1/1 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 3, .windows = 2, .stores = 3 },
		.verdict = VERDICT_CLEAN,
	},
	{
		.name = "overwritten with NULL, never freed",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ SET_NULL(2, A, 6, C1) },
			{ BEGIN(3, A, 6) },
			{ SET(3, A, 6, 0, C2, 6) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t3 stored 6/6/6 w0 m0\n"
			   "finding unfreed_cache A t2 inferred [1]\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 2, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "NULL before the read, freed only after it",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ SET_NULL(2, A, 6, C1) },
			{ BEGIN(2, A, 6) },
			{ SET(2, A, 6, 0, C2, 6) },
			{ FREE(2, A, 6, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 6/6/6 w0 m0\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 2 },
	},
};

static const struct model_case before_trace[] = {
	{
		.name = "the overwritten cache is older than the trace",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, OLD, C1, 5) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "finding unfreed_cache A t1 inferred [1]\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "older than the trace, swapped and freed after",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, OLD, C1, 5) },
			{ FREE(1, A, 5, OLD, 4) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1 },
	},
	{
		.name = "older than the trace, freed without NULL, another stores",
		.rows = {
			{ FREE(1, A, 5, OLD, 4) },
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ BEGIN(2, A, 5) },
			{ SET(2, A, 5, OLD, C2, 5) },
			{ FREE(1, A, 5, C2, 5) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, C2, C1, 5) },
		},
		.records = "rebuild A t2 stored 5/5/5 w0 m0\n"
			   "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 2 },
	},
	{
		.name = "a merged cache is overwritten: its users free it",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, OLD, C1, 5), .slot_refcount = 1 },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1 },
	},
};

static const struct model_case inodes[] = {
	{
		.name = "destroyed with its own cache",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ DESTROY(7, A, 5, C1) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1 },
	},
	{
		.name = "destroyed while the slot holds another cache",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ DESTROY(7, A, 5, OLD) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "finding unfreed_cache A t1 inferred [1]\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "destroyed while the slot is empty",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ SET_NULL(7, B, 1, C3) },
			{ DESTROY(7, A, 5, 0) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "finding unfreed_cache A t1 inferred [1]\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "overwritten, then destroyed: found once",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			REBUILD(2, A, 5),
			{ SET(2, A, 5, C1, C2, 5) },
			{ DESTROY(7, A, 5, C2) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild A t2 stored 5/5/5 w1 m0\n"
			   "finding unfreed_cache A t2 exact [1,2]\n",
		.want = { .rebuilds = 2, .windows = 2, .stores = 2, .found[FINDING_UNFREED_CACHE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "freed, then destroyed with the freed cache in the slot",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ FREE(2, A, 6, C1, 5) },
			{ DESTROY(7, A, 6, 0) },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1 },
	},
	{
		.name = "the inode's address comes back, after its DESTROY",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ DESTROY(7, A, 5, C1) },
			{ BEGIN(1, A, 1), .ino = 102 },
			{ SET(1, A, 1, 0, C1, 1), .ino = 102 },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild B t1 stored 1/1/1 w0 m0\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 2 },
	},
	{
		.name = "the inode's address comes back, its DESTROY unseen",
		.rows = {
			REBUILD(1, A, 5),
			{ SET(1, A, 5, 0, C1, 5) },
			{ BEGIN(1, A, 1), .ino = 102 },
			{ SET(1, A, 1, 0, C1, 1), .ino = 102 },
		},
		.records = "rebuild A t1 stored 5/5/5 w1 m0\n"
			   "rebuild B t1 stored 1/1/1 w0 m0\n",
		.want = { .rebuilds = 2, .windows = 1, .stores = 2 },
	},
	{
		.name = "destroyed in the middle of a rebuild",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ DESTROY(7, A, 5, 0) },
			{ REACQUIRE(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
		},
		.records = "",
		.want = { .stores = 1, .partial = 2 },
	},
};

int main(void)
{
	RUN_CASES("overwritten", overwritten);
	RUN_CASES("before the trace", before_trace);
	RUN_CASES("inode", inodes);
	return test_done();
}
