// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks backwards, on all paths, from where a value is used: a return, or a store into memory.
 * A place (a register, or four bytes of the frame) that has the value is replaced by the place
 * that it was copied from. Where a path comes from a check that found a pointer to be valid, the
 * place of that pointer is followed, too. If both become the same place, the value is the
 * pointer, or the lower half of it.
 */
#include "code/errptr.h"

#include <stdlib.h>
#include <string.h>

#include "code/flow.h"

enum {
	CHECKS = 32,
	/* places: registers, and from here on what is in the frame, by words of four bytes */
	FRAME = INSN_REGS,
	WORD = 4,
	WORDS = 200,
	/* other than places */
	NOWHERE = 255, /* no pointer is followed yet */
	ENDED = 254, /* a constant, or the result of a call */
	LOST = 253, /* computed or loaded: it may be anything */
	SEEN = 1 << 14, /* states that are remembered, a power of 2 */
	BETWEEN = 4, /* instructions between a comparison and its branch */
	MAX_ERRNO = 4095,
};

/* A branch that an error takes, or that a valid pointer takes. */
struct check {
	size_t at;
	int8_t reg; /* of the pointer */
	bool valid_jumps;
	bool is_value, unclear; /* what the last trace has shown */
	bool stored;
};

/* Before instruction `at`, the value is in one place, and the pointer of a check in the other. */
struct state {
	uint16_t at;
	uint8_t value, pointer, check;
};

struct walk {
	const struct func *f;
	const struct ksyms *ks;
	struct flow *flow;
	struct check check[CHECKS];
	size_t nchecks;
	uint64_t seen[SEEN]; /* 0: free */
	struct state todo[SEEN];
	size_t nseen, ntodo;
	bool full;
};

/* What the branch compares, if its flags come from a comparison. */
static const struct insn *comparison(const struct func *f, size_t branch)
{
	size_t i = branch, n;
	uint32_t written = 0;

	for (n = 0; i-- > 0 && n <= BETWEEN; n++) {
		const struct insn *in = &f->insn[i];

		if (in->kind == INSN_COMPARE)
			return written & 1U << in->reg ? NULL : in;
		/* these leave the flags alone */
		if (in->kind != INSN_MOVE && in->kind != INSN_MOVE_LOW && in->kind != INSN_LOAD &&
		    in->kind != INSN_STORE)
			return NULL;
		written |= in->writes;
	}
	return NULL;
}

/* Is the branch what became of IS_ERR()? Pointers from -MAX_ERRNO on are errors. */
static bool is_check(const struct func *f, size_t n, struct check *c)
{
	const struct insn *branch = &f->insn[n], *compared;
	bool equal;

	if (branch->kind != INSN_BRANCH || branch->test == INSN_IF_OTHER)
		return false;
	compared = comparison(f, n);
	equal = branch->test == INSN_IF_ABOVE_OR_EQUAL || branch->test == INSN_IF_BELOW;
	if (!compared || compared->imm != (equal ? -MAX_ERRNO : -MAX_ERRNO - 1))
		return false;
	c->at = n;
	c->reg = compared->reg;
	c->valid_jumps = branch->test == INSN_IF_BELOW || branch->test == INSN_IF_BELOW_OR_EQUAL;
	return true;
}

static void find_checks(struct walk *w)
{
	struct check c = { 0 };
	size_t n;

	for (n = 0; n < w->f->n; n++) {
		if (!is_check(w->f, n, &c))
			continue;
		if (w->nchecks == CHECKS)
			w->full = true;
		else
			w->check[w->nchecks++] = c;
	}
}

/* The place in the frame that the n-th instruction accesses; LOST: none, or unknown. */
static uint8_t frame_place(const struct walk *w, size_t n)
{
	int32_t down;

	if (!flow__frame(w->flow, n, &down) || down <= 0 || down % WORD || down / WORD > WORDS)
		return LOST;
	return (uint8_t)(FRAME + down / WORD - 1);
}

/* Is it in the frame, and within the bytes that the n-th instruction writes? */
static bool is_overwritten(const struct walk *w, size_t n, uint8_t place)
{
	const struct insn *i = &w->f->insn[n];
	unsigned int size = i->kind == INSN_PUSH ? 2 * WORD : i->mem.size;
	uint8_t first = frame_place(w, n);

	if (place < FRAME || place >= LOST)
		return false;
	if (i->kind != INSN_PUSH && i->mem.base != INSN_STACK)
		return false;
	/* a lower address is a higher number */
	return first == LOST || (place <= first && place + (size + WORD - 1) / WORD > first);
}

