/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sinks: each writes the same records in its own form. A sink is one file and
 * sees records in the order of their seq, resolved and immutable.
 */
#ifndef OVLTRACE_SINK_H
#define OVLTRACE_SINK_H

#include "model/model.h"
#include "plan/plan.h"

/* One sentence that belongs to the verdict, beside counts, inconsistencies and coverage. */
struct remark {
	bool damage; /* it rules out a clean verdict */
	char text[320];
};

/* What the session and summary records say beside the records themselves. */
struct session_info {
	const char *version; /* ovltrace's own */
	const char *host; /* uname -n; NULL: not known */
	const char *kernel; /* uname -r */
	const char *arch;
	uint64_t start_realtime_ns;
	uint64_t start_ns, end_ns;
	const struct plan *plan;
	enum proof_state proof;
	const char *proof_why; /* PROOF_NOT_RUN: why not */
	uint64_t proof_ns;
	bool has_widen; /* windows of COMMAND were to be held open */
	uint32_t widen_us; /* for so long at most; 0: they are not, and */
	const char *widen_why; /* why not */
	uint64_t widen_waits, widen_vain, widen_ns; /* valid at the summary, live only */
	/* valid at the summary */
	struct rec_counts counts;
	enum verdict verdict;
	enum copy_up_order order; /* seen so far, before the trace began, too */
	bool has_command;
	int command_status;
	const uint64_t *inconsistencies; /* INCONSISTENCIES numbers */
	/* of a replay */
	const struct rec_counts *total; /* of all recordings so far */
	const struct remark *remarks;
	size_t nremarks;
};

struct sink {
	void (*record)(struct sink *s, const struct ovl_record *rec);
	/* What can wait no longer: called a few times a second. 0 or -errno, once. */
	int (*tick)(struct sink *s, const struct rec_counts *counts, uint64_t now_ns);
	/* Nothing comes after this: closes what is open. 0 or -errno. May be NULL. */
	int (*end)(struct sink *s);
	void (*free)(struct sink *s);
	const struct session_info *info;
};

/*
 * JSON Lines to a descriptor, which stays the caller's. If a write fails, a
 * regular file is cut back to its last complete line.
 */
struct sink *sink_jsonl__new(int fd, const struct session_info *info);
/* People's text. live: show a status line that is overwritten. */
struct sink *sink_text__new(FILE *f, bool live, const struct session_info *info);

/* The same as a report's form, like those below. */
struct sink *sink_text__new_report(FILE *f, const struct session_info *info);
/* One JSON object. */
struct sink *sink_report__new(FILE *f, const struct session_info *info);
struct sink *sink_perfetto__new(FILE *f, const struct session_info *info);
struct sink *sink_html__new(FILE *f, const struct session_info *info);
struct sink *sink_openmetrics__new(FILE *f, const struct session_info *info);

/*
 * Metrics of a running trace, in a file that is replaced every few seconds:
 * whoever reads it sees a whole one. For node exporter's textfile collector.
 */
struct sink *sink_metrics__new(const char *path, const struct session_info *info);

#endif
