// SPDX-License-Identifier: GPL-2.0-only
#include "check/schedules.h"

#include <stdlib.h>
#include <string.h>

#include "check/explore_rules.h"
#include "check/schedules_hold.h"
#include "util/clock.h"
#include "util/log.h"

#define SET_TEXT(buf, ...) snprintf(buf, sizeof(buf), __VA_ARGS__)
#define SECOND 1000000000ULL

enum {
	TRIES = 3,
	SHOW_S = 10,
	POLL_MS = 50,
	LATE_MS = 2000,
};

struct director {
	const struct schedules_opts *opts;
	struct schedules_report *report;
	struct schedules_runs runs;
	struct stage *stage;
	struct hold *hold; /* the program that holds readers; NULL: the served layer does */
	struct schedules_trace *trace;
	unsigned int dirs; /* made so far */
	unsigned int windows[CACHE_READERS]; /* of the schedule that runs */
	struct walk walk;
	unsigned int sum,
		readers; /* of the scope that is run: readers and modifications, readers */
	uint64_t shown_ns, polled_ns, end_ns;
	bool stop;
	bool late; /* only because the time is over */
	bool unheld; /* a reader was not held, with or without the lock */
};

static void stop(struct director *d, const char *why)
{
	if (!d->stop)
		SET_TEXT(d->report->stopped, "%s", why);
	d->stop = true;
}

/* The child has ended, or does not end its command: nothing more can be tried. */
static void lose(struct director *d, const struct schedule *s)
{
	schedule__print(s, d->report->running);
	stop(d, "a schedule did not end");
}

/* How often is a reader without the lock when it looks up x? */
static int count_windows(struct director *d)
{
	struct schedules_windows w = { .stage = d->stage, .dir = d->dirs++ };

	if (schedules__count_windows(&w)) {
		lose(d, &w.path);
		return -1;
	}
	d->report->windows = w.windows;
	d->unheld = w.unheld;
	return 0;
}

/* ---- one schedule ------------------------------------------------------------------------ */

/* A reader that looks up x once more than there are windows has the lock: it is let go. */
static enum stage_answer do_piece(struct director *d, const struct piece *p)
{
	struct piece go_on = *p;
	enum stage_answer a = stage__piece(d->stage, p, true);

	if (p->kind == PIECE_MODIFY)
		return a;
	go_on.kind = PIECE_RELEASE;
	if (a == STAGE_HELD && ++d->windows[p->reader] > d->report->windows)
		a = stage__piece(d->stage, &go_on, false);
	return a;
}

static void note_violation(struct director *d, struct schedules_run *run)
{
	const struct perform_state *st = &stage__shared(d->stage)->st;
	const struct violation *v = &st->violation[0];
	enum check_id id;

	if (!st->nviolations)
		return;
	id = explore__result_of(v->rule);
	run->findings[id]++;
	run->seen.defects.wrong_listing = id == CHECK_D_INO;
	run->unflagged = v->unflagged;
	if (!*d->report->found[id].text)
		SET_TEXT(d->report->found[id].text, "%s", v->text);
}

static void check_returns(struct director *d, struct schedules_run *run)
{
	const struct stage_shared *sh = stage__shared(d->stage);
	unsigned int i;

	for (i = 0; i < d->walk.scope.readers; i++) {
		if (sh->returned[i] > 0)
			continue;
		run->findings[CHECK_BAD_RETURN]++;
		if (!*d->report->found[CHECK_BAD_RETURN].text)
			SET_TEXT(d->report->found[CHECK_BAD_RETURN].text,
				 "getdents64 of reader %u returned %ld", i + 1, sh->returned[i]);
	}
}

/* 0, or -1 if the stage is lost. */
static int complete(struct director *d, struct schedules_run *run)
{
	if (stage__settle(d->stage) != STAGE_DONE || stage__check(d->stage) != STAGE_DONE) {
		lose(d, &run->schedule);
		run->done = false;
		return -1;
	}
	if (!run->done)
		return 0;
	note_violation(d, run);
	check_returns(d, run);
	return 0;
}

