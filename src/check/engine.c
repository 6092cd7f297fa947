// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine: traces the scenarios while they take their turns, and writes the
 * report. Every wait has a timeout; a child that outlives it is reported and
 * left behind.
 */
#include "probe/hold.h"
#include "check/sink.h"
#include "check/turns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"
#include "util/version.h"
#include "util/clock.h"
#include "util/exit_status.h"

#define SET_TEXT(buf, ...) snprintf(buf, sizeof(buf), __VA_ARGS__)
#define MS 1000000ULL

enum {
	REPORT_MS = 1200, /* the report is written so long before the deadline */
	LEAST_MS = 2500, /* at least this for all scenarios, even after a slow start */
	SPARE_MS = 300, /* reserve for turns that take too long */
};

struct engine {
	const struct check_opts *opts;
	struct scenario_state *st;
	struct check_facts facts;
	struct check_report report;
	struct session session;
	struct hold *probe;
	struct hazard hazard;
	struct sink *sink;
	bool planned, started;
	struct turns turns;
};

/* Reports at once, since the kernel may crash soon. The scenario stops provoking, too. */
static void provoked_report(struct engine *e)
{
	struct hold_counts c;
	size_t i;

	hold__counts(e->probe, &c);
	for (i = 0; c.mixed_frees && i < nscenarios; i++)
		if (scenarios[i].provoked_share)
			__atomic_store_n(&e->st[i].provoked, c.mixed_frees, __ATOMIC_RELEASE);
}

static void poll_trace(void *ctx)
{
	struct engine *e = ctx;

	if (e->started)
		session__poll(&e->session);
	if (e->opts->provoke && e->probe)
		provoked_report(e);
}

/* ---- the trace ------------------------------------------------------------ */

static void untraced(struct engine *e, const char *why)
{
	SET_TEXT(e->facts.untraced, "%s", why);
}

static void probe_start(struct engine *e)
{
	struct hold_opts po = {
		.widen_us = e->session.plan.lock_drop == LOCK_DROP_ABSENT || e->opts->free_cpu < 0 ?
				    0 :
				    e->opts->widen_us,
		.free_cpu = e->opts->free_cpu,
		.max_waiting = UINT32_MAX,
		.provoke = e->opts->provoke,
		.order = true,
		.hazard = e->hazard.present == TRISTATE_UNKNOWN ? &e->hazard : NULL,
	};
	char why[256];

	if (!e->session.plan.layout_known ||
	    hold__new(&e->probe, &e->session.kernel, &e->session.plan, &po, why)) {
		SET_TEXT(e->facts.order_why, "%s",
			 e->session.plan.layout_known ? why : "the layout of ovl_inode is unknown");
		SET_TEXT(e->report.widen, "no window is held open: %.400s", e->facts.order_why);
		return;
	}
	if (!e->opts->widen_us)
		SET_TEXT(e->report.widen, "no window is held open (--widen 0)");
	else if (e->opts->free_cpu < 0)
		SET_TEXT(e->report.widen, "no window is held open: there is one processor only");
	else if (!po.widen_us)
		SET_TEXT(e->report.widen, "nothing to hold open: the lock is never dropped");
	else if (!hold__widens(e->probe))
		SET_TEXT(e->report.widen,
			 "no window is held open: no function is called per entry");
	else
		SET_TEXT(e->report.widen,
			 "each window is held open until the directory changes, for %" PRIu32
			 " us at most, in the check's own tasks",
			 e->opts->widen_us);
	if (!hold__sees_order(e->probe))
		SET_TEXT(e->facts.order_why,
			 "ovl_copy_up_start or ovl_inode_update cannot be probed");
}

static void coverage_note(struct engine *e)
{
	enum logical_event gap;

	e->facts.complete = plan__complete(&e->session.plan, &gap);
	if (!e->session.plan.layout_known)
		SET_TEXT(e->facts.gap, "%s", e->session.plan.layout_evidence);
	else if (!e->facts.complete)
		SET_TEXT(e->facts.gap, "%s cannot be seen: %s", logical_event__name(gap),
			 e->session.plan.cover[gap].evidence);
}

