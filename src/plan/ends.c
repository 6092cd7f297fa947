// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chain of providers for the end of operations on entries, which shows missed
 * invalidations, and the trampolines of their begin. The verdict does not need them.
 *
 * Kernel source that this relies on: fs/overlayfs/dir.c (ovl_link, ovl_unlink,
 * ovl_rmdir, ovl_rename), read at 6.1, 6.12 and 7.3.
 */
#include "code/returns.h"
#include "plan/internal.h"

#include <string.h>

/* Operations on entries that may have an origin, and the indexes of their dentry arguments. */
static const struct end {
	const char *func;
	enum program begin, prog;
	enum ovlw_op op;
	int n;
	int dentry[2];
} ends[] = {
	{ "ovl_link", PROG_in_link, PROG_out_link, OVLW_OP_LINK, 2, { 0, 2 } },
	{ "ovl_unlink", PROG_in_unlink, PROG_out_unlink, OVLW_OP_UNLINK, 1, { 1, 0 } },
	{ "ovl_rmdir", PROG_in_rmdir, PROG_out_rmdir, OVLW_OP_RMDIR, 1, { 1, 0 } },
	{ "ovl_rename", PROG_in_rename, PROG_out_rename, OVLW_OP_RENAME, 2, { 2, 4 } },
};

enum {
	ENDS = sizeof(ends) / sizeof(ends[0]),
};

/* Has it the prototype that the programs rely on? If not, the event's evidence says so. */
static bool prototype_fits(struct plan *plan, const struct plan_input *in, const struct end *e,
			   enum logical_event ev)
{
	int arg[2] = { 0, 0 }, n = in->dentry_args(in->btf_ctx, e->func, arg);

	if (n == e->n && arg[0] == e->dentry[0] && arg[1] == e->dentry[1])
		return true;
	SET_EVIDENCE(plan->cover[ev].evidence,
		     n < 0 ? "%s has no prototype in BTF" : "%s has another prototype", e->func);
	return false;
}

bool plan__begin_typed(struct plan *plan, const struct plan_input *in, const char *func)
{
	size_t i;

	for (i = 0; in->dentry_args && i < ENDS; i++)
		if (!strcmp(func, ends[i].func))
			return prototype_fits(plan, in, &ends[i], EVENT_DIR_OPERATION) &&
			       plan__typed(plan, in,
					   HOOK(EVENT_DIR_OPERATION, PROVIDER_FENTRY,
						ends[i].begin),
					   func);
	return false;
}

static bool prototypes_fit(struct plan *plan, const struct plan_input *in)
{
	struct coverage *cov = &plan->cover[EVENT_OPERATION_RETURNED];
	size_t i;

	if (plan->shared) {
		SET_EVIDENCE(cov->evidence,
			     "readers share the lock: a fresh cache may have a refcount");
		return false;
	}
	if (!plan->layout.inode_upper || !in->dentry_args) {
		SET_EVIDENCE(cov->evidence, "BTF lacks members that show an entry's origin");
		return false;
	}
	for (i = 0; i < ENDS; i++)
		if (!prototype_fits(plan, in, &ends[i], EVENT_OPERATION_RETURNED))
			return false;
	return true;
}

/* All four, because a count of some of them would look like a count of all. */
static bool ends_typed(struct plan *plan, const struct plan_input *in)
{
	size_t i;

	if (!prototypes_fit(plan, in))
		return false;
	for (i = 0; i < ENDS; i++)
		if (!plan__typed(plan, in,
				 HOOK(EVENT_OPERATION_RETURNED, PROVIDER_FEXIT, ends[i].prog),
				 ends[i].func))
			return false;
	plan__cover(plan, EVENT_OPERATION_RETURNED, PROVIDER_FEXIT, ends[0].func);
	SET_EVIDENCE(plan->cover[EVENT_OPERATION_RETURNED].evidence,
		     "exits of ovl_link, ovl_unlink, ovl_rmdir and ovl_rename");
	return true;
}

/* Its entry, which has the arguments, and each instruction that returns. */
static bool end_sites(struct plan *plan, const struct plan_input *in, const struct end *e)
{
	struct coverage *cov = &plan->cover[EVENT_OPERATION_RETURNED];
	struct returns r;
	size_t i;

	if (!plan__entry(plan, in,
			 HOOK(EVENT_OPERATION_RETURNED, PROVIDER_ENTRY, PROG_on_operation),
			 e->func))
		return false;
	plan->probe[plan->nprobes - 1].cookie = OVLW_OP_COOKIE(e->op, e->dentry[0], e->dentry[1]);
	if (!returns__find(&r, &in->code, plan->probe[plan->nprobes - 1].func)) {
		SET_EVIDENCE(cov->evidence, "the returns of %s cannot be followed", e->func);
		return false;
	}
	for (i = 0; i < r.n; i++)
		/* ovl_unlink() and ovl_rmdir() end in the same function */
		if (!plan__has_probe_at(plan, 0, PROG_at_operation_end, r.at[i].addr) &&
		    !plan__probe_add(plan,
				     HOOK(EVENT_OPERATION_RETURNED, PROVIDER_INSTRUCTION,
					  PROG_at_operation_end),
				     r.at[i].in, r.at[i].addr))
			return false;
	return true;
}

/* pahole omits functions that ThinLTO renamed, so these have no trampolines. */
static bool ends_probed(struct plan *plan, const struct plan_input *in)
{
	size_t i;

	if (in->no_kprobes || in->no_sites || !prototypes_fit(plan, in))
		return false;
	for (i = 0; i < ENDS; i++)
		if (!end_sites(plan, in, &ends[i]))
			return false;
	plan__cover(plan, EVENT_OPERATION_RETURNED, PROVIDER_INSTRUCTION, ends[0].func);
	SET_EVIDENCE(plan->cover[EVENT_OPERATION_RETURNED].evidence,
		     "entries and returns of ovl_link, ovl_unlink, ovl_rmdir and ovl_rename");
	return true;
}

const struct choice plan__ends_chain[] = {
	{ PROVIDER_FEXIT, ends_typed, false },
	{ PROVIDER_INSTRUCTION, ends_probed, false },
	{ 0 },
};
