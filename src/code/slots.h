/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions under the breakpoints of kprobes, on x86-64. The kernel runs copies
 * of them, in pages that kallsyms shows as kprobe_insn_page (kernel/kprobes.c,
 * __get_insn_slot(), since 5.8). Pure.
 */
#ifndef OVLTRACE_SLOTS_H
#define OVLTRACE_SLOTS_H

#include "code/func.h"
#include "code/insn.h"

struct slots_page;

/* Zero at first. */
struct slots {
	struct slots_page *page; /* those that could be read */
	size_t n;
	bool read;
};

void slots__deinit(struct slots *s);

/*
 * The lengths, one bit each, of the copies that may be of the instruction at addr:
 * a breakpoint replaces its first byte at code, of which len bytes are known.
 * 0: there is no such copy, so that it may have any length.
 */
uint32_t slots__lengths(struct slots *s, const struct code_source *src, struct insn_decoder *d,
			const uint8_t *code, size_t len, uint64_t addr);

#endif
