/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ovltrace check`: the types that its parts share.
 *
 * scenarios (children; race.c, dirs.c ...) ─► shared memory ┐
 * the session's records ─► sink.c ──────────────────────────┴► facts
 * facts ─► judge.c (pure) ─► report ─► KTAP, JUnit, JSON
 *
 * The supervisor (supervise.c) touches no overlay and attaches no probe, so a
 * broken kernel cannot make it hang. The engine (engine.c) is its child, and
 * the scenarios are children of the engine.
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
	CHECK_MAX_SUBJECTS = 24, /* scenarios, or configurations of --explore */
	CHECK_MAX_DEVS = 2, /* overlays of one scenario */
	CHECK_TEXT = 512,
	CHECK_REPORTED = 2, /* findings of one kind and scenario that are reported in full */
};

#define CHECK_BIT(id) (1u << (id))

/* The progress of a scenario. */
enum scenario_phase {
	SCENARIO_NOT_RUN, /* not selected, or no time was left */
	SCENARIO_PREPARING,
	SCENARIO_UNFIT, /* this system cannot set it up; the reason is in `why` */
	SCENARIO_READY,
	SCENARIO_RUNNING,
	SCENARIO_DONE,
	SCENARIO_HUNG, /* did not end in time, not even after SIGKILL */
	SCENARIO_DIED,
};

/* What a scenario did and saw. Its child writes this in shared memory. */
struct scenario_state {
	uint32_t phase; /* enum scenario_phase */
	int32_t pid;
	uint32_t devs[CHECK_MAX_DEVS];
	uint32_t ndevs;
	uint32_t turns; /* finished turns */
	uint64_t ran_ns; /* in all turns */
	uint64_t listings, calls, modifications; /* calls of getdents */
	uint64_t verified; /* new listings that were compared with statx */
	uint64_t entries; /* compared entries */
	uint64_t errors; /* system calls that failed without a known reason */
	uint64_t wrong_ino; /* entries whose d_ino is not statx's, twice in a row */
	uint64_t unflagged; /* the same where the impure flag is gone from the upper directory */
	uint64_t wrong_names; /* entries that are missing or should not be there */
	uint64_t bad_returns; /* from getdents: neither a count nor an errno, or -EIO */
	uint64_t stale_names; /* listed from a directory after its removal */
	uint64_t copy_ups; /* directories copied up */
	uint64_t provoked; /* how often --provoke had its effect; the engine writes it */
	uint64_t wrong_links; /* histories that end with a link that is listed wrongly */
	/* of those that explore; not all: the time was over, or `why` says more */
	uint64_t covered, of; /* histories or schedules; of: 0 as long as it is not known */
	uint64_t windows_due, mods_due; /* that a trace must have seen, if they were realized */
	bool idle; /* there is nothing to explore here: `why` says why */
	char why[CHECK_TEXT]; /* why it is unfit, or the first error */
	char seen[CHECK_RESULTS][CHECK_TEXT]; /* the first error of each result, as text */
};

/* One overlayfs child of the engine. */
struct scenario {
	const char *name;
	const char *property; /* what must hold */
	uint32_t checks; /* CHECK_BITs of the results that it tests */
	uint32_t by_records; /* of these, the results that need a recorded rebuild */
	unsigned int share; /* share of the total time */
	bool merged; /* it lists merged directories */
	int (*prepare)(struct scenario_state *st, void *area);
	/*
	 * One turn. It does the minimum that a result needs even if it is late, and
	 * repeats until its time is over. It continues where the last turn ended.
	 */
	void (*run)(struct scenario_state *st, void *area, uint64_t until_ns);
	unsigned int provoked_share; /* with --provoke; 0: the same */
	const char *explores; /* what it covers; what it leaves out is no gap. NULL: nothing */
};

extern const struct scenario scenarios[]; /* ended by a NULL name */
extern const size_t nscenarios;

/* A finding as the report shows it. */
struct check_finding {
	struct check_finding *next;
	enum check_id id;
	size_t subject;
	char *text; /* one sentence */
	char *story; /* the timeline's lines */
};

/* The input of the judge: everything that is known when the check ends. */
struct check_facts {
	bool selected[CHECK_MAX_SCENARIOS];
	const struct scenario_state *state; /* one for each scenario */
	bool traced; /* the session ran */
	char untraced[CHECK_TEXT]; /* why not; "" if it did */
	bool complete; /* coverage is */
	char gap[CHECK_TEXT]; /* the missing events */
	struct rec_counts counts;
	char inconsistencies[CHECK_TEXT]; /* cross-checks that failed */
	uint64_t rebuilds[CHECK_MAX_SCENARIOS]; /* on record, by scenario */
	uint64_t windows[CHECK_MAX_SCENARIOS], mods[CHECK_MAX_SCENARIOS]; /* of these rebuilds */
	uint64_t findings[CHECK_MAX_SCENARIOS][FINDING_KINDS];
	/* defects that are visible in the code, or in the order of two stores, without a race */
	enum tristate copy_up_order; /* YES: the wrong one */
	uint64_t copy_ups, copy_ups_wrong; /* directories */
	uint64_t mixed_stores; /* impure caches put on merge inodes */
	uint64_t mixed_frees; /* readdirs that would free a refcounted cache */
	char order_why[CHECK_TEXT];
	enum tristate hazard; /* YES: the code calls an unlocked lookup while it holds the lock */
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
	bool vital; /* if skipped, the check is inconclusive */
	bool todo; /* if failed, it is CHECK_TODO, and the check does not fail */
	uint64_t count;
	struct check_sub sub[CHECK_MAX_SUBJECTS];
};

/* What a result is about: a scenario, or a configuration of --explore. */
struct check_subject {
	const char *name, *property;
};

/* What --explore did; docs/explore.md. */
struct explore_report;

struct check_report {
	struct check_result result[CHECK_RESULTS];
	struct check_subject subject[CHECK_MAX_SUBJECTS];
	size_t nsubjects;
	int status; /* enum exit_status */
	/* for output only */
	const char *version, *kernel, *arch;
	const char *host; /* NULL: unknown */
	uint64_t seed;
	double seconds; /* duration */
	uint64_t start_realtime_ns;
	char widen[CHECK_TEXT]; /* how races were provoked */
	const struct check_facts *facts; /* NULL with --explore */
	const struct explore_report *explored; /* NULL without it */
	const struct check_finding *findings;
};

const char *check_id__name(enum check_id id);
/* The result that findings of that kind fail; CHECK_RESULTS: none. */
enum check_id check_id__of(enum finding_kind kind);
const char *scenario_phase__text(enum scenario_phase phase);

/* What the check came to: one phrase. */
const char *check__answer(const struct check_report *r);

/* Pure: facts -> report->result, report->status. */
void check__judge(const struct check_facts *facts, struct check_report *report);

/* Each writes the whole report. */
void check_ktap__write(FILE *f, const struct check_report *r);
void check_junit__write(FILE *f, const struct check_report *r);
void check_json__write(FILE *f, const struct check_report *r);
struct json;
/* The field `explored` of it. */
void explore_json__write(struct json *j, const struct explore_report *e);

enum {
	CHECK_WIDEN_DEFAULT_US = 10000,
	CHECK_WIDEN_MAX_US = 50000,
};

/* The options of the command line. */
struct check_opts {
	double seconds;
	uint64_t seed;
	uint32_t widen_us; /* 0: off */
	int free_cpu; /* for threads that modify while readers are held; -1: there is only one processor */
	bool provoke, strict;
	bool selected[CHECK_MAX_SCENARIOS];
	int records_fd; /* for the records of the trace; -1: none */
	uint64_t deadline_ns; /* the whole check ends by then, unless the start is slow */
	uint64_t longest_ns; /* and by then however slow it is; may be the same */
	const struct address_key *hash; /* of the addresses in the report; NULL: as they are */
	void (*write)(FILE *f, const struct check_report *r);
};

/* Memory that the supervisor, the engine and the scenarios share. */
struct check_shared {
	struct scenario_state state[CHECK_MAX_SCENARIOS];
	uint64_t deadline_ns; /* 0: the tracer still starts */
	int32_t reported; /* the exit status + 1, as soon as the report is complete */
};

/*
 * Runs the check and writes the report to out_fd. Detaching the probes comes last,
 * because it is slow. Returns the exit status.
 */
int check_engine__run(const struct check_opts *opts, struct check_shared *shared, int out_fd);

/* Runs the engine in a child, waits for it up to the deadline, and writes its report. */
int check__supervise(const struct check_opts *opts, FILE *out);

#endif