static void trace_plan(struct engine *e)
{
	struct session_opts so = { .hash = e->opts->hash };
	struct plan_input in;
	char why[400];

	if (session__plan(&e->session, &so)) {
		SET_TEXT(why, "%s; %s", e->session.kernel.why, e->session.kernel.remedy);
		untraced(e, why);
		return;
	}
	e->planned = true;
	coverage_note(e);
	kernel__plan_input(&e->session.kernel, &in);
	hazard__look(&e->hazard, &in.code);
}

static void add_records(struct engine *e)
{
	struct sink *sink = sink_jsonl__new(e->opts->records_fd);

	if (sink)
		session__add_sink(&e->session, sink);
}

static void records_finish(struct engine *e)
{
	struct writer_wait wait = { .signal_fd = -1, .begin_ns = clock__now_ns() };

	if (e->opts->records_fd >= 0)
		session__finish_outputs(&e->session, &wait);
}

static void trace_start(struct engine *e)
{
	struct session_opts so = { 0 };
	char why[256];
	size_t i, d;

	/* the scenarios set up their mounts at the same time */
	trace_plan(e);
	turns__ready(&e->turns);
	if (!e->planned)
		return;
	for (i = 0; i < nscenarios; i++)
		for (d = 0; d < e->st[i].ndevs && so.attach.ndevs < 16; d++)
			so.attach.devs[so.attach.ndevs++] = e->st[i].devs[d];
	if (!so.attach.ndevs) {
		untraced(e, "no overlay could be mounted");
		return;
	}
	e->sink = check_sink__new(&e->facts);
	if (e->sink)
		session__add_sink(&e->session, e->sink);
	if (e->opts->records_fd >= 0)
		add_records(e);
	if (session__attach(&e->session, &so, why)) {
		untraced(e, why);
		return;
	}
	/* the kernel may have refused a probe */
	coverage_note(e);
	session__begin(&e->session);
	e->started = true;
	probe_start(e);
}

static void inconsistencies_report(struct engine *e)
{
	const uint64_t *inconsistencies = e->session.last.inconsistencies;
	size_t i, n = 0;

	for (i = 0; i < INCONSISTENCIES && n < sizeof(e->facts.inconsistencies); i++)
		if (inconsistencies[i])
			n += snprintf(e->facts.inconsistencies + n,
				      sizeof(e->facts.inconsistencies) - n, "%s%s (%" PRIu64 ")",
				      n ? "; " : "", inconsistency__text(i), inconsistencies[i]);
}

static void hazard_report(struct engine *e, const struct hold_counts *c)
{
	struct check_facts *f = &e->facts;

	f->hazard = e->hazard.present;
	SET_TEXT(f->hazard_why, "%s", e->hazard.why);
	if (f->hazard != TRISTATE_UNKNOWN || !hold__watches(e->probe))
		return;
	if (c->lookups_locked) {
		f->hazard = TRISTATE_YES;
		SET_TEXT(f->hazard_why, "%" PRIu64 " of %" PRIu64 " calls: %s", c->lookups_locked,
			 c->lookups, e->hazard.why);
	} else if (c->lookups) {
		f->hazard = TRISTATE_NO;
		SET_TEXT(f->hazard_why,
			 "%" PRIu64 " calls of %s, none with the directory's lock held", c->lookups,
			 e->hazard.lookup[0]->name);
	}
}

