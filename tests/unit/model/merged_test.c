// SPDX-License-Identifier: GPL-2.0-only
/* Complete lives of merged caches, clean and defective. */
#include "model/merged_rows.h"

static const struct merged_case cases[] = {
	{
		.name = "one stream: built, put, freed",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ UNSLOT(1, A, 5, C1) },
			{ MFREE(1, A, 5, C1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g1 p1\n",
		.stores = 1, .gets = 1, .puts = 1, .frees = 1,
	},
	{
		.name = "three streams, closed in another order, by others",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ GET(2, A, 5, C1, 5, F2, 2) },
			{ GET(3, A, 5, C1, 5, F3, 3) },
			{ PUT(3, A, 5, C1, 5, F1, 3) },
			{ PUT(1, A, 5, C1, 5, F3, 2) },
			{ PUT(2, A, 5, C1, 5, F2, 1) },
			{ UNSLOT(2, A, 5, C1) },
			{ MFREE(2, A, 5, C1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g3 p3\n",
		.stores = 1, .gets = 3, .puts = 3, .frees = 1,
	},
	{
		.name = "outdated, a new one stored, the old one freed by its last stream",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ UNSLOT(2, A, 6, C1) },
			{ STORE(2, A, 6, 0, C2, 6, F2) },
			{ PUT(1, A, 6, C1, 5, F1, 1) },
			{ MFREE(1, A, 6, C1) },
			{ PUT(2, A, 6, C2, 6, F2, 1) },
			{ UNSLOT(2, A, 6, C2) },
			{ MFREE(2, A, 6, C2) },
		},
		.records = "merged A 1000 t1 freed 5/5 g1 p1\n"
			   "merged A 2000 t2 freed 6/6 g1 p1\n",
		.stores = 2, .gets = 2, .puts = 2, .frees = 2,
	},
	{
		.name = "rewound: put and got again",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ GET(2, A, 5, C1, 5, F2, 2) },
			{ PUT(1, A, 5, C1, 5, F1, 2) },
			{ GET(1, A, 5, C1, 5, F1, 2) },
			{ PUT(1, A, 5, C1, 5, F1, 2) },
			{ PUT(2, A, 5, C1, 5, F2, 1) },
			{ UNSLOT(2, A, 5, C1) },
			{ MFREE(2, A, 5, C1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g3 p3\n",
		.stores = 1, .gets = 3, .puts = 3, .frees = 1,
	},
	{
		.name = "the put arrives after the slot was emptied, before the free",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ UNSLOT(1, A, 5, C1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ MFREE(1, A, 5, C1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g1 p1\n",
		.stores = 1, .gets = 1, .puts = 1, .frees = 1,
	},
	{
		.name = "freed before the slot is emptied",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ MFREE(1, A, 5, C1) },
			{ UNSLOT(1, A, 5, C1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g1 p1\n",
		.stores = 1, .gets = 1, .puts = 1, .frees = 1,
	},
	{
		.name = "the memory is used again at once, in another directory",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ UNSLOT(1, A, 5, C1) },
			{ MFREE(1, A, 5, C1) },
			{ STORE(2, B, 7, 0, C1, 7, F1) },
			{ PUT(2, B, 7, C1, 7, F1, 1) },
			{ UNSLOT(2, B, 7, C1) },
			{ MFREE(2, B, 7, C1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g1 p1\n"
			   "merged B 1000 t2 freed 7/7 g1 p1\n",
		.stores = 2, .gets = 2, .puts = 2, .frees = 2,
	},
	{
		.name = "leak: the last put frees nothing, and its task continues",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ UNSLOT(2, A, 6, C1) },
			{ STORE(2, A, 6, 0, C2, 6, F2) },
			{ PUT(1, A, 6, C1, 5, F1, 1) },
			{ GET(1, A, 6, C2, 6, F1, 2) },
		},
		.records = "merged A 1000 t1 leaked 5/5 g1 p1\n"
			   "finding merged_leak A t1 exact [1]\n"
			   "merged A 2000 t2 trace 6/6 g2 p0\n",
		.stores = 2, .gets = 3, .puts = 1, .leaks = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "leak: the trace ends after the last put",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ UNSLOT(1, A, 5, C1) },
		},
		.records = "merged A 1000 t1 leaked 5/5 g1 p1\n"
			   "finding merged_leak A t1 exact [1]\n",
		.stores = 1, .gets = 1, .puts = 1, .leaks = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "freed after the lock was released: others come in between",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ UNSLOT(1, A, 5, C1) },
			{ STORE(2, A, 5, 0, C2, 5, F2) },
			{ GET(3, A, 5, C2, 5, F3, 2) },
			{ MFREE(1, A, 5, C1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g1 p1\n"
			   "merged A 2000 t2 trace 5/5 g2 p0\n",
		.stores = 2, .gets = 3, .puts = 1, .frees = 1,
	},
	{
		.name = "a reference too many: in the slot without a stream, found again",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ GET(2, A, 5, C1, 5, F2, 3) },
			{ PUT(2, A, 5, C1, 5, F2, 3) },
			{ PUT(1, A, 5, C1, 5, F1, 2) },
			{ GET(3, A, 5, C1, 5, F3, 2) },
			{ PUT(3, A, 5, C1, 5, F3, 2) },
			{ UNSLOT(2, A, 6, C1) },
			{ STORE(2, A, 6, 0, C2, 6, F2) },
		},
		.records = "merged A 1000 t1 leaked 5/5 g3 p3 r3/2\n"
			   "finding merged_leak A t1 exact [1]\n"
			   "finding merged_refcount A t1 exact [1]\n"
			   "merged A 2000 t2 trace 6/6 g1 p0\n",
		.stores = 2, .gets = 4, .puts = 3, .leaks = 1, .refcounts = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a reference too many, and the inode goes away with it",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 2) },
			{ GONE(2, A, 5, C1) },
		},
		.records = "merged A 1000 t1 inode 5/5 g1 p1 r2/1\n"
			   "finding merged_refcount A t1 exact [1]\n",
		.stores = 1, .gets = 1, .puts = 1, .refcounts = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a reference too few: freed under a stream",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ GET(2, A, 5, C1, 5, F2, 1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ UNSLOT(1, A, 5, C1) },
			{ MFREE(1, A, 5, C1) },
			{ PUT(2, A, 5, C1, 99, F2, 77) },
		},
		.records = "merged A 1000 t1 freed 5/5 g2 p2 r1/2 under1\n"
			   "finding merged_refcount A t1 exact [1]\n",
		.stores = 1, .gets = 2, .puts = 2, .frees = 1, .refcounts = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "the slot still names what was freed, and a stream gets it",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ MFREE(1, A, 5, C1) },
			{ GET(2, A, 5, C1, 5, F2, 1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g2 p1 after1\n"
			   "finding merged_refcount A t1 exact [1]\n",
		.stores = 1, .gets = 2, .puts = 1, .frees = 1, .refcounts = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "stale: the lock was dropped, the later version stamped",
		.rows = {
			{ STORE(1, A, 7, 0, C1, 7, F1), .read = 5 },
			{ GET(2, A, 7, C1, 7, F2, 2) },
		},
		.records = "merged A 1000 t1 trace 5/7 g2 p0\n"
			   "finding merged_stale_cache A t1 exact [1]\n",
		.stores = 1, .gets = 2, .stales = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "outdated when stored, and stamped so: no defect",
		.rows = {
			{ STORE(1, A, 7, 0, C1, 5, F1), .read = 5 },
			{ UNSLOT(2, A, 7, C1) },
			{ STORE(2, A, 7, 0, C2, 7, F2) },
		},
		.records = "merged A 1000 t1 trace 5/5 g1 p0\n"
			   "merged A 2000 t2 trace 7/7 g1 p0\n",
		.stores = 2, .gets = 2,
	},
	{
		.name = "stored over another's, while the lock was dropped",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ STORE(2, A, 5, C1, C2, 5, F2) },
			{ PUT(1, A, 5, C1, 5, F1, 1) },
			{ MFREE(1, A, 5, C1) },
		},
		.records = "merged A 1000 t1 freed 5/5 g1 p1\n"
			   "merged A 2000 t2 trace 5/5 g1 p0\n",
		.stores = 2, .gets = 2, .puts = 1, .frees = 1,
	},
	{
		.name = "stale: a new stream gets an outdated one, twice",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ GET(2, A, 6, C1, 5, F2, 2) },
			{ GET(3, A, 7, C1, 5, F3, 3) },
		},
		.records = "merged A 1000 t1 trace 5/5 g3 p0 o2\n"
			   "finding merged_stale_cache A t1 exact [1]\n",
		.stores = 1, .gets = 3, .stales = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "stale: a rewound stream keeps an outdated one",
		.rows = {
			{ STORE(1, A, 5, 0, C1, 5, F1) },
			{ KEPT(1, A, 6, C1, 5, F1) },
		},
		.records = "merged A 1000 t1 trace 5/5 g1 p0 o1\n"
			   "finding merged_stale_cache A t1 exact [1]\n",
		.stores = 1, .gets = 1, .stales = 1,
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a newer one came into the slot while the listing had no lock",
		.rows = {
			{ STORE(1, A, 6, 0, C1, 6, F1) },
			{ GET(2, A, 6, C1, 6, F2, 2), .read = 5 },
		},
		.records = "merged A 1000 t1 trace 6/6 g2 p0\n",
		.stores = 1, .gets = 2,
	},
};

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = test_failures;

		merged_rows__check(&cases[i]);
		test_end("merged", cases[i].name, before);
	}
	return test_done();
}
