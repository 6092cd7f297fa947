/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internals of the model: directories, tasks and caches as they are known so far.
 */
#ifndef OVLTRACE_MODEL_INT_H
#define OVLTRACE_MODEL_INT_H

#include "detect/detect.h"
#include "model/model.h"
#include "ovltrace/wire.h"
#include "util/hash.h"

#include <utlist.h>

enum {
	MODEL_IDLE_TASKS = 4,
	MODEL_FREED_SEEN = 1024, /* frees of caches older than the trace */
	MODEL_EVIDENCE = RECORD_MAX_EVIDENCE - 4,
	MODEL_WINDOWS = 2, /* of most rebuilds; more are allocated */
	MODEL_STACKS = 256, /* that wait for their event: of so many tasks at a time */
};

struct rebuild {
	struct rebuild *prev, *next; /* of the same directory */
	struct mdir *dir;
	struct mtask *by;
	struct rec_task task;
	bool reported; /* its task is wanted */
	bool was_impure; /* when the lock was last taken */
	bool clears; /* it is about to clear the flag */
	bool window_open;
	uint64_t begin_ns;
	uint64_t lost_at_begin;
	uint64_t version_read;
	uint32_t reads;
	struct rec_window *windows; /* few[], or allocated */
	size_t nwindows, cap;
	size_t nmodify;
	/* From here on nothing is cleared at the begin. */
	struct rec_window few[MODEL_WINDOWS];
	uint64_t modify_seq[MODEL_EVIDENCE];
};

enum cache_state {
	CACHE_LIVE,
	CACHE_OVERWRITTEN, /* unreachable; a free may still follow */
	CACHE_FREED, /* its address may still be in the slot */
};

struct mcache {
	UT_hash_handle hh; /* by ptr */
	struct mcache *prev, *next; /* of the same directory */
	uint64_t ptr;
	struct mdir *dir;
	enum cache_state state;
	struct rec_task owner;
	uint64_t stamp;
	uint64_t stale_seq; /* of its stale_store finding; 0: not stale, or no longer served */
	uint64_t stored_ns;
	uint64_t stored_seq; /* of the rebuild record; 0: not recorded */
	uint64_t lost_at_store;
	bool owner_reported;
	bool stored_seen; /* false: the cache is older than the trace */
	/* of CACHE_OVERWRITTEN */
	struct rec_task by;
	uint64_t by_seq;
	uint64_t over_ns;
	bool by_null, by_reported;
	bool begin_passed; /* by_null: the task's rebuild has begun since */
};

/* The life so far of a merged directory's cache: src/model/merged_life.c */
struct mmerged {
	UT_hash_handle hh; /* by rec.cache */
	struct mmerged *prev, *next; /* of the same directory */
	struct mdir *dir;
	struct rec_merged rec;
	uint64_t lost_before; /* losses when it was seen first */
	int64_t streams; /* that hold a reference */
	size_t known; /* struct mstream of it; fewer than streams if some are older than the trace */
	bool reported;
	bool adopted; /* older than the trace: its first streams were not seen */
	bool in_slot;
	uint64_t left_ns, stale_ns, wrong_ns; /* when each defect began; 0: no defect */
	struct mtask *last_by; /* the task that must free it, not yet judged */
};

/* A stream that holds a reference to a cache. */
struct mstream {
	UT_hash_handle hh; /* by file */
	uint64_t file;
	struct mmerged *cache;
};

struct mdir {
	UT_hash_handle hh; /* by inode */
	struct mdir *prev, *next; /* of those that are destroyed */
	uint64_t inode, ino;
	uint32_t dev;
	uint64_t version; /* at its last event; all of them are under the lock */
	uint64_t prior; /* slot at its first event; that cache may be older than the trace */
	char *path; /* from the root of its mount; NULL: unknown */
	struct rebuild *rebuilds;
	struct mcache *caches;
	struct mmerged *merged;
};

