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
};

/* A place from which the code runs straight to the call. */
struct sequence {
	uint64_t addr;
	int reg; /* the argument is the content of this register plus disp */
	int32_t disp;
};

/*
 * The last such place that a jump fits in front of the call at addr. parts: the function, and
 * others that may jump into it, as its .cold part. False: there is none.
 */
bool sequence__find(struct sequence *out, const struct func *parts, size_t nparts, uint64_t addr,
		    const struct sequence_need *need);

#endif
