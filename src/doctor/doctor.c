// SPDX-License-Identifier: GPL-2.0-only
#include "doctor/doctor.h"

#include <stdio.h>

#include "session/session.h"

/* The same proof as run's; no records are written. */
static void prove(struct doctor *d, const struct session_opts *opts)
{
	char why[256];

	if (session__attach(&d->session, opts, why))
		proof__not_run(&d->session.proof, why);
	else
		session__prove(&d->session);
}

/* Does the kernel accept the plan's programs? */
static void try_programs(struct doctor *d, const struct session_opts *opts)
{
	char why[256];

	if (!d->planned) {
		snprintf(d->programs_why, sizeof(d->programs_why),
			 "not tried: %s; it is unknown whether the kernel accepts them",
			 d->session.kernel.why);
		return;
	}
	if (session__try_programs(&d->session, opts, why)) {
		d->programs = TRISTATE_NO;
		snprintf(d->programs_why, sizeof(d->programs_why), "%s", why);
		if (!*d->reason)
			snprintf(d->reason, sizeof(d->reason), "%s", why);
		return;
	}
	d->programs = d->session.refused.n ? TRISTATE_NO : TRISTATE_YES;
	if (d->session.refused.n)
		snprintf(d->programs_why, sizeof(d->programs_why), "the kernel refuses %zu of them",
			 d->session.refused.n);
}

static void look_at_defects(struct doctor *d)
{
	struct plan_input in;
	size_t i;

	if (d->planned) {
		kernel__plan_input(&d->session.kernel, &in);
		defects__look(d->defect, &in.code, in.btf_layout);
		return;
	}
	for (i = 0; i < DEFECTS; i++)
		snprintf(d->defect[i].evidence, sizeof(d->defect[i].evidence),
			 "the code cannot be read: %s", d->session.kernel.why);
}

bool doctor__has_defect(const struct doctor *d)
{
	size_t i;

	for (i = 0; i < DEFECTS; i++)
		if (d->defect[i].state == DEFECT_IS_THERE)
			return true;
	return false;
}

void doctor__examine(struct doctor *d, bool proof)
{
	struct session_opts opts = { .wishes.hits = true };
	struct diagnose_input in = { .sys = &d->sys };
	char why[256];

	d->planned = !session__plan(&d->session, &opts);
	if (!d->planned)
		snprintf(d->reason, sizeof(d->reason), "%s; %s", d->session.kernel.why,
			 d->session.kernel.remedy);
	else if (session__check(&d->session, why))
		snprintf(d->reason, sizeof(d->reason), "%s", why);
	look_at_defects(d);
	try_programs(d, &opts);
	if (proof && !*d->reason)
		prove(d, &opts);
	else
		proof__not_run(&d->session.proof, proof ? d->reason : NULL);
	system__read(&d->sys, "", d->session.release);
	in.plan = d->planned ? &d->session.plan : NULL;
	in.refused = &d->session.refused;
	in.refusal = *d->reason ? d->reason : NULL;
	diagnose(&d->diag, &in);
}

const char *doctor__lock_drop(const struct doctor *d)
{
	return d->planned ? lock_drop__name(d->session.plan.lock_drop) : "unknown";
}

enum provider doctor__provider(const struct doctor *d, int ev)
{
	enum provider p = d->session.plan.cover[ev].provider;

	return d->diag.traceable || p == PROVIDER_CODE ? p : PROVIDER_NONE;
}

bool doctor__refused(const struct doctor *d, int ev)
{
	return !d->planned || doctor__provider(d, ev) != d->session.plan.cover[ev].provider;
}
