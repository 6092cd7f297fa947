// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine: makes the scenarios' children, traces them one after another,
 * and writes the report. Every wait in here has an end; what outlives it is
 * reported and left behind.
 */
#include "check_area.h"
#include "check_probe.h"
#include "check_sink.h"
#include "check_stuck.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "session.h"
#include "version.h"

#define SAY(buf, ...) snprintf(buf, sizeof(buf), __VA_ARGS__)
#define MS 1000000ULL

enum {
	TICK_MS = 50,
	PREPARE_MS = 3000, /* for all scenarios to be ready */
	GRACE_MS = 1200, /* for a scenario to end after its time */
	KILLED_MS = 400, /* for a killed one to die */
	SLOT_MS = 150, /* for a scenario, at least */
	SPARE_MS = 2000, /* beyond the time that there is, so that each has its turn */
	REPORT_MS = 1200, /* before the end of everything */
	LEAST_MS = 2500, /* for all scenarios, however slow the start was */
};

struct engine {
	const struct check_opts *opts;
	struct scenario_state *st;
	struct check_facts facts;
	struct check_report report;
	struct session session;
	struct check_probe *probe;
	struct hazard hazard;
	struct sink *sink;
	bool planned, started;
	pid_t pid[CHECK_MAX_SCENARIOS]; /* 0: none, or reaped */
	int go[CHECK_MAX_SCENARIOS]; /* where its child waits for until_ns */
	uint64_t end_ns; /* when the scenarios should be over */
	uint64_t last_ns; /* and when they must be, for the report to be in time */
};

static void tick(struct engine *e)
{
	if (e->started)
		session__poll(&e->session);
	area__sleep_us(TICK_MS * 1000);
}

static enum scenario_phase phase_of(const struct engine *e, size_t i)
{
	return __atomic_load_n(&e->st[i].phase, __ATOMIC_ACQUIRE);
}

/* ---- children ------------------------------------------------------------ */

static void child_start(struct engine *e, size_t i)
{
	pid_t parent = getpid();
	int fds[2];

	if (pipe(fds))
		return;
	e->st[i].phase = SCENARIO_PREPARING;
	e->pid[i] = fork();
	if (e->pid[i] < 0)
		e->pid[i] = 0;
	if (!e->pid[i] && getpid() != parent) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close(fds[1]);
		check_child__main(&scenarios[i], &e->st[i], e->opts, i, fds[0]);
	}
	close(fds[0]);
	e->go[i] = fds[1];
	e->st[i].pid = e->pid[i];
}

/* Has it ended? Then it is reaped. */
static bool child_ended(struct engine *e, size_t i)
{
	if (e->pid[i] && waitpid(e->pid[i], NULL, WNOHANG) == e->pid[i])
		e->pid[i] = 0;
	return !e->pid[i];
}

static void wait_ended(struct engine *e, size_t i, uint64_t until)
{
	while (!child_ended(e, i) && now_ns() < until)
		tick(e);
}

/* Its time is over. What does not even die is looked at, and left. */
static void child_end(struct engine *e, size_t i)
{
	struct scenario_state *st = &e->st[i];
	char where[CHECK_TEXT];
	bool stuck;

	if (child_ended(e, i)) {
		if (st->phase != SCENARIO_DONE && st->phase != SCENARIO_UNFIT) {
			st->phase = SCENARIO_DIED;
		}
		return;
	}
	/* before it is killed: then all of its tasks are there */
	stuck = stuck__find(e->pid[i], where, sizeof(where));
	kill(e->pid[i], SIGKILL);
	wait_ended(e, i, now_ns() + KILLED_MS * MS);
	st->phase = e->pid[i] ? SCENARIO_HUNG : SCENARIO_DIED;
	if (stuck && e->pid[i])
		view__tell(st, CHECK_LOCK_HAZARD, "a task waits in the kernel and could not be killed: %s",
			   where);
	else
		SAY(st->why, "it did not end in time");
}

static void children_prepare(struct engine *e)
{
	uint64_t until = now_ns() + PREPARE_MS * MS;
	bool waiting = true;
	size_t i;

	for (i = 0; i < nscenarios; i++)
		if (e->opts->selected[i])
			child_start(e, i);
	while (waiting && now_ns() < until) {
		waiting = false;
		for (i = 0; i < nscenarios; i++)
			waiting |= e->pid[i] && phase_of(e, i) == SCENARIO_PREPARING &&
				   !child_ended(e, i);
		if (waiting)
			area__sleep_us(5000);
	}
}

static bool can_run(const struct engine *e, size_t i)
{
	return e->pid[i] && phase_of(e, i) == SCENARIO_READY &&
	       !(scenarios[i].merged && e->hazard.answer == HAZARD_PRESENT && !e->opts->provoke);
}

