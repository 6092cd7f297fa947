// SPDX-License-Identifier: GPL-2.0-only
/* /proc/PID/task/TID/stack of a task that does not come back. */
#include "check/stuck.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FRAMES = 8,
	LINE = 256,
};

static bool line_of(const char *pid, const char *tid, const char *file, char line[LINE])
{
	char path[64];
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%.10s/task/%.10s/%s", pid, tid, file);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(line, LINE, f) != NULL;
	fclose(f);
	return ok;
}

/* State D: the letter after the name, which may hold anything but a last ')'. */
static bool is_uninterruptible(const char *pid, const char *tid)
{
	char line[LINE];
	const char *end;

	if (!line_of(pid, tid, "stat", line))
		return false;
	end = strrchr(line, ')');
	return end && end[1] == ' ' && end[2] == 'D';
}

/* "[<0>] func+0x12/0x34 [module]" -> func, as many as there is room for */
static bool stack_of(const char *pid, const char *tid, char *out, size_t size)
{
	char path[64], line[LINE], func[128];
	bool overlay = false;
	size_t n = 0;
	int i = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.10s/task/%.10s/stack", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	*out = 0;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "[<%*[^>]>] %127[^+ \n]", func) != 1)
			continue;
		overlay |= !strncmp(func, "ovl_", 4);
		if (i++ < FRAMES && n < size)
			n += snprintf(out + n, size - n, "%s%s", n ? " < " : "", func);
	}
	fclose(f);
	return overlay;
}

bool stuck__find(pid_t pid, char *where, size_t size)
{
	char dir[64], name[16], comm[LINE] = "", frames[384];
	struct dirent *d;
	bool found = false;
	DIR *tasks;

	snprintf(name, sizeof(name), "%d", (int)pid);
	snprintf(dir, sizeof(dir), "/proc/%s/task", name);
	tasks = opendir(dir);
	while (tasks && !found && (d = readdir(tasks))) {
		if (*d->d_name == '.' || !is_uninterruptible(name, d->d_name) ||
		    !stack_of(name, d->d_name, frames, sizeof(frames)))
			continue;
		line_of(name, d->d_name, "comm", comm);
		comm[strcspn(comm, "\n")] = 0;
		snprintf(where, size, "tid %.10s (%.16s): %s", d->d_name, comm, frames);
		found = true;
	}
	if (tasks)
		closedir(tasks);
	return found;
}