static bool writes_memory(const struct insn *i)
{
	switch (i->kind) {
	case INSN_STORE:
	case INSN_PUSH:
	case INSN_EXCHANGE:
	case INSN_MASK:
	case INSN_OR:
	case INSN_MODIFY:
		return true;
	default:
		return false;
	}
}

/* What a store puts into a place. */
static uint8_t stored_from(const struct walk *w, size_t n, uint8_t place)
{
	const struct insn *i = &w->f->insn[n];

	if ((i->kind != INSN_STORE && i->kind != INSN_PUSH) || frame_place(w, n) != place)
		return LOST;
	if (i->src >= 0)
		return i->kind == INSN_PUSH || i->mem.size >= WORD ? (uint8_t)i->src : LOST;
	/* a constant; neither a pair of registers nor something from memory */
	return i->kind == INSN_STORE && !(i->reads & ~(1U << INSN_STACK)) ? ENDED : LOST;
}

/* Where what is in the place after the n-th instruction was before it. */
static uint8_t before(const struct walk *w, size_t n, uint8_t place)
{
	const struct insn *i = &w->f->insn[n];

	if (place >= LOST)
		return place;
	if (place >= FRAME)
		return writes_memory(i) && is_overwritten(w, n, place) ? stored_from(w, n, place) :
									 place;
	if (!(i->writes & 1U << place))
		return place;
	switch (i->kind) {
	case INSN_CALL:
	case INSN_CALL_INDIRECT:
		return place == w->f->arch->result ? ENDED : LOST;
	case INSN_CONST:
		return i->reg == place ? ENDED : LOST;
	case INSN_MOVE:
	case INSN_MOVE_LOW:
		return i->reg == place && i->src >= 0 ? (uint8_t)i->src : LOST;
	case INSN_POP:
		return i->reg == place ? frame_place(w, n) : LOST;
	case INSN_LOAD:
		return i->reg == place && i->mem.size >= WORD ? frame_place(w, n) : LOST;
	default:
		return LOST;
	}
}

/* Returns whether it was not there. */
static bool remember(struct walk *w, const struct state *s)
{
	uint64_t key = 1 + ((uint64_t)s->at << 24 | s->value << 16 | s->pointer << 8 | s->check);
	size_t k = (key * 0x9e3779b97f4a7c15ULL >> 40) % SEEN;

	for (; w->seen[k]; k = (k + 1) % SEEN)
		if (w->seen[k] == key)
			return false;
	if (w->nseen == SEEN / 2) {
		w->full = true;
		return false;
	}
	w->nseen++;
	w->seen[k] = key;
	return true;
}

/* A new state, unless it decides something. */
static void reach(struct walk *w, struct state s)
{
	/* a pointer that comes to be here is another one than an older value */
	if (s.value == ENDED || s.pointer == ENDED)
		return;
	if (s.pointer == LOST || (s.pointer != NOWHERE && s.value == LOST))
		w->check[s.check].unclear = true;
	else if (s.pointer == s.value)
		w->check[s.check].is_value = true;
	else if (remember(w, &s))
		w->todo[w->ntodo++] = s;
}

/* Back over instruction p, which runs before s->at; jumps: it jumps there. */
static void go_back(struct walk *w, const struct state *s, size_t p, bool jumps)
{
	struct state to = { .at = (uint16_t)p,
			    .value = before(w, p, s->value),
			    .pointer = before(w, p, s->pointer),
			    .check = s->check };
	size_t i;

	reach(w, to);
	for (i = 0; i < w->nchecks; i++) {
		if (w->check[i].at != p || w->check[i].valid_jumps != jumps)
			continue;
		to.pointer = (uint8_t)w->check[i].reg;
		to.check = (uint8_t)i;
		reach(w, to);
	}
}

static bool goes_to(const struct insn *i, uint64_t addr)
{
	return (i->kind == INSN_JUMP || i->kind == INSN_BRANCH) && i->target == addr;
}

/* Sets is_value of the checks whose pointer may be in the place before instruction `at`. */
static void trace(struct walk *w, size_t at, uint8_t place)
{
	struct state s = { (uint16_t)at, place, NOWHERE, 0 };
	size_t n;

	for (n = 0; n < w->nchecks; n++)
		w->check[n].is_value = w->check[n].unclear = false;
	memset(w->seen, 0, sizeof(w->seen));
	w->nseen = 0;
	reach(w, s);
	while (w->ntodo) {
		s = w->todo[--w->ntodo];
		if (s.at && !insn__ends_flow(&w->f->insn[s.at - 1]))
			go_back(w, &s, s.at - 1U, false);
		for (n = 0; n < w->f->n; n++)
			if (goes_to(&w->f->insn[n], w->f->insn[s.at].addr))
				go_back(w, &s, n, true);
	}
}

