// SPDX-License-Identifier: GPL-2.0-only
/* Which invariants a trace watches, and when it starts to watch listings. */
#include "session/internal.h"

/* Every occurrence of the event is seen. */
static bool seen_all(const struct session *s, enum logical_event ev)
{
	return session__sees(s, ev) && !s->plan.cover[ev].partly;
}

void session__kinds_opts(const struct session *s, struct model_opts *mo)
{
	bool served = seen_all(s, EVENT_KIND_SERVED) && !s->missed_listings;

	/* with the right order of copy-ups, no cache of the wrong kind can be served */
	mo->sees_mixes = mo->sees_stores && mo->sees_frees && !s->plan.shared &&
			 session__sees(s, EVENT_COPY_UP_ORDER) &&
			 (served || s->last.order != COPY_UP_WRONG);
	mo->sees_returns = seen_all(s, EVENT_READDIR_RETURNED) && mo->sees_stores &&
			   mo->sees_frees && !s->missed_listings;
	mo->sees_hazards = session__sees(s, EVENT_LOCKED_LOOKUP);
	mo->sees_entries = session__sees(s, EVENT_OPERATION_RETURNED) && !s->missed_operations;
}

/*
 * A copy-up shows in which order this kernel flags and publishes a directory. If the
 * order is wrong, attaches the probes that watch for its consequences.
 */
void session__look_at_order(struct session *s)
{
	struct model_opts mo = { 0 };
	uint64_t n, wrong;

	attach__copy_ups(s->attached, &n, &wrong);
	if (!n || s->last.order == COPY_UP_WRONG)
		return;
	s->last.order = wrong ? COPY_UP_WRONG : COPY_UP_RIGHT;
	if (!wrong)
		return;
	attach__arm(s->attached);
	session__model_opts(s, &mo);
	model__set_coverage(s->model, &mo);
}

/* Listings and operations that were missed make only the counts that depend on them unknown. */
void session__look_at_missed(struct session *s)
{
	struct model_opts mo = { 0 };

	s->missed_listings = attach__missed_listings(s->attached);
	s->missed_operations = attach__missed_operations(s->attached);
	session__look_at_order(s);
	session__model_opts(s, &mo);
	model__set_coverage(s->model, &mo);
}
