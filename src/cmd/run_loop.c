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
	GRACE_NS = 2000000000, /* how long COMMAND and readers of outputs may take after a signal */
};

static int watch(struct run *r, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

static void unwatch(struct run *r, int fd)
{
	epoll_ctl(r->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static int watch_rings(struct run *r)
{
	if (watch(r, attach__fd(r->session.attached)))
		return -1;
	return r->session.listings ? watch(r, dirstat_probe__fd(r->session.listings)) : 0;
}

static int watch_writers(struct run *r)
{
	size_t i;

	for (i = 0; i < r->session.nsinks; i++) {
		struct writer *w = r->session.sink[i]->writer;

		if (w && watch(r, writer__fd(w)))
			return -1;
	}
	return 0;
}

/* nohup ignores SIGHUP, which a blocked signal does not show. */
static void add_hangup(sigset_t *set)
{
	struct sigaction old;

	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaddset(set, SIGHUP);
}

int run_loop__block_signals(struct run *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	add_hangup(&set);
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
	    watch(r, r->signal_fd) || watch(r, r->timer_fd) || watch_rings(r) || watch_writers(r)) {
		complain("event loop: %s", strerror(errno));
		return EXIT_USAGE;
	}
	return 0;
}

int run_loop__hold_command(struct run *r)
{
	/* with -o - our standard output has only records */
	int out = r->out_fd == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO, err;
	struct child_spec spec = { .argv = r->command };

	if (r->opts.ktap)
		out = testwatch__pipe(r->session.tests, out);
	if (out < 0) {
		complain("cannot create a pipe for the command: %s", strerror(-out));
		return EXIT_USAGE;
	}
	spec.out_fd = out;
	spec.user = r->opts.command_user ? &r->command_user : NULL;
	session__adopt(&r->session, true);
	err = child__hold(&r->held, &spec);
	session__adopt(&r->session, false);
	if (err) {
		complain("command '%s': cannot be started: %s", quoted(r->command[0]),
			 strerror(-err));
		return EXIT_USAGE;
	}
	if (!r->opts.ktap)
		return 0;
	r->ktap_fd = testwatch__pipe_started(r->session.tests);
	if (!watch(r, r->ktap_fd) && !watch(r, writer__fd(testwatch__writer(r->session.tests))))
		return 0;
	complain("event loop: %s", strerror(errno));
	return EXIT_USAGE;
}

void run_loop__start_command(struct run *r)
{
	r->child = child__go(&r->held);
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

/* SIGHUP may follow another signal where a session ends, so only the others count twice. */
static bool is_second(const struct run *r, int sig, uint64_t now)
{
	return sig != SIGHUP && r->signal_ns && now - r->signal_ns > WRITER_AGAIN_NS;
}

static void asked_to_end(struct run *r, const struct signalfd_siginfo *si)
{
	uint64_t now = clock__now_ns();

	if (is_second(r, (int)si->ssi_signo, now)) {
		r->end_ns = now;
		r->asked = true;
		return;
	}
	if (!r->signal_ns)
		r->signal_ns = now;
	/* the terminal sends its signals to COMMAND, too */
	end_soon(r, si->ssi_code <= 0 ? (int)si->ssi_signo : 0);
}

static void signals(struct run *r)
{
	struct signalfd_siginfo si;

	while (read(r->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			command_reap(r);
		else
			asked_to_end(r, &si);
	}
}

/* While its output is not read, COMMAND waits, as it would without us. */
static void pass_ktap(struct run *r)
{
	if (r->ktap_fd < 0)
		return;
	switch (testwatch__pass(r->session.tests)) {
	case TESTWATCH_OPEN:
		if (r->ktap_waits && !watch(r, r->ktap_fd))
			r->ktap_waits = false;
		break;
	case TESTWATCH_FULL:
		if (!r->ktap_waits)
			unwatch(r, r->ktap_fd);
		r->ktap_waits = true;
		break;
	case TESTWATCH_CLOSED:
		r->ktap_fd = -1; /* epoll has dropped it */
		unwatch(r, writer__fd(testwatch__writer(r->session.tests)));
		break;
	}
}

/* While outputs are full the rings fill up, too, and the programs count what is lost. */
static void poll_session(struct run *r)
{
	bool paused = !session__poll(&r->session);

	if (paused && !r->paused) {
		unwatch(r, attach__fd(r->session.attached));
		if (r->session.listings)
			unwatch(r, dirstat_probe__fd(r->session.listings));
	} else if (!paused && r->paused) {
		watch_rings(r);
	}
	r->paused = paused;
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
		pass_ktap(r);
		signals(r);
		poll_session(r);
		if (!r->end_ns || clock__now_ns() < r->end_ns)
			continue;
		if (r->asked || !command_runs(r))
			break;
		end_soon(r, SIGTERM);
	}
}

static uint64_t signal_ns; /* for the handler */

static void on_signal(int sig)
{
	if (clock__now_ns() - signal_ns <= WRITER_AGAIN_NS)
		return;
	signal(sig, SIG_DFL);
	raise(sig);
}

void run_loop__may_be_killed(const struct run *r)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	sigset_t set;

	if (!r->signal_ns)
		return;
	signal_ns = r->signal_ns;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void run_loop__finish_outputs(struct run *r)
{
	struct writer_wait wait = {
		.signal_fd = r->signal_fd,
		.grace_ns = GRACE_NS,
		.begin_ns = clock__now_ns(),
		.signal_ns = r->signal_ns,
	};

	session__finish_outputs(&r->session, &wait);
}
