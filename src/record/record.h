/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ovltrace reports: the records of schema "ovltrace/1", as C.
 *
 * Times are CLOCK_MONOTONIC nanoseconds. Everything that a pointer in here
 * names belongs to whoever emits the record and lives for the call of
 * record_fn only; strings are bytes from outside and hostile until escaped.
 */
#ifndef OVLTRACE_RECORD_H
#define OVLTRACE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ovltrace/wire.h"
#include "record/counts.h"
#include "record/coverage.h"
#include "record/inconsistency.h"

#define OVLTRACE_SCHEMA "ovltrace/1"

enum record_type {
#define RECORD(id, name, member, subject, proves) RECORD_##id,
#include "record/records.def"
	RECORD_TYPES,
};

enum rebuild_outcome {
	OUTCOME_STORED,
	OUTCOME_EMPTY,
	OUTCOME_ERROR,
};

enum {
	RECORD_MAX_EVIDENCE = 32,
};

struct rec_dir {
	uint64_t ino;
	uint32_t dev; /* the kernel's encoding: major << 20 | minor */
	const char *path; /* NULL: unknown */
	bool path_in_mount; /* path starts at the mount's root: mount point unknown */
};

struct rec_task {
	uint32_t pid, tid;
	char comm[OVLW_COMM];
	uint64_t cgroup;
	const char *cgroup_path; /* NULL: unknown */
};

/*
 * One time that the reader released i_rwsem and took it again. The fixed interface
 * calls the end of it "retake" (`retake_ns`), and so do the fields that go with it
 * (`version_retake`, the event `lock_retaken`); elsewhere it is "reacquire".
 */
struct rec_window {
	uint64_t drop_ns, retake_ns;
	uint64_t wait_ns; /* part of it: the wait for the lock; 0 unknown */
	uint64_t version_drop, version_retake;
};

struct rec_rebuild {
	struct rec_dir dir;
	struct rec_task task;
	uint64_t begin_ns, end_ns;
	uint64_t version_read; /* when the listing began */
	uint64_t version_at_store; /* the directory's, at the store or the clear */
	uint64_t version_stamped; /* into the cache; OUTCOME_STORED only */
	uint64_t cache; /* address; OUTCOME_STORED only */
	uint64_t overwritten; /* address found in the slot at the store, 0 if none */
	uint64_t mods_in_window;
	uint32_t entries; /* of the stored cache */
	uint32_t reads; /* how often the upper directory was listed */
	const struct rec_window *windows;
	size_t nwindows;
	enum rebuild_outcome outcome;
	int32_t err; /* negative errno, 0: none or unknown */
	bool err_inferred;
	bool impure_cleared;
};

struct rec_modify {
	struct rec_dir dir;
	struct rec_task task;
	uint64_t version_before, version_after;
	enum ovlw_op op;
	enum ovlw_moved moved; /* of a rename */
	const char *name, *name2; /* "" where unknown */
};

/* One event that must never happen: what a finding of it rests on. */
struct rec_incident {
	struct rec_dir dir;
	struct rec_task task;
	enum ovlw_what what;
	uint64_t cache; /* address, 0: it is about none */
	int64_t refcount; /* of that cache */
	int32_t value; /* BAD_RETURN: what was returned */
	enum ovlw_op op; /* MISSED_INVALIDATION: what was done */
	const char *name; /* LOCKED_LOOKUP, MISSED_INVALIDATION: of what; "" unknown */
};

struct rec_finding {
	enum finding_kind kind;
	struct rec_dir dir;
	struct rec_task task;
	bool exact; /* else inferred */
	uint64_t evidence[RECORD_MAX_EVIDENCE]; /* seq of records before this one */
	size_t nevidence;
	const char *text;
	uint64_t at_ns; /* when it happened; the record may come later */
	const char *test; /* that was running then; NULL: none that is known */
};

enum stale_end {
	STALE_END_FREED, /* the directory was modified: the next readdir threw it away */
	STALE_END_OVERWRITTEN,
	STALE_END_INODE, /* the inode went away */
	STALE_END_TRACE, /* it was still there when the trace ended */
};

/* A stale cache is out of the slot: until then it was what readdir used. */
struct rec_stale_end {
	struct rec_dir dir;
	uint64_t finding; /* seq of its stale_store */
	uint64_t stored_ns;
	enum stale_end how;
};

/* Who rebuilt or outdated a directory's caches. tid is not known. */
struct rec_actor {
	struct rec_task task;
	enum ovlw_op op; /* who outdated only */
	uint64_t count, ns; /* ns: who rebuilt only */
};

enum {
	RECORD_MAX_ACTORS = 8, /* of each sort; the rest are counted together */
};

/* A directory that was listed, and what its cache cost; `run --hits` only. */
struct rec_directory {
	struct rec_dir dir;
	bool merged; /* else impure */
	uint64_t listings, readdirs, hits, rebuilds;
	uint64_t cold; /* rebuilds that found no cache */
	uint64_t rebuild_ns, max_rebuild_ns;
	uint64_t lock_held_ns; /* of rebuild_ns; COUNT_UNSEEN where windows go unseen */
	uint64_t entries; /* of the cache that was measured last */
	uint64_t bytes; /* COUNT_UNSEEN without overlayfs' types */
	uint64_t modifications; /* while it had a cache; COUNT_UNSEEN */
	bool sees_invalidations;
	const struct rec_actor *invalidators, *rebuilders; /* the heaviest first */
	size_t ninvalidators, nrebuilders;
	uint64_t invalidators_others, rebuilders_others; /* counts of all others */
};

enum test_source {
	TEST_FSTESTS, /* announced in the kernel's log */
	TEST_KTAP, /* in what COMMAND printed */
	TEST_SOURCES,
};

