// SPDX-License-Identifier: GPL-2.0-only
#include "record/task_filter.h"

#include <string.h>

#include "record/container.h"

bool task_filter__is_empty(const struct task_filter *f)
{
	return !f->comms.n && !f->cgroups.n && !f->containers.n;
}

/* The kernel keeps 15 bytes of a name. */
static bool comm_matches(const struct task_words *w, const struct rec_task *task)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (!strncmp(w->v[i], task->comm, OVLW_COMM - 1))
			return true;
	return !w->n;
}

static bool cgroup_matches(const struct task_words *w, const struct rec_task *task)
{
	size_t i;

	for (i = 0; task->cgroup_path && i < w->n; i++)
		if (cgroup__is_below(task->cgroup_path, w->v[i]))
			return true;
	return !w->n;
}

static bool container_matches(const struct task_words *w, const struct rec_task *task)
{
	struct container c;
	size_t i;

	container__parse(task->cgroup_path, &c);
	for (i = 0; i < w->n; i++)
		if (container__matches(&c, w->v[i]))
			return true;
	return !w->n;
}

bool task_filter__matches(const struct task_filter *f, const struct rec_task *task)
{
	return comm_matches(&f->comms, task) && cgroup_matches(&f->cgroups, task) &&
	       container_matches(&f->containers, task);
}
