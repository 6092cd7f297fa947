/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The origin of register contents at an instruction: an argument of the function,
 * followed through loads and additions, or constants. Pure.
 */
#ifndef OVLTRACE_FLOW_H
#define OVLTRACE_FLOW_H

#include "code/func.h"

enum {
	FLOW_UNKNOWN = -1, /* several places, a call's result, or code that is not reached */
	FLOW_CONST = -2,
	/* else the argument, counted from 0 */
};

struct flow;

/* NULL: no memory. f must outlive the result. */
struct flow *flow__new(const struct func *f);
void flow__free(struct flow *flow);
/* The origin of a register's content before the n-th instruction runs. */
int flow__origin(const struct flow *flow, size_t n, int reg);
/*
 * Where in the frame the n-th instruction accesses memory: *down is the distance in bytes from
 * there up to the stack pointer's value at the entry. False: it does not, or it is unknown where.
 */
bool flow__frame(const struct flow *flow, size_t n, int32_t *down);

#endif
