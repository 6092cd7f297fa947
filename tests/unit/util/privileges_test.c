// SPDX-License-Identifier: GPL-2.0-only
/* What a trace does not do fails under the filter; tests/vm has the rest. */
#include "util/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "test.h"

enum {
	DENIED = 42,
};

static long opens_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long executes(void)
{
	return execl("/bin/true", "true", NULL);
}

static long forks(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long traces(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), 0, 0);
}

static long loads_program(void)
{
	union bpf_attr attr = { 0 };

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static long makes_executable(void)
{
	static char page[8192];

	return mprotect((void *)(((uintptr_t)page + 4095) & ~4095UL), 4096, PROT_READ | PROT_EXEC);
}

/* Without the filter, one that is root may. */
static long becomes_root(void)
{
	return syscall(SYS_setresuid, 0, 0, 0);
}

static const struct {
	const char *name;
	long (*call)(void);
} forbidden[] = {
	{ "socket", opens_socket },
	{ "execve", executes },
	{ "fork", forks },
	{ "ptrace", traces },
	{ "BPF_PROG_LOAD", loads_program },
	{ "PROT_EXEC", makes_executable },
	{ "setresuid", becomes_root },
};

/* No thread and no exit(): ASan makes other calls then. */
static long works(void)
{
	struct termios settings;
	struct winsize size;
	char c;
	int fd = open("/proc/self/status", O_RDONLY), pair[2];

	if (fd < 0 || read(fd, &c, 1) != 1 || close(fd) || pipe2(pair, O_CLOEXEC))
		syscall(SYS_exit_group, 2);
	/* top on a terminal */
	fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (fd >= 0 && (tcgetattr(fd, &settings) || tcsetattr(fd, TCSADRAIN, &settings) ||
			ioctl(fd, TIOCGWINSZ, &size)))
		syscall(SYS_exit_group, 3);
	getpgrp();
	tcgetpgrp(0);
	syscall(SYS_exit_group, 0);
	return 0;
}

/* The status of a child that calls it under the filter. */
static int status_under_filter(long (*call)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		if (privileges__keep(~0ULL, NULL) || sandbox__enter())
			_exit(9);
		syscall(SYS_exit_group, call() == -1 && errno == EPERM ? DENIED : 1);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void filter(void)
{
	size_t i;
	int status = status_under_filter(works);

	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	for (i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		status = status_under_filter(forbidden[i].call);
		test_check(WIFEXITED(status) && WEXITSTATUS(status) == DENIED, __FILE__, __LINE__,
			   forbidden[i].name);
	}
}

static void users(void)
{
	struct user u, same;

	CHECK_EQ(user__find(&u, "nobody"), 0);
	CHECK(u.uid > 0);
	CHECK_EQ(user__find(&same, "65534"), 0);
	CHECK_STR(same.name, u.name);
	CHECK_EQ(user__find(&u, "no such user"), -ENOENT);
	CHECK_EQ(user__find(&u, ""), -ENOENT);
	CHECK_EQ(user__find(&u, "0x"), -ENOENT);
}

int main(void)
{
	TEST(filter);
	TEST(users);
	return test_done();
}