static void scenario_run(struct engine *e, size_t i, uint64_t until)
{
	if (write(e->go[i], &until, sizeof(until)) != sizeof(until))
		return;
	e->st[i].begin_ns = now_ns();
	debug("check: %s", scenarios[i].name);
	until += GRACE_MS * MS;
	wait_ended(e, i, until < e->last_ns ? until : e->last_ns);
	child_end(e, i);
	e->st[i].end_ns = now_ns();
}

static void scenarios_run(struct engine *e)
{
	unsigned int shares = 0;
	size_t i;

	for (i = 0; i < nscenarios; i++)
		shares += can_run(e, i) ? scenarios[i].share : 0;
	for (i = 0; i < nscenarios; i++) {
		uint64_t now = now_ns(), slot;

		if (!can_run(e, i) || now >= e->end_ns + SPARE_MS * MS ||
		    now + SLOT_MS * MS >= e->last_ns)
			continue;
		slot = now < e->end_ns ? (e->end_ns - now) / shares * scenarios[i].share : 0;
		scenario_run(e, i, now + (slot < SLOT_MS * MS ? SLOT_MS * MS : slot));
		shares -= scenarios[i].share;
	}
	/* those that got no turn */
	for (i = 0; i < nscenarios; i++) {
		if (!e->pid[i] || e->st[i].phase == SCENARIO_HUNG)
			continue;
		if (phase_of(e, i) == SCENARIO_READY)
			e->st[i].phase = SCENARIO_NOT_RUN;
		kill(e->pid[i], SIGKILL);
		child_ended(e, i);
	}
}

/* ---- the trace ------------------------------------------------------------ */

static void untraced(struct engine *e, const char *why)
{
	SAY(e->facts.untraced, "%s", why);
}

static void probe_start(struct engine *e)
{
	struct check_probe_opts po = {
		.widen_us = e->session.plan.lock_drop == LOCK_DROP_ABSENT || e->opts->free_cpu < 0 ?
				    0 : e->opts->widen_us,
		.free_cpu = e->opts->free_cpu,
		.provoke = e->opts->provoke,
		.hazard = e->hazard.answer == HAZARD_UNKNOWN ? &e->hazard : NULL,
	};
	char why[256];
	size_t i;

	if (!e->session.plan.layout_known ||
	    check_probe__new(&e->probe, &e->session.kernel, &e->session.plan.layout, &po, why)) {
		SAY(e->facts.order_why, "%s", e->session.plan.layout_known ? why :
			"the layout of ovl_inode is unknown");
		SAY(e->report.widen, "no window is held open: %.400s", e->facts.order_why);
		return;
	}
	for (i = 0; i < nscenarios; i++)
		if (e->pid[i])
			check_probe__pid(e->probe, i, e->pid[i]);
	if (!e->opts->widen_us)
		SAY(e->report.widen, "no window is held open (--widen 0)");
	else if (e->opts->free_cpu < 0)
		SAY(e->report.widen, "no window is held open: there is one processor only");
	else if (!po.widen_us)
		SAY(e->report.widen, "nothing to hold open: the lock is never dropped");
	else if (!check_probe__widens(e->probe))
		SAY(e->report.widen, "no window is held open: no function is called per entry");
	else
		SAY(e->report.widen, "each window is held open until the directory changes, for %" PRIu32
		    " us at most, in the check's own tasks", e->opts->widen_us);
	if (!check_probe__sees_order(e->probe))
		SAY(e->facts.order_why, "ovl_copy_up_start or ovl_inode_update can't be probed");
}

static void trace_plan(struct engine *e)
{
	struct session_opts so = { 0 };
	struct plan_input in;
	enum plan_event gap;
	char why[400];

	if (session__plan(&e->session, &so)) {
		SAY(why, "%s; %s", e->session.kernel.why, e->session.kernel.remedy);
		untraced(e, why);
		return;
	}
	e->planned = true;
	e->facts.complete = plan__complete(&e->session.plan, &gap);
	if (!e->session.plan.layout_known)
		SAY(e->facts.gap, "%s", e->session.plan.layout_evidence);
	else if (!e->facts.complete)
		SAY(e->facts.gap, "%s can't be seen: %s", plan_event__name(gap),
		    e->session.plan.cover[gap].evidence);
	kernel__plan_input(&e->session.kernel, &in);
	hazard__look(&e->hazard, in.ks, in.read, in.read_ctx);
}

static void trace_start(struct engine *e)
{
	struct session_opts so = { 0 };
	char why[256];
	size_t i, d;

	trace_plan(e);
	if (!e->planned)
		return;
	for (i = 0; i < nscenarios; i++)
		for (d = 0; d < e->st[i].ndevs && so.attach.ndevs < 16; d++)
			so.attach.devs[so.attach.ndevs++] = e->st[i].devs[d];
	if (!so.attach.ndevs) {
		untraced(e, "no overlay could be mounted");
		return;
	}
	e->sink = check_sink__new(&e->facts, &e->session.info);
	if (e->sink)
		session__add_sink(&e->session, e->sink);
	if (session__attach(&e->session, &so, why)) {
		untraced(e, why);
		return;
	}
	session__begin(&e->session);
	e->started = true;
	probe_start(e);
}

