/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which container or unit a task is in, read from the path of its cgroup. No program is
 * asked: runtimes name their cgroups by fixed rules. Pure.
 */
#ifndef OVLTRACE_RECORD_CONTAINER_H
#define OVLTRACE_RECORD_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

enum container_runtime {
	CONTAINER_NONE, /* neither a container nor a unit */
	CONTAINER_DOCKER,
	CONTAINER_PODMAN,
	CONTAINER_CONTAINERD,
	CONTAINER_CRIO,
	CONTAINER_LXC,
	CONTAINER_NSPAWN,
	CONTAINER_OTHER, /* an id without the name of a runtime */
	CONTAINER_UNIT, /* a service, scope or slice of systemd */
	CONTAINER_RUNTIMES,
};

/* Parts of the path, which they point into. */
struct container_part {
	const char *s;
	size_t len; /* 0: there is none */
};

struct container {
	enum container_runtime runtime;
	struct container_part id; /* 64 hex digits, or a name */
	struct container_part pod; /* the uid of a Kubernetes pod */
};

/* path may be NULL. */
void container__parse(const char *path, struct container *c);
/* NULL for CONTAINER_NONE. */
const char *container_runtime__name(enum container_runtime runtime);

enum {
	CONTAINER_TEXT = 160,
	CONTAINER_SHORT = 12, /* digits of an id that runtimes show */
};

/*
 * "podman b15ccfe36b7c", "containerd 0123456789ab of pod 6f2c...", "unit cron.service".
 * "" for CONTAINER_NONE. The bytes are those of the path, not escaped.
 */
const char *container__text(const struct container *c, char text[CONTAINER_TEXT]);
/*
 * Does a user who writes `name` mean it? It is the name, the uid of the pod, or begins the id
 * with at least CONTAINER_SHORT / 3 digits.
 */
bool container__matches(const struct container *c, const char *name);
/* Is the cgroup `path` the cgroup `above`, or below it? */
bool cgroup__is_below(const char *path, const char *above);

#endif
