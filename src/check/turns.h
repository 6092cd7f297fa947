/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scenarios' children, and whose turn it is. First each has one turn that
 * is as short as it may be: however slow the machine, all have said something.
 * What time is left then is shared out among them.
 */
#ifndef OVLTRACE_CHECK_TURNS_H
#define OVLTRACE_CHECK_TURNS_H

#include <sys/types.h>

#include "check/check.h"

struct turns {
	const struct check_opts *opts;
	struct scenario_state *st; /* shared memory, one for each scenario */
	bool no_merged; /* those that list merged directories would hang */
	uint64_t end_ns; /* when the scenarios should be over */
	uint64_t last_ns; /* and when they must be, for the report to be in time */
	void (*poll)(void *ctx); /* called several times a second while a turn lasts */
	void *poll_ctx;
	pid_t pid[CHECK_MAX_SCENARIOS]; /* 0: none, or reaped */
	int go[CHECK_MAX_SCENARIOS]; /* where its child waits for until_ns; 0: closed */
	int done[2]; /* a byte comes after each turn */
};

/* Starts the children of those that are selected. 0 or -errno. */
int turns__start(struct turns *t);
/* Waits until they are ready; what is not by then gets no turn. */
void turns__ready(struct turns *t);
/* All their turns. Afterwards all children are dead, but for those that hang. */
void turns__run(struct turns *t);

/*
 * Pure: how long a first turn may last if `left` have theirs still before them
 * (this one too), and how long the next one, if all that are left have `shares`.
 */
uint64_t turns__first_ns(uint64_t now, uint64_t end, unsigned int left);
uint64_t turns__next_ns(uint64_t now, uint64_t end, unsigned int shares, unsigned int share,
			uint64_t over);
/*
 * Pure: by how much a check of `planned` is to be longer whose start took `start`. The scenarios
 * have as much time as the start had, which shows how slow this kernel is.
 */
uint64_t turns__extension_ns(uint64_t planned, uint64_t start);

#endif
