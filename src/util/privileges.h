/* SPDX-License-Identifier: GPL-2.0-only */
/* Users, capabilities and system calls: gives up what is no longer needed. */
#ifndef OVLTRACE_PRIVILEGES_H
#define OVLTRACE_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	USER_NAME = 64,
	USER_GROUPS = 64, /* supplementary groups that a command gets */
};

struct user {
	char name[USER_NAME];
	uid_t uid;
	gid_t gid;
};

/*
 * Finds a user of /etc/passwd by name or number. 0, -ENOENT, or another -errno. The name
 * service switch is not asked: a static program has none.
 */
int user__find(struct user *u, const char *name);
/* Becomes that user, with the groups of /etc/group. For a child that is about to exec. */
int user__become(const struct user *u);

/* Linux's numbers, see capabilities(7). */
#define CAPABILITY(number) (1ULL << (number))

/*
 * Keeps these capabilities, as far as this thread has them, and gives up the others for
 * ever; sets no_new_privs. With a user the process continues as that one, without
 * supplementary groups. To be called while there is only one thread: capabilities belong
 * to threads. 0 or -errno.
 */
int privileges__keep(uint64_t capabilities, const struct user *u);
/* Is the directory writable with the capabilities in the mask alone? */
bool privileges__can_write(int dir, uint64_t capabilities);

/*
 * From now on, in all threads, a system call that is not on the list of
 * src/util/sandbox.c fails with EPERM. 0 or -errno; -EINVAL: the kernel has no seccomp.
 */
int sandbox__enter(void);

#endif
