/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How readers of schedules are held, and how often that is possible. The served layer
 * holds them where their lookups reach it; else a program does, if it may be loaded.
 */
#ifndef OVLTRACE_CHECK_SCHEDULES_HOLD_H
#define OVLTRACE_CHECK_SCHEDULES_HOLD_H

#include "check/schedules.h"

struct schedules_windows {
	struct stage *stage;
	unsigned int dir; /* a new one */
	unsigned int windows; /* how often a reader is without the lock when it looks up x */
	bool unheld; /* a reader was not held, with or without the lock */
	struct schedule path; /* what was run */
};

/* -1: the child has ended, or does not end its command. */
int schedules__count_windows(struct schedules_windows *w);

struct hold;
/*
 * A program holds the stage's readers from now on, at most *held at a time, which is
 * less than it was if there are too few processors. NULL with why. To be freed after the stage.
 */
struct hold *schedules__hold(struct stage *stage, unsigned int *held, char why[CHECK_TEXT]);
void schedules__let_go(struct hold *hold);
/* A reader was seen at x with the lock. */
bool schedules__keeps_lock(const struct hold *hold);

#endif
