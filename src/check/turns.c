// SPDX-License-Identifier: GPL-2.0-only
#include "check/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/area.h"
#include "check/stuck.h"
#include "util/child.h"
#include "session/session.h"
#include "util/clock.h"
#include "util/log.h"

#define MS 1000000ULL

enum {
	TICK_MS = 50,
	READY_MS = 3000, /* for all scenarios to be ready */
	GRACE_MS = 1200, /* after its time, for a scenario without progress */
	OVER_MS = 4000, /* and for one that makes progress slowly */
	KILLED_MS = 400, /* for a killed scenario to die */
	END_MS = 600, /* for all scenarios to end after the last turn */
};

/* ---- one child ------------------------------------------------------------- */

static enum scenario_phase phase_of(const struct turns *t, size_t i)
{
	return __atomic_load_n(&t->st[i].phase, __ATOMIC_ACQUIRE);
}

static void go_close(struct turns *t, size_t i)
{
	if (t->go[i])
		close(t->go[i]);
	t->go[i] = 0;
}

static void child_start(struct turns *t, size_t i)
{
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return;
	t->st[i].phase = SCENARIO_PREPARING;
	t->pid[i] = fork();
	if (!t->pid[i]) {
		const struct check_channel ch = { .go_fd = fds[0], .done_fd = t->done[1] };
		const int keep[] = { ch.go_fd, ch.done_fd, -1 };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		child__detach(keep);
		check_child__main(t->opts, &t->st[i], i, &ch);
	}
	if (t->pid[i] < 0)
		t->pid[i] = 0;
	close(fds[0]);
	t->go[i] = fds[1];
	t->st[i].pid = t->pid[i];
}

/* Reaps the child if it has ended. */
static bool child_ended(struct turns *t, size_t i)
{
	if (t->pid[i] && waitpid(t->pid[i], NULL, WNOHANG) == t->pid[i])
		t->pid[i] = 0;
	return !t->pid[i];
}

/* Waits until a turn is over or a tick has passed. */
static void tick(struct turns *t)
{
	struct pollfd p = { .fd = t->done[0], .events = POLLIN };
	char done[16];

	if (poll(&p, 1, TICK_MS) > 0 && read(t->done[0], done, sizeof(done)) < 0)
		area__sleep_us(TICK_MS * 1000ULL);
	t->poll(t->poll_ctx);
}

static void wait_ended(struct turns *t, size_t i, uint64_t until)
{
	while (!child_ended(t, i) && clock__now_ns() < until)
		tick(t);
}

/* Ends a scenario whose time is over. One that survives SIGKILL is examined and left behind. */
static void child_end(struct turns *t, size_t i)
{
	struct scenario_state *st = &t->st[i];
	char where[CHECK_TEXT];
	bool stuck;

	/* before SIGKILL, while all of its tasks exist */
	stuck = stuck__find(t->pid[i], where, sizeof(where));
	kill(t->pid[i], SIGKILL);
	wait_ended(t, i, clock__now_ns() + KILLED_MS * MS);
	st->phase = t->pid[i] ? SCENARIO_HUNG : SCENARIO_DIED;
	if (stuck && t->pid[i])
		view__report(st, CHECK_LOCK_HAZARD,
			     "a task waits in the kernel and could not be killed: %s", where);
	else
		snprintf(st->why, sizeof(st->why), "it did not end in time");
}

/* ---- one turn -------------------------------------------------------------- */

static uint64_t progress(const struct scenario_state *st)
{
	const volatile struct scenario_state *v = st;

	return v->listings + v->calls + v->modifications + v->verified + v->copy_ups;
}

/* Returns false if the turn did not end. A hung scenario makes no progress, a slow one does. */
static bool turn_wait(struct turns *t, size_t i, uint32_t turns, uint64_t until)
{
	uint64_t seen = progress(&t->st[i]), moved = clock__now_ns();

	for (;;) {
		uint64_t now = clock__now_ns(), p = progress(&t->st[i]);

		if (__atomic_load_n(&t->st[i].turns, __ATOMIC_ACQUIRE) != turns)
			return true;
		if (child_ended(t, i)) {
			t->st[i].phase = SCENARIO_DIED;
			return true;
		}
		if (p != seen)
			moved = now;
		seen = p;
		if (now >= t->last_ns || now >= until + OVER_MS * MS ||
		    (now >= until + GRACE_MS * MS && now >= moved + GRACE_MS * MS))
			return false;
		tick(t);
	}
}

