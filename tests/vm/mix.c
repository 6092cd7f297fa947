// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the kernel mistake one kind of directory for the other, step by step. Needs a
 * kernel whose copy-up waits late_flag_us between publishing a directory and flagging it.
 *
 * usage: mix WINDOW_US stored|served|freed DIR
 *
 * DIR is a directory of the overlay that exists only in the lower layer and has files
 * f and g. The damaged caches are harmless as long as no task lists DIR after `stored`.
 * `freed` has a stream whose cache was freed: it never exits by itself, and killing it
 * makes the kernel complain or crash.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *dir;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int dir_open(void)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail(dir);
	return fd;
}

/* At most n calls of getdents64, each with room for one name or two. */
static void list(int fd, int n)
{
	char buf[64] __attribute__((aligned(8)));

	while (n-- > 0 && syscall(SYS_getdents64, fd, buf, sizeof(buf)) > 0)
		;
}

/*
 * Copies a file up, and DIR before it, which makes DIR impure. chmod() would not do: it
 * holds the lock of DIR, so that open streams wait and see the right kind.
 */
static void copy_up(void)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/f", dir);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	close(fd);
}

static void create(const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(path);
	close(fd);
}

/* Opens DIR in the middle of its copy-up. */
static int mistaken_open(unsigned int window_us)
{
	pid_t pid = fork();
	int fd, status;

	if (pid < 0)
		fail("fork");
	if (!pid) {
		copy_up();
		_exit(0);
	}
	usleep(window_us / 2);
	fd = dir_open();
	/* not from its beginning: that would heal it */
	if (lseek(fd, 1, SEEK_SET) < 0)
		fail("lseek");
	if (waitpid(pid, &status, 0) != pid || status)
		fail("copy-up");
	return fd;
}

int main(int argc, char **argv)
{
	const char *how = argc == 4 ? argv[2] : "";
	unsigned int window_us;
	int fd, other;

	if (argc != 4) {
		fprintf(stderr, "usage: %s WINDOW_US stored|served|freed DIR\n", argv[0]);
		return 2;
	}
	window_us = atoi(argv[1]);
	dir = argv[3];
	fd = mistaken_open(window_us);
	if (!strcmp(how, "served") || !strcmp(how, "freed")) {
		/* another stream sees the right kind, and has read a part */
		other = dir_open();
		list(other, 1);
		if (!strcmp(how, "freed")) {
			create("new");
			list(fd, 100);
			printf("%s\n", how);
			fflush(stdout);
			pause();
		}
		list(fd, 100);
		close(fd);
		close(other);
		return 0;
	}
	list(fd, 100);
	close(fd);
	return 0;
}
