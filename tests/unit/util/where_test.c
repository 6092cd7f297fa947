// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where directories are: in our mount namespace, in that of a task, or not to be found in
 * time. Needs root, and an overlay on tmpfs; without them it checks only what needs neither.
 */
#include "util/where.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "util/lookup.h"

enum {
	DIRS = 2000,
};

static bool overlay(const char *at)
{
	return !mount("o", at, "overlay", 0,
		      "lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w,userxattr,xino=off");
}

/* Our own namespace, in which /tmp is ours alone. */
static bool private(void)
{
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("t", "/tmp", "tmpfs", 0, NULL) && !mkdir("/tmp/l", 0700) &&
	       !mkdir("/tmp/u", 0700) && !mkdir("/tmp/w", 0700) && !mkdir("/tmp/m", 0700) &&
	       !mkdir("/tmp/n", 0700) && !mkdir("/tmp/b", 0700);
}

/* A task in another namespace, in which n more mounts come before an overlay on /tmp/n. */
static pid_t neighbour(int n)
{
	int ready[2], i;
	pid_t pid;
	char c;

	CHECK(!pipe(ready));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNS))
			_exit(1);
		for (i = 0; i < n; i++)
			if (mount("/tmp/b", "/tmp/b", NULL, MS_BIND, NULL))
				_exit(1);
		if (!overlay("/tmp/n") || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		pid = -1;
	close(ready[0]);
	return pid;
}

static uint32_t dev_of(pid_t pid, const char *path)
{
	char name[128];
	uint32_t dev = 0;

	snprintf(name, sizeof(name), "/proc/%d/root%s", pid, path);
	where__overlay_dev(name, &dev);
	return dev;
}

/* "path" or "path@" if it is another namespace's; "" if it is not known. */
static const char *path_of(struct where *w, uint32_t dev, pid_t pid)
{
	static char buf[8192];
	struct where_dir dir = { .dev = dev, .pid = (uint32_t)pid, .path = "/d" };

	if (!where__path(w, &dir, buf, sizeof(buf) - 1))
		return "";
	if (dir.mount_ns)
		strcat(buf, "@");
	return buf;
}

/* The same, once it is known: on a busy machine that may take longer than a lookup waits. */
static const char *settled(struct where *w, uint32_t dev, pid_t pid)
{
	const char *path = path_of(w, dev, pid);
	int i;

	for (i = 0; !*path && i < 500; i++) {
		usleep(10000);
		path = path_of(w, dev, pid);
	}
	return path;
}

static void known(void)
{
	struct where *w = where__new();
	uint32_t dev;
	pid_t pid;

	CHECK(overlay("/tmp/m"));
	CHECK(!where__overlay_dev("/tmp/m", &dev));
	where__mount_refresh(w, dev, 0);
	CHECK_STR(settled(w, dev, 0), "/tmp/m/d");
	/* its number is used again: the old name would be wrong */
	CHECK(!umount("/tmp/m"));
	CHECK(overlay("/tmp/n"));
	CHECK(!where__overlay_dev("/tmp/n", &dev));
	where__mount_refresh(w, dev, 0);
	CHECK_STR(settled(w, dev, 0), "/tmp/n/d");
	CHECK(!umount("/tmp/n"));

	pid = neighbour(3);
	CHECK(pid > 0);
	dev = dev_of(pid, "/tmp/n");
	where__mount_refresh(w, dev, (uint32_t)pid);
	CHECK_STR(settled(w, dev, pid), "/tmp/n/d@");
	/* its path stays known when the task has ended */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	where__mount_refresh(w, dev, (uint32_t)pid);
	CHECK_STR(settled(w, dev, pid), "/tmp/n/d@");
	where__free(w);
}

/* Thousands of foreign mounts: each new directory takes next to no time of this thread. */
static void many_mounts(void)
{
	struct where *w = where__new();
	pid_t pid = neighbour(5000);
	struct timespec begin, end;
	uint32_t dev, own;
	double took;
	int i;

	CHECK(pid > 0 && overlay("/tmp/m"));
	CHECK(!where__overlay_dev("/tmp/m", &own));
	dev = dev_of(pid, "/tmp/n");
	where__mount_refresh(w, own, 0);
	CHECK_STR(settled(w, own, 0), "/tmp/m/d");
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	for (i = 0; i < DIRS; i++) {
		where__mount_refresh(w, dev, (uint32_t)pid);
		path_of(w, dev, pid);
		/* ours are not affected */
		where__mount_refresh(w, own, 0);
		if (!CHECK(!strcmp(settled(w, own, 0), "/tmp/m/d")))
			break;
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	took = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	/* reading that file takes milliseconds, and two thousand times that seconds */
	if (!CHECK(took < 0.5))
		printf("# %d directories took %.3f s of this thread\n", DIRS, took);
	where__free(w);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	umount("/tmp/m");
}

/* What cannot be found: no process, no mount; more overlays than there is room for. */
static void unknown(void)
{
	struct where *w = where__new();
	uint32_t i;

	CHECK_STR(path_of(w, 1, 0), "");
	CHECK_STR(path_of(w, 1, 0x7ffffffe), "");
	for (i = 0; i < 3 * LOOKUP_QUEUE; i++)
		where__mount_refresh(w, 1000 + i, (uint32_t)getpid());
	CHECK_STR(path_of(w, 1000, getpid()), "");
	where__free(w);
	where__free(NULL);
}

int main(void)
{
	TEST(unknown);
	if (geteuid() || !private() || !overlay("/tmp/m") || umount("/tmp/m")) {
		printf("# no overlay can be mounted here\n");
		return test_done();
	}
	TEST(known);
	TEST(many_mounts);
	return test_done();
}
