// SPDX-License-Identifier: GPL-2.0-only
#include "plan/refusals.h"

#include <string.h>

#include "plan/internal.h"

bool refusals__add(struct refusals *r, const struct refusal *refusal)
{
	if (r->n == REFUSALS_MAX || refusals__find(r, refusal->prog, refusal->addr))
		return false;
	r->v[r->n++] = *refusal;
	return true;
}

const struct refusal *refusals__find(const struct refusals *r, enum program prog, uint64_t addr)
{
	size_t i;

	for (i = 0; r && i < r->n; i++)
		if (r->v[i].prog == prog && (!r->v[i].addr || r->v[i].addr == addr))
			return &r->v[i];
	return NULL;
}

/* Each provider is named once, however often it is tried. */
static void note(struct coverage *cov, const struct refusal *refusal)
{
	size_t len = strlen(cov->refused);

	if (!strstr(cov->refused, refusal->what))
		evidence__set(cov->refused + len, sizeof(cov->refused) - len, "%s%s: %s",
			      len ? "; " : "", refusal->what, refusal->reason);
}

bool plan__refused(struct plan *plan, const struct plan_input *in, enum logical_event ev,
		   size_t from)
{
	struct coverage *cov = &plan->cover[ev];
	size_t i;

	for (i = from; i < plan->nprobes; i++) {
		const struct plan_probe *p = &plan->probe[i];
		const struct refusal *refusal = refusals__find(in->refused, p->prog, p->addr);

		if (!refusal)
			continue;
		SET_EVIDENCE(cov->evidence, "the kernel refuses %s: %s", refusal->what,
			     refusal->reason);
		note(cov, refusal);
		return true;
	}
	return false;
}