static void trace_stop(struct engine *e)
{
	struct hold_counts c = { 0 };
	struct check_facts *f = &e->facts;
	size_t n;

	if (e->probe) {
		hold__counts(e->probe, &c);
		f->copy_ups = c.copy_ups;
		f->copy_ups_wrong = c.copy_ups_wrong;
		f->mixed_stores = c.mixed_stores;
		f->mixed_frees = c.mixed_frees;
		if (hold__sees_order(e->probe) && c.copy_ups)
			f->copy_up_order = c.copy_ups_wrong ? TRISTATE_YES : TRISTATE_NO;
		else if (!*f->order_why)
			SET_TEXT(f->order_why, "no copy-up of a directory was seen");
	}
	if (c.waits) {
		n = strlen(e->report.widen);
		snprintf(e->report.widen + n, sizeof(e->report.widen) - n,
			 ": %" PRIu64 " times, %" PRIu64 " us each, %" PRIu64 " of them timed out",
			 c.waits, c.waited_ns / c.waits / 1000, c.waits_over);
	}
	if (e->planned)
		hazard_report(e, &c);
	if (!e->started)
		return;
	/* The traced children are dead, so the probes can be detached. */
	session__finish(&e->session, NULL);
	records_finish(e);
	f->traced = true;
	f->counts = e->session.last.counts;
	inconsistencies_report(e);
}

/* When the scenarios and the check end. Call it when the tracer has started. */
static void times_set(struct engine *e, uint64_t start, struct check_shared *shared)
{
	const struct check_opts *o = e->opts;
	uint64_t now = clock__now_ns(), planned = (uint64_t)(o->seconds * 1e9), more;
	uint64_t deadline = o->deadline_ns;
	struct turns *t = &e->turns;

	more = turns__extension_ns(planned, now - start);
	if (o->longest_ns <= o->deadline_ns)
		more = 0;
	/* what takes too long does so in proportion */
	deadline += more + more / 2;
	if (deadline > o->longest_ns)
		deadline = o->longest_ns;
	t->end_ns = start + planned + more;
	if (t->end_ns < now + LEAST_MS * MS)
		t->end_ns = now + LEAST_MS * MS;
	t->last_ns = deadline - REPORT_MS * MS;
	if (t->end_ns > t->last_ns - SPARE_MS * MS)
		t->end_ns = t->last_ns - SPARE_MS * MS;
	__atomic_store_n(&shared->deadline_ns, deadline, __ATOMIC_RELEASE);
}

int check_engine__run(const struct check_opts *opts, struct check_shared *shared, int out_fd)
{
	struct engine *e = calloc(1, sizeof(*e));
	uint64_t start;
	FILE *f = fdopen(out_fd, "w");

	if (!e || !f)
		return EXIT_USAGE;
	e->opts = opts;
	e->st = shared->state;
	e->facts.state = shared->state;
	e->facts.strict = opts->strict;
	memcpy(e->facts.selected, opts->selected, sizeof(e->facts.selected));
	start = clock__now_ns();
	e->turns.opts = opts;
	e->turns.st = shared->state;
	e->turns.poll = poll_trace;
	e->turns.poll_ctx = e;
	if (turns__start(&e->turns))
		return EXIT_USAGE;
	trace_start(e);
	e->turns.no_merged = e->hazard.present == TRISTATE_YES && !opts->provoke;
	times_set(e, start, shared);
	turns__run(&e->turns);
	trace_stop(e);
	e->report.version = OVLTRACE_VERSION;
	e->report.kernel = e->session.release;
	e->report.arch = e->session.machine;
	e->report.host = e->session.host;
	e->report.seed = opts->seed;
	e->report.seconds = (clock__now_ns() - start) / 1e9;
	e->report.start_realtime_ns = e->session.first.start_realtime_ns;
	e->report.findings = check_sink__findings(e->sink);
	check__judge(&e->facts, &e->report);
	opts->write(f, &e->report);
	if (fflush(f) || ferror(f))
		return EXIT_USAGE;
	__atomic_store_n(&shared->reported, e->report.status + 1, __ATOMIC_RELEASE);
	hold__free(e->probe);
	if (e->planned)
		session__deinit(&e->session);
	return e->report.status;
}
