/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ovltrace reports: the records of schema "ovltrace/1", as C.
 *
 * Times are CLOCK_MONOTONIC nanoseconds. Pointers in a record are owned by the code that
 * emits it, and are valid only during the call of record_fn. Strings are untrusted bytes
 * until escaped.
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
#include "util/tristate.h"

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
	RECORD_MAX_FRAMES = 32,
};

struct rec_dir {
	uint64_t ino;
	uint32_t dev; /* the kernel's encoding: major << 20 | minor */
	const char *path; /* NULL: unknown */
	bool path_in_mount; /* the mount point is unknown; path starts at the root of the mount */
	uint64_t mount_ns; /* the mount namespace that path is valid in; 0: that of the trace */
};

struct rec_task {
	uint32_t pid, tid;
	char comm[OVLW_COMM];
	uint64_t cgroup;
	const char *cgroup_path; /* NULL: unknown */
	/* of a live trace; not in its record: */
	bool unwanted; /* it belongs to no tree that the trace is limited to */
	enum tristate of_command; /* COMMAND or a descendant of it */
};

/* The kernel stack of the record's task, with --stacks; n is 0 if there is none. */
struct rec_stack {
	const char *const *frame; /* "symbol+0x12 [module]", the innermost first */
	size_t n; /* at most RECORD_MAX_FRAMES */
	bool truncated; /* there were more */
	/* of a live trace, as the model passes it on; not in its record: */
	const struct ovlw_stack *raw;
};

/*
 * A window: the reader released i_rwsem and reacquired it. The fixed interface
 * calls the end of it "retake" (`retake_ns`), and so do the fields that go with it
 * (`version_retake`, the event `lock_retaken`); elsewhere it is "reacquire".
 */
struct rec_window {
	uint64_t drop_ns, retake_ns;
	uint64_t wait_ns; /* the part of it spent waiting for the lock; 0: unknown */
	uint64_t version_drop, version_retake;
};

struct rec_rebuild {
	struct rec_dir dir;
	struct rec_task task;
	uint64_t begin_ns, end_ns;
	uint64_t version_read; /* when the listing began */
	uint64_t version_at_store; /* of the directory, at the store or the clear */
	uint64_t version_stamped; /* written into the cache; OUTCOME_STORED only */
	uint64_t cache; /* address; OUTCOME_STORED only */
	uint64_t overwritten; /* address found in the slot at the store, 0 if none */
	uint64_t mods_in_window;
	uint32_t entries; /* of the stored cache */
	uint32_t reads; /* number of listings of the upper directory */
	const struct rec_window *windows;
	size_t nwindows;
	enum rebuild_outcome outcome;
	int32_t err; /* negative errno, 0: none or unknown */
	bool err_inferred;
	bool impure_cleared;
	struct rec_stack stack; /* at the end: of the store, or of what ended it without one */
};

struct rec_modify {
	struct rec_dir dir;
	struct rec_task task;
	uint64_t version_before, version_after;
	enum ovlw_op op;
	enum ovlw_moved moved; /* of a rename */
	const char *name, *name2; /* "" where unknown */
	struct rec_stack stack;
};

/* An event that must never happen; evidence of a finding. */
struct rec_incident {
	struct rec_dir dir;
	struct rec_task task;
	enum ovlw_what what;
	uint64_t cache; /* address; 0: no cache is concerned */
	int64_t refcount; /* of that cache */
	int32_t value; /* BAD_RETURN: what was returned */
	enum ovlw_op op; /* MISSED_INVALIDATION: what was done */
	const char *name; /* LOCKED_LOOKUP, MISSED_INVALIDATION: of what; "" unknown */
	struct rec_stack stack;
};

struct rec_finding {
	enum finding_kind kind;
	struct rec_dir dir;
	struct rec_task task;
	bool exact; /* else inferred */
	uint64_t evidence[RECORD_MAX_EVIDENCE]; /* seq of records before this one */
	size_t nevidence;
	const char *text;
	uint64_t at_ns; /* time of the defect; the record may be later */
	const char *test; /* the test that was running; NULL: none known */
	bool told_apart; /* the trace has a COMMAND: */
	enum tristate of_command; /* was it a task of COMMAND's? */
};

enum stale_end {
	STALE_END_FREED, /* the directory was modified, and the next readdir freed it */
	STALE_END_OVERWRITTEN,
	STALE_END_INODE, /* the inode was destroyed */
	STALE_END_TRACE, /* it was still there when the trace ended */
};

/* A stale cache left the slot; readdir used it until then. */
struct rec_stale_end {
	struct rec_dir dir;
	uint64_t finding; /* seq of its stale_store */
	uint64_t stored_ns;
	enum stale_end how;
};

/* A process that rebuilt or outdated a directory's caches. Its tid is 0. */
struct rec_actor {
	struct rec_task task;
	enum ovlw_op op; /* of those that outdated */
	uint64_t count, ns; /* ns: of those that rebuilt */
	uint64_t processes; /* of this name and cgroup, taken together; pid is 0. 0: only one */
};

enum {
	RECORD_MAX_ACTORS = 8, /* of each list; the others are only counted */
};

enum {
	RECORD_TIMES = 24, /* buckets, as OVLS_BUCKETS */
};

