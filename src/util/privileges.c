// SPDX-License-Identifier: GPL-2.0-only
#include "util/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_user(const struct passwd *pw, const char *name)
{
	char *end;
	unsigned long uid = strtoul(name, &end, 10);

	return !strcmp(pw->pw_name, name) || (end != name && !*end && pw->pw_uid == uid);
}

int user__find(struct user *u, const char *name)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw;
	int err = -ENOENT;

	if (!f)
		return -errno;
	while (err && (pw = fgetpwent(f))) {
		if (!is_user(pw, name))
			continue;
		snprintf(u->name, sizeof(u->name), "%s", pw->pw_name);
		u->uid = pw->pw_uid;
		u->gid = pw->pw_gid;
		err = 0;
	}
	fclose(f);
	return err;
}

static int groups_of(const struct user *u, gid_t groups[USER_GROUPS])
{
	FILE *f = fopen("/etc/group", "re");
	const struct group *gr;
	int n = 1;
	char **m;

	groups[0] = u->gid;
	while (f && n < USER_GROUPS && (gr = fgetgrent(f))) {
		for (m = gr->gr_mem; *m && strcmp(*m, u->name); m++)
			;
		if (*m && gr->gr_gid != u->gid)
			groups[n++] = gr->gr_gid;
	}
	if (f)
		fclose(f);
	return n;
}

int user__become(const struct user *u)
{
	gid_t groups[USER_GROUPS];
	int n = groups_of(u, groups);

	if (setgroups((size_t)n, groups) || setresgid(u->gid, u->gid, u->gid) ||
	    setresuid(u->uid, u->uid, u->uid))
		return -errno;
	return 0;
}

static int caps_get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };

	return syscall(SYS_capget, &head, data) ? -errno : 0;
}

static int caps_set(const struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };

	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

static int caps_keep(uint64_t keep)
{
	struct __user_cap_data_struct data[2];
	int err = caps_get(data), i;

	if (err)
		return err;
	for (i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(keep >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return caps_set(data);
}

/* Of the bounding set, which only CAP_SETPCAP may shrink. */
static void bounds_drop(uint64_t keep)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(keep & CAPABILITY(cap)))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

int privileges__keep(uint64_t capabilities, const struct user *u)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	bounds_drop(capabilities);
	if (u) {
		if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) ||
		    setresgid(u->gid, u->gid, u->gid) || setresuid(u->uid, u->uid, u->uid))
			return -errno;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return caps_keep(capabilities);
}

bool privileges__can_write(int dir, uint64_t capabilities)
{
	struct __user_cap_data_struct data[2], fewer[2];
	bool can;
	int i;

	if (caps_get(data))
		return false;
	memcpy(fewer, data, sizeof(data));
	for (i = 0; i < 2; i++)
		fewer[i].effective &= (uint32_t)(capabilities >> 32 * i);
	if (caps_set(fewer))
		return false;
	can = !faccessat(dir, ".", W_OK | X_OK, AT_EACCESS);
	return !caps_set(data) && can;
}
