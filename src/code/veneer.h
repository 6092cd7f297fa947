/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code between a call and a function that the call does not reach: a module may be
 * further from the kernel than the range of a call. Pure.
 */
#ifndef OVLTRACE_VENEER_H
#define OVLTRACE_VENEER_H

#include "code/func.h"

/* Where the code at i->target jumps to; i->target if it is no veneer. */
uint64_t veneer__target(const struct code_source *src, struct insn_decoder *d,
			const struct insn *i);

#endif