/* A directory that was listed, and what its cache cost; `run --hits` only. */
struct rec_directory {
	struct rec_dir dir;
	bool merged; /* else impure */
	uint64_t listings, readdirs, hits, rebuilds;
	uint64_t cold; /* rebuilds that found no cache */
	uint64_t rebuild_ns, max_rebuild_ns;
	bool has_times; /* not in recordings of earlier versions */
	uint64_t times[RECORD_TIMES]; /* rebuilds below 1 us, then from 2^(n-1) us */
	uint64_t lock_held_ns; /* of rebuild_ns; COUNT_UNSEEN if windows cannot be seen */
	uint64_t entries; /* of the cache that was measured last */
	uint64_t bytes; /* COUNT_UNSEEN without overlayfs's types */
	uint64_t modifications; /* while it had a cache; or COUNT_UNSEEN */
	bool sees_invalidations;
	const struct rec_actor *invalidators, *rebuilders; /* in descending order of cost */
	size_t ninvalidators, nrebuilders;
	uint64_t invalidators_others, rebuilders_others; /* counts of all others */
};

enum test_source {
	TEST_FSTESTS, /* announced in the kernel log */
	TEST_KTAP, /* in COMMAND's output */
	TEST_SOURCES,
};

enum test_result {
	TEST_RESULT_UNKNOWN,
	TEST_RESULT_OK,
	TEST_RESULT_NOT_OK,
	TEST_RESULT_SKIP,
	TEST_RESULTS,
};

/* The begin or the end of a test of COMMAND. */
struct rec_test {
	const char *name;
	enum test_source source;
	bool ended;
	uint64_t begin_ns, end_ns; /* end_ns: if it has ended */
	enum test_result result; /* likewise */
};

enum merged_end {
	MERGED_END_FREED,
	MERGED_END_LEAKED, /* no stream and no slot refers to it, and it was not freed */
	MERGED_END_INODE, /* it was in the slot when the inode was destroyed */
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
	bool cut; /* records of its life were lost or are contradictory: it proves nothing */
	enum merged_end how;
	struct rec_stack stack; /* of the store */
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
	const char *schema; /* OVLTRACE_SCHEMA, unless a newer version wrote the recording */
	const char *version; /* ovltrace's own */
	const char *kernel; /* uname -r */
	const char *arch;
	const char *host; /* uname -n; NULL: unknown */
	uint64_t start_realtime_ns;
	enum lock_drop lock_drop;
	bool complete; /* everything that a verdict needs can be seen, according to the plan */
	bool merged; /* the events of NEED_MERGED are in coverage */
	const struct coverage *cover; /* EVENTS of them */
	uint32_t covered; /* bit n: event n is in coverage */
	struct rec_proof proof;
	bool has_hold; /* --widen: hold windows of COMMAND's tasks open */
	uint32_t hold_us; /* the longest hold; 0: windows are not held open */
	const char *hold_why; /* the reason, if hold_us is 0 */
	uint32_t part; /* of a rotated recording, from 1; 0 if it was never rotated */
	const char *command_line; /* of ovltrace, quoted as for a shell; NULL: unknown */
	uint64_t require_rebuilds; /* a trace with fewer is inconclusive */
	bool follow; /* limited to what COMMAND and its descendants take part in */
	const char *follow_why; /* why it is not known which tasks are COMMAND's; NULL: it is */
	bool addresses_hashed; /* addresses are not the kernel's: see src/record/address.h */
	bool stacks; /* --stacks: records that are evidence have a stack */
};

/* A sentence about the verdict, in addition to counts, inconsistencies and coverage. */
struct remark {
	bool damage; /* the verdict cannot be clean */
	char text[320];
};

/* The last record. */
struct rec_summary {
	uint64_t duration_ns;
	enum verdict verdict;
	enum copy_up_order order; /* includes what was seen before the trace began */
	bool has_command;
	int command_status;
	bool told_apart; /* findings are, by whether a task of COMMAND's caused them: */
	uint64_t command_findings; /* its own; COUNT_UNSEEN: of some that is not known */
	struct rec_counts counts;
	uint64_t inconsistencies[INCONSISTENCIES]; /* how often each cross-check failed */
	uint64_t unknown_inconsistencies; /* of checks that only newer versions have */
	bool has_hold; /* windows were held open: */
	uint64_t hold_waits, hold_timed_out, hold_waited_ns;
	/* set by a replay only; not in a recording: */
	const struct remark *remarks;
	size_t nremarks;
	const struct rec_counts *total; /* of all recordings so far; NULL: a live trace */
};

struct ovl_record {
	enum record_type type;
	uint64_t seq; /* assigned by src/model/ or read from a recording */
	uint64_t ts_ns;
	union {
#define RECORD(id, name, member, subject, proves) struct rec_##member member;
#include "record/records.def"
	};
};

/* Receives a record. Its sequence number is final. */
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
/* Were there fewer rebuilds than --require-rebuilds asks for? */
bool rec_session__lacks_rebuilds(const struct rec_session *s, const struct rec_counts *c);
/* Can everything be seen that a verdict needs? If not, *gap is the first event that cannot. */
bool rec_session__complete(const struct rec_session *s, enum logical_event *gap);
/* Findings are worse than inconclusive, which is worse than clean. */
enum verdict verdict__worse(enum verdict a, enum verdict b);

#endif