struct mtask {
	UT_hash_handle hh; /* by tid */
	uint32_t tid;
	uint64_t start_ns;
	struct rebuild *rebuild; /* the one in progress, in `own`; NULL: none */
	struct rebuild own;
	bool cut; /* the rebuild that ends has already been counted as partial */
	uint64_t failed_seq; /* record of its last rebuild, if that failed for an unknown reason */
	uint64_t failed_dir;
	uint64_t discarded; /* directory of a rebuild that ended for an unknown reason, 0: none */
	struct mcache *pending; /* the last cache that it overwrote, not yet judged */
	struct mmerged *unfreed; /* the merged cache that it must free, not yet judged */
};

struct model {
	struct model_opts opts;
	struct mdir *dirs;
	bool slot_used; /* something was in the slot of a directory */
	struct mdir *retired; /* destroyed, with overwritten caches that may still be freed */
	struct mtask *tasks;
	struct mdir *last_dir; /* often the next event's, too */
	struct mtask *last_task;
	struct mcache *caches;
	struct mcache *spare; /* memory of one that was forgotten; mostly a new one follows */
	struct mmerged *merged;
	struct mstream *streams;
	bool merged_not_judged; /* gets or puts were missed: stop judging */
	uint64_t begin_ns; /* of the session */
	uint64_t freed_seen[MODEL_FREED_SEEN]; /* a ring of addresses that the ledger lacked */
	size_t nfreed_seen;
	uint64_t seq;
	uint64_t ts_ns; /* of the last record; times of records never go back */
	uint64_t lost_seen; /* of the last event's header */
	struct ovlw_stack *stacks; /* a ring of MODEL_STACKS; NULL: none came */
	size_t nstacks; /* that came */
	struct rec_counts counts;
	uint64_t inconsistencies[INCONSISTENCIES];
};

/* src/model/emit.c: records and their parts */
void model__inconsistent(struct model *m, enum inconsistency which);
/* Numbers and emits the record. Its time is never before the last one's. Returns its seq. */
uint64_t model__emit(struct model *m, struct ovl_record *rec, uint64_t ts_ns);
void model__rec_dir(struct rec_dir *rec, const struct mdir *dir);
/* A defect that a detector found. */
struct model_finding {
	enum finding_kind kind;
	const struct mdir *dir; /* may be NULL */
	const struct rec_task *task;
	bool exact;
	const uint64_t *evidence; /* seqs */
	size_t nevidence;
	const char *text;
	uint64_t at_ns; /* when it happened, which may be before it was known */
};

/* Context of detect__run(): each detector fills in kind, exactness and text of f. */
struct model_report {
	struct model *m;
	struct model_finding f;
	uint64_t ts_ns;
	uint64_t stale_seq; /* of a stale_store finding, 0 if there is none */
	uint64_t (*began)(const struct model_report *rep); /* returns at_ns; NULL: use f.at_ns */
	const struct mmerged *merged; /* for began */
};

/* For detect__run(); ctx is a struct model_report. */
void model__detected(void *ctx, const struct detected *d);

/* ts_ns: when it became known. Returns the record's seq. */
uint64_t model__finding(struct model *m, const struct model_finding *f, uint64_t ts_ns);

/* t may be NULL: only the ids are known. */
void model__task(const struct model *m, struct rec_task *to, const struct ovlw_hdr *hdr,
		 const struct ovlw_task *t);
bool model__task_wanted(const struct model *m, const struct rec_task *task);

/* src/model/rebuild.c: one function for each event of a rebuild */
void rebuild__begin(struct model *m, const struct ovlw_event *ev, struct mtask *t,
		    struct mdir *dir);
void rebuild__read(const struct ovlw_event *ev, struct rebuild *rb);
void rebuild__drop(struct model *m, const struct ovlw_event *ev, struct rebuild *rb);
void rebuild__reacquire(struct model *m, struct rebuild *rb, const struct ovlw_hdr *hdr,
			const struct ovlw_dir *dir, uint64_t wait_ns);