/* Returns by how much the turn exceeded its time. last: the scenario has no further turn. */
static uint64_t turn(struct turns *t, size_t i, uint64_t slot, bool last)
{
	uint32_t turns = t->st[i].turns;
	uint64_t begin = clock__now_ns(), until = begin + slot, now;

	debug("check: %s, %u ms", scenarios[i].name, (unsigned int)(slot / MS));
	if (write(t->go[i], &until, sizeof(until)) != sizeof(until)) {
		t->st[i].phase = SCENARIO_DIED;
		go_close(t, i);
		return 0;
	}
	if (last)
		go_close(t, i);
	if (!turn_wait(t, i, turns, until))
		child_end(t, i);
	else if (last)
		wait_ended(t, i, clock__now_ns() + KILLED_MS * MS);
	t->poll(t->poll_ctx);
	now = clock__now_ns();
	t->st[i].ran_ns += now - begin;
	return now > until ? now - until : 0;
}

static bool can_run(const struct turns *t, size_t i)
{
	enum scenario_phase phase = phase_of(t, i);

	return t->pid[i] && t->go[i] && (phase == SCENARIO_READY || phase == SCENARIO_DONE) &&
	       !(scenarios[i].merged && t->no_merged);
}

/* ---- all of them ----------------------------------------------------------- */

int turns__start(struct turns *t)
{
	size_t i;

	if (pipe2(t->done, O_CLOEXEC))
		return -errno;
	/* A scenario may die before its first turn. */
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < nscenarios; i++)
		if (t->opts->selected[i])
			child_start(t, i);
	return 0;
}

void turns__ready(struct turns *t)
{
	uint64_t until = clock__now_ns() + READY_MS * MS;
	bool waiting = true;
	size_t i;

	while (waiting && clock__now_ns() < until) {
		waiting = false;
		for (i = 0; i < nscenarios; i++)
			waiting |= t->pid[i] && phase_of(t, i) == SCENARIO_PREPARING &&
				   !child_ended(t, i);
		if (waiting)
			area__sleep_us(5000);
	}
	/* its mounts are unknown, so it would not be traced */
	for (i = 0; i < nscenarios; i++)
		if (t->pid[i] && phase_of(t, i) == SCENARIO_PREPARING)
			go_close(t, i);
}

static void first_turns(struct turns *t)
{
	unsigned int left = 0;
	size_t i;

	for (i = 0; i < nscenarios; i++)
		left += can_run(t, i);
	for (i = 0; i < nscenarios; i++) {
		if (!can_run(t, i))
			continue;
		if (clock__now_ns() >= t->last_ns)
			return;
		turn(t, i, turns__first_ns(clock__now_ns(), t->end_ns, left), false);
		left--;
	}
}

static unsigned int share_of(const struct turns *t, size_t i)
{
	const struct scenario *s = &scenarios[i];

	return t->opts->provoke && s->provoked_share ? s->provoked_share : s->share;
}

static void next_turns(struct turns *t)
{
	unsigned int shares = 0;
	uint64_t over = 0, slot;
	size_t i;

	for (i = 0; i < nscenarios; i++)
		shares += can_run(t, i) ? share_of(t, i) : 0;
	for (i = 0; i < nscenarios; i++) {
		if (!can_run(t, i))
			continue;
		slot = turns__next_ns(clock__now_ns(), t->end_ns, shares, share_of(t, i), over);
		/* what earlier turns took too long is taken from the rest */
		if (slot)
			over = turn(t, i, slot, true);
		shares -= share_of(t, i);
	}
}

void turns__run(struct turns *t)
{
	uint64_t until;
	size_t i;

	first_turns(t);
	next_turns(t);
	/* scenarios without a turn, or without a further one */
	until = clock__now_ns() + END_MS * MS;
	for (i = 0; i < nscenarios; i++)
		go_close(t, i);
	for (i = 0; i < nscenarios; i++) {
		if (!t->pid[i] || t->st[i].phase == SCENARIO_HUNG)
			continue;
		if (phase_of(t, i) == SCENARIO_READY)
			t->st[i].phase = SCENARIO_NOT_RUN;
		wait_ended(t, i, until);
		if (!child_ended(t, i))
			kill(t->pid[i], SIGKILL);
	}
}
