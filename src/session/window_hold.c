// SPDX-License-Identifier: GPL-2.0-only
#include "session/window_hold.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "probe/hold.h"

static void probe_start(struct window_hold *w, struct session *s, uint32_t us, long cpus)
{
	struct hold_opts po = {
		.widen_us = us,
		.free_cpu = UINT32_MAX,
		.max_waiting = (uint32_t)cpus - 1,
		.gives_up = true,
	};
	char why[256];

	if (hold__new(&w->probe, &s->kernel, &s->plan, &po, why)) {
		snprintf(w->why, sizeof(w->why), "%s", why);
	} else if (!hold__widens(w->probe)) {
		snprintf(w->why, sizeof(w->why), "no function is called for each entry");
		window_hold__stop(w);
	}
}

void window_hold__start(struct window_hold *w, struct session *s, uint32_t us)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (s->plan.lock_drop == LOCK_DROP_ABSENT)
		snprintf(w->why, sizeof(w->why), "the lock is never dropped");
	else if (cpus < 2)
		snprintf(w->why, sizeof(w->why), "there is only one processor");
	else if (!s->plan.layout_known)
		snprintf(w->why, sizeof(w->why), "the layout of ovl_inode is unknown");
	else
		probe_start(w, s, us, cpus);
	s->first.has_hold = true;
	s->first.hold_us = w->probe ? us : 0;
	s->first.hold_why = w->why;
	if (w->probe)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void window_hold__counts(const struct window_hold *w, struct session *s)
{
	struct hold_counts c;

	if (!w->probe)
		return;
	hold__counts(w->probe, &c);
	s->last.has_hold = true;
	s->last.hold_waits = c.waits;
	s->last.hold_timed_out = c.waits_over;
	s->last.hold_waited_ns = c.waited_ns;
}

void window_hold__stop(struct window_hold *w)
{
	hold__free(w->probe);
	w->probe = NULL;
}
