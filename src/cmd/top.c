// SPDX-License-Identifier: GPL-2.0-only
/* ovltrace top: which directories' caches cost how much, every few seconds. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "probe/attach.h"
#include "probe/kprobe.h"
#include "cmd/top_internal.h"
#include "session/session.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"

enum {
	INTERVAL_S = 5,
	LINES = 20,
};

static const struct option_spec top_options[] = {
	{ "interval", 'i', OPTION_SECONDS, "SECONDS", "between two blocks: 5",
	  offsetof(struct top_opts, interval) },
	{ "lines", 'n', OPTION_SIZE, "LINES",
	  "directories in a block: 20, and what the terminal holds",
	  offsetof(struct top_opts, lines) },
	{ "duration", 'd', OPTION_SECONDS, "SECONDS", "stop after that time",
	  offsetof(struct top_opts, seconds) },
	{ "iterations", 0, OPTION_SIZE, "N", "stop after N blocks",
	  offsetof(struct top_opts, iterations) },
	{ "once", 0, OPTION_FLAG, NULL, "one block: --iterations 1",
	  offsetof(struct top_opts, once) },
	{ "mount", 0, OPTION_STRINGS, "PATH", "only the overlay that PATH is on (repeatable)",
	  offsetof(struct top_opts, mounts) },
	{ "without", 0, OPTION_STRINGS, "WHAT",
	  "do as if the kernel had no 'call-site' probes, 'kprobe' or 'trampoline' (repeatable)",
	  offsetof(struct top_opts, without) },
	{ "btf", 0, OPTION_STRING, "FILE", "take overlayfs' types from FILE (BTF, or ELF with BTF)",
	  offsetof(struct top_opts, btf) },
	{ 0 },
};

static int top_main(const struct command_spec *spec, int argc, char **argv);

const struct command_spec command_top = {
	.name = "top",
	.synopsis = "[OPTION]...",
	.summary = "Shows which directories' caches cost how much, and who makes them.",
	.details =
		"Every SECONDS a block of text, the costliest directory first. On a terminal it is\n"
		"shown in place, elsewhere block follows block. Ends by SIGINT, SIGTERM, 'q' and\n"
		"Enter, or when nobody reads any more.\n\n"
		"exit status: 0, 2 usage or internal error, 4 this system can't be traced",
	.options = top_options,
	.main = top_main,
};

static int filters(struct heavy *t)
{
	size_t i;
	int err;

	if (t->opts.mounts.n > MAX_MOUNTS) {
		complain("option '--mount': more than %d are given", MAX_MOUNTS);
		return EXIT_USAGE;
	}
	for (i = 0; i < t->opts.mounts.n; i++) {
		err = where__overlay_dev(t->opts.mounts.v[i], &t->devs[i]);
		if (!err)
			continue;
		complain("mount '%s': %s", quoted(t->opts.mounts.v[i]),
			 err == -EINVAL ?
				 "not a directory of an overlay mount (see 'findmnt -t overlay')" :
				 strerror(-err));
		return EXIT_USAGE;
	}
	for (i = 0; i < t->opts.without.n; i++) {
		const char *what = t->opts.without.v[i];

		t->no_sites |= !strcmp(what, "call-site");
		t->no_kprobes |= !strcmp(what, "kprobe");
		t->no_trampolines |= !strcmp(what, "trampoline");
		if (!strcmp(what, "call-site") || !strcmp(what, "kprobe") ||
		    !strcmp(what, "trampoline"))
			continue;
		complain("option '--without' '%s': not call-site, kprobe or trampoline",
			 quoted(what));
		return EXIT_USAGE;
	}
	if (t->opts.interval <= 0)
		t->opts.interval = INTERVAL_S;
	if (!t->opts.lines)
		t->opts.lines = LINES;
	if (t->opts.once)
		t->opts.iterations = 1;
	return 0;
}

static void make_plan(struct heavy *t)
{
	struct plan_input in;

	kernel__plan_input(&t->kernel, &in);
	in.hits = in.quiet = true;
	in.no_sites = t->no_sites;
	in.no_kprobes = t->no_kprobes || !kprobe__available();
	in.fexit &= !t->no_trampolines;
	plan__make(&t->plan, &in);
}

/* A directory or a task is new: its mount and its cgroup, while they are there. */
static void on_listed(void *ctx, const struct ovls_path *path)
{
	struct heavy *t = ctx;

	if (path->told == OVLS_REPORTED_PATH)
		where__mount_refresh(t->where, path->dir.dev, path->pid);
	where__cgroup(t->where, path->cgroup, path->pid);
}

static int attach(struct heavy *t, char *why)
{
	struct dirstat_probe_opts po = {
		.devs = t->devs,
		.ndevs = t->opts.mounts.n,
		.path = on_listed,
		.ctx = t,
	};
	const struct coverage *c = &t->plan.cover[EVENT_READDIR];
	int err;

	make_plan(t);
	if (!t->plan.layout_known || c->provider == PROVIDER_NONE) {
		/* rather a reason that comes with its remedy */
		if (t->no_kprobes || !kprobe__check(true, why))
			snprintf(why, 256, "%s",
				 t->plan.layout_known ? c->evidence : t->plan.layout_evidence);
		return -EOPNOTSUPP;
	}
	err = kprobe__check(!t->no_kprobes && c->provider == PROVIDER_ENTRY, why);
	if (!err)
		err = dirstat_probe__new(&t->probe, &t->kernel, &t->plan, &po, t->dirstat, why);
	if (err != -EOPNOTSUPP || t->no_trampolines)
		return err;
	/* trampolines are refused: kprobes may do */
	t->no_trampolines = true;
	return attach(t, why);
}

