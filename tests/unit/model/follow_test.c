// SPDX-License-Identifier: GPL-2.0-only
/* Which process belonged to a tree at what time. */
#include "model/follow.h"

#include <stdlib.h>

#include "rows.h"
#include "test.h"

enum {
	SHELL = 10,
	DAEMON = 11,
	STRANGER = 12,
};

/* A move, or a question: then `want` is set. */
struct step {
	uint64_t ts_ns;
	enum ovlf_what what;
	uint32_t pid, trees;
	bool asks;
	enum tristate want;
};

#define FORK(ts, process)                                      \
	{                                                      \
		ts, OVLF_FORK, process, OVLF_COMMAND, false, 0 \
	}
#define REUSED(ts, process)                           \
	{                                             \
		ts, OVLF_REUSED, process, 0, false, 0 \
	}
#define FREED(ts, process)                           \
	{                                            \
		ts, OVLF_FREED, process, 0, false, 0 \
	}
#define ASK(ts, process, answer)                           \
	{                                                  \
		ts, 0, process, 0, true, TRISTATE_##answer \
	}

struct follow_case {
	const char *name;
	struct step step[16];
	uint64_t incomplete_ns, lost_ns; /* 0: never */
};

static const struct follow_case cases[] = {
	{
		.name = "from the fork on, and nobody else",
		.step = { FORK(100, SHELL), ASK(100, SHELL, YES), ASK(5000, SHELL, YES),
			  ASK(99, SHELL, NO), ASK(5000, STRANGER, NO), ASK(5000, 0, UNKNOWN) },
	},
	{
		.name = "a child whose parent is gone",
		.step = { FORK(100, SHELL), FORK(200, DAEMON), FREED(300, SHELL),
			  ASK(400, DAEMON, YES), ASK(400, SHELL, NO) },
	},
	{
		.name = "an event that comes late is of the process that was then",
		.step = { FORK(100, SHELL), FREED(300, SHELL), ASK(250, SHELL, YES),
			  ASK(300, SHELL, YES), ASK(301, SHELL, NO) },
	},
	{
		.name = "a pid that a stranger reuses before its process was freed",
		.step = { FORK(100, SHELL), REUSED(300, SHELL), ASK(299, SHELL, YES),
			  ASK(301, SHELL, NO), FREED(400, SHELL), ASK(350, SHELL, NO) },
	},
	{
		.name = "a pid that the tree uses again, with a stranger in between",
		.step = { FORK(100, DAEMON), FREED(200, DAEMON), FORK(400, DAEMON),
			  FREED(500, DAEMON), FORK(800, DAEMON), ASK(150, DAEMON, YES),
			  ASK(300, DAEMON, NO), ASK(450, DAEMON, YES), ASK(600, DAEMON, NO),
			  ASK(900, DAEMON, YES) },
	},
	{
		.name = "a pid that the tree uses again at once",
		.step = { FORK(100, DAEMON), FORK(300, DAEMON), ASK(200, DAEMON, YES),
			  ASK(300, DAEMON, YES), FREED(400, DAEMON), ASK(350, DAEMON, YES),
			  ASK(450, DAEMON, NO) },
	},
	{
		.name = "the table was full: who is not in it is not known",
		.step = { FORK(100, SHELL), ASK(600, SHELL, YES), ASK(400, STRANGER, NO),
			  ASK(500, STRANGER, UNKNOWN), ASK(50, SHELL, NO) },
		.incomplete_ns = 500,
	},
	{
		.name = "full from the beginning",
		.step = { FORK(100, SHELL), ASK(600, SHELL, YES), ASK(1, STRANGER, UNKNOWN) },
		.incomplete_ns = 1,
	},
	{
		.name = "moves were lost: nothing is known from then on",
		.step = { FORK(100, SHELL), ASK(499, SHELL, YES), ASK(499, STRANGER, NO),
			  ASK(500, SHELL, UNKNOWN), ASK(500, STRANGER, UNKNOWN) },
		.lost_ns = 500,
	},
	{
		.name = "moves of processes that are not known",
		.step = { FREED(100, STRANGER), REUSED(200, STRANGER), ASK(300, STRANGER, NO) },
	},
};

