// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/drop.h"
#include "cmd/mounts.h"
#include "cmd/slow.h"
#include "cmd/trace_options.h"
#include "util/clock.h"
#include "util/dirpath.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/version.h"

enum {
	OVER_NS = 10000000,
	LINES = 20,
	TICK_NS = 1000000000,
	REFRESH_NS = 1000000000, /* how long a mount point counts as known */
};

static int options_apply(struct slow_trace *t)
{
	struct slow_opts *o = &t->opts;

	if (!mounts__find(&o->mounts, t->devs, SLOW_MAX_MOUNTS) ||
	    !trace_options__pids(&o->pids, t->pids))
		return EXIT_USAGE;
	if (o->output && !strcmp(o->output, "-")) {
		o->output = NULL;
		o->json = true;
	}
	if (o->json && o->output) {
		complain("options '--json' and '--output' exclude each other");
		return EXIT_USAGE;
	}
	if (o->user && o->keep_privileges) {
		complain("options '--user' and '--keep-privileges' exclude each other");
		return EXIT_USAGE;
	}
	t->over_ns = o->over > 0 ? (uint64_t)(o->over * 1e9 + 0.5) : OVER_NS;
	if (!t->over_ns) {
		complain("option '--over': below a nanosecond");
		return EXIT_USAGE;
	}
	if (!o->lines)
		o->lines = LINES;
	t->filter = trace_options__filter(&o->comms, &o->cgroups, &o->containers);
	return drop__find_user(&t->user, "user", o->user);
}

/* Device numbers are reused, so a mount point is looked up again from time to time. */
static void refresh(struct slow_trace *t, uint32_t dev, uint32_t pid)
{
	uint64_t now = clock__now_ns();

	if (dev == t->fresh_dev && now - t->fresh_ns < REFRESH_NS)
		return;
	t->fresh_dev = dev;
	t->fresh_ns = now;
	where__mount_refresh(t->where, dev, pid);
}

/* Makes a path within the mount absolute; the string is in t->path. False: not yet, or never. */
static bool mount_find(struct slow_trace *t, struct rec_dir *dir, uint32_t pid)
{
	struct where_dir at = { .dev = dir->dev, .pid = pid, .path = dir->path };

	if (!dir->path_in_mount || !dir->path ||
	    !where__path(t->where, &at, t->path, sizeof(t->path)))
		return false;
	dir->path = t->path;
	dir->path_in_mount = false;
	dir->mount_ns = at.mount_ns;
	return true;
}

/* Mounts whose lookup took longer than their first listing. */
static void mounts_find(struct slow_trace *t)
{
	size_t n = slow__sort(t->slow), i;

	for (i = 0; i < n; i++) {
		const struct slow_listing *l = slow__get(t->slow, i);
		struct rec_dir dir = l->dir;

		if (mount_find(t, &dir, l->task.pid) && !slow__set_path(t->slow, i, &dir))
			return;
	}
}

void slow_trace__on_listing(void *ctx, const struct ovls_slow *ev)
{
	struct slow_trace *t = ctx;
	struct slow_listing l;
	char *path;

	slow_listing__make(&l, ev, &t->sees);
	l.task.cgroup_path = where__cgroup(t->where, l.task.cgroup, l.task.pid);
	if (!task_filter__matches(&t->filter, &l.task))
		return;
	if (l.has_by)
		l.by.cgroup_path = where__cgroup(t->where, l.by.cgroup, l.by.pid);
	path = dirpath__join(ev->at.path, ev->at.len, ev->at.truncated);
	refresh(t, l.dir.dev, l.task.pid);
	l.dir.path = path;
	l.dir.path_in_mount = true;
	mount_find(t, &l.dir, l.task.pid);
	if (!slow__add(t->slow, &l))
		t->dropped++;
	free(path);
}

