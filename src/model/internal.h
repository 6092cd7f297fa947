/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the model: directories, tasks and caches as they are known so far.
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
};

struct rebuild {
	struct rebuild *prev, *next; /* of the same directory */
	struct mdir *dir;
	struct mtask *by;
	struct rec_task task;
	bool reported; /* its process is one that was asked for */
	bool was_impure; /* when the lock was last taken */
	bool clears; /* it is about to clear the flag */
	bool window_open;
	uint64_t begin_ns;
	uint64_t lost_at_begin;
	uint64_t version_read;
	uint32_t reads;
	struct rec_window *windows;
	size_t nwindows, cap;
	uint64_t modify_seq[MODEL_EVIDENCE];
	size_t nmodify;
};

enum cache_state {
	CACHE_LIVE,
	CACHE_OVERWRITTEN, /* out of reach; a free may still follow */
	CACHE_FREED, /* but its address may still be in the slot */
};

struct mcache {
	UT_hash_handle hh; /* by ptr */
	struct mcache *prev, *next; /* of the same directory */
	uint64_t ptr;
	struct mdir *dir;
	enum cache_state state;
	struct rec_task owner;
	uint64_t stamp;
	uint64_t stale_seq; /* of its stale_store finding; 0: not stale, or over */
	uint64_t stored_ns;
	uint64_t stored_seq; /* of the rebuild record; 0: not recorded */
	uint64_t lost_at_store;
	bool owner_reported;
	bool stored_seen; /* else it is older than the trace */
	/* where overwritten */
	struct rec_task by;
	uint64_t by_seq;
	uint64_t over_ns;
	bool by_null, by_reported;
	bool begin_passed; /* by_null: the task's rebuild has begun since */
};

/* A merged directory's cache, as far as its life is known: src/model/merged_life.c */
struct mmerged {
	UT_hash_handle hh; /* by rec.cache */
	struct mmerged *prev, *next; /* of the same directory */
	struct mdir *dir;
	struct rec_merged rec;
	uint64_t lost_before; /* when it was seen first */
	int64_t streams; /* that have it */
	size_t known; /* struct mstream that name it: fewer, if some are older than the trace */
	bool reported;
	bool adopted; /* older than the trace: how many streams had it was not seen */
	bool in_slot;
	uint64_t left_ns, stale_ns, wrong_ns; /* when each defect began, if it is one */
	struct mtask *last_by; /* who should have freed it, not yet judged */
};

/* A stream that has a cache. */
struct mstream {
	UT_hash_handle hh; /* by file */
	uint64_t file;
	struct mmerged *cache;
};

struct mdir {
	UT_hash_handle hh; /* by inode */
	uint64_t inode, ino;
	uint32_t dev;
	uint64_t version; /* at the last event of it, all of which held the lock */
	uint64_t prior; /* in its slot at its first event: may be older than the trace */
	char *path; /* from the root of its mount; NULL: not known */
	struct rebuild *rebuilds;
	struct mcache *caches;
	struct mmerged *merged;
};

struct mtask {
	UT_hash_handle hh; /* by tid */
	uint32_t tid;
	uint64_t start_ns;
	struct rebuild *rebuild;
	bool cut; /* the rebuild that ends was counted as partial already */
	uint64_t failed_seq; /* of its last rebuild's record, which ended for no known reason; or 0 */
	uint64_t failed_dir;
	struct mcache *pending; /* the cache it overwrote last, not yet judged */
	struct mmerged *unfreed; /* the merged cache that it should have freed, the same */
};

struct model {
	struct model_opts opts;
	struct mdir *dirs;
	struct mtask *tasks;
	struct mdir *last_dir; /* mostly the next event's, too */
	struct mtask *last_task;
	struct mcache *caches;
	struct mmerged *merged;
	struct mstream *streams;
	bool merged_not_judged; /* gets or puts went unseen: nothing is judged any more */
	uint64_t begin_ns; /* of the session */
	uint64_t freed_seen[MODEL_FREED_SEEN]; /* a ring: addresses not known to us */
	size_t nfreed_seen;
	uint64_t seq;
	uint64_t ts_ns; /* of the last record: records never go back in time */
	uint64_t lost_seen; /* of the last event's header */
	struct rec_counts counts;
	uint64_t inconsistencies[INCONSISTENCIES];
};

/* src/model/emit.c: records, and what several files put in them */
void model__inconsistent(struct model *m, enum inconsistency which);
/* Numbers the record, keeps time monotonic, emits. Returns its seq. */
uint64_t model__emit(struct model *m, struct ovl_record *rec, uint64_t ts_ns);
void model__rec_dir(struct rec_dir *rec, const struct mdir *dir);
/* A defect that a detector sees. */
struct model_finding {
	enum finding_kind kind;
	const struct mdir *dir; /* may be NULL */
	const struct rec_task *task;
	bool exact;
	const uint64_t *evidence; /* seqs */
	size_t nevidence;
	const char *text;
	uint64_t at_ns; /* when it happened; it may be known later */
};

