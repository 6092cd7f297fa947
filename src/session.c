// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "session_int.h"
#include "version.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void make_plan(struct session *s)
{
	const struct session_wishes *w = &s->wishes;
	struct plan_input in;

	kernel__plan_input(&s->kernel, &in);
	in.hits = w->hits;
	in.merged = w->merged;
	in.quiet = w->quiet;
	in.costly = w->costly;
	in.no_sites = w->no_sites;
	/* a kernel without them is planned for only where something else is allowed */
	in.no_kprobes = w->no_kprobes || (w->costly && !attach__has_kprobes());
	in.fexit &= !w->no_trampolines;
	in.no_kinds = w->no_kinds;
	plan__make(&s->plan, &in);
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
	err = kernel__init(&s->kernel, opts->wishes.btf);
	if (err)
		return err;
	debug("planning");
	make_plan(s);
	debug("%zu probes, %zu functions", s->plan.nprobes, s->plan.graph.nfuncs);
	return 0;
}

void session__add_sink(struct session *s, struct sink *sink)
{
	s->sink[s->nsinks++] = sink;
}

/* Puts mount point and cgroup path in place of what the model knows. */
struct resolved {
	char path[2 * 4096];
};

static void resolve_dir(struct session *s, struct rec_dir *dir, uint32_t pid, struct resolved *r)
{
	if (!where__path(s->where, dir->dev, pid, dir->path, r->path, sizeof(r->path)))
		return;
	dir->path = r->path;
	dir->path_in_mount = false;
}

static void resolve_task(struct session *s, struct rec_task *task)
{
	if (task->cgroup)
		task->cgroup_path = where__cgroup(s->where, task->cgroup, task->pid);
}

static void resolve_actors(struct session *s, const struct rec_actor **list, size_t n,
			   struct rec_actor *to)
{
	size_t i;

	for (i = 0; i < n; i++) {
		to[i] = (*list)[i];
		resolve_task(s, &to[i].task);
	}
	*list = to;
}

static void on_record(void *ctx, const struct ovl_record *rec)
{
	struct session *s = ctx;
	struct rec_actor actors[2 * RECORD_MAX_ACTORS];
	struct ovl_record out = *rec;
	struct resolved r;
	size_t i;

	if (!s->nsinks)
		return;
	switch (out.type) {
	case RECORD_REBUILD:
		resolve_dir(s, &out.rebuild.dir, out.rebuild.task.pid, &r);
		resolve_task(s, &out.rebuild.task);
		break;
	case RECORD_MODIFY:
		resolve_dir(s, &out.modify.dir, out.modify.task.pid, &r);
		resolve_task(s, &out.modify.task);
		break;
	case RECORD_INCIDENT:
		resolve_dir(s, &out.incident.dir, out.incident.task.pid, &r);
		resolve_task(s, &out.incident.task);
		break;
	case RECORD_FINDING:
		resolve_dir(s, &out.finding.dir, out.finding.task.pid, &r);
		resolve_task(s, &out.finding.task);
		if (s->tests)
			out.finding.test = tests__at(s->tests, out.finding.at_ns);
		break;
	case RECORD_MERGED_CACHE:
		resolve_dir(s, &out.merged.dir, out.merged.task.pid, &r);
		resolve_task(s, &out.merged.task);
		break;
	case RECORD_STALE_END:
		resolve_dir(s, &out.stale_end.dir, 0, &r);
		break;
	case RECORD_DIRECTORY:
		resolve_dir(s, &out.directory.dir, 0, &r);
		resolve_actors(s, &out.directory.invalidators, out.directory.ninvalidators, actors);
		resolve_actors(s, &out.directory.rebuilders, out.directory.nrebuilders,
			       actors + RECORD_MAX_ACTORS);
		break;
	default:
		break;
	}
	for (i = 0; i < s->nsinks; i++)
		s->sink[i]->record(s->sink[i], &out);
}

