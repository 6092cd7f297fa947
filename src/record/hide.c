// SPDX-License-Identifier: GPL-2.0-only
#include "record/hide.h"

#include "record/records.h"

static void actors_hide(const struct rec_actor *v, size_t n)
{
	struct rec_actor *actors = (struct rec_actor *)v;
	size_t i;

	for (i = 0; i < n; i++)
		actors[i].task.cgroup_path = NULL;
}

void record__hide_paths(struct ovl_record *rec)
{
	struct rec_dir *dir = (struct rec_dir *)record__dir(rec);
	struct rec_task *task = (struct rec_task *)record__task(rec);

	if (dir)
		dir->path = NULL;
	if (task)
		task->cgroup_path = NULL;
	switch (rec->type) {
	case RECORD_SESSION:
		rec->session.host = rec->session.command_line = NULL;
		break;
	case RECORD_MODIFY:
		rec->modify.name = rec->modify.name2 = "";
		break;
	case RECORD_INCIDENT:
		rec->incident.name = "";
		break;
	case RECORD_DIRECTORY:
		actors_hide(rec->directory.invalidators, rec->directory.ninvalidators);
		actors_hide(rec->directory.rebuilders, rec->directory.nrebuilders);
		break;
	default:
		break;
	}
}
