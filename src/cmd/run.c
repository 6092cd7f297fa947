// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "util/child.h"
#include "cmd/options.h"
#include "cmd/run_opts.h"
#include "session/session.h"
#include "session/window_hold.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"

enum {
	TICK_NS = 100000000, /* how often the ring is emptied when nobody wakes us */
	GRACE_NS = 2000000000, /* for a command that is asked to end */
};

static int run_main(const struct command_spec *spec, int argc, char **argv);

const struct command_spec command_run = {
	.name = "run",
	.synopsis = "[OPTION]... [-- COMMAND [ARG]...]",
	.summary = "Traces the rebuilds of impure overlayfs directory caches, and judges them.",
	.details =
		"Runs until COMMAND ends, SECONDS are over, or SIGINT or SIGTERM. COMMAND starts when\n"
		"every probe is in place. Without COMMAND the probes are proved first.\n\n"
		"exit status: 0 clean, 1 findings, 2 usage or internal error, 3 inconclusive,\n"
		"4 this system can't be traced",
	.options = run_options,
	.main = run_main,
};

struct run {
	struct run_opts opts;
	struct session session;
	struct window_hold widen;
	int out_fd, signal_fd, timer_fd, epoll_fd;
	int ktap_fd; /* COMMAND's output comes there; -1: it does not come through us */
	pid_t child;
	int child_status; /* -1 while it runs */
	uint64_t end_ns; /* 0: no end is set */
	bool asked; /* the command was asked to end */
};

static int sinks_open(struct run *r)
{
	const char *o = r->opts.output;
	bool to_stdout = o && !strcmp(o, "-");
	FILE *text = to_stdout ? stderr : stdout;
	struct sink *jsonl = NULL, *people = NULL, *metrics = NULL;

	r->out_fd = -1;
	if (to_stdout)
		r->out_fd = STDOUT_FILENO;
	else if (o)
		r->out_fd = open(o, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (o && r->out_fd < 0) {
		complain("output '%s': %s", quoted(o), strerror(errno));
		return EXIT_USAGE;
	}
	if (o)
		jsonl = sink_jsonl__new(r->out_fd, &r->session.info);
	if (!r->opts.quiet)
		people = sink_text__new(text, isatty(fileno(text)), &r->session.info);
	if (r->opts.metrics)
		metrics = sink_metrics__new(r->opts.metrics, &r->session.info);
	if (jsonl)
		session__add_sink(&r->session, jsonl);
	if (metrics)
		session__add_sink(&r->session, metrics);
	if (people)
		session__add_sink(&r->session, people);
	if ((o && !jsonl) || (!r->opts.quiet && !people) || (r->opts.metrics && !metrics)) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	return 0;
}

static int check_coverage(struct run *r)
{
	enum logical_event gap;

	if (plan__complete(&r->session.plan, &gap) || r->opts.allow_partial)
		return 0;
	complain("coverage is partial: %s %s: %s (--allow-partial runs anyway, without a clean "
		 "verdict)",
		 r->session.plan.layout_known ? logical_event__name(gap) :
						"the layout of ovl_inode",
		 r->session.plan.cover[gap].proof == PROOF_CONTRADICTED ? "failed its proof" :
									  "can't be seen",
		 r->session.plan.layout_known ? coverage__why(&r->session.plan.cover[gap]) :
						r->session.plan.layout_evidence);
	return EXIT_INCONCLUSIVE;
}

static int watch(struct run *r, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

/*
 * From the start on: a signal that comes while probes are attached ends the
 * trace as soon as it has begun, and with a summary. Blocked, it counts even
 * where a shell has it ignored.
 */
static int signals_open(struct run *r)
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

static int loop_open(struct run *r)
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

/* Asks for the end: now if there is no command, when it has ended otherwise. */
static void end_soon(struct run *r, int sig)
{
	uint64_t now = clock__now_ns();

	if (r->child > 0 && r->child_status < 0) {
		if (sig)
			kill(r->child, sig);
		r->end_ns = now + GRACE_NS;
		r->asked = true;
	} else {
		r->end_ns = now;
	}
}

static void signals(struct run *r)
{
	struct signalfd_siginfo si;

	while (read(r->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo != SIGCHLD) {
			/* what a terminal sends, the command gets by itself */
			end_soon(r, si.ssi_code <= 0 ? (int)si.ssi_signo : 0);
			continue;
		}
		if (r->child <= 0 || r->child_status >= 0)
			continue;
		r->child_status = child__reap(r->child);
		/* what COMMAND has left behind became ours, so that it is still known as its own */
		if (r->widen.probe)
			child__reap_others(r->child_status < 0 ? r->child : 0);
		if (r->child_status >= 0)
			r->end_ns = clock__now_ns();
	}
}

static void loop(struct run *r)
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
			r->ktap_fd = -1; /* closed: nothing is watched any more */
		signals(r);
		session__poll(&r->session);
		if (!r->end_ns || clock__now_ns() < r->end_ns)
			continue;
		if (r->asked || r->child <= 0 || r->child_status >= 0)
			break;
		end_soon(r, SIGTERM);
	}
}