static struct schedules_run *begin(struct director *d)
{
	struct schedules_run *run;

	memset(d->windows, 0, sizeof(d->windows));
	if (stage__make(d->stage, d->dirs++) != STAGE_DONE) {
		lose(d, &d->walk.path);
		return NULL;
	}
	if (stage__shared(d->stage)->st.nviolations) {
		stop(d, "no room for another directory");
		return NULL;
	}
	run = schedules_runs__add(&d->runs);
	if (!run)
		stop(d, "no memory");
	else
		run->ino = stage__shared(d->stage)->ino;
	return run;
}

static void announce(const struct schedule *s)
{
	char text[SCHEDULE_TEXT];

	if (log__is_verbose())
		debug("schedules: %s", schedule__print(s, text));
}

/* The walk's next schedule. True: it is over, realized or not; false: another try is due. */
static bool try_next(struct director *d)
{
	uint64_t overdue = stage__overdue(d->stage);
	struct schedules_run *run = begin(d);
	enum stage_answer a;
	struct piece p;

	if (!run)
		return true;
	walk__again(&d->walk);
	announce(&d->walk.path);
	run->done = true;
	while (run->done && walk__piece(&d->walk, &p)) {
		a = do_piece(d, &p);
		run->done = a == STAGE_HELD || a == STAGE_DONE;
		walk__answer(&d->walk, a == STAGE_HELD);
	}
	/* a reader that let itself go may have been too early */
	run->done &= !d->walk.broken && stage__overdue(d->stage) == overdue;
	run->schedule = d->walk.path;
	memcpy(run->seen.in_window, d->walk.in_window, sizeof(run->seen.in_window));
	return complete(d, run) || run->done;
}

static void show(struct director *d)
{
	uint64_t now = clock__now_ns();

	if (now - d->shown_ns < SHOW_S * SECOND)
		return;
	d->shown_ns = now;
	complain("%zu schedules of %u readers and %u modifications were run", d->runs.n,
		 d->walk.scope.readers, d->walk.scope.modifications);
}

/* A schedule makes some dozen events, so the buffers have room for many of them. */
static void poll_trace(struct director *d)
{
	uint64_t now = clock__now_ns();

	if (now - d->polled_ns < POLL_MS * SECOND / 1000)
		return;
	d->polled_ns = now;
	schedules_trace__poll(d->trace);
}

static bool is_late(const struct director *d)
{
	uint64_t now = clock__now_ns();

	if (!d->end_ns || now <= d->end_ns)
		return false;
	return d->runs.n >= d->opts->least || now > d->end_ns + LATE_MS * SECOND / 1000;
}

static void run_next(struct director *d)
{
	int tries = 1;

	while (!try_next(d) && tries++ < TRIES)
		d->runs.n--;
	if (d->trace)
		poll_trace(d);
	if (d->opts->interrupted && *d->opts->interrupted)
		stop(d, "interrupted");
	if (is_late(d) && !d->stop) {
		d->late = true;
		stop(d, "the time is over");
	}
	if (d->opts->moved)
		__atomic_store_n(d->opts->moved, d->runs.n, __ATOMIC_RELAXED);
	else
		show(d);
}

/* ---- all of them --------------------------------------------------------------------------- */

/* The next scope. Small ones come first, so that the first failing schedule is a small one. */
static bool next_scope(struct director *d)
{
	const struct schedules_opts *o = d->opts;
	unsigned int last = o->readers + o->modifications;

	if (o->sum && o->sum < last)
		last = o->sum;
	do {
		if (!d->sum || d->readers == o->readers || d->readers == d->sum) {
			d->sum++;
			d->readers = 0;
		}
		d->readers++;
	} while (d->sum - d->readers > o->modifications && d->sum <= last);
	return d->sum <= last;
}

static bool next_schedule(struct director *d)
{
	if (d->sum && walk__advance(&d->walk))
		return true;
	if (!next_scope(d))
		return false;
	walk__begin(&d->walk, &(struct scope){ d->readers, d->sum - d->readers,
					       d->report->cut ? d->report->held : 0 });
	return true;
}

