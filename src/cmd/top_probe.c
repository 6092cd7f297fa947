// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "cmd/top.h"
#include "cmd/trace_options.h"
#include "probe/attach.h"
#include "probe/kprobe.h"
#include "probe/refusal.h"
#include "sink/coverage_log.h"
#include "util/log.h"

static bool no_kprobes(const struct top *t)
{
	return option_list__has(&t->opts.without, WITHOUT_KPROBES);
}

static void make_plan(void *ctx)
{
	struct top *t = ctx;
	struct plan_input in;

	kernel__plan_input(&t->kernel, &in);
	in.hits = in.quiet = true;
	in.no_sites = option_list__has(&t->opts.without, WITHOUT_SITES);
	in.no_kprobes = no_kprobes(t) || !kprobe__available();
	in.fexit &= !t->no_trampolines;
	in.refused = &t->refused;
	plan__make(&t->plan, &in);
	coverage__log(t->plan.cover, 1u << EVENT_READDIR);
}

/* Looks up the mount and cgroup of a new directory or task while they exist. */
static void on_listed(void *ctx, const struct ovls_path *path)
{
	struct top *t = ctx;

	if (path->reported == OVLS_REPORTED_PATH)
		where__mount_refresh(t->where, path->dir.dev, path->pid);
	where__cgroup(t->where, path->cgroup, path->pid);
}

int top_probe__attach(struct top *t, char why[256])
{
	struct dirstat_probe_opts po = {
		.devs = t->devs,
		.ndevs = t->opts.mounts.n,
		.refused = &t->refused,
		.path = on_listed,
		.ctx = t,
		.into = t->dirstat,
	};
	int err;

	kernel__plan(&t->kernel, &t->plan, make_plan, t);
	err = dirstat_probe__check(&t->plan, no_kprobes(t), why);
	if (!err)
		err = trace_options__follow(&t->followed, t->pids, t->opts.pids.n, &po, why);
	if (!err)
		err = dirstat_probe__new(&t->probe, &t->kernel, &t->plan, &po, why);
	/* plan again without what the kernel refuses */
	return err == -EAGAIN ? top_probe__attach(t, why) : err;
}

void top_probe__notes(const struct top *t)
{
	const struct plan *plan = &t->plan;

	refusal__note(&t->refused);
	if (plan->cover[EVENT_READDIR].provider == PROVIDER_ENTRY)
		complain(
			"note: each listing hits a kprobe and a kretprobe, which cost more than a "
			"trampoline: %s",
			plan->preemptible && !t->no_trampolines ?
				"a trampoline would miss some listings on this preemptible kernel" :
				"a trampoline cannot be attached");
	else if (plan->preemptible)
		complain(
			"note: this kernel is preemptible and may skip probes: skipped ones count as lost");
	if (!plan__stats_prog(plan, PROG_stat_at_path_upper) &&
	    !plan__stats_prog(plan, PROG_stat_on_read_impure))
		complain(
			"note: the start of a rebuild cannot be seen: a rebuild that stores no cache is not counted");
	if (!plan__stats_sees_windows(plan))
		complain("note: lock drops cannot be seen: how long the lock was held is unknown");
	if (!plan__stats_sees_invalidations(plan))
		complain("note: invalidations cannot be seen");
	if (!dirstat__sees_merged(t->dirstat))
		complain(
			"note: merged directories cannot be seen: the types of overlayfs are not known");
}