static int signals_open(struct slow_trace *t)
{
	struct sigaction old;

	sigemptyset(&t->signals);
	/* nohup ignores SIGHUP, which a blocked signal does not show */
	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaddset(&t->signals, SIGHUP);
	sigaddset(&t->signals, SIGINT);
	sigaddset(&t->signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &t->signals, NULL);
	t->signal_fd = signalfd(-1, &t->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signal_fd < 0 ? -1 : 0;
}

/* Until a signal, or the end of the duration. */
static void loop(struct slow_trace *t)
{
	uint64_t end = 0, tick = t->begin_ns + TICK_NS, now;
	struct signalfd_siginfo si;
	struct pollfd p[2] = {
		{ .fd = t->signal_fd, .events = POLLIN },
		{ .fd = dirstat_probe__fd(t->probe), .events = POLLIN },
	};

	if (t->opts.seconds > 0)
		end = t->begin_ns + (uint64_t)(t->opts.seconds * 1e9);
	for (now = t->begin_ns; !end || now < end; now = clock__now_ns()) {
		uint64_t until = end && end < tick ? end : tick;

		poll(p, 2, until > now ? (int)((until - now) / 1000000 + 1) : 0);
		dirstat_probe__poll(t->probe);
		/* what is not read would come again when signals are no longer blocked */
		if (read(t->signal_fd, &si, sizeof(si)) == sizeof(si))
			return;
		if (clock__now_ns() < tick)
			continue;
		/* makes room in the tables of directories */
		dirstat_probe__read(t->probe);
		dirstat_probe__tidy(t->probe);
		tick += TICK_NS;
	}
}

static int write_to(const struct slow_view *v, struct outfile *out)
{
	FILE *f = outfile__stream(out);
	int err = f ? slow_view__json(f, v) : -errno;

	if (!err)
		err = outfile__sync(out);
	return err ? err : outfile__commit(out);
}

static int show(struct slow_trace *t, const struct slow_view *v)
{
	int err = 0;

	/* a reader that does not read must not keep us from being ended */
	sigprocmask(SIG_UNBLOCK, &t->signals, NULL);
	if (t->opts.output && (err = write_to(v, &t->out))) {
		complain("output '%s': %s", quoted(t->opts.output), strerror(-err));
		return EXIT_USAGE;
	}
	errno = 0;
	if (t->opts.json)
		err = slow_view__json(stdout, v);
	else
		slow_view__text(stdout, v);
	if (!err && (fflush(stdout) || ferror(stdout)))
		err = errno ? -errno : -EIO;
	if (err) {
		complain("standard output: %s", strerror(-err));
		return EXIT_USAGE;
	}
	return slow_view__incomplete(v) ? EXIT_INCONCLUSIVE : EXIT_CLEAN;
}

static int finish(struct slow_trace *t)
{
	struct dirstat_probe_listings n;
	struct slow_view v = {
		.version = OVLTRACE_VERSION,
		.slow = t->slow,
		.sees = t->sees,
		.over_ns = t->over_ns,
		.filtered = !task_filter__is_empty(&t->filter),
		.lines = t->opts.lines,
	};
	struct utsname un;

	uname(&un);
	v.kernel = un.release;
	v.arch = un.machine;
	v.duration_ns = clock__now_ns() - t->begin_ns;
	/* what ends while probes are being detached would lack an end here and there */
	dirstat_probe__poll(t->probe);
	dirstat_probe__listings(t->probe, &n);
	mounts_find(t);
	v.running = n.running;
	v.listings = n.seen;
	v.lost = n.lost + t->dropped + dirstat_probe__missed(t->probe) +
		 follow_probe__missing(t->followed);
	return show(t, &v);
}

static int slow(struct slow_trace *t)
{
	int status = options_apply(t), err;
	char why[256];

	if (status)
		return status;
	if (t->opts.output && outfile__open(&t->out, t->opts.output, OUTFILE_PRIVATE))
		return EXIT_USAGE;
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
	t->slow = slow__new();
	err = t->where && t->dirstat && t->slow ? slow_probe__attach(t, why) : -ENOMEM;
	if (err) {
		complain("this system cannot be traced: %s",
			 err == -ENOMEM ? "out of memory" : why);
		return err == -ENOMEM ? EXIT_USAGE : EXIT_UNTRACEABLE;
	}
	slow_probe__notes(t);
	if (!t->opts.keep_privileges)
		status = drop__privileges(&(struct drop){
			.user = t->opts.user ? &t->user : NULL,
			.output = { t->opts.output ? &t->out : NULL },
		});
	if (status)
		return status;
	t->begin_ns = clock__now_ns();
	loop(t);
	return finish(t);
}

int cmd_slow__main(int argc, char **argv)
{
	struct slow_trace *t = calloc(1, sizeof(*t));
	int first, status;

	if (!t) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	t->out.dir = t->out.fd = -1;
	first = command__parse(&command_slow, argc, argv, &t->opts);
	status = first < 0 ? -1 - first : command__no_operands(&command_slow, argv[first]);
	if (first >= 0 && !status) {
		status = slow(t);
		dirstat_probe__free(t->probe);
		follow_probe__free(t->followed);
		dirstat__free(t->dirstat);
		slow__free(t->slow);
		where__free(t->where);
		kernel__deinit(&t->kernel);
		if (t->opts.output)
			outfile__close(&t->out);
	}
	free(t);
	return status;
}
