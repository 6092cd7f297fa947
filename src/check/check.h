/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ovltrace check`: what its parts know of each other.
 *
 * scenarios (children, check_area.c, check_impure.c ...) ─► shared memory ┐
 * session's records ─► sink (check_sink.c) ──────────────────────────────┴► facts
 * facts ─► judge (pure, check_judge.c) ─► report ─► KTAP, JUnit, JSON
 *
 * The supervisor (supervise.c) touches no overlay and attaches no probe, so
 * nothing can make it hang; the engine (check_engine.c) is its child, and the
 * scenarios are the engine's.
 */
#ifndef OVLTRACE_CHECK_H
#define OVLTRACE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "record/record.h"
#include "util/tristate.h"

/* The results, in the order of the output. */
enum check_id {
#define RESULT(id, name, kind, known) CHECK_##id,
#include "check/results.def"
	CHECK_RESULTS,
};

struct check_def {
	const char *name;
	int kind; /* enum finding_kind; -1: none */
	bool known; /* all released kernels fail it */
};

#define CHECK_TODO "known defect of released kernels"

extern const struct check_def check_defs[CHECK_RESULTS];

enum check_state {
	CHECK_OK,
	CHECK_FAIL,
	CHECK_SKIP,
};

enum {
	CHECK_MAX_SCENARIOS = 12,
	CHECK_MAX_DEVS = 2, /* overlays of one scenario */
	CHECK_TEXT = 512,
	CHECK_REPORTED = 2, /* findings of one kind and scenario that are told in full */
};

#define CHECK_BIT(id) (1u << (id))

/* How far a scenario came. */
enum scenario_phase {
	SCENARIO_NOT_RUN, /* not asked for, or no time was left */
	SCENARIO_PREPARING,
	SCENARIO_UNFIT, /* this system can't make it: why */
	SCENARIO_READY,
	SCENARIO_RUNNING,
	SCENARIO_DONE,
	SCENARIO_HUNG, /* did not end when it had to, not even when it was killed */
	SCENARIO_DIED,
};

/* What a scenario did and saw: written by its child, in shared memory. */
struct scenario_state {
	uint32_t phase; /* enum scenario_phase */
	int32_t pid;
	uint32_t devs[CHECK_MAX_DEVS];
	uint32_t ndevs;
	uint32_t turns; /* that it has finished */
	uint64_t ran_ns; /* in all of them */
	uint64_t listings, calls, modifications; /* calls of getdents */
	uint64_t verified; /* new listings that were compared with statx */
	uint64_t entries; /* that were compared */
	uint64_t errors; /* system calls that failed for no reason we know */
	uint64_t wrong_ino; /* entries whose d_ino is not statx's, twice in a row */
	uint64_t unflagged; /* the same where the impure flag is gone from the upper directory */
	uint64_t wrong_names; /* entries that are missing or should not be there */
	uint64_t bad_returns; /* of getdents: no count, no errno; or -EIO */
	uint64_t stale_names; /* listed from a directory after its removal */
	uint64_t copy_ups; /* directories copied up */
	uint64_t provoked; /* by the engine: what --provoke was for has happened so often */
	char why[CHECK_TEXT]; /* it is unfit, or the first error */
	char seen[CHECK_RESULTS][CHECK_TEXT]; /* the first thing that was wrong, in words */
};

/* One overlayfs child of the engine. */
struct scenario {
	const char *name;
	const char *property; /* what must hold */
	uint32_t checks; /* CHECK_BITs of the results that it says something about */
	uint32_t by_records; /* of these, those that need a rebuild on record */
	unsigned int share; /* of the time */
	bool merged; /* it lists merged directories */
	int (*prepare)(struct scenario_state *st, void *area);
	/*
	 * One turn: what makes it say anything, however late it is, and more of
	 * it until then. It goes on where the last turn ended.
	 */
	void (*run)(struct scenario_state *st, void *area, uint64_t until_ns);
	unsigned int provoked_share; /* with --provoke; 0: the same */
};

extern const struct scenario scenarios[]; /* ended by a NULL name */
extern const size_t nscenarios;

/* A finding as it is told. */
struct check_finding {
	struct check_finding *next;
	enum check_id id;
	size_t scenario;
	char *text; /* one sentence */
	char *story; /* lines: who did what when */
};

/* All that is known when the check ends: what the judge looks at. */
struct check_facts {
	bool selected[CHECK_MAX_SCENARIOS];
	const struct scenario_state *state; /* one for each scenario */
	bool traced; /* the session ran */
	char untraced[CHECK_TEXT]; /* why not; "" if it did */
	bool complete; /* coverage is */
	char gap[CHECK_TEXT]; /* what it lacks */
	struct rec_counts counts;
	char inconsistencies[CHECK_TEXT]; /* cross-checks that failed */
	uint64_t rebuilds[CHECK_MAX_SCENARIOS]; /* on record, by scenario */
	uint64_t findings[CHECK_MAX_SCENARIOS][FINDING_KINDS];
	/* defects that show in the code or in the order of two stores, without a race */
	enum tristate copy_up_order; /* YES: the wrong one */
	uint64_t copy_ups, copy_ups_wrong; /* directories */
	uint64_t mixed_stores; /* impure caches put on merge inodes */
	uint64_t mixed_frees; /* readdirs that are about to free a refcounted cache */
	char order_why[CHECK_TEXT];
	enum tristate hazard; /* YES: the code looks up unlocked under the lock */
	char hazard_why[CHECK_TEXT];
	bool timed_out; /* the engine itself did not end */
	bool strict; /* known defects fail the check, too */
};

struct check_sub {
	bool used;
	enum check_state state;
	char why[CHECK_TEXT];
};

struct check_result {
	enum check_state state;
	char why[CHECK_TEXT]; /* of SKIP and of a failure; may be "" */
	char note[CHECK_TEXT]; /* of a success, too */
	bool vital; /* a SKIP of it is inconclusive */
	bool todo; /* a FAIL of it is CHECK_TODO, and leaves the check as it is */
	uint64_t count;
	struct check_sub sub[CHECK_MAX_SCENARIOS];
};

struct check_report {
	struct check_result result[CHECK_RESULTS];
	int status; /* enum exit_status */
	/* for the output only */
	const char *version, *kernel, *arch;
	uint64_t seed;
	double seconds; /* that it took */
	uint64_t start_realtime_ns;
	char widen[CHECK_TEXT]; /* what was done to make races happen */
	const struct check_facts *facts;
	const struct check_finding *findings;
};

const char *check_id__name(enum check_id id);
/* The result that findings of that kind fail; CHECK_RESULTS: none. */
enum check_id check_id__of(enum finding_kind kind);
const char *scenario_phase__text(enum scenario_phase phase);

/* Pure: facts -> report->result, report->status. */
void check__judge(const struct check_facts *facts, struct check_report *report);

/* Each writes the whole report. */
void check_ktap__write(FILE *f, const struct check_report *r);
void check_junit__write(FILE *f, const struct check_report *r);
void check_json__write(FILE *f, const struct check_report *r);

enum {
	CHECK_WIDEN_DEFAULT_US = 10000,
	CHECK_WIDEN_MAX_US = 50000,
};

/* What the command line asks for. */
struct check_opts {
	double seconds;
	uint64_t seed;
	uint32_t widen_us; /* 0: off */
	int free_cpu; /* for whoever modifies while readers wait; -1: there is one processor only */
	bool provoke, strict;
	bool selected[CHECK_MAX_SCENARIOS];
	uint64_t deadline_ns; /* when all of it must be over */
	void (*write)(FILE *f, const struct check_report *r);
};

/*
 * Runs everything and writes the report into out_fd. states: shared memory,
 * one for each scenario. *reported, shared too, becomes the exit status + 1 as
 * soon as the report is complete; then the probes are taken away, which takes
 * long. Returns the exit status.
 */
int check_engine__run(const struct check_opts *opts, struct scenario_state *states, int out_fd,
		      int32_t *reported);

/* Runs the engine in a child, waits for it up to the deadline, and writes its report. */
int check__supervise(const struct check_opts *opts, FILE *out);

#endif
