/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A function as a sequence of instructions. What the kernel patched into it at
 * run time is resolved. Pure.
 */
#ifndef OVLTRACE_FUNC_H
#define OVLTRACE_FUNC_H

#include "code/insn.h"
#include "code/ksyms.h"

/* Reads len bytes of kernel text at addr into buf; 0 or -errno. */
typedef int (*code_read_fn)(void *ctx, uint64_t addr, void *buf, size_t len);

/* A kernel's symbols and code; the owner keeps them as long as graphs point into ks. */
struct code_source {
	const struct ksyms *ks;
	code_read_fn read;
	void *ctx; /* of read */
	const struct insn_arch *arch;
};

struct func {
	const struct ksym *sym;
	const struct insn_arch *arch;
	struct insn *insn; /* in the order of their addresses */
	size_t n;
	/*
	 * 0: complete; -EILSEQ: code from `unknown` on cannot be followed, so its
	 * effect is unknown; any other error: nothing of the function could be read.
	 */
	int err;
	uint64_t unknown;
};

/* Reads and decodes the function that sym is. Returns f->err. */
int func__read(struct func *f, const struct code_source *src, const struct ksym *sym);
void func__deinit(struct func *f);
/*
 * Whether the function begins with a nop for ftrace, or a call of it. If others do,
 * a function without is notrace, as inline functions of the kernel are, and the
 * kernel refuses probes in it.
 */
bool func__is_traced(const struct func *f);
/* Whether the kernel refuses a probe at addr, for an instruction before it. */
bool func__is_guarded(const struct func *f, uint64_t addr);
/* The instruction that begins at addr, NULL if none does. */
const struct insn *func__at(const struct func *f, uint64_t addr);

#endif
