// SPDX-License-Identifier: GPL-2.0-only
/* Depth first over the steps in their order; the model says which are possible. */
#include "explore/enumerate.h"

#include <string.h>

enum {
	/* operands of each operation: as many as any has */
	OPERANDS = EXPLORE_NAMES * EXPLORE_NAMES,
	STEPS = EXPLORE_OPS * OPERANDS,
};

/* The step of that index. False: its operation has fewer operands. */
static bool step_of(uint16_t index, struct explore_step *s)
{
	unsigned int rest = index % OPERANDS;

	s->op = index / OPERANDS;
	s->a = s->b = 0;
	switch (explore_ops[s->op].operands) {
	case OPERANDS_OF_NONE:
		return !rest;
	case OPERANDS_OF_STREAM:
		s->a = rest;
		return rest < EXPLORE_STREAMS;
	case OPERANDS_OF_NAME:
		s->a = rest;
		return rest < EXPLORE_NAMES;
	case OPERANDS_OF_NAMES:
		s->a = rest / EXPLORE_NAMES;
		s->b = rest % EXPLORE_NAMES;
		return true;
	}
	return false;
}

/* The index after the last operand, so that the rest is not tried one by one. */
static uint16_t next_op(uint16_t index)
{
	return (index / OPERANDS + 1) * OPERANDS;
}

void enumerate__begin(struct enumeration *e, const struct explore_config *config,
		      unsigned int depth)
{
	memset(e, 0, sizeof(*e));
	e->depth = depth;
	model__init(&e->model[0], config);
}

/* Takes the next possible step after history.n others. */
static bool advance(struct enumeration *e)
{
	unsigned int at = e->history.n;
	uint16_t i = e->next[at];
	struct explore_step s;

	while (i < STEPS) {
		if (!step_of(i, &s)) {
			i = next_op(i);
			continue;
		}
		i++;
		if (!model__is_canonical(&e->model[at], s))
			continue;
		e->model[at + 1] = e->model[at];
		if (!model__apply(&e->model[at + 1], s))
			continue;
		e->history.step[at] = s;
		e->history.n++;
		e->next[at] = i;
		return true;
	}
	return false;
}

bool enumerate__next(struct enumeration *e)
{
	if (e->history.n == e->depth)
		e->history.n--;
	for (;;) {
		if (advance(e)) {
			if (e->history.n == e->depth)
				return true;
			e->next[e->history.n] = 0;
		} else if (!e->history.n--) {
			e->history.n = 0;
			return false;
		}
	}
}

uint64_t enumerate__count(const struct explore_config *config, unsigned int depth, uint64_t limit)
{
	struct enumeration e;
	uint64_t n = 0;

	enumerate__begin(&e, config, depth);
	while (n < limit && enumerate__next(&e))
		n++;
	return n;
}