/* What detect__run() is to report: f with each detector's kind, exactness and text. */
struct model_report {
	struct model *m;
	struct model_finding f;
	uint64_t ts_ns;
	uint64_t stale_seq; /* of a stale_store finding, 0 if there is none */
	uint64_t (*began)(const struct model_report *rep); /* NULL: f.at_ns is right */
	const struct mmerged *merged; /* for began */
};

/* For detect__run(); ctx is a struct model_report. */
void model__detected(void *ctx, const struct detected *d);

/* It is known by ts_ns. Returns its seq. */
uint64_t model__finding(struct model *m, const struct model_finding *f, uint64_t ts_ns);

/* t may be NULL: then only the ids are known */
void model__task(struct rec_task *to, const struct ovlw_hdr *hdr, const struct ovlw_task *t);
bool model__pid_wanted(const struct model *m, uint32_t pid);

/* src/model/rebuild.c: one for each event of a rebuild */
void rebuild__begin(struct model *m, const struct ovlw_event *ev, struct mtask *t,
		    struct mdir *dir);
void rebuild__read(const struct ovlw_event *ev, struct rebuild *rb);
void rebuild__drop(struct model *m, const struct ovlw_event *ev, struct rebuild *rb);
void rebuild__reacquire(struct model *m, struct rebuild *rb, const struct ovlw_hdr *hdr,
			const struct ovlw_dir *dir, uint64_t wait_ns);
void rebuild__clear(struct rebuild *rb);
void rebuild__set(struct model *m, const struct ovlw_cache *ev, struct mtask *t, struct mdir *dir);
void rebuild__freed(struct model *m, const struct ovlw_cache *ev, struct mtask *t);
/* Forgets the task's rebuild, if it has one. */
void rebuild__free(struct mtask *t);

/* src/model/invariants.c: what must never happen */
void invariants__incident(struct model *m, const struct ovlw_incident *ev, struct mtask *t,
			  const struct mdir *dir);
/* A cache was stored, in the rebuild with that seq, 0 if it has no record. */
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
	bool reported; /* the process is one that was asked for */
};

/* The new cache of dir's slot. */
void ledger__stored(struct model *m, struct mdir *dir, const struct slot_change *ch);
/* The old cache of dir's slot, before ledger__stored(). */
void ledger__overwritten(struct model *m, struct mdir *dir, struct mtask *task,
			 const struct slot_change *ch);
void ledger__freed(struct model *m, const struct ovlw_cache *ev);
/* The merged path counts it by references from now on, and its last user frees it. */
void ledger__hand_over(struct model *m, uint64_t ptr, uint64_t ts_ns);
/* Judges what task overwrote, unless it freed it. */
void ledger__judge_task(struct model *m, struct mtask *task, uint64_t ts_ns);
/* The same for all that was overwritten in dir by others than `but`. */
void ledger__judge_dir(struct model *m, struct mdir *dir, const struct mtask *but, uint64_t ts_ns);
/* The inode goes away, with what is in its slot. */
void ledger__destroyed(struct model *m, struct mdir *dir, uint64_t slot, uint64_t ts_ns);
/* The inode went away unseen: its caches with it, we know not how. */
void ledger__forgotten(struct model *m, struct mdir *dir, uint64_t ts_ns);
/* The trace is over: what is overwritten is judged, what is stale stays so. */
void ledger__finish(struct model *m, struct mdir *dir, uint64_t ts_ns);
void ledger__drop_dir(struct model *m, struct mdir *dir);

/* src/model/merged.c, src/model/merged_life.c: the caches of merged directories */
bool merged__is(uint16_t type);
/* dir may be NULL: a put that belongs to nothing known. */
void merged__event(struct model *m, const struct ovlw_merged *ev, struct mtask *t,
		   struct mdir *dir);
/* Judges what task should have freed. */
void merged__judge_task(struct model *m, struct mtask *t, uint64_t ts_ns);
/* The inode goes away, with what is in its slot. */
void merged__destroyed(struct model *m, struct mdir *dir, uint64_t slot, uint64_t ts_ns);
/* The trace is over. */
void merged__finish(struct model *m, struct mdir *dir, uint64_t ts_ns);
void merged__drop_dir(struct model *m, struct mdir *dir);
/* No stream is known any more. */
void merged__deinit(struct model *m);
void merged__counts(const struct model *m, struct rec_counts *counts);

#endif
