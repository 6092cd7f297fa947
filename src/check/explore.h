/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ovltrace check --explore`: every short history, without probes; and all schedules
 * of readers and modifications, see schedules.h.
 *
 * explore.c (which history is next) ─► explore_pool.c (children that do chunks)
 *                      ▲                            │ violations
 *            explore_found.c (shrinks, sorts) ◄─────┘
 *                      └─► explore_judge.c (pure) ─► check_report
 *
 * The process that explores touches no overlay: only its children can hang.
 */
#ifndef OVLTRACE_CHECK_EXPLORE_H
#define OVLTRACE_CHECK_EXPLORE_H

#include "check/check.h"
#include "check/schedules.h"
#include "perform/perform.h"

enum {
	EXPLORE_DEPTH_DEFAULT = 3,
	EXPLORE_DEPTH_MAX = 5, /* longer ones take too long to count, and weeks to run */
	EXPLORE_JOBS_MAX = 64,
	EXPLORE_FOUND_MAX = 256, /* different bad histories that are kept */
	EXPLORE_SHOWN = 4, /* of these, as findings, of one rule and configuration */
};

struct explore_opts {
	bool selected[EXPLORE_CONFIGS];
	bool named; /* they were named: one that is not possible here is a gap */
	unsigned int depth, jobs;
	uint64_t from; /* the first history, counted from 0 */
	double seconds; /* 0: until all are done */
	bool single; /* only `history` */
	struct explore_history history;
	bool interleave; /* also run schedules */
	struct schedules_opts schedules;
	const volatile int *interrupted;
	unsigned int chunk_ms; /* how long a chunk should take; 0: the default */
	uint64_t *moved; /* how many were begun goes here; NULL: there is a line of progress */
	const struct perform_caches *caches; /* NULL: they are not read, caches_why says why */
	const char *caches_why;
	bool strict;
	void (*write)(FILE *f, const struct check_report *r);
};

/* A bad history that no other one explains. */
struct explore_found {
	enum explore_config_id config;
	enum explore_rule rule;
	struct explore_history history; /* shrunk */
	bool alone; /* it is bad without the histories before it, too */
	uint64_t count; /* histories that contain it and are bad in the same way */
	char text[PERFORM_TEXT];
	char story[PERFORM_STORY];
};

struct explore_config_report {
	bool selected;
	bool unfit; /* not possible on this system; why says why */
	char why[PERFORM_TEXT];
	uint64_t histories; /* done */
	uint64_t entries; /* compared with stat */
	uint64_t calls; /* of getdents64 */
	uint64_t bad;
	uint64_t of; /* histories that there are */
	uint64_t left; /* not done */
	uint64_t skipped; /* before --from */
	char story[PERFORM_STORY]; /* of the single history */
};

struct explore_report {
	struct explore_config_report config[EXPLORE_CONFIGS];
	uint64_t done[EXPLORE_DEPTH_MAX + 1], total[EXPLORE_DEPTH_MAX + 1]; /* by length */
	unsigned int depth, jobs;
	uint64_t from; /* where it began */
	uint64_t next; /* --from of the first history that was not done */
	char stopped[CHECK_TEXT]; /* why not all were done; "" */
	char warned[CHECK_TEXT]; /* when the kernel warned; "" */
	uint64_t caches; /* that were read */
	char caches_why[PERFORM_TEXT]; /* why none could be; "" */
	bool named, strict, single;
	struct explore_found found[EXPLORE_FOUND_MAX];
	size_t nfound;
	uint64_t unsorted; /* bad histories beyond those */
	struct schedules_report schedules;
};

enum {
	EXPLORE_SUBJECT_SCHEDULES = EXPLORE_CONFIGS, /* comes after the configurations */
	EXPLORE_SUBJECTS,
};

#define SCHEDULES_TEXT "readers that drop the lock, and modifications, in all orders"

/* Explores and writes the report. The exit status. */
int explore__run(const struct explore_opts *opts, FILE *out);

/* Runs histories. 0, or -1 without memory. */
int explore__histories(const struct explore_opts *opts, struct explore_report *report,
		       uint64_t end_ns);

/* The same in parts; there is one explorer in a process. NULL without memory. */
struct explorer *explore__begin(const struct explore_opts *opts, struct explore_report *report);
/* At least one chunk. True: all were run, or nothing more can be. */
bool explore__until(struct explorer *x, uint64_t end_ns);
void explore__end(struct explorer *x);

/* Pure: what was explored -> results, subjects and status. */
void explore__judge(const struct explore_report *e, struct check_report *report);
/* The findings of a report: a list that explore__free_findings() frees. */
struct check_finding *explore__findings(const struct explore_report *e);
void explore__free_findings(struct check_finding *f);
/* "ovltrace check --history '...'", to see it again. */
const char *explore__again(const struct explore_found *f, char text[CHECK_TEXT]);

#endif
