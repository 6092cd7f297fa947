// SPDX-License-Identifier: GPL-2.0-only
#include "audit/users.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/where.h"

static void comm_read(struct rec_task *task)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/comm", task->pid);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(task->comm, sizeof(task->comm), f))
		task->comm[strcspn(task->comm, "\n")] = 0;
	fclose(f);
}

static bool matches(const struct task_filter *filter, uint32_t pid)
{
	char *cgroup = where__cgroup_by_pid(pid);
	struct rec_task task = { .pid = pid, .tid = pid, .cgroup_path = cgroup };
	bool match;

	comm_read(&task);
	match = task_filter__matches(filter, &task);
	free(cgroup);
	return match;
}

/* The overlays of its namespace, as numbers of devices. */
static int used_read(struct audit_mounts *used, uint32_t pid)
{
	char path[64];
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	f = fopen(path, "re");
	if (!f)
		return 0; /* it has just ended */
	err = audit_mounts__parse(used, f, pid);
	fclose(f);
	return err == -EIO ? 0 : err;
}

int audit_mounts__keep_used(struct audit_mounts *m, const struct task_filter *filter)
{
	struct audit_mounts used = { 0 };
	DIR *proc = opendir("/proc");
	int n = 0, err = 0;
	struct dirent *d;

	if (!proc)
		return -errno;
	while (!err && (d = readdir(proc))) {
		uint32_t pid = (uint32_t)strtoul(d->d_name, NULL, 10);

		if (!isdigit((unsigned char)d->d_name[0]) || !matches(filter, pid))
			continue;
		n++;
		err = used_read(&used, pid);
	}
	closedir(proc);
	if (!err)
		audit_mounts__keep(m, &used);
	audit_mounts__deinit(&used);
	return err ? err : n;
}
