/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of arm64 at a probe: as bpf/x86/arch/regs.h.
 */
#ifndef OVLTRACE_BPF_ARCH_REGS_H
#define OVLTRACE_BPF_ARCH_REGS_H

#include "common/vmlinux.h"
#include <bpf/bpf_tracing.h>

enum {
	SAVED_REGS = 10,
	ARG6 = 5, /* the register of the sixth argument: x5 */
	RETURN_POPS = 0, /* the return address is in a register */
};

/* The register that instructions encode as n: src/code/insn_arm64.c */
static __always_inline __u64 reg_of(struct pt_regs *ctx, __u32 n)
{
	struct user_pt_regs *regs = (struct user_pt_regs *)ctx;

	switch (n) {
#define REG(n)                                  \
	case n: {                               \
		__u64 value = regs->regs[n];    \
		asm volatile("" : "+r"(value)); \
		return value;                   \
	}
		REG(0)
		REG(1)
		REG(2)
		REG(3)
		REG(4)
		REG(5)
		REG(6)
		REG(7)
		REG(8)
		REG(9)
		REG(10)
		REG(11)
		REG(12)
		REG(13)
		REG(14)
		REG(15)
		REG(16)
		REG(17)
		REG(18)
		REG(19)
		REG(20)
		REG(21)
		REG(22)
		REG(23)
		REG(24)
		REG(25)
		REG(26)
		REG(27)
		REG(28)
		REG(29)
		REG(30)
#undef REG
	}
	return 0;
}

/* x19 to x28 */
static __always_inline void saved_regs(struct pt_regs *ctx, __u64 saved[SAVED_REGS])
{
	struct user_pt_regs *regs = (struct user_pt_regs *)ctx;

	saved[0] = regs->regs[19];
	saved[1] = regs->regs[20];
	saved[2] = regs->regs[21];
	saved[3] = regs->regs[22];
	saved[4] = regs->regs[23];
	saved[5] = regs->regs[24];
	saved[6] = regs->regs[25];
	saved[7] = regs->regs[26];
	saved[8] = regs->regs[27];
	saved[9] = regs->regs[28];
}

#endif
