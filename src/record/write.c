// SPDX-License-Identifier: GPL-2.0-only
#include "record/write.h"

#include <string.h>

void json__dir(struct json *j, const struct rec_dir *d)
{
	json__open(j, "dir", '{');
	json__dev(j, "dev", d->dev);
	json__u64_str(j, "ino", d->ino);
	json__str(j, "path", d->path);
	if (d->path && d->path_in_mount)
		json__bool(j, "path_in_mount", true);
	json__close(j, '}');
}

void json__task(struct json *j, const struct rec_task *t)
{
	json__open(j, "task", '{');
	json__u64(j, "pid", t->pid);
	json__u64(j, "tid", t->tid);
	json__bytes(j, "comm", t->comm, strnlen(t->comm, sizeof(t->comm)));
	json__u64_str(j, "cgroup", t->cgroup);
	json__str(j, "cgroup_path", t->cgroup_path);
	json__close(j, '}');
}

void json__count(struct json *j, const char *key, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		json__null(j, key);
	else
		json__u64(j, key, v);
}
