/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a function may return half of a pointer that it has checked by IS_ERR() and found
 * to be none of an error: it set an error code from the pointer before it asked, and returns
 * that code later. Pure.
 */
#ifndef OVLTRACE_ERRPTR_H
#define OVLTRACE_ERRPTR_H

#include "code/func.h"

enum errptr_kind {
	ERRPTR_UNCHECKED, /* no pointer is checked and then stored */
	ERRPTR_UNCLEAR, /* what is returned cannot be followed */
	ERRPTR_NOT_RETURNED,
	ERRPTR_RETURNED,
};

struct errptr {
	enum errptr_kind kind;
	uint64_t check; /* address of the branch that decides; 0: unchecked */
	uint64_t back; /* that of the return, if RETURNED */
};

/* f must have been read completely. */
void errptr__look(struct errptr *e, const struct func *f, const struct ksyms *ks);

#endif
