// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked over the real plan__make() with --wrap: makes a plan that is wrong in
 * the way that WRONG_PLAN says, for the test that the proof finds it. The
 * program that is installed has no such way in.
 *
 *   drop PROGRAM	its probes are not attached
 *   late PROGRAM	they sit behind their call, where arguments are gone
 *   layout		the version is read from the next member
 */
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

void __real_plan__make(struct plan *plan, const struct plan_input *in);
void __wrap_plan__make(struct plan *plan, const struct plan_input *in);

/* The instruction after the call at addr. */
static uint64_t after(const struct plan *plan, uint64_t addr)
{
	size_t i;

	for (i = 0; i < plan->graph.ncalls; i++)
		if (plan->graph.call[i].addr == addr)
			return plan->graph.call[i].after;
	return addr;
}

void __wrap_plan__make(struct plan *plan, const struct plan_input *in)
{
	const char *wrong = getenv("WRONG_PLAN");
	size_t i, kept = 0;

	__real_plan__make(plan, in);
	if (!wrong)
		return;
	if (!strcmp(wrong, "layout"))
		plan->layout.inode_version += 8;
	for (i = 0; i < plan->nprobes; i++) {
		struct plan_probe p = plan->probe[i];
		bool meant = strlen(wrong) > 5 && !strcmp(wrong + 5, program__name(p.prog));

		if (meant && !strncmp(wrong, "drop ", 5))
			continue;
		if (meant && !strncmp(wrong, "late ", 5))
			p.addr = after(plan, p.addr);
		plan->probe[kept++] = p;
	}
	plan->nprobes = kept;
}