static void walk(const struct follow_case *c)
{
	struct follow *f = follow__new();
	const struct step *s;

	if (c->incomplete_ns)
		follow__incomplete(f, c->incomplete_ns);
	if (c->lost_ns)
		follow__lost(f, c->lost_ns);
	for (s = c->step; s->pid || s->asks; s++) {
		struct ovlf_move move = {
			.ts_ns = s->ts_ns, .what = s->what, .pid = s->pid, .trees = s->trees
		};

		if (s->asks)
			CHECK_EQ(follow__belongs(f, s->pid, s->ts_ns, OVLF_COMMAND), s->want);
		else
			follow__move(f, &move);
		CHECK_EQ(follow__belongs(f, s->pid, s->ts_ns, OVLF_PIDS) == TRISTATE_YES, false);
	}
	follow__free(f);
}

static void the_first_loss_counts(void)
{
	struct follow *f = follow__new();

	follow__lost(f, 500);
	follow__lost(f, 700);
	CHECK_EQ(follow__belongs(f, 1, 600, OVLF_COMMAND), TRISTATE_UNKNOWN);
	follow__lost(f, 300);
	CHECK_EQ(follow__belongs(f, 1, 400, OVLF_COMMAND), TRISTATE_UNKNOWN);
	CHECK_EQ(follow__belongs(f, 1, 299, OVLF_COMMAND), TRISTATE_NO);
	follow__free(f);
}

static void move(struct follow *f, uint64_t ts_ns, enum ovlf_what what, uint32_t pid)
{
	struct ovlf_move m = { .ts_ns = ts_ns, .what = what, .pid = pid, .trees = OVLF_COMMAND };

	follow__move(f, &m);
}

static void who_is_gone_is_forgotten(void)
{
	struct follow *f = follow__new();

	CHECK(!follow__has(f, OVLF_COMMAND));
	move(f, 100, OVLF_FORK, SHELL);
	CHECK(follow__has(f, OVLF_COMMAND));
	CHECK(!follow__has(f, OVLF_PIDS));
	move(f, 200, OVLF_FREED, SHELL);
	move(f, 300, OVLF_FORK, SHELL);
	move(f, 400, OVLF_FREED, SHELL);
	move(f, 500, OVLF_FORK, SHELL);
	move(f, 100, OVLF_FORK, DAEMON);
	move(f, 350, OVLF_FREED, DAEMON);
	follow__forget(f, 300);
	CHECK_EQ(follow__belongs(f, SHELL, 150, OVLF_COMMAND), TRISTATE_NO);
	CHECK_EQ(follow__belongs(f, SHELL, 350, OVLF_COMMAND), TRISTATE_YES);
	CHECK_EQ(follow__belongs(f, DAEMON, 340, OVLF_COMMAND), TRISTATE_YES);
	follow__forget(f, 1000);
	CHECK_EQ(follow__belongs(f, SHELL, 350, OVLF_COMMAND), TRISTATE_NO);
	CHECK_EQ(follow__belongs(f, SHELL, 600, OVLF_COMMAND), TRISTATE_YES);
	CHECK_EQ(follow__belongs(f, DAEMON, 340, OVLF_COMMAND), TRISTATE_NO);
	follow__free(f);
}

/* Everyone who joins, in order, as digits. */
static void joining(struct follow *f, const char *want)
{
	char got[16] = "";
	uint32_t pid;
	size_t n = 0;

	while (n < sizeof(got) - 1 && follow__join(f, OVLF_PIDS, &pid))
		got[n++] = (char)('0' + pid);
	CHECK_STR(got, want);
}

