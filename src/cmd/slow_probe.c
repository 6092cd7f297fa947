// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "cmd/slow.h"
#include "cmd/trace_options.h"
#include "probe/kprobe.h"
#include "probe/refusal.h"
#include "sink/coverage_log.h"
#include "util/log.h"

static bool no_kprobes(const struct slow_trace *t)
{
	return option_list__has(&t->opts.without, WITHOUT_KPROBES);
}

static void make_plan(void *ctx)
{
	struct slow_trace *t = ctx;
	struct plan_input in;

	kernel__plan_input(&t->kernel, &in);
	in.hits = in.slow = in.quiet = true;
	in.no_sites = option_list__has(&t->opts.without, WITHOUT_SITES);
	in.no_kprobes = no_kprobes(t) || !kprobe__available();
	in.fexit &= !option_list__has(&t->opts.without, WITHOUT_TRAMPOLINES);
	in.refused = &t->refused;
	plan__make(&t->plan, &in);
	coverage__log(t->plan.cover, 1u << EVENT_READDIR);
}

int slow_probe__attach(struct slow_trace *t, char why[256])
{
	struct dirstat_probe_opts po = {
		.devs = t->devs,
		.ndevs = t->opts.mounts.n,
		.slow_ns = t->over_ns,
		.slow = slow_trace__on_listing,
		.ctx = t,
		.refused = &t->refused,
		.into = t->dirstat,
	};
	int err;

	kernel__plan(&t->kernel, &t->plan, make_plan, t);
	dirstat_probe__sees(&t->kernel, &t->plan, &t->sees);
	err = dirstat_probe__check(&t->plan, no_kprobes(t), why);
	if (!err)
		err = trace_options__follow(&t->followed, t->pids, t->opts.pids.n, &po, why);
	if (!err)
		err = dirstat_probe__new(&t->probe, &t->kernel, &t->plan, &po, why);
	/* plan again without what the kernel refuses */
	return err == -EAGAIN ? slow_probe__attach(t, why) : err;
}

void slow_probe__notes(const struct slow_trace *t)
{
	int i;

	refusal__note(&t->refused);
	if (t->sees.calls)
		complain("note: listings of other filesystems hit a probe of iterate_dir(), too, "
			 "which returns at once");
	for (i = 0; i < SLOW_PARTS; i++) {
		const char *why = slow_part__unseen(i, &t->sees);

		if (why)
			complain("note: %s is not observable: %s", slow_part__name(i), why);
	}
	if (!plan__stats_sees_invalidations(&t->plan))
		complain("note: it cannot be seen which task outdates a cache");
	complain("tracing listings that take longer than %g ms", (double)t->over_ns / 1e6);
}
