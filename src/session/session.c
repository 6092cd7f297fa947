// SPDX-License-Identifier: GPL-2.0-only
#include "session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "session/internal.h"
#include "sink/coverage_log.h"
#include "util/version.h"
#include "util/clock.h"
#include "util/log.h"
#include "probe/kprobe.h"
#include "probe/refusal.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void make_plan(void *ctx)
{
	struct session *s = ctx;
	const struct session_wishes *w = &s->wishes;
	struct plan_input in;

	kernel__plan_input(&s->kernel, &in);
	in.hits = w->hits;
	in.merged = w->merged;
	in.quiet = w->quiet;
	in.plain_loads = kernel__has_plain_loads(&s->kernel);
	in.costly = w->costly;
	in.no_sites = w->no_sites;
	/* without kprobes there is a plan only if --costly allows other providers */
	in.no_kprobes = w->no_kprobes || (w->costly && !kprobe__available());
	in.fexit &= !w->no_trampolines;
	in.refused = &s->refused;
	plan__make(&s->plan, &in);
	debug("plan: %zu probes, %zu functions", s->plan.nprobes, s->plan.graph.nfuncs);
	coverage__log(s->plan.cover, coverage__reported(s->plan.merged));
}

int session__plan(struct session *s, const struct session_opts *opts)
{
	struct utsname un;
	int err;

	memset(s, 0, sizeof(*s));
	s->module_fd = -1;
	uname(&un);
	memcpy(s->release, un.release, sizeof(s->release) - 1);
	memcpy(s->machine, un.machine, sizeof(s->machine) - 1);
	memcpy(s->host, un.nodename, sizeof(s->host) - 1);
	s->wishes = opts->wishes;
	s->hash = opts->hash;
	s->no_paths = opts->no_paths;
	s->filter = opts->filter;
	s->first.command_line = opts->command_line;
	s->first.require_rebuilds = opts->require_rebuilds;
	err = kernel__init(&s->kernel, opts->wishes.btf);
	if (err)
		return err;
	debug("planning");
	kernel__plan(&s->kernel, &s->plan, make_plan, s);
	return 0;
}

static void on_event(void *ctx, const struct ovlw_hdr *ev, size_t size)
{
	struct session *s = ctx;

	if (proof__takes(&s->proof, ev, size))
		return;
	/* report the start of a test before the events in it */
	if (s->tests)
		testwatch__catch_up(s->tests, ev->ts_ns);
	/* now, because the mount namespace may end with the task */
	if (ev->type == OVLW_PATH_NAME)
		where__mount_refresh(s->where, ((const struct ovlw_path *)ev)->dir.dev, ev->pid);
	model__event(s->model, ev, size);
}

/* Looks up the mount and cgroup of a new directory or task while they exist. */
static void on_listed(void *ctx, const struct ovls_path *path)
{
	struct session *s = ctx;

	if (path->reported == OVLS_REPORTED_PATH)
		where__mount_refresh(s->where, path->dir.dev, path->pid);
	where__cgroup(s->where, path->cgroup, path->pid);
}

static bool counts_listings(const struct session *s)
{
	return s->plan.layout_known && s->plan.cover[EVENT_READDIR].provider != PROVIDER_NONE;
}

/* Events of some kinds have only the task's number: /proc has the rest. */
static void complete_task(struct rec_task *task)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/comm", task->tid);
	f = task->comm[0] ? NULL : fopen(path, "re");
	if (!f)
		return;
	if (fgets(task->comm, sizeof(task->comm), f))
		task->comm[strcspn(task->comm, "\n")] = 0;
	fclose(f);
}

static bool wants(void *ctx, const struct rec_task *task)
{
	struct session *s = ctx;
	struct rec_task t = *task;
	char *by_pid = t.cgroup ? NULL : where__cgroup_by_pid(t.pid);
	bool matches;

	complete_task(&t);
	t.cgroup_path = t.cgroup ? where__cgroup(s->where, t.cgroup, t.pid) : by_pid;
	matches = task_filter__matches(&s->filter, &t);
	free(by_pid);
	return matches;
}

