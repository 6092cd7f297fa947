/* SPDX-License-Identifier: GPL-2.0-only */
/* `run --widen`: holds windows open in COMMAND's tasks, to provoke rare races. */
#ifndef OVLTRACE_WINDOW_HOLD_H
#define OVLTRACE_WINDOW_HOLD_H

#include "session/session.h"

enum {
	WIDEN_MAX_US = 50000,
};

struct hold;

struct window_hold {
	struct hold *probe; /* NULL: no window is held open */
	char why[256]; /* why not */
};

/*
 * Writes into s->first what is done, or why nothing is. The probe holds all descendants
 * of this process, which becomes a subreaper to stay the ancestor of orphans.
 */
void window_hold__start(struct window_hold *w, struct session *s, uint32_t us);
/* Writes the counts of holds into s->last. */
void window_hold__counts(const struct window_hold *w, struct session *s);
void window_hold__stop(struct window_hold *w);

#endif
