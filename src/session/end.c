// SPDX-License-Identifier: GPL-2.0-only
/* Losses, and the records at the end of a trace. */
#include <string.h>
#include <unistd.h>

#include "session/internal.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/saturate.h"

/* How long an overwritten cache may wait for its free: an RCU grace period takes milliseconds. */
#define LATE_FREE_NS 3000000000ULL

static void report_dropped(struct session *s)
{
	const uint64_t *lost = attach__lost(s->attached);
	int i;

	for (i = 0; i < OVLW_LOST_PLACES; i++) {
		uint64_t n = lost[i] - s->lost_reported[i];

		if (!n)
			continue;
		s->lost_reported[i] += n;
		model__lost(s->model, clock__now_ns(), attach__place(i), n);
	}
}

/* Runs skipped by BPF recursion protection (recursion_misses) count as lost records. */
static void report_missed(struct session *s)
{
	uint64_t missed = attach__missed(s->attached);

	if (s->listings)
		missed += dirstat_probe__missed(s->listings);
	if (missed)
		model__lost(s->model, clock__now_ns(), "probe runs skipped by the kernel", missed);
}

/*
 * kprobes do not pin the module. Unloading it removes them, and a module that is
 * loaded later has none. Reading the module's open file in sysfs then fails.
 */
static void report_unloaded(struct session *s)
{
	char c;

	if (s->module_fd < 0 || pread(s->module_fd, &c, 1, 0) >= 0)
		return;
	close(s->module_fd);
	s->module_fd = -1;
	model__lost(s->model, clock__now_ns(), "overlayfs was unloaded with its probes", 1);
}

void session__report_losses(struct session *s)
{
	report_dropped(s);
	report_unloaded(s);
}

/* RCU and workers free overwritten caches when they come to it. */
static void await_frees(struct session *s)
{
	uint64_t end_ns = clock__now_ns();

	while (s->plan.late_frees && model__awaits_frees(s->model, end_ns - LATE_FREE_NS) &&
	       clock__now_ns() < end_ns + LATE_FREE_NS) {
		usleep(20000);
		attach__tick(s->attached, clock__now_ns());
	}
}

enum verdict session__stop(struct session *s, const int *command_status)
{
	uint64_t active = attach__merged(s->attached, false);

	s->end_ns = clock__now_ns();
	attach__poll(s->attached);
	await_frees(s);
	/* operations that are still running will not be seen to their end */
	if (active)
		model__lost(s->model, clock__now_ns(), "merged directories in use at the end",
			    active);
	/* before they are detached one after the other, so that both count until the same time */
	if (s->listings)
		dirstat_probe__read(s->listings);
	debug("detaching");
	attach__detach(s->attached);
	if (s->listings)
		dirstat_probe__detach(s->listings);
	debug("detached");
	return session__finish(s, command_status);
}

/* After the counts were taken. */
static void lose(struct session *s, const char *where, uint64_t n)
{
	if (!n)
		return;
	model__lost(s->model, clock__now_ns(), where, n);
	saturate__add(&s->last.counts.lost, n);
}

/* The plain counts of readdirs and hits are those of impure directories. */
static void directories(struct session *s)
{
	struct rec_counts *c = &s->last.counts;
	struct dirstat_total impure, merged;
	struct rec_directory d;
	size_t i, n;

	c->has_hits = c->has_directories = s->wishes.hits;
	c->readdirs = c->hits = c->merged_readdirs = c->merged_hits = COUNT_UNSEEN;
	if (!s->listings)
		return;
	dirstat__sees(s->dirstat, plan__stats_sees_windows(&s->plan),
		      plan__stats_sees_invalidations(&s->plan));
	n = dirstat__sort(s->dirstat, DIRSTAT_ALL, DIRSTAT_TIME);
	for (i = 0; i < n; i++) {
		dirstat__record(s->dirstat, i, DIRSTAT_ALL, &d);
		if (d.readdirs)
			model__directory(s->model, s->end_ns, &d);
	}
	dirstat__total(s->dirstat, DIRSTAT_ALL, OVLS_IMPURE, &impure);
	dirstat__total(s->dirstat, DIRSTAT_ALL, OVLS_MERGED, &merged);
	c->readdirs = impure.readdirs;
	c->hits = impure.hits;
	c->unreported_readdirs = impure.unreported + merged.unreported;
	lose(s, "directories dropped for lack of memory", dirstat__dropped(s->dirstat));
	if (s->limit)
		lose(s, "processes that could not be followed", follow_probe__missing(s->followed));
	if (!dirstat__sees_merged(s->dirstat))
		return;
	c->merged_readdirs = merged.readdirs;
	c->merged_hits = merged.hits;
}

enum verdict session__finish(struct session *s, const int *command_status)
{
	struct rec_summary *last = &s->last;
	uint64_t gaps;

	s->end_ns = clock__now_ns();
	gaps = attach__drain(s->attached);
	if (gaps)
		model__lost(s->model, clock__now_ns(), "events that never arrived", gaps);
	session__report_losses(s);
	report_missed(s);
	session__look_at_missed(s);
	if (s->tests)
		testwatch__end(s->tests);
	last->has_command = command_status != NULL;
	last->command_status = command_status ? *command_status : 0;
	/* the last judgements are counted before the summary is written */
	model__judge_open(s->model, s->end_ns);
	model__counts(s->model, &last->counts);
	directories(s);
	session__follow_summary(s);
	memcpy(last->inconsistencies, model__inconsistencies(s->model),
	       sizeof(last->inconsistencies));
	last->duration_ns = s->end_ns - s->start_ns;
	last->verdict = model__verdict(s->model);
	if (last->verdict == VERDICT_CLEAN && rec_session__lacks_rebuilds(&s->first, &last->counts))
		last->verdict = VERDICT_INCONCLUSIVE;
	model__summary(s->model, s->end_ns, last);
	session__sinks_tick(s);
	return last->verdict;
}
