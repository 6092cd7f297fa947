/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_EXPLORE_INTERNAL_H
#define OVLTRACE_EXPLORE_INTERNAL_H

#include "explore/schedule.h"

/* The same as model__apply(), for steps of streams, and without the bookkeeping. */
bool streams__apply(struct model *m, struct explore_step s);

/* Is it a modification of schedules? */
bool step__is_scheduled(struct explore_step s);

#endif