/* What is seen in a way that costs more, or not at all. */
static void notes(const struct heavy *t)
{
	const struct plan *plan = &t->plan;

	if (plan->cover[EVENT_READDIR].provider == PROVIDER_ENTRY)
		complain(
			"note: each listing passes a kprobe and a kretprobe, which cost more than a "
			"trampoline: %s",
			plan->preemptible && !t->no_trampolines ?
				"on this preemptible kernel a trampoline would pass some over" :
				"it can't be had");
	else if (plan->preemptible)
		complain(
			"note: this kernel is preemptible and may pass probes over: they count as lost");
	if (!plan__stats_prog(plan, PROG_stat_at_path_upper) &&
	    !plan__stats_prog(plan, PROG_stat_on_read_impure))
		complain(
			"note: a rebuild's begin is not seen, so one that leaves no trace is not counted");
	if (!plan__stats_sees_windows(plan))
		complain(
			"note: when the lock is dropped is not seen: times with the lock are unknown");
	if (!plan__stats_sees_invalidations(plan))
		complain("note: who invalidates caches is not seen");
	if (!dirstat__sees_merged(t->dirstat))
		complain(
			"note: merged directories are not seen, as overlayfs' types are not known");
}

static int watch(struct heavy *t, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

static int loop_open(struct heavy *t)
{
	struct itimerspec tick = { 0 };
	uint64_t ns = (uint64_t)(t->opts.interval * 1e9);

	tick.it_interval.tv_sec = tick.it_value.tv_sec = (time_t)(ns / 1000000000);
	tick.it_interval.tv_nsec = tick.it_value.tv_nsec = (long)(ns % 1000000000);
	t->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	t->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!ns || t->epoll_fd < 0 || t->timer_fd < 0 ||
	    timerfd_settime(t->timer_fd, 0, &tick, NULL) || watch(t, t->timer_fd) ||
	    watch(t, t->signal_fd) || watch(t, dirstat_probe__fd(t->probe)))
		return -1;
	/* q and Enter; a file can't be watched, and need not be */
	if (t->terminal && isatty(STDIN_FILENO))
		watch(t, STDIN_FILENO);
	return 0;
}

/* A signal, or a line that begins with q; in the background a terminal must not be read. */
static bool asked_to_end(struct heavy *t, const struct epoll_event *ev, int n)
{
	struct signalfd_siginfo si;
	char line[256];
	int i;

	if (read(t->signal_fd, &si, sizeof(si)) == sizeof(si))
		return true;
	for (i = 0; i < n; i++) {
		if (ev[i].data.fd != STDIN_FILENO || tcgetpgrp(STDIN_FILENO) != getpgrp())
			continue;
		if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
			epoll_ctl(t->epoll_fd, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
		else if (line[0] == 'q')
			return true;
	}
	return false;
}

static int loop(struct heavy *t)
{
	uint64_t blocks = 0, ticks, end = 0;
	int status, n, timeout = -1;

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
		if (asked_to_end(t, ev, n))
			return EXIT_CLEAN;
		now = clock__now_ns();
		/* what the last block did not show is shown at the end */
		if (read(t->timer_fd, &ticks, sizeof(ticks)) == sizeof(ticks) ||
		    (end && now >= end && now - t->last_ns > 100000000)) {
			status = cmd_top__show(t);
			if (status)
				return status < 0 ? EXIT_CLEAN : status;
			blocks++;
		}
		if ((end && now >= end) || (t->opts.iterations && blocks == t->opts.iterations))
			return EXIT_CLEAN;
	}
}

static int signals_open(struct heavy *t)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	t->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signal_fd < 0 ? -1 : 0;
}

static int top(struct heavy *t)
{
	char why[256];
	int status = filters(t), err;

	if (status)
		return status;
	t->terminal = isatty(STDOUT_FILENO);
	if (signals_open(t)) {
		complain("signals: %s", strerror(errno));
		return EXIT_USAGE;
	}
	if (kernel__init(&t->kernel, t->opts.btf)) {
		complain("this system can't be traced: %s; %s", t->kernel.why, t->kernel.remedy);
		return EXIT_UNTRACEABLE;
	}
	t->where = where__new();
	t->dirstat = dirstat__new();
	err = t->where && t->dirstat ? attach(t, why) : -ENOMEM;
	if (err) {
		complain("this system can't be traced: %s", err == -ENOMEM ? "out of memory" : why);
		return err == -ENOMEM ? EXIT_USAGE : EXIT_UNTRACEABLE;
	}
	dirstat__sees(t->dirstat, plan__stats_sees_windows(&t->plan),
		      plan__stats_sees_invalidations(&t->plan));
	notes(t);
	if (loop_open(t)) {
		complain("event loop: %s", strerror(errno));
		return EXIT_USAGE;
	}
	t->last_ns = clock__now_ns();
	return loop(t);
}

static int top_main(const struct command_spec *spec, int argc, char **argv)
{
	struct heavy *t = calloc(1, sizeof(*t));
	int first, status;

	if (!t) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	first = options__parse(spec, argc, argv, &t->opts);
	if (first < 0) {
		status = -1 - first;
	} else if (first < argc) {
		complain("argument '%s': top takes none", quoted(argv[first]));
		status = EXIT_USAGE;
	} else {
		status = top(t);
		dirstat_probe__free(t->probe);
		dirstat__free(t->dirstat);
		where__free(t->where);
		kernel__deinit(&t->kernel);
	}
	free(t);
	return status;
}