/* Does the n-th instruction store this register into an object? */
static bool is_store(const struct walk *w, size_t n, int reg)
{
	const struct insn *i = &w->f->insn[n];

	return i->kind == INSN_STORE && i->mem.size >= 2 * WORD && i->mem.base >= 0 &&
	       i->mem.base != INSN_STACK && !i->mem.segment && i->reads & 1U << reg &&
	       reg != i->mem.base && reg != i->mem.index;
}

/* Keeps the checks of pointers that are then stored into an object. The others do not matter. */
static void keep_stored(struct walk *w)
{
	size_t n, i, kept = 0;
	int reg;

	for (n = 0; w->nchecks && n < w->f->n; n++)
		for (reg = 0; reg < INSN_STACK; reg++) {
			if (!is_store(w, n, reg))
				continue;
			trace(w, n, (uint8_t)reg);
			for (i = 0; i < w->nchecks; i++)
				w->check[i].stored |= w->check[i].is_value;
		}
	for (i = 0; i < w->nchecks; i++)
		if (w->check[i].stored)
			w->check[kept++] = w->check[i];
	w->nchecks = kept;
}

static bool is_return(const struct walk *w, const struct insn *i)
{
	return i->kind == INSN_RETURN ||
	       (i->kind == INSN_JUMP && ksyms__is_return_thunk(w->ks, i->target));
}

/* Adds an instruction to those that run after a check; seen has a byte for each. */
static void run_next(struct walk *w, uint8_t *seen, const struct insn *i)
{
	if (!i || i >= w->f->insn + w->f->n || seen[i - w->f->insn])
		return;
	seen[i - w->f->insn] = 1;
	w->todo[w->ntodo++].at = (uint16_t)(i - w->f->insn);
}

/* Does a return follow where the pointer is valid? If not, the function returns in unknown ways. */
static bool returns_after(struct walk *w, const struct check *c)
{
	const struct insn *branch = &w->f->insn[c->at];
	uint8_t *seen = calloc(w->f->n, 1);
	bool returns = false;

	if (!seen || w->f->n > SEEN) {
		free(seen);
		return false;
	}
	run_next(w, seen, c->valid_jumps ? func__at(w->f, branch->target) : branch + 1);
	while (w->ntodo) {
		const struct insn *i = &w->f->insn[w->todo[--w->ntodo].at];

		returns |= is_return(w, i);
		if (i->kind == INSN_JUMP || i->kind == INSN_BRANCH)
			run_next(w, seen, func__at(w->f, i->target));
		if (!insn__ends_flow(i))
			run_next(w, seen, i + 1);
	}
	free(seen);
	return returns;
}

static void look_at_return(const struct walk *w, struct errptr *e, size_t n)
{
	size_t i;

	for (i = 0; i < w->nchecks && e->kind != ERRPTR_RETURNED; i++) {
		if (w->check[i].unclear)
			e->kind = ERRPTR_UNCLEAR;
		if (!w->check[i].is_value)
			continue;
		e->kind = ERRPTR_RETURNED;
		e->check = w->f->insn[w->check[i].at].addr;
		e->back = w->f->insn[n].addr;
	}
}

static void look(struct walk *w, struct errptr *e)
{
	size_t n;

	find_checks(w);
	keep_stored(w);
	e->kind = w->nchecks ? ERRPTR_NOT_RETURNED : ERRPTR_UNCHECKED;
	e->check = w->nchecks ? w->f->insn[w->check[0].at].addr : 0;
	for (n = 0; n < w->nchecks; n++)
		if (!returns_after(w, &w->check[n]))
			e->kind = ERRPTR_UNCLEAR;
	for (n = 0; w->nchecks && n < w->f->n && e->kind != ERRPTR_RETURNED; n++) {
		if (w->f->insn[n].kind == INSN_JUMP_INDIRECT)
			w->full = true;
		if (!is_return(w, &w->f->insn[n]))
			continue;
		trace(w, n, (uint8_t)w->f->arch->result);
		look_at_return(w, e, n);
	}
	if (w->full && e->kind != ERRPTR_RETURNED)
		e->kind = ERRPTR_UNCLEAR;
}

void errptr__look(struct errptr *e, const struct func *f, const struct ksyms *ks)
{
	struct walk *w = calloc(1, sizeof(*w));

	memset(e, 0, sizeof(*e));
	e->kind = ERRPTR_UNCLEAR;
	if (w && f->n < UINT16_MAX) {
		w->f = f;
		w->ks = ks;
		w->flow = flow__new(f);
		if (w->flow)
			look(w, e);
		flow__free(w->flow);
	}
	free(w);
}
