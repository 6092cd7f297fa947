/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A probe on an instruction that writes an inode's cache slot.
 */
#ifndef OVLTRACE_BPF_COMMON_STORE_H
#define OVLTRACE_BPF_COMMON_STORE_H

#include "arch/regs.h"
#include "common/vfs.h"
#include "ovltrace/wire.h"

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