static int attach_listings(struct session *s, const struct session_opts *opts, char *why)
{
	struct dirstat_probe_opts po = {
		.devs = opts->attach.devs,
		.ndevs = opts->attach.ndevs,
		.members = s->limit ? follow_probe__map(s->followed) : -1,
		.trees = s->limit,
		.wants = task_filter__is_empty(&s->filter) ? NULL : wants,
		.refused = opts->attach.refused,
		.path = on_listed,
		.ctx = s,
		.into = s->dirstat,
	};

	if (!counts_listings(s))
		return 0;
	return dirstat_probe__new(&s->listings, &s->kernel, &s->plan, &po, why);
}

static int attach_all(struct session *s, const struct session_opts *opts, char *why)
{
	struct attach_receiver to = { .fn = on_event, .ctx = s };
	int err = attach__new(&s->attached, &s->plan, &opts->attach, &to, why);

	if (err)
		return err;
	err = attach_listings(s, opts, why);
	if (err) {
		attach__free(s->attached);
		s->attached = NULL;
	}
	return err;
}

static int try_all(struct session *s, const struct session_opts *opts, char *why)
{
	struct dirstat_probe_opts po = { .refused = opts->attach.refused };
	int err = attach__try(&s->plan, &opts->attach, why);

	if (err || !counts_listings(s))
		return err;
	po.into = dirstat__new();
	if (!po.into)
		return -ENOMEM;
	err = dirstat_probe__try(&s->kernel, &s->plan, &po, why);
	dirstat__free(po.into);
	return err;
}

/* A refused program or probe costs its provider: the plan takes the next one. */
static int without_refused(struct session *s, const struct session_opts *opts, char *why,
			   int (*once)(struct session *s, const struct session_opts *opts,
				       char *why))
{
	struct session_opts so = *opts;
	int err;

	so.attach.refused = &s->refused;
	so.attach.plain_loads = kernel__has_plain_loads(&s->kernel);
	while ((err = once(s, &so, why)) == -EAGAIN) {
		make_plan(s);
		if (!s->plan.nprobes) {
			refusal__why(&s->refused, 0, why);
			return -EOPNOTSUPP;
		}
	}
	return err;
}

int session__check(const struct session *s, char why[256])
{
	return kprobe__check(plan__has_kprobes(&s->plan), why);
}

int session__try_programs(struct session *s, const struct session_opts *opts, char why[256])
{
	int err;

	debug("loading, without attaching");
	err = without_refused(s, opts, why, try_all);
	if (err == -ENOMEM)
		snprintf(why, 256, "out of memory");
	return err;
}

bool session__sees(const struct session *s, enum logical_event ev)
{
	const struct coverage *c = &s->plan.cover[ev];

	return s->plan.layout_known && c->provider != PROVIDER_NONE &&
	       c->proof != PROOF_CONTRADICTED;
}

void session__model_opts(const struct session *s, struct model_opts *mo)
{
	enum logical_event missing;

	mo->complete = plan__complete(&s->plan, &missing);
	mo->sees_windows = session__sees(s, EVENT_LOCK_DROPPED) && !s->plan.shared;
	mo->sees_stores = session__sees(s, EVENT_CACHE_STORED) &&
			  session__sees(s, EVENT_REBUILD_BEGIN);
	mo->sees_frees = session__sees(s, EVENT_CACHE_FREED);
	mo->sees_clears = session__sees(s, EVENT_IMPURE_CLEARED);
	mo->sees_leaves = plan__sees_leaves(&s->plan);
	mo->shared = s->plan.shared;
	mo->late_frees = s->plan.late_frees;
	session__kinds_opts(s, mo);
	mo->merged = s->plan.merged;
	mo->late_merged_puts = s->plan.cover[EVENT_MERGED_PUT].inferred;
	mo->sees_merged_stores = session__sees(s, EVENT_MERGED_STORED);
	mo->sees_merged_gets = session__sees(s, EVENT_MERGED_GOT);
	mo->sees_merged_puts = session__sees(s, EVENT_MERGED_PUT);
	mo->sees_merged_frees = session__sees(s, EVENT_MERGED_FREED);
}