void rebuild__clear(struct rebuild *rb);
/* It is reported although its own task is unwanted: by took part. */
void rebuild__join(struct model *m, struct rebuild *rb, const struct rec_task *by);
void rebuild__leave(struct model *m, const struct ovlw_event *ev, struct mtask *t);
void rebuild__set(struct model *m, const struct ovlw_cache *ev, struct mtask *t, struct mdir *dir);
void rebuild__freed(struct model *m, const struct ovlw_cache *ev, struct mtask *t);
/* Forgets the task's rebuild, if there is one. */
void rebuild__free(struct mtask *t);

/* src/model/stack.c: kernel stacks, with --stacks */
/* Keeps a stack, or drops those that waited for an event that has been handled now. */
void stack__pass(struct model *m, const struct ovlw_hdr *hdr);
/* The stack of the event that is being handled. It is valid until the next event. */
struct rec_stack stack__get(const struct model *m, const struct ovlw_hdr *hdr);

/* src/model/invariants.c: violated invariants */
void invariants__incident(struct model *m, const struct ovlw_incident *ev, struct mtask *t,
			  const struct mdir *dir);
/* A cache was stored. seq: of the rebuild's record; 0: not recorded. */
void invariants__stored(struct model *m, const struct ovlw_cache *ev, const struct mdir *dir,
			const struct rec_task *by, uint64_t seq);

/* src/model/ledger.c: the caches */
struct mcache *ledger__find(struct model *m, uint64_t ptr);
/* A change of a directory's slot, from ev->dir.slot to ev->cache. */
struct slot_change {
	const struct ovlw_cache *ev;
	const struct rec_task *by;
	uint64_t seq; /* of the rebuild's record; 0: not recorded */
	uint64_t stale_seq; /* of the new cache's stale_store finding; 0: not stale */
	bool reported; /* the task is wanted */
};

/* The new cache of dir's slot. */
void ledger__stored(struct model *m, struct mdir *dir, const struct slot_change *ch);
/* The old cache of dir's slot, before ledger__stored(). */
void ledger__overwritten(struct model *m, struct mdir *dir, struct mtask *task,
			 const struct slot_change *ch);
void ledger__freed(struct model *m, const struct ovlw_cache *ev);
/* The merged path now counts references to this cache, and its last user frees it. */
void ledger__hand_over(struct model *m, uint64_t ptr, uint64_t ts_ns);
/* Judges the cache that task overwrote and has not freed. */
void ledger__judge_task(struct model *m, struct mtask *task, uint64_t ts_ns);
/* The same for all caches of dir that tasks other than `but` overwrote. */
void ledger__judge_dir(struct model *m, struct mdir *dir, const struct mtask *but, uint64_t ts_ns);
/* The inode is destroyed, and the cache in its slot. */
void ledger__destroyed(struct model *m, struct mdir *dir, uint64_t slot, uint64_t ts_ns);
/* The inode's destruction was missed. The fate of its caches is unknown. */
void ledger__forgotten(struct model *m, struct mdir *dir, uint64_t ts_ns);
/* The trace ends: judges overwritten caches. Stale ones stay stale. */
void ledger__finish(struct model *m, struct mdir *dir, uint64_t ts_ns);
void ledger__drop_dir(struct model *m, struct mdir *dir);

/* src/model/merged.c, src/model/merged_life.c: the caches of merged directories */
bool merged__is(uint16_t type);
/* dir may be NULL: a put of an unknown cache. */
void merged__event(struct model *m, const struct ovlw_merged *ev, struct mtask *t,
		   struct mdir *dir);
/* Judges the cache that t must have freed by now. */
void merged__judge_task(struct model *m, struct mtask *t, uint64_t ts_ns);
/* The inode is destroyed, and the cache in its slot. */
void merged__destroyed(struct model *m, struct mdir *dir, uint64_t slot, uint64_t ts_ns);
/* The trace ends. */
void merged__finish(struct model *m, struct mdir *dir, uint64_t ts_ns);
void merged__drop_dir(struct model *m, struct mdir *dir);
/* Forgets all streams. */
void merged__deinit(struct model *m);
void merged__counts(const struct model *m, struct rec_counts *counts);

#endif
