// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data flow analysis. Passes over all instructions are repeated until nothing
 * changes. Each instruction propagates the origins of registers and stack slots
 * to its successors. Where paths with different origins meet, it is unknown.
 */
#include "code/flow.h"

#include <stdlib.h>
#include <string.h>

enum {
	NOT_REACHED = -3,
	SLOTS = 64, /* words of the frame, from the return address downwards */
	WORD = 8,
	PASSES = 32,
	DEPTH_MAX = 1 << 20, /* bytes; a kernel stack has 16 KiB */
};

struct state {
	int8_t reg[INSN_REGS];
	int8_t slot[SLOTS];
	int32_t depth; /* bytes from the stack pointer to its value at the entry */
	bool reached, depth_known;
};

struct flow {
	const struct func *f;
	struct state before[];
};

/* The origin of a value that is computed from both. */
static int combine(int a, int b)
{
	if (a == FLOW_CONST)
		return b;
	return b == FLOW_CONST || a == b ? a : FLOW_UNKNOWN;
}

/* The stack slot that mem addresses; -1: none, or unknown. */
static int slot_of(const struct state *s, const struct insn *i)
{
	int64_t down = (int64_t)s->depth - i->mem.disp;

	if (!s->depth_known || i->mem.base != INSN_STACK || i->mem.index != INSN_NO_REG ||
	    down <= 0 || down % WORD || down > (int64_t)SLOTS * WORD)
		return -1;
	return (int)(down / WORD - 1);
}

/* What no function does may be in bytes that are no code. */
static void move_stack(struct state *s, int64_t down)
{
	int64_t depth = s->depth + down;

	if (depth < -DEPTH_MAX || depth > DEPTH_MAX)
		s->depth_known = false;
	else
		s->depth = (int32_t)depth;
}

/* The origin of what an instruction computes from the registers that it reads. */
static int origin_of_reads(const struct state *s, const struct insn *i)
{
	int r, origin = FLOW_CONST;

	for (r = 0; r < INSN_REGS; r++)
		if (i->reads & 1U << r)
			origin = combine(origin, s->reg[r]);
	return origin;
}

static int origin_of_result(const struct state *s, const struct insn *i)
{
	int slot = slot_of(s, i);

	switch (i->kind) {
	case INSN_LOAD:
	case INSN_READ:
		if (i->mem.base == INSN_STACK && i->kind == INSN_READ)
			return FLOW_UNKNOWN;
		if (i->mem.base == INSN_STACK)
			return slot >= 0 && i->mem.size == WORD ? s->slot[slot] : FLOW_UNKNOWN;
		/* a value at a fixed address, or a per-CPU variable */
		if (i->mem.base < 0 || i->mem.segment)
			return FLOW_UNKNOWN;
		return origin_of_reads(s, i);
	case INSN_MOVE:
	case INSN_CONST:
	case INSN_ADDRESS:
		return origin_of_reads(s, i);
	default:
		return FLOW_UNKNOWN;
	}
}

/* The slot of the word at the stack pointer; -1: none, or unknown, as if it is not aligned. */
static int top_slot(const struct state *s)
{
	if (!s->depth_known || s->depth <= 0 || s->depth % WORD || s->depth > SLOTS * WORD)
		return -1;
	return s->depth / WORD - 1;
}

static void push(struct state *s, const struct insn *i)
{
	int slot;

	move_stack(s, WORD);
	slot = top_slot(s);
	if (slot >= 0)
		s->slot[slot] = i->src < 0 ? FLOW_UNKNOWN : s->reg[i->src];
}

static void pop(struct state *s, const struct insn *i)
{
	int slot = top_slot(s);

	if (i->reg >= 0)
		s->reg[i->reg] = slot >= 0 ? s->slot[slot] : FLOW_UNKNOWN;
	move_stack(s, -WORD);
}

/* A callee may write to stack slots whose address it received. */
static void call(struct state *s, const struct flow *flow)
{
	size_t n;
	int slot;

	for (n = 0; n < flow->f->n; n++) {
		const struct insn *i = &flow->f->insn[n];

		if (i->kind != INSN_ADDRESS || i->reg == INSN_STACK || !flow->before[n].reached)
			continue;
		slot = slot_of(&flow->before[n], i);
		/* the size of the object at that address is unknown */
		for (; slot >= 0; slot--)
			s->slot[slot] = FLOW_UNKNOWN;
	}
}

static void store(struct state *s, const struct insn *i)
{
	int slot = slot_of(s, i);

	if (slot >= 0)
		s->slot[slot] = i->kind != INSN_STORE || i->mem.size != WORD ? FLOW_UNKNOWN :
				i->src < 0				     ? FLOW_CONST :
									       s->reg[i->src];
	else if (i->mem.base == INSN_STACK)
		memset(s->slot, FLOW_UNKNOWN, sizeof(s->slot));
}

