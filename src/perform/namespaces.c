// SPDX-License-Identifier: GPL-2.0-only
/* A mount namespace of its own, and a user namespace where the mounts need one. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "perform/world_internal.h"

unsigned int world__flags(const struct world *w)
{
	return explore_mounts[w->config->mount].flags;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

/* Root of a user namespace of our own. */
static int become_root(struct world *w)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER))
		return world__fail(w, "unshare", "user namespace");
	if (write_file("/proc/self/setgroups", "deny") || write_file("/proc/self/uid_map", uid) ||
	    write_file("/proc/self/gid_map", gid))
		return world__fail(w, "map the user of", "the user namespace");
	w->rootless = true;
	return 0;
}

int world__enter_namespaces(struct world *w)
{
	bool needs_root = !(world__flags(w) & MOUNT_USERNS);
	int err;

	if (needs_root && geteuid()) {
		errno = EPERM;
		return world__fail(w, "mount without root, but with", "userxattr");
	}
	err = needs_root ? 0 : become_root(w);
	if (!err && unshare(CLONE_NEWNS))
		err = world__fail(w, "unshare", "mount namespace");
	if (!err && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		err = world__fail(w, "make private", "/");
	return err;
}
