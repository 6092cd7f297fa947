// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prototype drift: a program that reads a dentry where a newer kernel passes an
 * inode sees something, and it is wrong. What BTF contradicts is not probed.
 */
#include "plan/internal.h"

#include <string.h>

/* What the programs (bpf/trace/trace.bpf.c, bpf/stats/stats.bpf.c) take an argument for. */
static const struct arg_use {
	const char *prog;
	int arg;
	const char *type;
} uses[] = {
	{ "at_path_upper", 0, "dentry" },
	{ "on_read_impure", 0, "path" },
	{ "at_unlock", 0, "rw_semaphore" },
	{ "at_lock", 0, "rw_semaphore" },
	{ "enter_set_dir_cache", 0, "inode" },
	{ "enter_set_dir_cache", 1, "ovl_dir_cache" },
	{ "on_set_dir_cache", 0, "inode" },
	{ "on_set_dir_cache", 1, "ovl_dir_cache" },
	{ "on_dir_cache_free", 0, "inode" },
	{ "at_destroy", 0, "inode" },
	{ "on_destroy_inode", 0, "inode" },
	{ "after_dir_modified", 0, "dentry" },
	{ "on_dir_modified", 0, "dentry" },
	{ "stat_enter_iterate", 0, "file" },
	{ "stat_leave_iterate", 0, "file" },
	{ "stat_enter_iterate", 1, "dir_context" },
	{ "stat_on_iterate", 0, "file" },
	{ "stat_on_iterate", 1, "dir_context" },
	{ "stat_at_path_upper", 0, "dentry" },
	{ "stat_on_read_impure", 0, "path" },
	{ "stat_at_unlock", 0, "rw_semaphore" },
	{ "stat_enter_set_dir_cache", 0, "inode" },
	{ "stat_enter_set_dir_cache", 1, "ovl_dir_cache" },
	{ "stat_on_set_dir_cache", 0, "inode" },
	{ "stat_on_set_dir_cache", 1, "ovl_dir_cache" },
	{ "stat_after_modified", 0, "dentry" },
	{ "stat_on_modified", 0, "dentry" },
	{ "enter_iterate_real", 0, "file" },
	{ "enter_path_upper", 0, "dentry" },
	{ "enter_up_write", 0, "rw_semaphore" },
	{ "enter_down_write", 0, "rw_semaphore" },
	{ "enter_destroy_inode", 0, "inode" },
	{ "leave_iterate", 0, "file" },
	{ "on_iterate", 0, "file" },
	{ "enter_real_listing", 0, "file" },
	{ "on_real_listing", 0, "file" },
	{ "enter_copy_up", 0, "dentry" },
	{ "on_copy_up", 0, "dentry" },
	{ "enter_inode_update", 0, "inode" },
	{ "on_inode_update", 0, "inode" },
	{ "merged_enter_iterate", 0, "file" },
	{ "merged_enter_iterate", 1, "dir_context" },
	{ "merged_on_iterate", 0, "file" },
	{ "merged_on_iterate", 1, "dir_context" },
	{ "merged_enter_llseek", 0, "file" },
	{ "merged_on_llseek", 0, "file" },
	{ "merged_enter_release", 1, "file" },
	{ "merged_on_release", 1, "file" },
	{ "merged_at_unlock", 0, "rw_semaphore" },
};

/* The use that the function's prototype contradicts, NULL if there is none. */
static const struct arg_use *contradicted(const struct plan_input *in, const struct plan_probe *p,
					  const char *func)
{
	size_t i;

	for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (!strcmp(uses[i].prog, p->prog) &&
		    in->arg_is(in->btf_ctx, func, uses[i].arg, uses[i].type) == 0)
			return &uses[i];
	return NULL;
}

bool plan__contradicted(struct plan *plan, const struct plan_input *in, enum logical_event ev,
			size_t from)
{
	size_t i;

	for (i = from; in->arg_is && i < plan->nprobes; i++) {
		const struct plan_probe *p = &plan->probe[i];
		const char *func = p->callee ? p->callee->name : p->func->name;
		const struct arg_use *use = contradicted(in, p, func);

		if (!use)
			continue;
		SET_EVIDENCE(plan->cover[ev].evidence,
			     "prototype of %s: argument %d is not a struct %s *", func,
			     use->arg + 1, use->type);
		return true;
	}
	return false;
}