/* By a constant, or by a word. */
static bool moves_stack(const struct insn *i)
{
	return i->kind == INSN_PUSH || i->kind == INSN_POP || i->kind == INSN_CALL ||
	       i->kind == INSN_CALL_INDIRECT ||
	       (i->kind == INSN_ADDRESS && i->reg == INSN_STACK && i->mem.base == INSN_STACK);
}

/* Applies the instruction to the state s. */
static void step(const struct flow *flow, const struct insn *i, struct state *s)
{
	int origin = origin_of_result(s, i), r;

	for (r = 0; r < INSN_REGS; r++)
		if (i->writes & 1U << r && r != INSN_STACK)
			s->reg[r] = origin;
	switch (i->kind) {
	case INSN_PUSH:
		push(s, i);
		break;
	case INSN_POP:
		pop(s, i);
		break;
	case INSN_ADDRESS:
		if (moves_stack(i))
			move_stack(s, -(int64_t)i->mem.disp);
		break;
	case INSN_STORE:
	case INSN_EXCHANGE:
	case INSN_MASK:
	case INSN_OR:
	case INSN_MODIFY:
		store(s, i);
		break;
	case INSN_CALL:
	case INSN_CALL_INDIRECT:
		call(s, flow);
		break;
	default:
		break;
	}
	if (i->mem.base == INSN_STACK && i->mem.moves)
		move_stack(s, -(int64_t)i->mem.moves);
	else if (i->writes & 1U << INSN_STACK && !moves_stack(i))
		s->depth_known = false;
}

static bool meet_one(int8_t *to, int8_t from)
{
	int8_t was = *to;

	*to = was == NOT_REACHED || was == from ? from : FLOW_UNKNOWN;
	return *to != was;
}

/* Returns whether *to changed. */
static bool meet(struct state *to, const struct state *from)
{
	bool changed = !to->reached;
	size_t r;

	if (!to->reached) {
		*to = *from;
		to->reached = true;
		return true;
	}
	for (r = 0; r < INSN_REGS; r++)
		changed |= meet_one(&to->reg[r], from->reg[r]);
	for (r = 0; r < SLOTS; r++)
		changed |= meet_one(&to->slot[r], from->slot[r]);
	if (to->depth_known && (!from->depth_known || to->depth != from->depth)) {
		to->depth_known = false;
		changed = true;
	}
	return changed;
}

static bool pass(struct flow *flow)
{
	const struct func *f = flow->f;
	bool changed = false;
	size_t n;

	for (n = 0; n < f->n; n++) {
		const struct insn *i = &f->insn[n], *to;
		struct state s = flow->before[n];

		if (!s.reached)
			continue;
		step(flow, i, &s);
		if (!insn__ends_flow(i) && n + 1 < f->n)
			changed |= meet(&flow->before[n + 1], &s);
		to = i->kind == INSN_JUMP || i->kind == INSN_BRANCH ? func__at(f, i->target) : NULL;
		if (to)
			changed |= meet(&flow->before[to - f->insn], &s);
	}
	return changed;
}

struct flow *flow__new(const struct func *f)
{
	struct flow *flow = calloc(1, sizeof(*flow) + f->n * sizeof(flow->before[0]));
	int n;

	if (!flow)
		return NULL;
	flow->f = f;
	if (!f->n)
		return flow;
	memset(flow->before[0].reg, FLOW_UNKNOWN, sizeof(flow->before[0].reg));
	memset(flow->before[0].slot, FLOW_UNKNOWN, sizeof(flow->before[0].slot));
	for (n = 0; n < INSN_ARGS; n++)
		if (f->arch->arg[n] >= 0)
			flow->before[0].reg[f->arch->arg[n]] = n;
	flow->before[0].reached = flow->before[0].depth_known = true;
	for (n = 0; n < PASSES; n++)
		if (!pass(flow))
			return flow;
	/* no fixed point: nothing is known */
	for (n = 0; (size_t)n < f->n; n++)
		flow->before[n].reached = false;
	return flow;
}

void flow__free(struct flow *flow)
{
	free(flow);
}

int flow__origin(const struct flow *flow, size_t n, int reg)
{
	const struct state *s = &flow->before[n];

	return s->reached && reg >= 0 ? s->reg[reg] : FLOW_UNKNOWN;
}

bool flow__frame(const struct flow *flow, size_t n, int32_t *down)
{
	const struct state *s = &flow->before[n];
	const struct insn *i = &flow->f->insn[n];

	if (!s->reached || !s->depth_known)
		return false;
	if (i->kind == INSN_PUSH || i->kind == INSN_POP) {
		*down = i->kind == INSN_PUSH ? s->depth + WORD : s->depth;
		return true;
	}
	*down = s->depth - i->mem.disp;
	return i->mem.base == INSN_STACK && i->mem.index == INSN_NO_REG && !i->mem.segment &&
	       i->kind != INSN_ADDRESS;
}
