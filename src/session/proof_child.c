// SPDX-License-Identifier: GPL-2.0-only
#include "session/proof_child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "session/proof_judge.h"

#define SOCKET 3 /* the only descriptor that stays open */

/* Reports why the proof cannot continue, and exits. */
__attribute__((noreturn, format(printf, 2, 3))) static void fail(int err, const char *fmt, ...)
{
	struct proof_msg msg = { .step = PROOF_FAILED, .err = -err };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg.what, sizeof(msg.what), fmt, ap);
	va_end(ap);
	_exit(send(SOCKET, &msg, sizeof(msg), MSG_NOSIGNAL) != sizeof(msg));
}

static void report_step(enum proof_step step, uint32_t dev)
{
	struct proof_msg msg = { .step = step, .dev = dev };
	char go;

	if (send(SOCKET, &msg, sizeof(msg), MSG_NOSIGNAL) != sizeof(msg))
		_exit(1);
	if (step != PROOF_DONE && recv(SOCKET, &go, 1, 0) != 1)
		_exit(1);
}

/*
 * Mounts a tmpfs over our own root, which needs no directory and is invisible to
 * others. From here on all paths are relative to it.
 */
static void scratch(void)
{
	int fs, mnt;

	if (unshare(CLONE_NEWNS))
		fail(errno, "unsharing its mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		fail(errno, "making its mounts private");
	fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0700", 0) ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fail(errno, "creating a tmpfs");
	mnt = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mnt < 0 || move_mount(mnt, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) || fchdir(mnt))
		fail(errno, "mounting a tmpfs");
	close(fs);
	close(mnt);
}

static void file_make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "", 1) != 1 || close(fd))
		fail(errno, "file '%s'", path);
}

static void move(const char *from, const char *to)
{
	if (rename(from, to))
		fail(errno, "rename '%s'", from);
}

static void overlay(void)
{
	if (mount("ovltrace-proof", "m", "overlay", 0, "lowerdir=l,upperdir=u,workdir=w"))
		fail(errno, "mounting an overlay on tmpfs");
}

/* Makes sure that the cache will have entries. */
static void check_impure(void)
{
	struct stat seen, upper;
	char value;

	if (lgetxattr("u/D", "trusted.overlay.impure", &value, 1) < 0)
		fail(errno, "an impure directory on tmpfs");
	if (stat("m/D/" PROOF_OLD_NAME, &seen) || stat("u/D/" PROOF_OLD_NAME, &upper))
		fail(errno, "stat of its files");
	if (seen.st_ino == upper.st_ino)
		fail(0, "this kernel does not translate inode numbers on tmpfs");
}

static void populate(void)
{
	static const char *const dirs[] = { "l", "u", "w", "m" };
	char from[16], to[16];
	int i;

	for (i = 0; i < 4; i++)
		if (mkdir(dirs[i], 0700))
			fail(errno, "directory '%s'", dirs[i]);
	for (i = 0; i < PROOF_ENTRIES; i++) {
		snprintf(from, sizeof(from), "l/f%d", i);
		file_make(from);
	}
	if (mkdir("l/C", 0700))
		fail(errno, "directory 'l/C'");
	overlay();
	if (mkdir("m/D", 0700))
		fail(errno, "directory 'm/D'");
	for (i = 0; i < PROOF_ENTRIES; i++) {
		snprintf(from, sizeof(from), "m/f%d", i);
		snprintf(to, sizeof(to), "m/D/f%d", i);
		move(from, to);
	}
	for (i = 0; i < PROOF_PLAIN; i++) {
		snprintf(to, sizeof(to), "m/D/p%d", i);
		file_make(to);
	}
	check_impure();
}

/* Opens and lists the directory, which must have that many names. */
static void list(int names)
{
	static char buf[4096] __attribute__((aligned(8)));
	int fd = open("m/D", O_RDONLY | O_DIRECTORY | O_CLOEXEC), seen = 0;
	long n, at;

	if (fd < 0)
		fail(errno, "opening its directory");
	while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0)
		for (at = 0; at < n; at += *(unsigned short *)(buf + at + 16))
			seen++;
	if (n < 0)
		fail(errno, "listing its directory");
	close(fd);
	if (seen != names + 2)
		fail(0, "its directory lists %d names instead of %d", seen, names + 2);
}

static void empty(void)
{
	char from[16], to[16];
	int i;

	move("m/D/" PROOF_NEW_NAME, "m/f0");
	for (i = 1; i < PROOF_ENTRIES; i++) {
		snprintf(from, sizeof(from), "m/D/f%d", i);
		snprintf(to, sizeof(to), "m/f%d", i);
		move(from, to);
	}
}

__attribute__((noreturn)) static void work(void)
{
	struct stat st;

	scratch();
	populate();
	/* mounted again: no name is cached yet, so the first listing has to look all of them up */
	if (umount2("m", 0))
		fail(errno, "unmounting its overlay");
	overlay();
	if (stat("m", &st))
		fail(errno, "looking at its overlay");
	report_step(PROOF_MOUNTED, major(st.st_dev) << 20 | minor(st.st_dev));
	if (chmod("m/C", 0755)) /* copies it up */
		fail(errno, "changing a directory's mode");
	list(PROOF_ENTRIES + PROOF_PLAIN);
	list(PROOF_ENTRIES + PROOF_PLAIN); /* from the cache */
	report_step(PROOF_LISTED, 0);
	move("m/D/" PROOF_OLD_NAME, "m/D/" PROOF_NEW_NAME);
	report_step(PROOF_RENAMED, 0);
	list(PROOF_ENTRIES + PROOF_PLAIN);
	empty();
	list(PROOF_PLAIN);
	if (umount2("m", 0))
		fail(errno, "unmounting its overlay");
	report_step(PROOF_DONE, 0);
	_exit(0);
}

pid_t proof_child__start(int *fd)
{
	pid_t pid, parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (pid < 0) {
		pid = -errno;
		close(pair[0]);
		close(pair[1]);
		return pid;
	}
	if (pid) {
		close(pair[1]);
		*fd = pair[0];
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	prctl(PR_SET_NAME, "ovltrace-proof");
	/* above all no probe: they must go when our parent goes */
	if (pair[1] != SOCKET && dup2(pair[1], SOCKET) < 0)
		_exit(1);
	close_range(SOCKET + 1, ~0U, 0);
	work();
}
