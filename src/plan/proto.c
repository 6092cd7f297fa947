// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks prototypes. A program that reads a dentry where a newer kernel passes an inode
 * would report wrong data. So functions that BTF contradicts are not probed.
 */
#include "plan/internal.h"

/* The index of the argument that contradicts the function's prototype; -1 if none does. */
static int contradicted(const struct plan_input *in, enum program prog, const char *func)
{
	int arg;

	for (arg = 0; arg < PROGRAM_ARGS; arg++) {
		const char *type = program__arg_type(prog, arg);

		if (type && in->arg_is(in->btf_ctx, func, arg, type) == 0)
			return arg;
	}
	return -1;
}

bool plan__contradicted(struct plan *plan, const struct plan_input *in, enum logical_event ev,
			size_t from)
{
	size_t i;

	for (i = from; in->arg_is && i < plan->nprobes; i++) {
		const struct plan_probe *p = &plan->probe[i];
		char buf[KSYM_NAME];
		const char *func =
			ksym__source_name(p->callee ? p->callee->name : p->func->name, buf);
		int arg = contradicted(in, p->prog, func);

		if (arg < 0)
			continue;
		SET_EVIDENCE(plan->cover[ev].evidence,
			     "prototype of %s: argument %d is not a struct %s *", func, arg + 1,
			     program__arg_type(p->prog, arg));
		return true;
	}
	return false;
}
