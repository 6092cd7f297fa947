/* SPDX-License-Identifier: GPL-2.0-only */
/* Which tasks a user wants to see: by name, cgroup or container. Pure. */
#ifndef OVLTRACE_RECORD_TASK_FILTER_H
#define OVLTRACE_RECORD_TASK_FILTER_H

#include "record/record.h"

struct task_words {
	const char *const *v;
	size_t n;
};

/* A task must match one word of each list that has any. */
struct task_filter {
	struct task_words comms, cgroups, containers;
};

bool task_filter__is_empty(const struct task_filter *f);
/* task->cgroup_path NULL: its cgroup is unknown, and matches no word. */
bool task_filter__matches(const struct task_filter *f, const struct rec_task *task);

#endif
