/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interleavings as tables: each row is one wire event. A case has rows, and the
 * records that must result.
 *
 * Records are compared as text, one line each, from seq 1:
 *   rebuild A t1 stored 5/6/6 w1 m2      version read/at store/stamped, windows, mods
 *   rebuild A t1 empty 5/6 w1 m0 clear   the impure flag was cleared
 *   rebuild A t1 error 5/5 w0 m0 -12?    errno; "?": guessed
 *   modify A t2 5-6
 *   finding stale_store A t1 exact [1,2]
 *   stale_end 3 freed
 *   incident bad_return A t1 -5 / incident locked_lookup A t1 'name' / incident ... A t1 0x10 r1
 */
#ifndef OVLTRACE_TEST_ROWS_H
#define OVLTRACE_TEST_ROWS_H

#include "model/model.h"

enum {
	A = 1,
	B = 2
}; /* directories */
enum {
	C1 = 0x1000,
	C2 = 0x2000,
	C3 = 0x3000,
	C4 = 0x4000,
	OLD = 0x9000
}; /* caches */

struct row {
	uint32_t tid;
	uint16_t type; /* enum ovlw_type; 0 ends the table */
	int dir;
	uint64_t v; /* ovl_inode->version */
	uint64_t slot, cache, stamp;
	int64_t slot_refcount;
	uint32_t flags;
	int32_t err;
	bool guessed; /* err was */
	bool pure; /* the impure flag is not set */
	bool whiteouts; /* OVL_WHITEOUTS is set */
	enum ovlw_what what; /* INCIDENT */
	enum ovlw_op op; /* likewise */
	int32_t value;
	int64_t refcount;
	const char *name;
	bool unlocked; /* DROP: of a lock that the task does not own */
	uint32_t pid; /* 0: the same as tid */
	uint64_t start; /* another value: another task with that tid */
	uint64_t ino; /* 0: what the directory has by itself */
	uint64_t lost; /* in the headers from here on; 0: as before */
	uint64_t ts; /* 0: a microsecond after the row before */
};

#define BEGIN(t, d, ver) .tid = (t), .type = OVLW_BEGIN, .dir = (d), .v = (ver)
#define READ(t, d, ver) .tid = (t), .type = OVLW_READ, .dir = (d), .v = (ver)
#define DROP(t, d, ver) .tid = (t), .type = OVLW_DROP, .dir = (d), .v = (ver)
#define REACQUIRE(t, d, ver) .tid = (t), .type = OVLW_REACQUIRE, .dir = (d), .v = (ver)
/* a readdir returns ret while the slot has a cache with that stamp */
#define LEAVE(t, d, ver, has, st, ret)                                                        \
	.tid = (t), .type = OVLW_LEAVE, .dir = (d), .v = (ver), .slot = (has), .stamp = (st), \
	.value = (ret)
#define CLEAR(t, d, ver) .tid = (t), .type = OVLW_CLEAR, .dir = (d), .v = (ver)
#define MODIFY(t, d, ver) .tid = (t), .type = OVLW_MODIFY, .dir = (d), .v = (ver)
/* slot: what is there before; c: what goes there */
#define SET(t, d, ver, was, c, st)                                                         \
	.tid = (t), .type = OVLW_SET, .dir = (d), .v = (ver), .slot = (was), .cache = (c), \
	.stamp = (st)
#define SET_NULL(t, d, ver, was) .tid = (t), .type = OVLW_SET, .dir = (d), .v = (ver), .slot = (was)
/* of a cache that was in a slot */
#define FREE(t, d, ver, c, st) \
	.tid = (t), .type = OVLW_FREE, .dir = (d), .v = (ver), .cache = (c), .stamp = (st)
/* the same, by RCU or a worker */
#define FREE_LATER(t, d, ver, c, st) FREE(t, d, ver, c, st), .flags = OVLW_F_LATER
/* of the cache of a rebuild that stores none */
#define FREE_NEW(t, d, ver)                                                 \
	.tid = (t), .type = OVLW_FREE, .dir = (d), .v = (ver), .cache = C4, \
	.flags = OVLW_F_NEW | OVLW_F_REBUILD
#define INCIDENT(t, d, w) .tid = (t), .type = OVLW_INCIDENT, .dir = (d), .v = 5, .what = (w)
#define DESTROY(t, d, ver, has) \
	.tid = (t), .type = OVLW_DESTROY, .dir = (d), .v = (ver), .slot = (has)

struct want {
	uint64_t rebuilds, windows, stores, mods, superseded, partial;
	uint64_t found[FINDING_KINDS];
};

enum {
	MAX_ROWS = 24
};

struct model_case {
	const char *name;
	struct row rows[MAX_ROWS];
	const char *records;
	struct want want;
	unsigned int inconsistencies; /* bit n: enum inconsistency n must have been raised */
	enum verdict verdict;
	uint32_t pid; /* --pid; 0: all */
	bool joins; /* --follow: rebuilds in which it modifies, too */
	bool leaves, shared, late; /* sees_leaves, shared and late_frees */
};

/* As model_opts.belongs: unwanted is whoever is not *ctx, unless that is 0. */
void model_case__belongs(void *ctx, struct rec_task *task, uint64_t ts_ns);

#define INCONSISTENT(what) (1U << INCONSISTENT_##what)

/* What was emitted, and the checks that hold for every trace. */
struct reclog {
	char text[8192];
	size_t len;
	uint64_t seq, ts_ns; /* of the last record */
	uint64_t windows, mods; /* sums over the rebuild records */
	uint64_t kinds[FINDING_KINDS], rebuilds;
	bool mad; /* events that no kernel writes: evidence need not make sense */
	struct {
		enum record_type type;
		uint64_t ino;
	} past[256]; /* by seq % 256: what evidence may name */
};

/* What both the builder and the fuzzer write. */
union wire {
	struct ovlw_hdr hdr;
	struct ovlw_event event;
	struct ovlw_cache cache;
	struct ovlw_modify modify;
	struct ovlw_incident incident;
};

size_t wire__make(union wire *w, const struct row *row, uint64_t ts_ns, uint64_t lost);
/* The emit callback; ctx is a struct reclog. */
void reclog__emit(void *ctx, const struct ovl_record *rec);
/* One table, from a new model to its last judgement. */
void rows__play(struct model *m, const struct row *rows);
void model_case__check(const struct model_case *c);
void model_case__run(const char *group, const struct model_case *c);

/* Plays all cases as one test each. */
#define RUN_CASES(group, cases)                                     \
	do {                                                        \
		size_t n_ = sizeof(cases) / sizeof((cases)[0]), i_; \
		for (i_ = 0; i_ < n_; i_++)                         \
			model_case__run(group, &(cases)[i_]);       \
	} while (0)

#endif
