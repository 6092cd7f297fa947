/* SPDX-License-Identifier: GPL-2.0-only */
/* All canonical histories of one length in one configuration, in a fixed order. */
#ifndef OVLTRACE_EXPLORE_ENUMERATE_H
#define OVLTRACE_EXPLORE_ENUMERATE_H

#include "explore/model.h"

struct enumeration {
	unsigned int depth;
	struct model model[EXPLORE_MAX_DEPTH + 1]; /* before each step, and after the last */
	uint16_t next[EXPLORE_MAX_DEPTH]; /* the step that is tried next */
	struct explore_history history;
};

/* depth: from 1 to EXPLORE_MAX_DEPTH. */
void enumerate__begin(struct enumeration *e, const struct explore_config *config,
		      unsigned int depth);
/* The next history is in e->history. False: there are no more. */
bool enumerate__next(struct enumeration *e);
/* How many there are; at most `limit` are counted. */
uint64_t enumerate__count(const struct explore_config *config, unsigned int depth, uint64_t limit);

#endif
