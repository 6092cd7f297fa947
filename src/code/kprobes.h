/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is under a breakpoint: the kernel's table of kprobes has what each of them
 * replaced. Pure.
 */
#ifndef OVLTRACE_KPROBES_H
#define OVLTRACE_KPROBES_H

#include "code/func.h"

/*
 * i is a breakpoint, whose bytes are at code, and len with those behind it. Sets it to the
 * instruction that a kprobe replaced there. False: there is no kprobe, or the table cannot
 * be read.
 */
bool kprobes__original(const struct code_source *src, struct insn_decoder *d, const uint8_t *code,
		       size_t len, struct insn *i);

#endif