enum test_result {
	TEST_RESULT_UNKNOWN,
	TEST_RESULT_OK,
	TEST_RESULT_NOT_OK,
	TEST_RESULT_SKIP,
	TEST_RESULTS,
};

/* A test of COMMAND begins, or has ended. */
struct rec_test {
	const char *name;
	enum test_source source;
	bool ended;
	uint64_t begin_ns, end_ns; /* end_ns: if it has ended */
	enum test_result result; /* likewise */
};

enum merged_end {
	MERGED_END_FREED,
	MERGED_END_LEAKED, /* no stream has it, nor the slot, and nobody freed it */
	MERGED_END_INODE, /* it went with the inode, whose slot it was in */
	MERGED_END_TRACE, /* it was still there when the trace ended */
	MERGED_END_UNKNOWN, /* its end was not seen */
};

/* The life of a merged directory's cache, written when it is over. */
struct rec_merged {
	struct rec_dir dir;
	struct rec_task task; /* who stored it; if that was before the trace, who had it first */
	uint64_t cache; /* address */
	uint64_t stored_ns; /* 0: before the trace */
	uint64_t freed_ns; /* 0: not freed by a put */
	bool version_known; /* version_read is */
	uint64_t version_read; /* of the directory, when its content was read */
	uint64_t version_stamped;
	uint32_t entries;
	uint64_t gets, puts; /* streams that took it, its builder included, and gave it back */
	/* times that a new or rewound stream got it although the directory was at another version */
	uint64_t outdated;
	/* its refcount was not the number of streams that have it: the first time */
	bool miscounted;
	int64_t refcount, streams;
	uint64_t freed_under; /* streams that had it when it was freed */
	uint64_t got_after_free;
	bool cut; /* something was lost meanwhile, or contradicts itself: it proves nothing */
	enum merged_end how;
};

struct rec_lost {
	uint64_t count;
	const char *where;
};

/* Is a directory that is copied up flagged (OVL_WHITEOUTS) before others see its upper half? */
enum copy_up_order {
	COPY_UP_UNKNOWN, /* none was seen */
	COPY_UP_RIGHT,
	COPY_UP_WRONG, /* kinds can be mixed: see src/detect/kind_mix.c */
};

enum verdict {
	VERDICT_CLEAN,
	VERDICT_FINDINGS,
	VERDICT_INCONCLUSIVE,
};

/* What the proof at run time came to: see src/session/proof.h. */
struct rec_proof {
	enum proof_state result;
	const char *why; /* PROOF_NOT_RUN: why not */
	uint64_t duration_ns;
};

/*
 * The first record. Its strings and its coverage live longer than the others':
 * until the next session record is emitted, or until sinks have ended.
 */
struct rec_session {
	const char *schema; /* OVLTRACE_SCHEMA, but for what a newer version wrote */
	const char *version; /* ovltrace's own */
	const char *kernel; /* uname -r */
	const char *arch;
	const char *host; /* uname -n; NULL: not known */
	uint64_t start_realtime_ns;
	enum lock_drop lock_drop;
	bool complete; /* what a verdict needs can be seen, as far as the plan knows */
	bool merged; /* the events of NEED_MERGED are in coverage */
	const struct coverage *cover; /* EVENTS of them */
	uint32_t covered; /* bit n: event n is in coverage */
	struct rec_proof proof;
	bool has_hold; /* windows of COMMAND's tasks were to be held open */
	uint32_t hold_us; /* for so long at most; 0: they are not, and */
	const char *hold_why; /* why not */
};

/* One sentence that belongs to the verdict, beside counts, inconsistencies and coverage. */
struct remark {
	bool damage; /* it rules out a clean verdict */
	char text[320];
};

/* The last record. */
struct rec_summary {
	uint64_t duration_ns;
	enum verdict verdict;
	enum copy_up_order order; /* seen so far, before the trace began, too */
	bool has_command;
	int command_status;
	struct rec_counts counts;
	uint64_t inconsistencies[INCONSISTENCIES]; /* how often each cross-check failed */
	uint64_t unknown_inconsistencies; /* of checks that only a newer version knows */
	bool has_hold; /* windows were held open: */
	uint64_t hold_waits, hold_timed_out, hold_waited_ns;
	/* of a replay, and in no recording: */
	const struct remark *remarks;
	size_t nremarks;
	const struct rec_counts *total; /* of all recordings so far; NULL: this is a trace */
};

struct ovl_record {
	enum record_type type;
	uint64_t seq; /* set by whoever writes the sequence: see run */
	uint64_t ts_ns;
	union {
#define RECORD(id, name, member, subject, proves) struct rec_##member member;
#include "record/records.def"
	};
};

/* Takes a record. The sequence number is final when it is called. */
typedef void (*record_fn)(void *ctx, const struct ovl_record *rec);

const char *rebuild_outcome__name(enum rebuild_outcome outcome);
const char *stale_end__name(enum stale_end how);
const char *test_source__name(enum test_source source);
/* NULL: unknown */
const char *test_result__name(enum test_result result);
const char *merged_end__name(enum merged_end how);
const char *ovlw_op__name(enum ovlw_op op);
const char *ovlw_what__name(enum ovlw_what what);
const char *copy_up_order__name(enum copy_up_order order);
const char *verdict__name(enum verdict verdict);
/* Can all be seen that a verdict needs? If not, *gap is the first event that cannot. */
bool rec_session__complete(const struct rec_session *s, enum logical_event *gap);
/* Findings are worse than inconclusive, which is worse than clean. */
enum verdict verdict__worse(enum verdict a, enum verdict b);

#endif
