/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: from the events of the wire to records. Pure C: no libbpf, no
 * stdio, no clock. Time comes in events; the same events give the same records.
 */
#ifndef OVLTRACE_MODEL_H
#define OVLTRACE_MODEL_H

#include "record/inconsistency.h"
#include "record/record.h"

struct model;

struct model_opts {
	record_fn emit;
	void *emit_ctx;
	const uint32_t *pids; /* report rebuilds of these processes only */
	size_t npids; /* 0: of all */
	bool complete; /* the plan covers all that the verdict needs */
	/* counts that this kernel does not show become COUNT_UNSEEN */
	bool merged; /* merged directories' caches are asked for */
	bool late_merged_puts; /* puts are told after the lock was released: that is known */
	bool sees_merged_stores, sees_merged_gets, sees_merged_puts, sees_merged_frees;
	bool sees_windows, sees_stores, sees_frees, sees_clears;
	/* the same, while the count is 0 */
	bool sees_mixes, sees_returns, sees_hazards, sees_entries;
};

/* NULL if out of memory. opts is copied; what it points to must outlive the model. */
struct model *model__new(const struct model_opts *opts);
void model__free(struct model *m);

/* The plan turned out to cover something else: takes opts' complete and sees_* over. */
void model__set_coverage(struct model *m, const struct model_opts *opts);
/* The first record. */
void model__session(struct model *m, uint64_t ts_ns, const struct rec_session *session);
/* One event, of any enum ovlw_type; size is what the ring says. */
void model__event(struct model *m, const struct ovlw_hdr *ev, size_t size);
/* That many records were lost at that place since the last call. */
void model__lost(struct model *m, uint64_t ts_ns, const char *where, uint64_t count);
/* What a directory cost: no business of the model but its number and its time. */
void model__directory(struct model *m, uint64_t ts_ns, const struct rec_directory *dir);
/* A test that COMMAND runs begins or has ended, at ts_ns. */
void model__test(struct model *m, uint64_t ts_ns, const struct rec_test *test);
/* The trace is over: judges what is still open. Then counts are final. */
void model__judge_open(struct model *m, uint64_t ts_ns);
/* The last record. */
void model__summary(struct model *m, uint64_t ts_ns, const struct rec_summary *summary);

void model__counts(const struct model *m, struct rec_counts *counts);
enum verdict model__verdict(const struct model *m);
/* How often each cross-check failed: INCONSISTENCIES numbers. */
const uint64_t *model__inconsistencies(const struct model *m);

#endif
