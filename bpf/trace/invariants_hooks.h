/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probes that watch invariants: see bpf/trace/invariants.h. Included once, by
 * trace.bpf.c.
 */
#ifndef OVLTRACE_BPF_TRACE_INVARIANTS_HOOKS_H
#define OVLTRACE_BPF_TRACE_INVARIANTS_HOOKS_H

#include "trace/invariants.h"

/* Exit of ovl_iterate(file, ctx). Every listing hits it, so it usually returns at once. */
SEC("fexit")
int BPF_PROG(ovlt_out_iterate, struct file *file, struct dir_context *to, int ret)
{
	/* mostly no task is in a rebuild */
	if (sees_leaves && *(volatile __s64 *)&state_claimed)
		readdir_left(ret);
	if (!ret && !*(volatile __u64 *)&copy_ups_wrong)
		return 0;
	if (ret < 0 && ret >= -MAX_ERRNO && ret != -EIO_ERRNO &&
	    !*(volatile __u64 *)&copy_ups_wrong)
		return 0;
	iterated(NULL, as_number(file), ret);
	return 0;
}

/* The same without fexit: entry and return. */
SEC("kprobe")
int ovlt_on_iterate(struct pt_regs *ctx)
{
	struct listing now = { .key = current_tid(), .file = PT_REGS_PARM1(ctx) };

	listing_put(&now);
	return 0;
}

SEC("kretprobe")
int ovlt_ret_iterate(struct pt_regs *ctx)
{
	struct listing *now = listing_find(current_tid());

	/* the return value is an int: the upper half is undefined */
	if (now)
		iterated(ctx, now->file, (__s32)PT_REGS_RC(ctx));
	return 0;
}

/* Entry of ovl_iterate_real(file, ctx), attached only if kinds can be mixed. */
SEC("fentry")
int BPF_PROG(ovlt_in_real_listing, struct file *file)
{
	real_listing(NULL, as_number(file));
	return 0;
}

SEC("kprobe")
int ovlt_on_real_listing(struct pt_regs *ctx)
{
	real_listing(ctx, PT_REGS_PARM1(ctx));
	return 0;
}

/* Entry of ovl_copy_up_start(dentry, flags). */
SEC("fentry")
int BPF_PROG(ovlt_in_copy_up, struct dentry *dentry)
{
	copy_up_begins(as_number(dentry));
	return 0;
}

SEC("kprobe")
int ovlt_on_copy_up(struct pt_regs *ctx)
{
	copy_up_begins(PT_REGS_PARM1(ctx));
	return 0;
}

/* Entry of ovl_inode_update(inode, upperdentry). */
SEC("fentry")
int BPF_PROG(ovlt_in_inode_update, struct inode *inode)
{
	published(as_number(inode));
	return 0;
}

SEC("kprobe")
int ovlt_on_inode_update(struct pt_regs *ctx)
{
	published(PT_REGS_PARM1(ctx));
	return 0;
}

/* Call site of lookup_one_unlocked() or a variant in a merged directory's listing. */
SEC("kprobe")
int ovlt_at_lookup(struct pt_regs *ctx)
{
	__u32 arg = OVLW_COOKIE_ARG(bpf_get_attach_cookie(ctx)), name_arg = arg >> 4;
	__u64 name = 0;

	if (name_arg & (OVLW_NAME_QSTR - 1))
		name = arg_of(ctx, (name_arg & (OVLW_NAME_QSTR - 1)) - 1);
	if (name && name_arg & OVLW_NAME_QSTR)
		name = (__u64)BPF_CORE_READ((struct qstr *)name, name);
	lookup_begins(ctx, arg_of(ctx, arg & 15), name);
	return 0;
}

#endif
