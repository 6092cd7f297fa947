// SPDX-License-Identifier: GPL-2.0-only
/* Depth first through all schedules of a scope. */
#include "explore/internal.h"

#include <string.h>

enum {
	NAME_PAIRS = EXPLORE_NAMES * EXPLORE_NAMES,
	STEPS = EXPLORE_OPS * NAME_PAIRS,
	CHOICES = 2 * CACHE_READERS + STEPS,
};

/* The step of that index. False: it is none that is scheduled. */
static bool step_of(unsigned int index, struct explore_step *s)
{
	unsigned int rest = index % NAME_PAIRS;

	*s = (struct explore_step){ index / NAME_PAIRS, 0, 0 };
	if (explore_ops[s->op].operands == OPERANDS_OF_NAMES) {
		s->a = rest / EXPLORE_NAMES;
		s->b = rest % EXPLORE_NAMES;
	} else {
		s->a = rest;
	}
	return s->a < EXPLORE_NAMES && step__is_scheduled(*s);
}

static bool is_next_reader(const struct walk_state *st, unsigned int reader)
{
	return st->at[reader] == READER_IDLE && (!reader || st->at[reader - 1] != READER_IDLE);
}

static bool can_be_held(const struct walk *w, const struct walk_state *st)
{
	unsigned int i, held = 0;

	for (i = 0; i < CACHE_READERS; i++)
		held += st->at[i] == READER_IN_WINDOW;
	return !w->scope.held || held < w->scope.held;
}

/* Is the piece with that index possible after st? *next is what is known after it. */
static bool choose(const struct walk *w, const struct walk_state *st, unsigned int index,
		   struct piece *p, struct walk_state *next)
{
	unsigned int reader = index / 2;

	*next = *st;
	if (index < 2 * CACHE_READERS) {
		*p = (struct piece){ .kind = index % 2 ? PIECE_RELEASE : PIECE_START,
				     .reader = reader };
		if (index % 2)
			return st->at[reader] == READER_IN_WINDOW;
		if (!can_be_held(w, st))
			p->kind = PIECE_WHOLE;
		/* readers are alike: they begin in their order */
		return reader < w->scope.readers && is_next_reader(st, reader);
	}
	*p = (struct piece){ .kind = PIECE_MODIFY };
	if (st->modifications == w->scope.modifications ||
	    !step_of(index - 2 * CACHE_READERS, &p->step) ||
	    !model__is_canonical(&st->dir, p->step) || !model__apply(&next->dir, p->step))
		return false;
	next->modifications++;
	return true;
}

/* Takes the first possible piece from that index on. */
static bool extend(struct walk *w, unsigned int from)
{
	unsigned int i, n = w->path.n;

	for (i = from; i < CHOICES; i++) {
		if (!choose(w, &w->state[n], i, &w->path.piece[n], &w->state[n + 1]))
			continue;
		w->chosen[n] = i;
		w->path.n++;
		return true;
	}
	return false;
}

void walk__begin(struct walk *w, const struct scope *scope)
{
	memset(w, 0, sizeof(*w));
	w->scope = *scope;
	model__init(&w->state[0].dir, &schedule_config);
}

bool walk__piece(struct walk *w, struct piece *p)
{
	if (w->at == w->path.n && (w->path.n == SCHEDULE_PIECES || !extend(w, 0)))
		return false;
	*p = w->path.piece[w->at];
	return true;
}

void walk__answer(struct walk *w, bool in_window)
{
	const struct piece *p = &w->path.piece[w->at];
	struct walk_state *next = &w->state[w->at + 1];
	bool known = w->at + 1u < w->path.n;

	in_window &= p->kind != PIECE_MODIFY;
	if (known && in_window != w->in_window[w->at])
		w->broken = true;
	w->in_window[w->at] = in_window;
	if (p->kind != PIECE_MODIFY)
		next->at[p->reader] = in_window ? READER_IN_WINDOW : READER_DONE;
	w->at++;
}

void walk__again(struct walk *w)
{
	w->at = 0;
	w->broken = false;
}

bool walk__advance(struct walk *w)
{
	walk__again(w);
	while (w->path.n) {
		unsigned int last = --w->path.n;

		if (extend(w, w->chosen[last] + 1u))
			return true;
	}
	return false;
}
