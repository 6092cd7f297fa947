// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger of merged directories' caches: lives as tables. A life's record is
 *   merged A 1000 t1 freed 5/5 g2 p2    directory, cache, who stored it, its end,
 *                                       version read/stamped, gets, puts;
 *   o1: served outdated, r2/1: refcount and streams, under1: freed under a stream,
 *   after1: got after its free, old: older than the trace, cut: proves nothing
 */
#include "rows.h"
#include "test.h"

enum {
	F1 = 0x100,
	F2 = 0x200,
	F3 = 0x300
}; /* streams */

struct mrow {
	uint16_t type; /* 0 ends the table */
	uint32_t tid;
	int dir;
	uint64_t v, slot, cache, stamp, file;
	int32_t refcount;
	uint64_t read; /* version when the listing began; 0: v */
	uint32_t flags;
	uint64_t lost, ts;
};

#define STORE(t, d, ver, was, c, st, f)                                                        \
	.type = OVLW_M_STORE, .tid = (t), .dir = (d), .v = (ver), .slot = (was), .cache = (c), \
	.stamp = (st), .file = (f), .refcount = 1
#define GET(t, d, ver, c, st, f, r)                                                        \
	.type = OVLW_M_GET, .tid = (t), .dir = (d), .v = (ver), .slot = (c), .cache = (c), \
	.stamp = (st), .file = (f), .refcount = (r)
#define KEPT(t, d, ver, c, st, f)                                                             \
	.type = OVLW_M_KEPT, .tid = (t), .dir = (d), .v = (ver), .cache = (c), .stamp = (st), \
	.file = (f)
#define PUT(t, d, ver, c, st, f, r)                                                        \
	.type = OVLW_M_PUT, .tid = (t), .dir = (d), .v = (ver), .slot = (c), .cache = (c), \
	.stamp = (st), .file = (f), .refcount = (r)
#define UNSLOT(t, d, ver, c) \
	.type = OVLW_M_UNSLOT, .tid = (t), .dir = (d), .v = (ver), .slot = (c), .cache = (c)
#define MFREE(t, d, ver, c) .type = OVLW_M_FREE, .tid = (t), .dir = (d), .v = (ver), .cache = (c)
#define GONE(t, d, ver, has) .type = OVLW_DESTROY, .tid = (t), .dir = (d), .v = (ver), .slot = (has)

struct merged_case {
	const char *name;
	struct mrow rows[MAX_ROWS];
	const char *records;
	uint64_t stores, gets, puts, frees, leaks, stales, refcounts;
	unsigned int inconsistencies;
	enum verdict verdict;
	bool no_frees; /* they can't be seen */
};

static const struct merged_case cases[] = {
	{
		.name = "one stream: built, given back, freed",
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
		.name = "outdated, a new one stored, the old one freed by its last",
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
		.name = "rewound: given back and the same one taken again",
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
		.name = "the put is told after the slot was emptied, before the free",
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
		.name = "leak: the last put frees nothing, its task goes on",
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
		.name = "a put of nobody: of one that began before the trace, or a doubt",
		.rows = {
			{ .type = OVLW_M_PUT, .tid = 1 },
			{ .type = OVLW_M_PUT, .tid = 1, .ts = 2000000000 },
		},
		.records = "",
		.inconsistencies = INCONSISTENT(MERGED_PUT), .verdict = VERDICT_INCONCLUSIVE,
	},
	{
		.name = "a put told too late",
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
		.name = "frees can't be seen: no leak is told",
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

static void play(struct model *m, const struct mrow *row, bool settles)
{
	uint64_t ts = 0, lost = 0, seq = 0;

	for (; row->type; row++) {
		struct ovlw_merged ev = { .cache = row->cache,
					  .stamp = row->stamp,
					  .file = row->file,
					  .refcount = row->refcount,
					  .version = row->read ? row->read : row->v,
					  .flags = row->flags };
		struct ovlw_event gone = { .wait_ns = 0 };
		bool destroy = row->type == OVLW_DESTROY;
		struct ovlw_hdr *hdr = destroy ? &gone.hdr : &ev.hdr;

		ts = row->ts ? row->ts : ts + 1000;
		lost = row->lost ? row->lost : lost;
		*hdr = (struct ovlw_hdr){ .seq = seq++,
					  .ts_ns = ts,
					  .lost = lost,
					  .pid = row->tid,
					  .tid = row->tid,
					  .type = row->type };
		if (!row->flags && row->file)
			ev.flags = OVLW_MF_VERSION;
		if (row->dir)
			*(destroy ? &gone.dir : &ev.dir) =
				(struct ovlw_dir){ .inode = 0xabc000 + row->dir,
						   .ino = 100 + row->dir,
						   .dev = 32,
						   .version = row->v,
						   .slot = row->slot };
		model__event(m, hdr, destroy ? sizeof(gone) : sizeof(ev));
	}
	if (settles)
		model__judge_open(m, ts + 1000);
}

static void check_case(const struct merged_case *c)
{
	static struct reclog log;
	struct model_opts opts = {
		.emit = reclog__emit,
		.emit_ctx = &log,
		.complete = !c->no_frees,
		.merged = true,
		.sees_merged_stores = true,
		.sees_merged_gets = true,
		.sees_merged_puts = true,
		.sees_merged_frees = !c->no_frees,
		.sees_stores = true,
		.sees_frees = true,
	};
	struct model *m = model__new(&opts);
	struct rec_counts n;
	int i;

	memset(&log, 0, sizeof(log));
	if (!CHECK(m))
		return;
	play(m, c->rows, true);
	CHECK_STR(log.text, c->records);
	model__counts(m, &n);
	CHECK(n.has_merged);
	CHECK_EQ(n.merged_stores, c->stores);
	CHECK_EQ(n.merged_gets, c->gets);
	CHECK_EQ(n.merged_puts, c->puts);
	CHECK_EQ(n.merged_frees, c->frees);
	CHECK_EQ(n.finding[FINDING_MERGED_LEAK], c->leaks);
	CHECK_EQ(n.finding[FINDING_MERGED_STALE_CACHE], c->stales);
	CHECK_EQ(n.finding[FINDING_MERGED_REFCOUNT], c->refcounts);
	for (i = 0; i < INCONSISTENCIES; i++)
		if (!CHECK_EQ(model__inconsistencies(m)[i] != 0, c->inconsistencies >> i & 1))
			printf("#   doubt: %s\n", inconsistency__text(i));
	CHECK_EQ(model__verdict(m), c->verdict);
	model__free(m);
}

/* A kernel gone mad: whatever comes, the records add up to the counts. */
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

static void walk(uint64_t seed, uint32_t pid, bool loses)
{
	static struct sums sums;
	static struct mrow row[2];
	struct model_opts opts = { .emit = add_up,
				   .emit_ctx = &sums,
				   .pids = &pid,
				   .npids = pid != 0,
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
		play(m, row, false);
	}
	model__judge_open(m, 60000000);
	model__counts(m, &n);
	CHECK(sums.lives > 1000);
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
	walk(42, 0, true);
}

int main(void)
{
	size_t i;

	TEST(mad);

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = test_failures;

		check_case(&cases[i]);
		test_end("merged", cases[i].name, before);
	}
	return test_done();
}