/* 1 has the child 2, which has the child 3; 4 is a stranger. */
static void what_exists_joins(void)
{
	struct follow *f = follow__new();
	struct ovlf_move m = { .ts_ns = 50, .what = OVLF_OTHER, .parent = 3, .pid = 5 };

	follow__link(f, 2, 3);
	follow__link(f, 1, 2);
	follow__link(f, 9, 4);
	follow__root(f, 1, OVLF_PIDS);
	joining(f, "23");
	/* 3 forked 5 before the programs knew it, and is gone already */
	follow__move(f, &m);
	joining(f, "5");
	/* 5 forked 6 when the programs knew it: both say so */
	m = (struct ovlf_move){
		.ts_ns = 60, .what = OVLF_FORK, .parent = 5, .pid = 6, .trees = OVLF_PIDS
	};
	follow__move(f, &m);
	follow__link(f, 5, 6);
	joining(f, "");
	follow__gathered(f);
	CHECK_EQ(follow__belongs(f, 3, 10, OVLF_PIDS), TRISTATE_YES);
	CHECK_EQ(follow__belongs(f, 4, 10, OVLF_PIDS), TRISTATE_NO);
	CHECK_EQ(follow__belongs(f, 6, 60, OVLF_PIDS), TRISTATE_YES);
	CHECK_EQ(follow__belongs(f, 6, 60, OVLF_COMMAND), TRISTATE_NO);
	follow__free(f);
}

/* COMMAND of a shell that --pid names: both trees have it. */
static void two_trees(void)
{
	struct follow *f = follow__new();
	struct ovlf_move m = {
		.ts_ns = 50, .what = OVLF_FORK, .pid = 7, .trees = OVLF_PIDS | OVLF_COMMAND
	};

	follow__root(f, 1, OVLF_PIDS);
	follow__move(f, &m);
	CHECK_EQ(follow__belongs(f, 7, 60, OVLF_PIDS), TRISTATE_YES);
	CHECK_EQ(follow__belongs(f, 7, 60, OVLF_COMMAND), TRISTATE_YES);
	CHECK_EQ(follow__belongs(f, 1, 60, OVLF_COMMAND), TRISTATE_NO);
	follow__free(f);
}

/* What a rebuild by 1 comes to, if only 9 is followed. */
static const struct model_case parts[] = {
	{
		.name = "it takes no part",
		.pid = 9,
		.joins = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
	},
	{
		.name = "it modifies in the second window: the first one counts, too",
		.pid = 9,
		.joins = true,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ DROP(1, A, 6) },
			{ MODIFY(9, A, 7) },
			{ REACQUIRE(1, A, 7) },
			{ SET(1, A, 7, 0, C1, 7) },
		},
		.records = "modify A t9 6-7\n"
			   "rebuild A t1 stored 5/7/7 w2 m2\n"
			   "finding stale_store A t1 exact [1,2]\n"
			   "stale_end 3 trace\n",
		.want = { .rebuilds = 1, .windows = 2, .stores = 1, .mods = 2,
			  .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "it rebuilds, and another one modifies",
		.pid = 9,
		.joins = true,
		.rows = {
			{ BEGIN(9, A, 5) },
			{ DROP(9, A, 5) },
			{ MODIFY(2, A, 6) },
			{ REACQUIRE(9, A, 6) },
			{ SET(9, A, 6, 0, C1, 6) },
		},
		.records = "modify A t2 5-6\n"
			   "rebuild A t9 stored 5/6/6 w1 m1\n"
			   "finding stale_store A t9 exact [1,2]\n"
			   "stale_end 3 trace\n",
		.want = { .rebuilds = 1, .windows = 1, .stores = 1, .mods = 1,
			  .found[FINDING_STALE_STORE] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "--pid: who only modifies is not enough",
		.pid = 9,
		.rows = {
			{ BEGIN(1, A, 5) },
			{ DROP(1, A, 5) },
			{ MODIFY(9, A, 6) },
			{ REACQUIRE(1, A, 6) },
			{ SET(1, A, 6, 0, C1, 6) },
		},
	},
};

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = test_failures;

		walk(&cases[i]);
		test_end("follow", cases[i].name, before);
	}
	RUN_CASES("taking part", parts);
	TEST(the_first_loss_counts);
	TEST(who_is_gone_is_forgotten);
	TEST(what_exists_joins);
	TEST(two_trees);
	return test_done();
}
