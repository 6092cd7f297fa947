/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger of merged directories' caches: lives as tables. A life's record is
 *   merged A 1000 t1 freed 5/5 g2 p2    directory, cache, who stored it, its end,
 *                                       version read/stamped, gets, puts;
 *   o1: served outdated, r2/1: refcount and streams, under1: freed under a stream,
 *   after1: got after its free, old: older than the trace, cut: proves nothing
 */
#ifndef OVLTRACE_TEST_MERGED_ROWS_H
#define OVLTRACE_TEST_MERGED_ROWS_H

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
	bool no_frees; /* they cannot be seen */
};

/* settles: the trace ends after the rows */
void merged_rows__play(struct model *m, const struct mrow *row, bool settles);
void merged_rows__check(const struct merged_case *c);

#endif
