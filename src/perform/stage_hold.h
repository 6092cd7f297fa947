/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readers of a stage that a program holds: the processors. A reader that is held turns on
 * one, where nothing else may be: the others of the stage, and we, use the last one.
 */
#ifndef OVLTRACE_PERFORM_STAGE_HOLD_H
#define OVLTRACE_PERFORM_STAGE_HOLD_H

#include <sched.h>

#include "perform/stage.h"
#include "probe/hold.h"

struct stage_hold {
	struct hold *by; /* NULL: none, readers are held by the served layer */
	const struct stage_shared *shared;
	cpu_set_t before; /* our processors before */
	int cpu[CACHE_READERS]; /* for readers that are held */
	unsigned int ncpus;
	int last; /* for all others */
	int on[CACHE_READERS]; /* where the reader is held, as an index of cpu; -1: not held */
};

unsigned int stage_hold__begin(struct stage_hold *h, struct hold *by,
			       const struct stage_shared *shared);
/* hold: if a processor is left. */
void stage_hold__arm(struct stage_hold *h, unsigned int reader, bool hold);
void stage_hold__disarm(struct stage_hold *h, unsigned int reader);
void stage_hold__end(struct stage_hold *h);

#endif