/* Readers that are to have no window are not held. */
static void run_single(struct director *d)
{
	const struct schedule *s = &d->opts->schedule;
	uint64_t overdue = stage__overdue(d->stage);
	struct schedules_run *run = begin(d);
	enum stage_answer a;
	int i;

	if (!run)
		return;
	announce(s);
	run->schedule = *s;
	run->done = true;
	for (i = 0; i < s->n && run->done; i++) {
		a = do_piece(d, &s->piece[i]);
		run->seen.in_window[i] = a == STAGE_HELD;
		run->done = a == STAGE_HELD || (a == STAGE_DONE && s->piece[i].kind != PIECE_START);
		if (s->piece[i].kind != PIECE_MODIFY && d->walk.scope.readers <= s->piece[i].reader)
			d->walk.scope.readers = s->piece[i].reader + 1;
	}
	run->done &= stage__overdue(d->stage) == overdue;
	complete(d, run);
}

static void start_trace(struct director *d)
{
	struct schedules_report *r = d->report;
	const struct stage_shared *sh = stage__shared(d->stage);

	memcpy(d->runs.tid, sh->tid, sizeof(d->runs.tid));
	d->trace = schedules_trace__start(&d->runs, sh->dev, r->untraced);
	r->traced = d->trace;
}

/* The served layer sees no lookup of x: a program may. -1: the stage is lost. */
static int hold_by_program(struct director *d, char why[CHECK_TEXT])
{
	int err;

	d->hold = schedules__hold(d->stage, &d->report->held, why);
	if (!d->hold)
		return 0;
	err = count_windows(d);
	/* a reader that keeps the lock is not held */
	d->unheld &= !schedules__keeps_lock(d->hold);
	return err;
}

static void end(struct director *d)
{
	stage__free(d->stage);
	if (d->hold)
		schedules__let_go(d->hold);
}

static struct director *begin_with(const struct schedules_opts *o, struct schedules_report *r,
				   bool programs)
{
	static struct director d;
	char why[CHECK_TEXT] = "their lookups reach no layer";

	memset(&d, 0, sizeof(d));
	d.opts = o;
	d.report = r;
	d.shown_ns = clock__now_ns();
	r->readers = r->held = o->readers;
	r->modifications = o->modifications;
	if (stage__new(&d.stage, r->why)) {
		r->unfit = true;
	} else if (count_windows(&d) || (d.unheld && programs && hold_by_program(&d, why))) {
		r->unfit = !*r->running;
		SET_TEXT(r->why, "%s", stage__shared(d.stage)->st.why);
	} else if (d.unheld) {
		r->unfit = true;
		SET_TEXT(r->why, "readers cannot be held here: %.180s", why);
	} else if (!r->windows) {
		r->never_drops = true;
	} else {
		r->by_program = d.hold;
		r->cut = !o->single && r->held < r->readers;
		return &d;
	}
	end(&d);
	return NULL;
}

struct director *schedules__begin(const struct schedules_opts *o, struct schedules_report *r)
{
	return begin_with(o, r, false);
}

const struct stage_shared *schedules__shared(const struct director *d)
{
	return stage__shared(d->stage);
}

bool schedules__until(struct director *d, uint64_t end_ns)
{
	if (d->late) {
		d->late = d->stop = false;
		*d->report->stopped = 0;
	}
	d->end_ns = end_ns;
	while (!d->stop && next_schedule(d))
		run_next(d);
	return !d->late;
}

const struct schedules_runs *schedules__runs(const struct director *d)
{
	return &d->runs;
}

void schedules__run(const struct schedules_opts *o, struct schedules_report *r)
{
	struct director *d = begin_with(o, r, true);

	if (d) {
		start_trace(d);
		if (o->single)
			run_single(d);
		else
			schedules__until(d, o->end_ns);
		end(d);
		if (d->trace)
			schedules_trace__finish(d->trace, r->untraced);
	}
	schedules__judge(d ? &d->runs : &(struct schedules_runs){ 0 }, r);
	if (d)
		free(d->runs.run);
}