/* What costs others is never in place without a word. */
static void name_costly(const struct plan *plan)
{
	char names[400] = "";
	size_t i, len;

	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &plan->cover[i];

		len = strlen(names);
		if (c->costly)
			snprintf(names + len, sizeof(names) - len, "%s%s of %s", len ? ", " : "",
				 provider__name(c->provider), c->target);
	}
	if (*names)
		complain("note: probes that all tasks run through are in place: %s", names);
}

/* r->child is its pid, or -errno if it can't be started. */
static int command_start(struct run *r, char **command)
{
	/* with -o - nothing but records goes to our standard output */
	int out = r->out_fd == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO;

	if (r->opts.ktap)
		out = testwatch__pipe(r->session.tests, out);
	if (out < 0) {
		complain("a pipe for the command: %s", strerror(-out));
		return EXIT_USAGE;
	}
	r->child = child__start(command, out);
	if (!r->opts.ktap)
		return 0;
	r->ktap_fd = testwatch__pipe_started(r->session.tests);
	if (!watch(r, r->ktap_fd))
		return 0;
	complain("event loop: %s", strerror(errno));
	return EXIT_USAGE;
}

static int run_traced(struct run *r, char **command)
{
	bool started = true;
	enum verdict verdict;
	int err;

	err = loop_open(r);
	if (err)
		return err;
	r->child_status = -1;
	if (command[0]) {
		err = command_start(r, command);
		if (err)
			return err;
		if (r->child < 0) {
			complain("command '%s': can't be started: %s", quoted(command[0]),
				 strerror(-r->child));
			r->child_status = r->child == -ENOENT ? 127 : 126;
			started = false;
		}
	}
	if (started)
		loop(r);
	window_hold__counts(&r->widen, &r->session);
	window_hold__stop(&r->widen);
	verdict = session__stop(&r->session,
				command[0] && r->child_status >= 0 ? &r->child_status : NULL);
	if (!started || r->session.sink_failed)
		return EXIT_USAGE;
	switch (verdict) {
	case VERDICT_FINDINGS:
		return EXIT_FINDINGS;
	case VERDICT_INCONCLUSIVE:
		return EXIT_INCONCLUSIVE;
	default:
		return EXIT_CLEAN;
	}
}

static int run(struct run *r, char **command)
{
	struct session_opts so = { 0 };
	char why[256];
	int status, err;

	r->ktap_fd = -1;
	status = run_opts__session(&r->opts, &so);
	if (!status)
		status = run_opts__command(&r->opts, command);
	if (!status)
		status = signals_open(r);
	if (status)
		return status;
	err = session__plan(&r->session, &so);
	if (err) {
		complain("this system can't be traced: %s; %s", r->session.kernel.why,
			 r->session.kernel.remedy);
		return EXIT_UNTRACEABLE;
	}
	status = check_coverage(r);
	if (!status)
		status = sinks_open(r);
	if (status)
		return status;
	err = session__attach(&r->session, &so, why);
	if (err) {
		complain("this system can't be traced: %s", why);
		return err == -ENOMEM ? EXIT_USAGE : EXIT_UNTRACEABLE;
	}
	name_costly(&r->session.plan);
	/* with COMMAND only on demand: who counts in the kernel meanwhile would count it, too */
	if (r->opts.proof || !(command[0] || r->opts.no_proof)) {
		session__prove(&r->session);
		status = check_coverage(r);
		if (status)
			return status;
	}
	/* not before: a trace that can't start takes no earlier one away */
	if (r->out_fd > STDERR_FILENO && ftruncate(r->out_fd, 0) && errno != EINVAL) {
		complain("output '%s': %s", quoted(r->opts.output), strerror(errno));
		return EXIT_USAGE;
	}
	if (command[0] && session__watch_tests(&r->session)) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	if (r->opts.widen_us)
		window_hold__start(&r->widen, &r->session, r->opts.widen_us);
	session__begin(&r->session);
	return run_traced(r, command);
}

static int run_main(const struct command_spec *spec, int argc, char **argv)
{
	struct run *r = calloc(1, sizeof(*r));
	int first, status;

	if (!r) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	first = options__parse(spec, argc, argv, &r->opts);
	if (first < 0) {
		status = -1 - first;
	} else if (first < argc && strcmp(argv[first - 1], "--")) {
		complain("argument '%s': a command is given after '--'", quoted(argv[first]));
		status = EXIT_USAGE;
	} else {
		status = run(r, argv + first);
		session__deinit(&r->session);
	}
	free(r);
	return status;
}