static void on_event(void *ctx, const struct ovlw_hdr *ev, size_t size)
{
	struct session *s = ctx;

	if (proof__takes(&s->proof, ev, size))
		return;
	/* before what happens in a test comes that it has begun */
	if (s->tests)
		tests__catch_up(s->tests, ev->ts_ns);
	/* while the task lives: its mount namespace may go with it */
	if (ev->type == OVLW_PATH_NAME)
		where__mount_refresh(s->where, ((const struct ovlw_path *)ev)->dir.dev, ev->pid);
	model__event(s->model, ev, size);
}

/* A directory or a task is new in the tables: its mount and its cgroup, while they are there. */
static void on_listed(void *ctx, const struct ovls_path *path)
{
	struct session *s = ctx;

	if (path->told == OVLS_TOLD_PATH)
		where__mount_refresh(s->where, path->dir.dev, path->pid);
	where__cgroup(s->where, path->cgroup, path->pid);
}

static int attach_listings(struct session *s, const struct session_opts *opts, char *why)
{
	struct dirstat_probe_opts po = {
		.devs = opts->attach.devs, .ndevs = opts->attach.ndevs,
		.pids = opts->pids, .npids = opts->npids, .path = on_listed, .ctx = s,
	};

	if (!s->plan.layout_known || s->plan.cover[PLAN_READDIR].provider == PLAN_NONE)
		return 0;
	return dirstat_probe__new(&s->listings, &s->kernel, &s->plan, &po, s->dirstat, why);
}

static int attach_all(struct session *s, const struct session_opts *opts, char *why)
{
	int err = attach__new(&s->attached, &s->plan, &opts->attach, on_event, s, why);

	if (err)
		return err;
	err = attach_listings(s, opts, why);
	if (err) {
		attach__free(s->attached);
		s->attached = NULL;
	}
	return err;
}

/* What the verdict does without must not be what a trace fails for. */
static int attach_some(struct session *s, const struct session_opts *opts, char *why)
{
	int err = attach_all(s, opts, why);
	char first[256];

	if (!err || err == -ENOMEM)
		return err;
	debug("without what must never happen: %s", why);
	memcpy(first, why, sizeof(first));
	s->wishes.no_kinds = true;
	make_plan(s);
	if (!attach_all(s, opts, why))
		return 0;
	s->wishes.no_kinds = false;
	make_plan(s);
	memcpy(why, first, sizeof(first));
	return err;
}

static int attach(struct session *s, const struct session_opts *opts, char *why)
{
	int err = attach_some(s, opts, why);
	enum plan_event missing;

	if (err != -EOPNOTSUPP)
		return err;
	/* trampolines are refused; most events have another provider */
	s->wishes.no_trampolines = true;
	make_plan(s);
	if (plan__complete(&s->plan, &missing))
		err = attach_some(s, opts, why);
	return err;
}

bool session__sees(const struct session *s, enum plan_event ev)
{
	const struct plan_coverage *c = &s->plan.cover[ev];

	return s->plan.layout_known && c->provider != PLAN_NONE && c->proof != PLAN_CONTRADICTED;
}

void session__model_opts(const struct session *s, struct model_opts *mo)
{
	enum plan_event missing;

	mo->complete = plan__complete(&s->plan, &missing);
	mo->sees_windows = session__sees(s, PLAN_LOCK_DROPPED);
	mo->sees_stores = session__sees(s, PLAN_CACHE_STORED) && session__sees(s, PLAN_REBUILD_BEGIN);
	mo->sees_frees = session__sees(s, PLAN_CACHE_FREED);
	mo->sees_clears = session__sees(s, PLAN_IMPURE_CLEARED);
	session__kinds_opts(s, mo);
	mo->merged = s->plan.merged;
	mo->late_merged_puts = s->plan.cover[PLAN_MERGED_PUT].inferred;
	mo->sees_merged_stores = session__sees(s, PLAN_MERGED_STORED);
	mo->sees_merged_gets = session__sees(s, PLAN_MERGED_GOT);
	mo->sees_merged_puts = session__sees(s, PLAN_MERGED_PUT);
	mo->sees_merged_frees = session__sees(s, PLAN_MERGED_FREED);
}

