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
#include "util/where.h"

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

/*
 * The container of a process names the overlay that is its root directory, wherever else that
 * is mounted: the host sees the overlays of podman's and docker's containers, too. What is
 * not in a container, such as a unit, names only an overlay that was found by it.
 */
static void name_one(struct audit_mount *m, const struct container *c, bool found)
{
	bool contained = c->runtime != CONTAINER_NONE && c->runtime != CONTAINER_UNIT;
	char text[CONTAINER_TEXT];

	if (found || contained)
		snprintf(m->within, sizeof(m->within), "%s", container__text(c, text));
}

/* The overlays of a process's namespace; those from `before` on were found there. */
static void name_all(struct audit_mounts *m, size_t before, uint32_t pid)
{
	char *cgroup = where__cgroup_by_pid(pid);
	struct container c;
	size_t i;

	container__parse(cgroup, &c);
	for (i = 0; i < m->n; i++)
		if (i >= before || m->v[i].root_of == pid)
			name_one(&m->v[i], &c, i >= before);
	free(cgroup);
}

static int read_one(struct audit_mounts *m, const char *pid)
{
	uint32_t number = (uint32_t)strtoul(pid, NULL, 10);
	size_t before = m->n;
	char path[300];
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	f = fopen(path, "re");
	/* it has just ended */
	if (!f)
		return 0;
	err = audit_mounts__parse(m, f, number);
	fclose(f);
	/* reading it fails if the process has ended */
	err = err == -EIO ? 0 : err;
	name_all(m, before, number);
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
