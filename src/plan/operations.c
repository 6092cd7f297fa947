// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chains of providers for what names the task and the operation that modify a directory
 * in a window. The verdict does not need them.
 *
 * Kernel sources that this relies on: fs/overlayfs/util.c (ovl_dir_modified) and dir.c
 * (ovl_dir_inode_operations), read at 6.1, 6.12 and 7.3.
 */
#include "plan/internal.h"

const struct op_hook plan__ops[] = {
	{ "ovl_rename", OVLW_OP_RENAME },   { "ovl_unlink", OVLW_OP_UNLINK },
	{ "ovl_create", OVLW_OP_CREATE },   { "ovl_mkdir", OVLW_OP_MKDIR },
	{ "ovl_rmdir", OVLW_OP_RMDIR },	    { "ovl_link", OVLW_OP_LINK },
	{ "ovl_symlink", OVLW_OP_SYMLINK }, { "ovl_mknod", OVLW_OP_MKNOD },
	{ NULL, OVLW_OP_UNKNOWN },
};

static bool modify_never(struct plan *plan, const struct plan_input *in)
{
	(void)in;
	if (plan->lock_drop != LOCK_DROP_ABSENT)
		return false;
	plan__cover(plan, EVENT_DIR_MODIFIED, PROVIDER_CODE, "ovl_dir_modified");
	SET_EVIDENCE(plan->cover[EVENT_DIR_MODIFIED].evidence,
		     "the lock is held during a rebuild: no other task can modify the directory");
	return true;
}

static bool modify_typed(struct plan *plan, const struct plan_input *in)
{
	return plan__typed(plan, in,
			   HOOK(EVENT_DIR_MODIFIED, PROVIDER_FEXIT, PROG_out_dir_modified),
			   "ovl_dir_modified");
}

static bool modify_entry(struct plan *plan, const struct plan_input *in)
{
	return plan__entry(plan, in, HOOK(EVENT_DIR_MODIFIED, PROVIDER_ENTRY, PROG_on_dir_modified),
			   "ovl_dir_modified") &&
	       plan__entry(plan, in,
			   HOOK(EVENT_DIR_MODIFIED, PROVIDER_RETURN, PROG_ret_dir_modified),
			   "ovl_dir_modified");
}

const struct choice plan__modify_chain[] = {
	{ PROVIDER_CODE, modify_never, false },
	{ PROVIDER_FEXIT, modify_typed, false },
	{ PROVIDER_ENTRY, modify_entry, false },
	{ 0 },
};

static bool op_never(struct plan *plan, const struct plan_input *in)
{
	(void)in;
	if (plan->lock_drop != LOCK_DROP_ABSENT)
		return false;
	plan->cover[EVENT_DIR_OPERATION] = plan->cover[EVENT_DIR_MODIFIED];
	return true;
}

/* The names in its cookie are what dentries the prototype has; args is their number. */
static bool op_probe(struct plan *plan, const struct plan_input *in, const struct op_hook *op,
		     int *args)
{
	const struct ksym *sym = plan__function(plan, in, op->func);
	int arg[2] = { 0, 0 };
	struct plan_probe *p;

	p = plan__probe_add(plan, HOOK(EVENT_DIR_OPERATION, PROVIDER_ENTRY, PROG_on_op), sym,
			    sym->addr);
	if (!p)
		return false;
	*args = in->dentry_args ? in->dentry_args(in->btf_ctx, op->func, arg) : -1;
	/* no prototype: the operation is known, the names are not */
	if (*args <= 0)
		arg[0] = 0;
	p->cookie = OVLW_OP_COOKIE(op->op, arg[0], *args > 1 ? arg[1] : 0);
	return true;
}

/* typed: by trampolines where there are programs for that, as their exits may have, too. */
static bool op_begins(struct plan *plan, const struct plan_input *in, bool typed)
{
	struct coverage *cov = &plan->cover[EVENT_DIR_OPERATION];
	size_t i, n = 0, trampolines = 0;
	int args = 2;

	/* a probe at an entry runs with interrupts, and is hit far more often than the others */
	if (plan->interrupts) {
		SET_EVIDENCE(cov->evidence,
			     "an interrupt of these probes would hide frees of caches by RCU");
		return false;
	}
	for (i = 0; plan__ops[i].func; i++) {
		if (!plan__function(plan, in, plan__ops[i].func))
			continue;
		if (typed && plan__begin_typed(plan, in, plan__ops[i].func))
			trampolines++;
		else if (!op_probe(plan, in, &plan__ops[i], &args))
			break;
		if (!n++)
			plan__cover(plan, EVENT_DIR_OPERATION,
				    typed ? PROVIDER_FENTRY : PROVIDER_ENTRY, plan__ops[i].func);
	}
	if (!n)
		SET_EVIDENCE(cov->evidence, "no inode operation of overlayfs is a symbol");
	else
		SET_EVIDENCE(cov->evidence, "%zu inode operations, %s", n,
			     args > 0 ? "names by their BTF prototypes" :
					"no prototypes: no names");
	return typed ? trampolines : n;
}

/* The exits of four operations have a trampoline already: one at the begin costs less than a probe. */
static bool op_typed(struct plan *plan, const struct plan_input *in)
{
	return !in->no_kprobes && op_begins(plan, in, true);
}

static bool op_entry(struct plan *plan, const struct plan_input *in)
{
	return op_begins(plan, in, false);
}

const struct choice plan__op_chain[] = {
	{ PROVIDER_CODE, op_never, false },
	{ PROVIDER_FENTRY, op_typed, false },
	{ PROVIDER_ENTRY, op_entry, false },
	{ 0 },
};
