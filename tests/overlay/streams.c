// SPDX-License-Identifier: GPL-2.0-only
/* Listings in several calls, and while others modify the directory. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "overlay.h"

enum {
	FILES = 60,
	READERS = 2,
	SECONDS = 2,
};

static void name_file(char *path, size_t size, const char *dir, int i)
{
	snprintf(path, size, "%s/f%02d", dir, i);
}

static void many_files(void)
{
	char path[64];
	int i;

	make_dir("l/d");
	for (i = 0; i < FILES; i++) {
		name_file(path, sizeof(path), "l/d", i);
		make_file(path);
	}
}

/* A directory with all files of m/d, which makes it impure. */
static void make_impure(void)
{
	char from[64], to[64];
	int i;

	make_dir("m/new");
	for (i = 0; i < FILES; i++) {
		name_file(from, sizeof(from), "m/d", i);
		name_file(to, sizeof(to), "m/new", i);
		move(from, to);
	}
}

static void expect_all(const struct listed *l, int from, int step)
{
	char name[8];
	int i;

	for (i = from; i < FILES; i += step) {
		snprintf(name, sizeof(name), "f%02d", i);
		EXPECT(times(l, name, NULL) == 1, "%s is listed %u times", name,
		       times(l, name, NULL));
	}
}

static void rewind_and_seek(const char *dir)
{
	struct listed rest, again;
	char buf[200] __attribute__((aligned(8)));
	int fd = open_dir(dir);
	off_t at;

	read_on(&rest, fd, 100);
	expect_all(&rest, 0, 1);
	EXPECT(!lseek(fd, 0, SEEK_SET), "lseek to 0: %s", strerror(errno));
	EXPECT(getdents64(fd, buf, sizeof(buf)) > 0, "nothing is listed after a rewind");
	at = lseek(fd, 0, SEEK_CUR);
	EXPECT(at > 0, "lseek: %s", strerror(errno));
	read_on(&rest, fd, SIZE_MAX);
	EXPECT(rest.n < FILES + 2, "names are listed twice");
	EXPECT(lseek(fd, at, SEEK_SET) == at, "lseek back: %s", strerror(errno));
	read_on(&again, fd, SIZE_MAX);
	EXPECT(again.n == rest.n, "after a seek %zu names are listed, not %zu", again.n, rest.n);
	close(fd);
}

static void seek_merged(void)
{
	rewind_and_seek("m/d");
	write_to("m/d/f00");
	rewind_and_seek("m/d");
}

static void seek_impure(void)
{
	make_impure();
	rewind_and_seek("m/new");
}

/* A buffer that is too small for any name; the first stream has made the cache. */
static void no_room(const char *dir)
{
	struct listed l;
	int first = open_dir(dir), second = open_dir(dir);
	char buf[1];
	long ret;

	read_on(&l, first, SIZE_MAX);
	ret = syscall(SYS_getdents64, second, buf, sizeof(buf));
	EXPECT(ret == -1 && errno == EINVAL, "%s: getdents64 into one byte returned %ld", dir, ret);
	ret = syscall(SYS_getdents64, first, buf, sizeof(buf));
	EXPECT(ret == 0, "%s: getdents64 at the end returned %ld", dir, ret);
	close(first);
	close(second);
}

static void small_buffer(void)
{
	no_room("m/d");
	write_to("m/d/f00");
	no_room("m/d");
	make_impure();
	no_room("m/new");
}

static pid_t start(void (*loop)(void))
{
	pid_t pid = fork();

	EXPECT(pid >= 0, "fork: %s", strerror(errno));
	if (pid)
		return pid;
	for (;;)
		loop();
}

/* Files with odd numbers leave and come back. The others stay. */
static void leave_impure(void)
{
	struct timespec pause = { .tv_nsec = 300000 };
	char in[64], out[64];
	int i;

	for (i = 1; i < FILES; i += 2) {
		name_file(in, sizeof(in), "m/new", i);
		name_file(out, sizeof(out), "m/out", i);
		if (rename(in, out) && rename(out, in))
			failed("rename %s: %s", in, strerror(errno));
		nanosleep(&pause, NULL);
	}
}

static void leave_merged(void)
{
	char path[64];
	int i;

	for (i = 0; i < FILES; i++) {
		name_file(path, sizeof(path), "m/d", i);
		path[strlen(path) - 3] = 'g';
		if (access(path, F_OK))
			make_file(path);
		else
			remove_file(path);
	}
}

static void read_for_a_while(const char *dir, int step)
{
	struct listed l;
	time_t until = time(NULL) + SECONDS;

	while (time(NULL) < until) {
		list(&l, dir);
		expect_all(&l, 0, step);
	}
}

static void end_all(const pid_t *pid, size_t n)
{
	int status;

	while (n--) {
		kill(pid[n], SIGKILL);
		EXPECT(waitpid(pid[n], &status, 0) == pid[n] && WIFSIGNALED(status),
		       "another process failed");
	}
}

static void list_impure(void)
{
	struct listed l;

	list(&l, "m/new");
	expect_all(&l, 0, 2);
}

/* The numbers are compared when all is quiet, by a new stream. */
static void modified_impure(void)
{
	struct listed l;
	pid_t pid[READERS];
	char path[64];
	uint64_t listed;
	size_t i;

	make_impure();
	make_dir("m/out");
	for (i = 0; i < READERS; i++)
		pid[i] = start(i ? list_impure : leave_impure);
	read_for_a_while("m/new", 2);
	end_all(pid, READERS);
	list(&l, "m/new");
	for (i = 0; i < FILES; i += 2) {
		name_file(path, sizeof(path), "m/new", (int)i);
		EXPECT(times(&l, path + 6, &listed) == 1 && listed == number(path),
		       "%s is listed as %llu", path, (unsigned long long)listed);
	}
}

static void modified_merged(void)
{
	pid_t pid = start(leave_merged);

	read_for_a_while("m/d", 1);
	end_all(&pid, 1);
}

const struct test stream_tests[] = {
	{ "seek_merged", "a merged directory can be rewound and sought", many_files, seek_merged,
	  false },
	{ "seek_impure", "an impure directory can be rewound and sought", many_files, seek_impure,
	  false },
	{ "small_buffer", "a buffer without room for a name gives EINVAL", many_files, small_buffer,
	  false },
	{ "modified_merged",
	  "what stays in a merged directory is listed once while others come and go", many_files,
	  modified_merged, false },
	{ "modified_impure", "what stays in an impure directory is listed once while others move",
	  many_files, modified_impure, false },
	{ 0 },
};