static void doubts_tell(struct engine *e)
{
	const uint64_t *doubts = e->session.info.doubts;
	size_t i, n = 0;

	for (i = 0; i < DOUBT_COUNT && n < sizeof(e->facts.doubts); i++)
		if (doubts[i])
			n += snprintf(e->facts.doubts + n, sizeof(e->facts.doubts) - n, "%s%s (%" PRIu64 ")",
				      n ? "; " : "", model_doubt__text(i), doubts[i]);
}

static void hazard_tell(struct engine *e, const struct check_probe_counts *c)
{
	struct check_facts *f = &e->facts;

	f->hazard = e->hazard.answer == HAZARD_PRESENT ? ANSWER_YES :
		    e->hazard.answer == HAZARD_ABSENT ? ANSWER_NO : ANSWER_UNKNOWN;
	SAY(f->hazard_why, "%s", e->hazard.why);
	if (f->hazard != ANSWER_UNKNOWN || !check_probe__watches(e->probe))
		return;
	if (c->lookups_locked) {
		f->hazard = ANSWER_YES;
		SAY(f->hazard_why, "%" PRIu64 " of %" PRIu64 " calls: %s", c->lookups_locked, c->lookups,
		    e->hazard.why);
	} else if (c->lookups) {
		f->hazard = ANSWER_NO;
		SAY(f->hazard_why, "%" PRIu64 " calls of %s, none with the directory's lock held",
		    c->lookups, e->hazard.lookup[0]->name);
	}
}

static void trace_stop(struct engine *e)
{
	struct check_probe_counts c = { 0 };
	struct check_facts *f = &e->facts;
	size_t n;

	if (e->probe) {
		check_probe__counts(e->probe, &c);
		f->copy_ups = c.copy_ups;
		f->copy_ups_wrong = c.copy_ups_wrong;
		f->mixed_stores = c.mixed_stores;
		f->mixed_frees = c.mixed_frees;
		if (check_probe__sees_order(e->probe) && c.copy_ups)
			f->copy_up_order = c.copy_ups_wrong ? ANSWER_YES : ANSWER_NO;
		else if (!*f->order_why)
			SAY(f->order_why, "no copy-up of a directory was seen");
	}
	if (c.waits) {
		n = strlen(e->report.widen);
		snprintf(e->report.widen + n, sizeof(e->report.widen) - n,
			 ": %" PRIu64 " times, %" PRIu64 " us each, %" PRIu64 " of them in vain", c.waits,
			 c.waited_ns / c.waits / 1000, c.waits_over);
	}
	if (e->planned)
		hazard_tell(e, &c);
	if (!e->started)
		return;
	/* the children are dead, and with them all that is traced; the probes go last */
	session__finish(&e->session, NULL);
	f->traced = true;
	f->counts = e->session.info.counts;
	doubts_tell(e);
}

int check_engine__run(const struct check_opts *opts, struct scenario_state *states, int out_fd,
		      int32_t *reported)
{
	struct engine *e = calloc(1, sizeof(*e));
	uint64_t least, start;
	FILE *f = fdopen(out_fd, "w");

	if (!e || !f)
		return EXIT_USAGE;
	e->opts = opts;
	e->st = states;
	e->facts.state = states;
	memcpy(e->facts.selected, opts->selected, sizeof(e->facts.selected));
	start = now_ns();
	e->last_ns = opts->deadline_ns - REPORT_MS * MS;
	children_prepare(e);
	trace_start(e);
	least = now_ns() + LEAST_MS * MS;
	e->end_ns = start + (uint64_t)(opts->seconds * 1e9);
	if (e->end_ns < least)
		e->end_ns = least;
	scenarios_run(e);
	trace_stop(e);
	e->report.version = OVLTRACE_VERSION;
	e->report.kernel = e->session.release;
	e->report.arch = e->session.machine;
	e->report.seed = opts->seed;
	e->report.seconds = (now_ns() - start) / 1e9;
	e->report.start_realtime_ns = e->session.info.start_realtime_ns;
	e->report.findings = check_sink__findings(e->sink);
	check__judge(&e->facts, &e->report);
	opts->write(f, &e->report);
	if (fflush(f) || ferror(f))
		return EXIT_USAGE;
	__atomic_store_n(reported, e->report.status + 1, __ATOMIC_RELEASE);
	check_probe__free(e->probe);
	if (e->planned)
		session__deinit(&e->session);
	return e->report.status;
}
