/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model turns events of the wire into records. Pure C: no libbpf, no stdio, no
 * clock. Time comes from the events, and equal events give equal records.
 */
#ifndef OVLTRACE_MODEL_H
#define OVLTRACE_MODEL_H

#include "record/inconsistency.h"
#include "record/record.h"

struct model;

struct model_opts {
	record_fn emit;
	void *emit_ctx;
	/* sets unwanted and of_command of the task of an event at ts_ns; NULL: they stay 0 */
	void (*belongs)(void *ctx, struct rec_task *task, uint64_t ts_ns);
	void *belongs_ctx;
	/* a rebuild by an unwanted task is reported if a wanted one modifies in its window */
	bool joins;
	/* report only rebuilds by tasks of which it is true; NULL: by all. comm may be "", and cgroup 0 */
	bool (*wants)(void *ctx, const struct rec_task *task);
	void *wants_ctx;
	bool complete; /* the plan covers all that the verdict needs */
	bool merged; /* --merged */
	bool sees_leaves; /* OVLW_LEAVE comes unless the rebuild ended before */
	bool shared; /* readers hold i_rwsem for reading only: there are no windows */
	bool late_frees; /* an overwritten cache may be freed at any time later */
	bool late_merged_puts; /* puts are reported after the lock was released, as planned */
	/* counts of events that this kernel hides become COUNT_UNSEEN */
	bool sees_merged_stores, sees_merged_gets, sees_merged_puts, sees_merged_frees;
	bool sees_windows, sees_stores, sees_frees, sees_clears;
	/* the same, but only while the count is 0 */
	bool sees_mixes, sees_returns, sees_hazards, sees_entries;
};

/* NULL if out of memory. Copies opts, but not what it points to. */
struct model *model__new(const struct model_opts *opts);
void model__free(struct model *m);

/* Replaces complete, merged, late_merged_puts and all sees_*, when the coverage has changed. */
void model__set_coverage(struct model *m, const struct model_opts *opts);
/* The first record. */
void model__session(struct model *m, uint64_t ts_ns, const struct rec_session *session);
/* One event of any enum ovlw_type; size is that of the ring's record. */
void model__event(struct model *m, const struct ovlw_hdr *ev, size_t size);
/* count records were lost at that place since the last call. */
void model__lost(struct model *m, uint64_t ts_ns, const char *where, uint64_t count);
/* What a directory cost. The model only numbers this record. */
void model__directory(struct model *m, uint64_t ts_ns, const struct rec_directory *dir);
/* A test that COMMAND runs has started or ended at ts_ns. */
void model__test(struct model *m, uint64_t ts_ns, const struct rec_test *test);
/* Have caches been overwritten since since_ns whose free may still come? */
bool model__awaits_frees(const struct model *m, uint64_t since_ns);
/* Judges what is still open at the end of the trace. Afterwards counts are final. */
void model__judge_open(struct model *m, uint64_t ts_ns);
/* The last record. */
void model__summary(struct model *m, uint64_t ts_ns, const struct rec_summary *summary);

void model__counts(const struct model *m, struct rec_counts *counts);
enum verdict model__verdict(const struct model *m);
/* How often each cross-check failed; an array of INCONSISTENCIES. */
const uint64_t *model__inconsistencies(const struct model *m);

#endif
