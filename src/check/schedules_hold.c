// SPDX-License-Identifier: GPL-2.0-only
/* Which way to hold readers is there, and how often do they drop the lock? */
#include "check/schedules_hold.h"

#include <stdlib.h>

#include "probe/hold.h"
#include "session/session.h"

enum {
	HOLD_MS = 2000, /* then a reader lets itself go */
};

static enum stage_answer do_text(struct schedules_windows *w, const char *piece)
{
	struct schedule s;
	const char *why;
	size_t at;

	/* each is the continuation of what was done before */
	if (w->path.n == SCHEDULE_PIECES || schedule__parse(piece, &s, &why, &at))
		return STAGE_DEAD;
	w->path.piece[w->path.n++] = s.piece[s.n - 1];
	return stage__piece(w->stage, &s.piece[s.n - 1], true);
}

int schedules__count_windows(struct schedules_windows *w)
{
	static const char *const changes[] = { "rename-in a", "rename-in a; rename-out a" };
	uint64_t overdue = stage__overdue(w->stage);
	enum stage_answer a;
	unsigned int n;

	w->path.n = 0;
	if (stage__make(w->stage, w->dir) != STAGE_DONE)
		return -1;
	stage__probe(w->stage, true);
	a = do_text(w, "R1<");
	w->unheld = a == STAGE_DONE;
	for (n = 0; a == STAGE_HELD && n < SCHEDULES_WINDOWS_MAX; n++) {
		/* it needs the lock: if that is not dropped, it waits until the reader is let go */
		a = do_text(w, changes[n % 2]);
		if (a != STAGE_DONE || stage__overdue(w->stage) != overdue)
			break;
		a = do_text(w, "R1<; R1>");
	}
	w->windows = n;
	stage__probe(w->stage, false);
	if (a == STAGE_DEAD || stage__settle(w->stage) != STAGE_DONE ||
	    stage__check(w->stage) != STAGE_DONE)
		return -1;
	return 0;
}

static struct hold *load(char why[CHECK_TEXT])
{
	const struct hold_opts ho = { .free_cpu = UINT32_MAX, .readers_ms = HOLD_MS };
	const struct session_opts so = { 0 };
	struct session *s = calloc(1, sizeof(*s));
	struct hold *hold = NULL;
	char reason[256];

	if (!s)
		return NULL;
	if (session__plan(s, &so)) {
		snprintf(why, CHECK_TEXT, "%s", s->kernel.why);
		free(s);
		return NULL;
	}
	if (!s->plan.layout_known)
		snprintf(why, CHECK_TEXT, "the layout of ovl_inode is unknown");
	else if (hold__new(&hold, &s->kernel, &s->plan, &ho, reason))
		snprintf(why, CHECK_TEXT, "%s", reason);
	session__deinit(s);
	free(s);
	if (!hold || hold__widens(hold))
		return hold;
	hold__free(hold);
	snprintf(why, CHECK_TEXT, "no function is called for each entry");
	return NULL;
}

struct hold *schedules__hold(struct stage *stage, unsigned int *held, char why[CHECK_TEXT])
{
	struct hold *hold = load(why);
	unsigned int n;

	if (!hold)
		return NULL;
	n = stage__hold_by(stage, hold);
	if (n < *held)
		*held = n;
	if (n)
		return hold;
	hold__free(hold);
	snprintf(why, CHECK_TEXT, "there is one processor only");
	return NULL;
}

void schedules__let_go(struct hold *hold)
{
	hold__free(hold);
}

bool schedules__keeps_lock(const struct hold *hold)
{
	uint64_t over, locked;

	hold__readers(hold, &over, &locked);
	return locked;
}
