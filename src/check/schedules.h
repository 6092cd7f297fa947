/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All interleavings of readers and modifications, where readers drop the lock.
 *
 * schedules.c (which is next) ─► src/perform/stage.c (runs it, holds readers)
 *        │ runs                  schedules_trace.c (what a trace saw of each run)
 *        └─► schedules_judge.c ─► schedules_report ─► explore_judge.c
 *
 * A run counts only if its pieces ended as they were meant to, and if the trace has
 * seen the same windows, with the same modifications in them.
 */
#ifndef OVLTRACE_CHECK_SCHEDULES_H
#define OVLTRACE_CHECK_SCHEDULES_H

#include "check/check.h"
#include "explore/schedule.h"
#include "perform/stage.h"

enum {
	SCHEDULES_READERS = 2, /* by default */
	SCHEDULES_MODIFICATIONS = 2,
	SCHEDULES_WINDOWS_MAX = 4, /* that a reader is held in */
};

struct schedules_opts {
	unsigned int readers, modifications;
	unsigned int sum; /* of both, at most; 0: no such limit */
	unsigned int least; /* so many are run even if they are late, but for LATE_MS at most */
	uint64_t *moved; /* how many were run goes here; NULL: there are lines of progress */
	bool single; /* only `schedule` */
	struct schedule schedule;
	const volatile int *interrupted;
	uint64_t end_ns; /* 0: none */
};

/* One schedule that was run. */
struct schedules_run {
	struct schedule schedule;
	struct schedule_seen seen;
	bool unflagged; /* its last listing is wrong, because the impure flag is gone */
	bool done; /* its pieces ended as they were meant to */
	uint64_t ino; /* of D */
	uint32_t windows, mods; /* of its readers, by the trace */
	uint32_t findings[CHECK_RESULTS]; /* of the trace, and of what a user sees */
};

/* The first failing schedule of a result: none is shorter. */
struct schedules_found {
	struct schedules_run run;
	char text[PERFORM_TEXT];
};

struct schedules_report {
	bool selected;
	bool unfit; /* not possible on this system; why says why */
	char why[PERFORM_TEXT];
	bool never_drops; /* readers keep the lock: there is nothing to interleave */
	bool traced;
	char untraced[CHECK_TEXT]; /* why not, or what the trace has missed; "" */
	char stopped[CHECK_TEXT]; /* why not all were run; "" */
	char running[SCHEDULE_TEXT]; /* the last one, if it did not end */
	unsigned int readers, modifications;
	unsigned int windows; /* of a reader, at most */
	bool by_program; /* readers were held by a program */
	unsigned int held; /* at the same time, at most */
	bool cut; /* these are too few: only schedules that need no more were run */
	uint64_t of, realized;
	char unrealized[SCHEDULE_TEXT]; /* the first that was not */
	uint64_t failing[CHECK_RESULTS]; /* schedules */
	struct schedules_found found[CHECK_RESULTS];
	char forms[CHECK_TEXT]; /* known forms that do the same in each schedule; "" */
};

struct schedules_runs {
	struct schedules_run *run;
	size_t n, room;
	uint32_t tid[CACHE_READERS];
	bool shares_lock; /* readers do, so the trace sees no windows */
	bool failed; /* no memory */
};

/* NULL without memory. */
struct schedules_run *schedules_runs__add(struct schedules_runs *r);

struct director;

/*
 * In parts; there is one director in a process, and it does not trace. NULL where there is
 * nothing to run: the report says why.
 */
struct director *schedules__begin(const struct schedules_opts *o, struct schedules_report *r);
/* At least one schedule. True: all were run, or nothing more can be. */
bool schedules__until(struct director *d, uint64_t end_ns);
const struct schedules_runs *schedules__runs(const struct director *d);
/* What its child says. */
const struct stage_shared *schedules__shared(const struct director *d);

/* Runs them all, and traces them. */
void schedules__run(const struct schedules_opts *o, struct schedules_report *r);

/* ---- schedules_trace.c ------------------------------------------------------------ */

struct schedules_trace;
/* Traces that overlay from now on. NULL with why. The runs may grow. */
struct schedules_trace *schedules_trace__start(struct schedules_runs *runs, uint32_t dev,
					       char why[CHECK_TEXT]);
void schedules_trace__poll(struct schedules_trace *t);
/* After the traced tasks have ended: completes the runs. why: what is missing, or "". */
void schedules_trace__finish(struct schedules_trace *t, char why[CHECK_TEXT]);

/* ---- schedules_judge.c, pure -------------------------------------------------------- */

/* From the runs: what was realized, what failed, and which forms fit. */
void schedules__judge(const struct schedules_runs *runs, struct schedules_report *r);
/* Windows of its readers. */
unsigned int schedules__windows(const struct schedules_run *run);
/* "R1<: reader 1 lists D ..." and so on. A new string. */
char *schedules__story(const struct schedules_found *f);

#endif