static int model_make(struct session *s, const struct session_opts *opts)
{
	struct model_opts mo = {
		.emit = on_record,
		.emit_ctx = s,
		.pids = opts->pids,
		.npids = opts->npids,
	};

	session__model_opts(s, &mo);
	s->model = model__new(&mo);
	return s->model ? 0 : -ENOMEM;
}

int session__attach(struct session *s, const struct session_opts *opts, char why[256])
{
	int err;

	err = attach__possible(plan__has_kprobes(&s->plan), why);
	if (err)
		return err;
	/* from before the first probe */
	if (s->kernel.ks.module)
		s->module_fd = open("/sys/module/overlay/initstate", O_RDONLY | O_CLOEXEC);
	s->where = where__new();
	s->dirstat = dirstat__new();
	err = s->where && s->dirstat ? model_make(s, opts) : -ENOMEM;
	if (err) {
		snprintf(why, 256, "out of memory");
		return err;
	}
	debug("loading and attaching");
	err = attach(s, opts, why);
	debug("attached");
	s->proof.entries_known = !opts->attach.quiet;
	proof__not_run(&s->proof, NULL);
	return err;
}

void session__prove(struct session *s)
{
	struct model_opts mo = { 0 };

	proof__run(&s->proof, s->attached, &s->plan);
	session__model_opts(s, &mo);
	model__set_coverage(s->model, &mo);
}

static void on_test(void *ctx, const struct rec_test *test)
{
	struct session *s = ctx;

	model__test(s->model, test->ended ? test->end_ns : test->begin_ns, test);
}

int session__watch_tests(struct session *s)
{
	s->tests = tests__new(on_test, s);
	return s->tests ? 0 : -ENOMEM;
}

void session__begin(struct session *s)
{
	session__look_at_order(s);
	if (s->listings)
		dirstat_probe__reset(s->listings);
	s->info.version = OVLTRACE_VERSION;
	s->info.host = s->host;
	s->info.kernel = s->release;
	s->info.arch = s->machine;
	s->info.plan = &s->plan;
	s->info.proof = s->proof.result;
	s->info.proof_why = s->proof.why;
	s->info.proof_ns = s->proof.took_ns;
	s->info.start_ns = now_ns();
	s->info.start_realtime_ns = clock_ns(CLOCK_REALTIME);
	model__session(s->model, s->info.start_ns);
	attach__merged(s->attached, true);
}

static void tell_losses(struct session *s)
{
	const uint64_t *lost = attach__lost(s->attached);
	int i;

	for (i = 0; i < OVLW_LOST_PLACES; i++) {
		uint64_t n = lost[i] - s->lost_told[i];

		if (!n)
			continue;
		s->lost_told[i] += n;
		model__lost(s->model, now_ns(), attach__place(i), n);
	}
}

/* A program that the kernel passed over is as good as a lost record. */
static void tell_missed(struct session *s)
{
	uint64_t missed = attach__missed(s->attached);

	if (s->listings)
		missed += dirstat_probe__missed(s->listings);
	if (missed)
		model__lost(s->model, now_ns(), "probes passed over by the kernel", missed);
}

/*
 * kprobes do not hold the module: when it is unloaded they are gone, and one that
 * is loaded after has none. Its file in sysfs can't be read any more then.
 */
static void tell_unloaded(struct session *s)
{
	char c;

	if (s->module_fd < 0 || pread(s->module_fd, &c, 1, 0) >= 0)
		return;
	close(s->module_fd);
	s->module_fd = -1;
	model__lost(s->model, now_ns(), "overlayfs unloaded, its probes with it", 1);
}

