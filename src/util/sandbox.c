// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls of a trace that is attached. They were found by running each output
 * and option under the filter: tests/vm/guest-privileges.sh. Any other call, and those
 * whose arguments say otherwise, fail with EPERM.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>

#include "util/privileges.h"

#define CALL(name) SCMP_SYS(name)

static const int calls[] = {
	/* memory */
	CALL(brk),
	CALL(mmap),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	/* threads and their end */
	CALL(futex),
	CALL(set_robust_list),
	CALL(rseq),
	CALL(sched_yield),
	CALL(sched_getaffinity),
	CALL(gettid),
	CALL(getpid),
	CALL(exit),
	CALL(exit_group),
	CALL(restart_syscall),
	/* signals; COMMAND is sent some, and reaped */
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(kill),
	CALL(tgkill),
	CALL(wait4),
	CALL(waitid),
	/* time */
	CALL(clock_gettime),
	CALL(clock_nanosleep),
	CALL(gettimeofday),
	CALL(nanosleep),
	CALL(timerfd_settime),
	/* the loop */
	CALL(epoll_ctl),
	CALL(epoll_pwait),
	CALL(epoll_wait),
	CALL(poll),
	CALL(ppoll),
	CALL(eventfd2),
	CALL(pipe2),
	/* the process that attaches */
	CALL(recvfrom),
	CALL(sendto),
	/* files */
	CALL(close),
	CALL(dup),
	CALL(dup3),
	CALL(faccessat2),
	CALL(fchmod),
	CALL(fcntl),
	CALL(fdatasync),
	CALL(fsync),
	CALL(ftruncate),
	CALL(fstat),
	CALL(getdents64),
	CALL(getrandom),
	CALL(lseek),
	CALL(newfstatat),
	CALL(open_by_handle_at),
	CALL(openat),
	CALL(pread64),
	CALL(pwrite64),
	CALL(read),
	CALL(readlink),
	CALL(readlinkat),
	CALL(readv),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(stat),
	CALL(statx),
	CALL(sysinfo),
	CALL(uname),
	CALL(unlinkat),
	CALL(write),
	CALL(writev),
	CALL(getpgrp),
};

/* Terminals are examined, top reads single keys, and probes are detached. */
static const unsigned long ioctls[] = {
	TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, TIOCGPGRP, FIONREAD, PERF_EVENT_IOC_DISABLE,
};

/* What is loaded stays as it is. */
static const int bpf_commands[] = {
	BPF_MAP_LOOKUP_ELEM,
	BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY,
	BPF_MAP_LOOKUP_AND_DELETE_ELEM,
	BPF_MAP_LOOKUP_BATCH,
	BPF_MAP_LOOKUP_AND_DELETE_BATCH,
	BPF_MAP_DELETE_BATCH,
	BPF_OBJ_GET_INFO_BY_FD,
	BPF_LINK_DETACH,
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int allow(scmp_filter_ctx ctx)
{
	size_t i;
	int err = 0;

	for (i = 0; i < N(calls) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	for (i = 0; i < N(ioctls) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, CALL(ioctl), 1,
				       SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
	for (i = 0; i < N(bpf_commands) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, CALL(bpf), 1,
				       SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)bpf_commands[i]));
	/* nothing becomes executable */
	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, CALL(mprotect), 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0));
	/* threads, no processes; the arguments of clone3() cannot be examined */
	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, CALL(clone), 1,
				       SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
	return err;
}

int sandbox__enter(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!ctx)
		return -ENOMEM;
	err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	/* a binary search: the hot calls do not pass a list of fifty */
	if (!err)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!err)
		err = allow(ctx);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}
