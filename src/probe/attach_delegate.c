// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that attaches the deferred probes when it is asked to. It keeps the
 * privileges that this takes, so that the one that reads and writes needs none of them.
 * It understands a single message, and it ends with the socket or with its parent.
 */
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/attach_internal.h"
#include "util/child.h"
#include "util/privileges.h"

struct answer {
	int err[PLAN_MAX_PROBES];
};

static bool has_later(const struct attachment *a)
{
	size_t i;

	for (i = 0; i < a->plan->nprobes; i++)
		if (a->plan->probe[i].later)
			return true;
	return false;
}

void attach__later(struct attachment *a, int err[PLAN_MAX_PROBES])
{
	size_t i;

	for (i = 0; i < a->plan->nprobes; i++)
		err[i] = a->plan->probe[i].later ?
				 attach__probe(a->skel->obj, &a->plan->probe[i], &a->link[i]) :
				 0;
}

/* Above all no link may stay open here: probes must go when our parent goes. */
static void keep_programs(const struct attachment *a, int socket)
{
	int keep[PLAN_MAX_PROBES + 2], n = 0;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, a->skel->obj)
		if (n < PLAN_MAX_PROBES && bpf_program__fd(prog) >= 0)
			keep[n++] = bpf_program__fd(prog);
	keep[n++] = socket;
	keep[n] = -1;
	child__detach(keep);
}

_Noreturn static void serve(struct attachment *a, int socket)
{
	static const uint64_t keep = CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON) |
				     CAPABILITY(CAP_SYS_ADMIN);
	struct answer answer;
	char ask;

	prctl(PR_SET_NAME, "ovltrace-attach");
	keep_programs(a, socket);
	if (privileges__keep(keep, NULL))
		_exit(1);
	while (recv(socket, &ask, 1, 0) == 1) {
		attach__later(a, answer.err);
		if (send(socket, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
			break;
	}
	_exit(0);
}

int attach__delegate(struct attachment *a)
{
	pid_t parent = getpid();
	int pair[2], err;

	/* a thread that still runs would keep its privileges */
	attach__beside_wait(a);
	if (a->armed || !has_later(a))
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	a->delegate.pid = fork();
	if (a->delegate.pid < 0) {
		err = -errno;
		a->delegate.pid = 0;
		close(pair[0]);
		close(pair[1]);
		return err;
	}
	if (!a->delegate.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		serve(a, pair[1]);
	}
	close(pair[1]);
	a->delegate.fd = pair[0];
	return 0;
}

bool attach__ask(struct attachment *a, int err[PLAN_MAX_PROBES])
{
	struct answer answer;
	size_t i;
	bool answered;

	if (!a->delegate.pid)
		return false;
	answered = send(a->delegate.fd, "a", 1, MSG_NOSIGNAL) == 1 &&
		   recv(a->delegate.fd, &answer, sizeof(answer), 0) == sizeof(answer);
	for (i = 0; i < a->plan->nprobes; i++)
		err[i] = answered ? answer.err[i] : a->plan->probe[i].later ? -EPIPE : 0;
	return true;
}

void attach__delegate_end(struct attachment *a)
{
	if (!a->delegate.pid)
		return;
	close(a->delegate.fd);
	waitpid(a->delegate.pid, NULL, 0);
	a->delegate.pid = 0;
}
