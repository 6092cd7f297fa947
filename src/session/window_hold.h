/* SPDX-License-Identifier: GPL-2.0-only */
/* `run --widen`: windows held open in COMMAND's own tasks, so that a rare race comes. */
#ifndef OVLTRACE_WINDOW_HOLD_H
#define OVLTRACE_WINDOW_HOLD_H

#include "session/session.h"

enum {
	WIDEN_MAX_US = 50000,
};

struct hold;

struct window_hold {
	struct hold *probe; /* NULL: nothing is held open */
	char why[256]; /* not */
};

/*
 * Says in s->first what is done, or why nothing can be. Whatever descends from
 * this process is held, so it becomes the parent of orphans, too.
 */
void window_hold__start(struct window_hold *w, struct session *s, uint32_t us);
/* How often it was, into s->last. */
void window_hold__counts(const struct window_hold *w, struct session *s);
void window_hold__stop(struct window_hold *w);

#endif