static int model_make(struct session *s, const struct session_opts *opts)
{
	struct model_opts mo = {
		.emit = session__record,
		.emit_ctx = s,
		.belongs_ctx = s,
		.joins = opts->follow,
	};

	if (s->followed)
		mo.belongs = session__belongs;
	if (!task_filter__is_empty(&s->filter)) {
		mo.wants = wants;
		mo.wants_ctx = s;
	}
	session__model_opts(s, &mo);
	s->model = model__new(&mo);
	return s->model ? 0 : -ENOMEM;
}

/* The model has to know what is seen, and what no longer is. */
static void coverage_changed(struct session *s)
{
	struct model_opts mo = { 0 };

	session__model_opts(s, &mo);
	model__set_coverage(s->model, &mo);
}

int session__attach(struct session *s, const struct session_opts *opts, char why[256])
{
	int err;

	err = session__check(s, why);
	if (err)
		return err;
	/* before the first probe is attached */
	if (s->kernel.ks.module)
		s->module_fd = open("/sys/module/overlay/initstate", O_RDONLY | O_CLOEXEC);
	s->where = where__new();
	s->dirstat = dirstat__new();
	if (!s->where || !s->dirstat) {
		snprintf(why, 256, "out of memory");
		return -ENOMEM;
	}
	err = session__follow(s, opts, why);
	if (err)
		return err;
	err = model_make(s, opts);
	if (err) {
		snprintf(why, 256, "out of memory");
		return err;
	}
	debug("loading and attaching");
	err = without_refused(s, opts, why, attach_all);
	debug("attached");
	/* now that the programs have symbols, too */
	if (!err && opts->attach.stacks)
		session__read_symbols(s);
	coverage_changed(s);
	s->proof.entries_known = !opts->attach.quiet;
	proof__not_run(&s->proof, NULL);
	return err;
}

void session__prove(struct session *s)
{
	proof__run(&s->proof, s->attached, &s->plan);
	coverage_changed(s);
}

static void on_test(void *ctx, const struct rec_test *test)
{
	struct session *s = ctx;

	model__test(s->model, test->ended ? test->end_ns : test->begin_ns, test);
}

int session__watch_tests(struct session *s)
{
	s->tests = testwatch__new(on_test, s);
	return s->tests ? 0 : -ENOMEM;
}

void session__begin(struct session *s)
{
	struct rec_session *first = &s->first;
	enum logical_event gap;

	session__look_at_order(s);
	if (s->listings)
		dirstat_probe__reset(s->listings);
	first->schema = OVLTRACE_SCHEMA;
	first->version = OVLTRACE_VERSION;
	/* what uname(2) returns where none was set */
	first->host = strcmp(s->host, "(none)") ? s->host : NULL;
	first->kernel = s->release;
	first->arch = s->machine;
	first->lock_drop = s->plan.lock_drop;
	first->complete = plan__complete(&s->plan, &gap);
	first->merged = s->plan.merged;
	first->cover = s->plan.cover;
	first->covered = coverage__reported(first->merged);
	first->proof.result = s->proof.result;
	first->proof.why = s->proof.why;
	first->proof.duration_ns = s->proof.took_ns;
	s->start_ns = clock__now_ns();
	first->start_realtime_ns = clock_ns(CLOCK_REALTIME);
	model__session(s->model, s->start_ns, first);
	attach__merged(s->attached, true);
}

bool session__poll(struct session *s)
{
	if (session__outputs_full(s)) {
		session__follow_tick(s, true);
		session__sinks_tick(s);
		return false;
	}
	attach__tick(s->attached, clock__now_ns());
	session__follow_tick(s, false);
	session__look_at_order(s);
	if (s->listings)
		dirstat_probe__poll(s->listings);
	session__report_losses(s);
	attach__prune(s->attached);
	if (s->tests)
		testwatch__read(s->tests);
	session__sinks_tick(s);
	return true;
}

void session__deinit(struct session *s)
{
	size_t i;

	if (s->module_fd >= 0)
		close(s->module_fd);
	attach__free(s->attached);
	dirstat_probe__free(s->listings);
	follow_probe__free(s->followed);
	dirstat__free(s->dirstat);
	model__free(s->model);
	where__free(s->where);
	testwatch__free(s->tests);
	for (i = 0; i < s->nsinks; i++)
		s->sink[i]->free(s->sink[i]);
	symtab__deinit(&s->symbols);
	kernel__deinit(&s->kernel);
}
