/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A probe on an instruction that writes an inode's cache slot.
 */
#ifndef OVLTRACE_BPF_COMMON_STORE_H
#define OVLTRACE_BPF_COMMON_STORE_H

#include "common/vfs.h"
#include "ovltrace/wire.h"

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

/*
 * What the instruction is about to store where, by the probe's cookie. False: what
 * it addresses is no directory of an overlayfs, so it writes another member of
 * something else.
 */
static __always_inline bool store_read(struct pt_regs *ctx, __u64 cookie, __u64 *inode,
				       __u64 *cache)
{
	__u32 reg = OVLW_STORE_CACHE(cookie);

	*inode = reg_of(ctx, OVLW_COOKIE_ARG(cookie));
	*cache = reg == OVLW_REG_NULL ? 0 : reg_of(ctx, reg);
	return inode_is_overlay_dir((struct inode *)*inode);
}

#endif