static void sinks_tick(struct session *s)
{
	struct rec_counts counts;
	size_t i;

	model__counts(s->model, &counts);
	for (i = 0; i < s->nsinks; i++) {
		int err = s->sink[i]->tick(s->sink[i], &counts, now_ns());

		if (!err)
			continue;
		s->sink_failed = true;
		complain("output: can't be written: %s (%d); it is complete up to there",
			 strerror(-err), err);
	}
}

void session__poll(struct session *s)
{
	attach__tick(s->attached, now_ns());
	session__look_at_order(s);
	if (s->listings)
		dirstat_probe__poll(s->listings);
	tell_losses(s);
	tell_unloaded(s);
	attach__prune(s->attached);
	if (s->tests)
		tests__read(s->tests);
	sinks_tick(s);
}

enum verdict session__stop(struct session *s, const int *command_status)
{
	uint64_t active = attach__merged(s->attached, false);

	s->info.end_ns = now_ns();
	attach__poll(s->attached);
	/* what they do from here on is not seen to its end */
	if (active)
		model__lost(s->model, now_ns(), "merged directories in use at the end", active);
	debug("detaching");
	attach__detach(s->attached);
	if (s->listings)
		dirstat_probe__detach(s->listings);
	debug("detached");
	return session__finish(s, command_status);
}

/* The contract's counts are of impure directories. */
static void directories(struct session *s)
{
	struct rec_counts *c = &s->info.counts;
	struct dirstat_total impure, merged;
	struct rec_directory d;
	size_t i, n;

	c->has_hits = c->has_directories = s->wishes.hits;
	c->readdirs = c->hits = c->merged_readdirs = c->merged_hits = COUNT_UNSEEN;
	if (!s->listings)
		return;
	dirstat__sees(s->dirstat, plan__stats_sees_windows(&s->plan),
		      plan__stats_sees_invalidations(&s->plan));
	dirstat_probe__read(s->listings);
	n = dirstat__sort(s->dirstat, DIRSTAT_ALL);
	for (i = 0; i < n; i++) {
		dirstat__record(s->dirstat, i, DIRSTAT_ALL, &d);
		if (d.readdirs)
			model__directory(s->model, s->info.end_ns, &d);
	}
	dirstat__total(s->dirstat, DIRSTAT_ALL, OVLS_IMPURE, &impure);
	dirstat__total(s->dirstat, DIRSTAT_ALL, OVLS_MERGED, &merged);
	c->readdirs = impure.readdirs;
	c->hits = impure.hits;
	c->untold_readdirs = impure.untold + merged.untold;
	if (!dirstat__sees_merged(s->dirstat))
		return;
	c->merged_readdirs = merged.readdirs;
	c->merged_hits = merged.hits;
}

enum verdict session__finish(struct session *s, const int *command_status)
{
	uint64_t gaps;

	s->info.end_ns = now_ns();
	gaps = attach__drain(s->attached);
	if (gaps)
		model__lost(s->model, now_ns(), "events that never came", gaps);
	tell_losses(s);
	tell_unloaded(s);
	tell_missed(s);
	session__look_at_listings(s);
	if (s->tests)
		tests__end(s->tests);
	s->info.has_command = command_status != NULL;
	s->info.command_status = command_status ? *command_status : 0;
	s->info.doubts = model__doubts(s->model);
	/* the last judgements are counted before the summary is written */
	model__settle(s->model, s->info.end_ns);
	model__counts(s->model, &s->info.counts);
	directories(s);
	s->info.verdict = model__verdict(s->model);
	model__summary(s->model, s->info.end_ns);
	sinks_tick(s);
	return s->info.verdict;
}

void session__deinit(struct session *s)
{
	size_t i;

	if (s->module_fd >= 0)
		close(s->module_fd);
	attach__free(s->attached);
	dirstat_probe__free(s->listings);
	dirstat__free(s->dirstat);
	model__free(s->model);
	where__free(s->where);
	tests__free(s->tests);
	for (i = 0; i < s->nsinks; i++)
		s->sink[i]->free(s->sink[i]);
	kernel__deinit(&s->kernel);
}
