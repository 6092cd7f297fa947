// SPDX-License-Identifier: GPL-2.0-only
/* The event loop of run: records, signals, the end, and COMMAND. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cmd/run.h"
#include "util/child.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"

enum {
	TICK_NS = 100000000, /* how often the ring is drained without a wakeup */
	GRACE_NS = 2000000000, /* how long COMMAND may take to end after a signal */
};

static int watch(struct run *r, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

int run_loop__block_signals(struct run *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	r->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signal_fd >= 0)
		return 0;
	complain("signals: %s", strerror(errno));
	return EXIT_USAGE;
}

int run_loop__open(struct run *r)
{
	struct itimerspec tick = { { 0, TICK_NS }, { 0, TICK_NS } };

	r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	r->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (r->epoll_fd < 0 || r->timer_fd < 0 || timerfd_settime(r->timer_fd, 0, &tick, NULL) ||
	    watch(r, r->signal_fd) || watch(r, r->timer_fd) ||
	    watch(r, attach__fd(r->session.attached)) ||
	    (r->session.listings && watch(r, dirstat_probe__fd(r->session.listings)))) {
		complain("event loop: %s", strerror(errno));
		return EXIT_USAGE;
	}
	return 0;
}

int run_loop__start_command(struct run *r)
{
	/* with -o - our standard output has only records */
	int out = r->out_fd == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO;

	if (r->opts.ktap)
		out = testwatch__pipe(r->session.tests, out);
	if (out < 0) {
		complain("cannot create a pipe for the command: %s", strerror(-out));
		return EXIT_USAGE;
	}
	r->child = child__start(r->command, out);
	if (!r->opts.ktap)
		return 0;
	r->ktap_fd = testwatch__pipe_started(r->session.tests);
	if (!watch(r, r->ktap_fd))
		return 0;
	complain("event loop: %s", strerror(errno));
	return EXIT_USAGE;
}

static bool command_runs(const struct run *r)
{
	return r->child > 0 && r->child_status < 0;
}

/* Ends the trace now, or as soon as the running COMMAND has ended. */
static void end_soon(struct run *r, int sig)
{
	uint64_t now = clock__now_ns();

	if (!command_runs(r)) {
		r->end_ns = now;
		return;
	}
	if (sig)
		kill(r->child, sig);
	r->end_ns = now + GRACE_NS;
	r->asked = true;
}

static void command_reap(struct run *r)
{
	if (!command_runs(r))
		return;
	r->child_status = child__reap(r->child);
	/* --widen makes us a subreaper, to recognize COMMAND's descendants */
	if (r->widen.probe)
		child__reap_others(r->child_status < 0 ? r->child : 0);
	if (r->child_status >= 0)
		r->end_ns = clock__now_ns();
}

static void signals(struct run *r)
{
	struct signalfd_siginfo si;

	while (read(r->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			command_reap(r);
		else
			/* the terminal sends its signals to COMMAND, too */
			end_soon(r, si.ssi_code <= 0 ? (int)si.ssi_signo : 0);
	}
}

void run_loop__run(struct run *r)
{
	uint64_t ticks;

	if (r->opts.seconds > 0)
		r->end_ns = clock__now_ns() + (uint64_t)(r->opts.seconds * 1e9);
	for (;;) {
		struct epoll_event ev[4];

		if (epoll_wait(r->epoll_fd, ev, 4, -1) < 0 && errno != EINTR)
			break;
		if (read(r->timer_fd, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
			break;
		if (r->ktap_fd >= 0 && !testwatch__pass(r->session.tests))
			r->ktap_fd = -1; /* closed: epoll has dropped it */
		signals(r);
		session__poll(&r->session);
		if (!r->end_ns || clock__now_ns() < r->end_ns)
			continue;
		if (r->asked || !command_runs(r))
			break;
		end_soon(r, SIGTERM);
	}
}
