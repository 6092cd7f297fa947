/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of x86-64 at a probe. The Makefile selects this file or that of another
 * architecture, which defines the same.
 */
#ifndef OVLTRACE_BPF_ARCH_REGS_H
#define OVLTRACE_BPF_ARCH_REGS_H

#include "common/vmlinux.h"
#include <bpf/bpf_tracing.h>

enum {
	SAVED_REGS = 6,
	ARG6 = 9, /* the register of the sixth argument: r9 */
	RETURN_POPS = 8, /* what a return adds to the stack pointer */
};

/* The register that instructions encode as n: src/code/insn_x86.c */
static __always_inline __u64 reg_of(struct pt_regs *ctx, __u32 n)
{
	switch (n) {
#define REG(n, name)                            \
	case n: {                               \
		__u64 value = ctx->name;        \
		asm volatile("" : "+r"(value)); \
		return value;                   \
	}
		REG(0, ax)
		REG(1, cx)
		REG(2, dx)
		REG(3, bx)
		REG(5, bp)
		REG(6, si)
		REG(7, di)
		REG(8, r8)
		REG(9, r9)
		REG(10, r10)
		REG(11, r11)
		REG(12, r12)
		REG(13, r13)
		REG(14, r14)
		REG(15, r15)
#undef REG
	}
	return 0;
}

/* The registers that a callee preserves: what a function needs after a call is in them. */
static __always_inline void saved_regs(struct pt_regs *ctx, __u64 regs[SAVED_REGS])
{
	regs[0] = ctx->bx;
	regs[1] = ctx->bp;
	regs[2] = ctx->r12;
	regs[3] = ctx->r13;
	regs[4] = ctx->r14;
	regs[5] = ctx->r15;
}

#endif
