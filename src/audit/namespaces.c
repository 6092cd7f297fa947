// SPDX-License-Identifier: GPL-2.0-only
/* Overlays of other mount namespaces: containers have one each. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/mount.h"
#include "record/container.h"
#include "util/hash.h"

struct seen {
	UT_hash_handle hh;
	uint64_t ns;
};

/* The number of a process's mount namespace; 0: it cannot be read. */
static uint64_t namespace_of(const char *pid)
{
	char path[300];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	return stat(path, &st) ? 0 : st.st_ino;
}

/* True: it is new. */
static bool note(struct seen **all, uint64_t ns, int *err)
{
	struct seen *s;

	HASH_FIND(hh, *all, &ns, sizeof(ns), s);
	if (s)
		return false;
	s = calloc(1, sizeof(*s));
	if (!s) {
		*err = -ENOMEM;
		return false;
	}
	s->ns = ns;
	HASH_ADD(hh, *all, ns, sizeof(s->ns), s);
	return true;
}

static void forget(struct seen **all)
{
	struct seen *s, *next;

	HASH_ITER(hh, *all, s, next) {
		HASH_DEL(*all, s);
		free(s);
	}
}

/* The container of a process, by its cgroup. */
static void name_container(char within[160], const char *pid)
{
	char path[300], line[4096], text[CONTAINER_TEXT];
	struct container c;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/cgroup", pid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (strncmp(line, "0::", 3))
			continue;
		container__parse(line + 3, &c);
		snprintf(within, 160, "%s", container__text(&c, text));
	}
	fclose(f);
}

static int read_one(struct audit_mounts *m, const char *pid)
{
	size_t before = m->n, i;
	char path[300];
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	f = fopen(path, "re");
	/* it has just ended */
	if (!f)
		return 0;
	err = audit_mounts__parse(m, f, (uint32_t)strtoul(pid, NULL, 10));
	fclose(f);
	/* reading it fails if the process has ended */
	err = err == -EIO ? 0 : err;
	for (i = before; i < m->n; i++)
		name_container(m->v[i].within, pid);
	m->namespaces++;
	return err;
}

int audit_mounts__read_others(struct audit_mounts *m)
{
	struct seen *seen = NULL;
	DIR *proc = opendir("/proc");
	struct dirent *d;
	int err = 0;

	if (!proc)
		return -errno;
	note(&seen, namespace_of("self"), &err);
	while (!err && (d = readdir(proc))) {
		uint64_t ns;

		if (!isdigit((unsigned char)d->d_name[0]))
			continue;
		ns = namespace_of(d->d_name);
		if (!ns)
			m->hidden += errno == EACCES || errno == EPERM;
		else if (note(&seen, ns, &err))
			err = read_one(m, d->d_name);
	}
	closedir(proc);
	forget(&seen);
	return err;
}
