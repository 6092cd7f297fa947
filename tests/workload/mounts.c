// SPDX-License-Identifier: GPL-2.0-only
/* Where the layers are: an overlay of our own on a tmpfs, or one that is there already. */
#include <errno.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "workload.h"

static int system_error(const char *what, const char *which)
{
	complain_errno(what, which);
	return STATUS_NO_SYSTEM;
}

static char *join(const char *top, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", top, name) < 0 ? NULL : path;
}

static int make_private_namespace(void)
{
	if (unshare(CLONE_NEWNS))
		return system_error("unshare", "mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return system_error("make private", "/");
	return STATUS_OK;
}

/* The directory itself may be there already. */
static int make_top(struct mounts *m, const char *dir)
{
	if (!mkdir(dir, 0755))
		m->made_top = true;
	else if (errno != EEXIST)
		return system_error("mkdir", dir);
	m->top = realpath(dir, NULL);
	if (!m->top)
		return system_error("find", dir);
	if (!m->top[strcspn(m->top, ":,\\")])
		return STATUS_OK;
	complain("--make", m->top, "must not contain ':', ',' or '\\'");
	return STATUS_USAGE;
}

/* Both layers on one superblock, so that entries keep their lower inode numbers. */
static int make_layers(struct mounts *m)
{
	char **layers[] = { &m->merged, &m->lower, &m->upper, &m->work, &m->plain };
	static const char *const names[] = { "merged", "lower", "upper", "work", "plain" };

	if (mount("workload", m->top, "tmpfs", 0, "mode=0755"))
		return system_error("mount tmpfs on", m->top);
	m->mounted_tmpfs = true;
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		*layers[i] = join(m->top, names[i]);
		if (!*layers[i] || mkdir(*layers[i], 0755))
			return system_error("mkdir", names[i]);
	}
	return STATUS_OK;
}

int mounts_overlay(struct mounts *m, const struct options *opt)
{
	char *data = NULL;
	int status = STATUS_OK;

	if (!opt->make)
		return STATUS_OK;
	if (asprintf(&data, "lowerdir=%s,upperdir=%s,workdir=%s%s%s", m->lower, m->upper, m->work,
		     opt->mount_options ? "," : "",
		     opt->mount_options ? opt->mount_options : "") < 0)
		return system_error("memory for", "mount options");
	if (mount("workload", m->merged, "overlay", 0, data))
		status = system_error("mount overlay on", m->merged);
	else
		m->mounted_overlay = true;
	free(data);
	return status;
}

static int copy_path(char **out, const char *given)
{
	if (!given)
		return STATUS_OK;
	free(*out);
	*out = realpath(given, NULL);
	return *out ? STATUS_OK : system_error("find", given);
}

static int use_mount(struct mounts *m, const struct options *opt)
{
	struct statfs fs;
	int status;

	status = copy_path(&m->merged, opt->mount);
	if (status)
		return status;
	if (statfs(m->merged, &fs))
		return system_error("statfs", m->merged);
	if (fs.f_type != OVERLAYFS_SUPER_MAGIC) {
		complain("--mount", opt->mount, "not on an overlay");
		return STATUS_USAGE;
	}
	mountinfo_layers(m->merged, &m->lower, &m->upper);
	status = copy_path(&m->lower, opt->lower);
	if (!status)
		status = copy_path(&m->upper, opt->upper);
	if (status || (m->lower && m->upper && *m->lower == '/' && *m->upper == '/'))
		return status;
	complain("--mount", opt->mount, "layers unknown, give --lower and --upper");
	return STATUS_USAGE;
}

int mounts_init(struct mounts *m, const struct options *opt)
{
	int status;

	*m = (struct mounts){ 0 };
	if (opt->make) {
		status = opt->no_unshare ? STATUS_OK : make_private_namespace();
		if (!status)
			status = make_top(m, opt->make);
		if (!status)
			status = make_layers(m);
	} else {
		status = opt->mount ? use_mount(m, opt) : STATUS_OK;
	}
	if (!status && opt->scratch) {
		free(m->plain);
		m->plain = NULL;
		status = copy_path(&m->plain, opt->scratch);
	}
	return status;
}

/* Somebody may still look at it: then it goes when they leave. */
static void unmount(const char *path)
{
	if (umount2(path, 0) && umount2(path, MNT_DETACH))
		complain_errno("umount", path);
}

void mounts_deinit(struct mounts *m, const struct options *opt)
{
	bool keep = opt->keep && opt->no_unshare;

	if (m->mounted_overlay && !keep)
		unmount(m->merged);
	if (m->mounted_tmpfs && !keep)
		unmount(m->top);
	if (m->made_top && !keep && rmdir(m->top))
		complain_errno("rmdir", m->top);
	free(m->top);
	free(m->work);
	free(m->merged);
	free(m->lower);
	free(m->upper);
	free(m->plain);
}
