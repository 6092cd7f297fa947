/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions right before a call. The kernel makes a jump of a probe on them, which
 * costs less than a breakpoint, and which it never does on a call itself. Pure.
 */
#ifndef OVLTRACE_SEQUENCE_H
#define OVLTRACE_SEQUENCE_H

#include "code/func.h"

/* What must be the same at the place before the call as at the call. */
struct sequence_need {
	int arg; /* the index of the argument that is read; -1: none is */
	bool saved; /* the registers that a callee preserves */
	/* displacements of members of *arg that are read; NULL: no memory but the stack may change */
	const int32_t *members;
	size_t nmembers;
	int other; /* the index of another argument that is read; 0: none is */
	/* displacement of a member of *other: a store to it may come after the probe; 0: none */
	int32_t late;
};

/* A place from which the code runs straight to the call. */
struct sequence {
	uint64_t addr;
	int reg; /* the argument is the content of this register plus disp */
	int32_t disp;
	bool on_stack; /* reg is the stack pointer, and the argument is what is there */
	int other; /* the register of the other argument; INSN_NO_REG: it is 0 */
	int late; /* the register of what is stored to the late member; INSN_NO_REG: it is there */
};

/*
 * The last such place that a jump fits in front of the call at addr. parts: the function, and
 * others that may jump into it, as its .cold part. False: there is none.
 */
bool sequence__find(struct sequence *out, const struct func *parts, size_t nparts, uint64_t addr,
		    const struct sequence_need *need);

#endif
