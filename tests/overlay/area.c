// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "overlay.h"

enum {
	PASSED,
	FAILED,
	SKIPPED = 4,
};

static int why_fd; /* what the test's process has to say */

static _Noreturn void end(int status, const char *format, va_list args)
{
	vdprintf(why_fd, format, args);
	_exit(status);
}

void failed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end(FAILED, format, args);
}

void skipped(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end(SKIPPED, format, args);
}

static void enter_area(const char *at, const struct test *t)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skipped("no mount namespace: %s", strerror(errno));
	if (mount("none", at, "tmpfs", 0, NULL) || chdir(at))
		skipped("no tmpfs: %s", strerror(errno));
	make_dir("l");
	make_dir("u");
	make_dir("w");
	make_dir("m");
	if (t->lower)
		t->lower();
	if (mount("none", "m", "overlay", 0, "lowerdir=l,upperdir=u,workdir=w"))
		skipped("no overlay: %s", strerror(errno));
}

static int run_in(const char *at, const struct test *t, char *why, size_t size)
{
	int fds[2], status = 0;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	if (pipe(fds))
		return FAILED;
	pid = fork();
	if (pid == 0) {
		why_fd = fds[1];
		enter_area(at, t);
		t->run();
		_exit(PASSED);
	}
	close(fds[1]);
	while (n + 1 < size && (got = read(fds[0], why + n, size - 1 - n)) > 0)
		n += (size_t)got;
	why[n] = 0;
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return FAILED;
	if (WIFSIGNALED(status))
		snprintf(why, size, "signal %d", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

int area_run(const struct test *t, char *why, size_t size)
{
	char at[] = "/tmp/overlay-test.XXXXXX";
	int status;

	if (!mkdtemp(at)) {
		snprintf(why, size, "%s: %s", at, strerror(errno));
		return FAILED;
	}
	status = run_in(at, t, why, size);
	rmdir(at);
	return status;
}

void make_dir(const char *path)
{
	EXPECT(!mkdir(path, 0755), "mkdir %s: %s", path, strerror(errno));
}

static void put(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);

	EXPECT(fd >= 0, "open %s: %s", path, strerror(errno));
	EXPECT(write(fd, "x", 1) == 1, "write to %s: %s", path, strerror(errno));
	close(fd);
}

void make_file(const char *path)
{
	put(path, O_CREAT | O_EXCL);
}

void write_to(const char *path)
{
	put(path, 0);
}

void move(const char *from, const char *to)
{
	EXPECT(!rename(from, to), "rename %s to %s: %s", from, to, strerror(errno));
}

void make_link(const char *from, const char *to)
{
	EXPECT(!link(from, to), "link %s to %s: %s", from, to, strerror(errno));
}

void remove_file(const char *path)
{
	EXPECT(!unlink(path), "unlink %s: %s", path, strerror(errno));
}

int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	EXPECT(fd >= 0, "open %s: %s", path, strerror(errno));
	return fd;
}

static struct stat status_of(const char *path)
{
	struct stat st;

	EXPECT(!lstat(path, &st), "lstat %s: %s", path, strerror(errno));
	return st;
}

uint64_t number(const char *path)
{
	return status_of(path).st_ino;
}

nlink_t links(const char *path)
{
	return status_of(path).st_nlink;
}

bool has_attribute(const char *path, const char *name)
{
	char full[64], value = 0;

	snprintf(full, sizeof(full), "trusted.overlay.%s", name);
	return lgetxattr(path, full, &value, 1) == 1 && value == 'y';
}
