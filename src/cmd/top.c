// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/drop.h"
#include "cmd/mounts.h"
#include "cmd/top.h"
#include "cmd/trace_options.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"

enum {
	INTERVAL_S = 5,
	LINES = 20,
	GRACE_NS = 2000000000, /* how long the reader of the output may take after a signal */
};

static int options_apply(struct top *t)
{
	struct top_opts *o = &t->opts;

	if (!mounts__find(&o->mounts, t->devs, TOP_MAX_MOUNTS) ||
	    !trace_options__pids(&o->pids, t->pids))
		return EXIT_USAGE;
	t->no_trampolines = option_list__has(&o->without, WITHOUT_TRAMPOLINES);
	if (o->interval <= 0)
		o->interval = INTERVAL_S;
	if (!o->lines)
		o->lines = LINES;
	if (o->once)
		o->iterations = 1;
	while (o->sort && strcmp(top_sort_keys[t->sort].name, o->sort))
		t->sort++;
	t->containers = o->by && !strcmp(o->by, TOP_BY_CONTAINER);
	t->filter = trace_options__filter(&o->comms, &o->cgroups, &o->containers);
	if (o->user && o->keep_privileges) {
		complain("options '--user' and '--keep-privileges' exclude each other");
		return EXIT_USAGE;
	}
	return drop__find_user(&t->user, "user", o->user);
}

static int watch(struct top *t, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

static int loop_open(struct top *t)
{
	struct itimerspec tick = { 0 };
	uint64_t ns = (uint64_t)(t->opts.interval * 1e9);

	tick.it_interval.tv_sec = tick.it_value.tv_sec = (time_t)(ns / 1000000000);
	tick.it_interval.tv_nsec = tick.it_value.tv_nsec = (long)(ns % 1000000000);
	t->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	t->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!ns || t->epoll_fd < 0 || t->timer_fd < 0 ||
	    timerfd_settime(t->timer_fd, 0, &tick, NULL) || watch(t, t->timer_fd) ||
	    watch(t, t->signal_fd) || watch(t, writer__fd(t->out)) ||
	    watch(t, dirstat_probe__fd(t->probe)))
		return -1;
	/* epoll rejects a regular file, which is fine */
	if (t->terminal && isatty(STDIN_FILENO))
		watch(t, STDIN_FILENO);
	return 0;
}

/* By a signal, or by a key. */
static bool asked_to_end(struct top *t, const struct epoll_event *ev, int n)
{
	struct signalfd_siginfo si;
	int i;

	if (read(t->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		t->signal_ns = clock__now_ns();
		return true;
	}
	for (i = 0; i < n; i++)
		if (ev[i].data.fd == STDIN_FILENO && top_keys__read(t))
			return true;
	return false;
}

/* 0 or an exit status */
static int loop(struct top *t)
{
	uint64_t blocks = 0, ticks, end = 0;
	int n, timeout = -1;

	if (t->opts.seconds > 0)
		end = t->last_ns + (uint64_t)(t->opts.seconds * 1e9);
	for (;;) {
		struct epoll_event ev[4];
		uint64_t now = clock__now_ns();

		if (end)
			timeout = now < end ? (int)((end - now) / 1000000 + 1) : 0;
		n = epoll_wait(t->epoll_fd, ev, 4, timeout);
		if (n < 0 && errno != EINTR)
			return EXIT_USAGE;
		dirstat_probe__poll(t->probe);
		top_keys__open(t);
		if (asked_to_end(t, ev, n) || writer__has_failed(t->out))
			return 0;
		now = clock__now_ns();
		/* at the end, also show what happened since the last block */
		if (read(t->timer_fd, &ticks, sizeof(ticks)) == sizeof(ticks) ||
		    (end && now >= end && now - t->last_ns > 100000000))
			blocks += top__show(t, end && now >= end);
		if ((end && now >= end) || (t->opts.iterations && blocks == t->opts.iterations))
			return 0;
	}
}

static int finish(struct top *t)
{
	struct writer_wait wait = {
		.signal_fd = t->signal_fd,
		.grace_ns = GRACE_NS,
		.begin_ns = clock__now_ns(),
		.signal_ns = t->signal_ns,
	};
	bool written = writer__finish(t->out, &wait);
	int err = writer__error(t->out);

	/* the reader closed the pipe: a regular end */
	if (err == -EPIPE || (!err && written))
		return EXIT_CLEAN;
	complain("standard output: %s", err ? strerror(-err) : "its reader does not read it");
	return EXIT_USAGE;
}

static int signals_open(struct top *t)
{
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	/* nohup ignores SIGHUP, which a blocked signal does not show */
	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	t->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signal_fd < 0 ? -1 : 0;
}

static int top(struct top *t)
{
	char why[256];
	int status = options_apply(t), err;

	if (status)
		return status;
	t->terminal = isatty(STDOUT_FILENO);
	if (signals_open(t)) {
		complain("signals: %s", strerror(errno));
		return EXIT_USAGE;
	}
	if (kernel__init(&t->kernel, t->opts.btf)) {
		complain("this system cannot be traced: %s; %s", t->kernel.why, t->kernel.remedy);
		return EXIT_UNTRACEABLE;
	}
	t->where = where__new();
	t->dirstat = dirstat__new();
	t->out = writer__new(STDOUT_FILENO);
	err = t->where && t->dirstat && t->out ? top_probe__attach(t, why) : -ENOMEM;
	if (err) {
		complain("this system cannot be traced: %s",
			 err == -ENOMEM ? "out of memory" : why);
		return err == -ENOMEM ? EXIT_USAGE : EXIT_UNTRACEABLE;
	}
	dirstat__sees(t->dirstat, plan__stats_sees_windows(&t->plan),
		      plan__stats_sees_invalidations(&t->plan));
	top_probe__notes(t);
	if (loop_open(t)) {
		complain("event loop: %s", strerror(errno));
		return EXIT_USAGE;
	}
	if (!t->opts.keep_privileges)
		status = drop__privileges(&(struct drop){ .user = t->opts.user ? &t->user : NULL });
	if (status)
		return status;
	t->last_ns = clock__now_ns();
	top_keys__open(t);
	status = loop(t);
	top_keys__close(t);
	return status ? status : finish(t);
}

int cmd_top__main(int argc, char **argv)
{
	struct top *t = calloc(1, sizeof(*t));
	int first, status;

	if (!t) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	first = command__parse(&command_top, argc, argv, &t->opts);
	status = first < 0 ? -1 - first : command__no_operands(&command_top, argv[first]);
	if (first >= 0 && !status) {
		status = top(t);
		dirstat_probe__free(t->probe);
		follow_probe__free(t->followed);
		dirstat__free(t->dirstat);
		where__free(t->where);
		writer__free(t->out);
		kernel__deinit(&t->kernel);
	}
	free(t);
	return status;
}
