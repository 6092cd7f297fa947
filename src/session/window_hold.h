/* SPDX-License-Identifier: GPL-2.0-only */
/* `run --widen`: windows held open in COMMAND's own tasks, so that a rare race comes. */
#ifndef OVLTRACE_WIDEN_H
#define OVLTRACE_WIDEN_H

#include "session/session.h"

enum {
	WIDEN_MAX_US = 50000,
};

struct check_probe;

struct widen {
	struct check_probe *probe; /* NULL: nothing is held open */
	char why[256]; /* not */
};

/*
 * Says in s->info what is done, or why nothing can be. Whatever descends from
 * this process is held, so it becomes the parent of orphans, too.
 */
void widen__start(struct widen *w, struct session *s, uint32_t us);
/* How often it was, into s->info. */
void widen__counts(const struct widen *w, struct session *s);
void widen__stop(struct widen *w);

#endif
