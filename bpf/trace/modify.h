/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which task modifies a directory in a window. This only explains: the versions at drop
 * and reacquisition prove the modification.
 */
#ifndef OVLTRACE_BPF_TRACE_MODIFY_H
#define OVLTRACE_BPF_TRACE_MODIFY_H

#include "trace/rebuild.h"

/* arg is 0 for "none": no operation has a name as its first argument. */
static __always_inline __u64 op_name(struct pt_regs *ctx, __u32 arg)
{
	return arg ? arg_of(ctx, arg) : 0;
}

static __always_inline void name_fill(char *to, __u64 dentry)
{
	const unsigned char *name = NULL;

	to[0] = 0;
	if (!dentry)
		return;
	name = BPF_CORE_READ((struct dentry *)dentry, d_name.name);
	if (bpf_probe_read_kernel_str(to, OVLW_NAME, name) < 0)
		to[0] = 0;
}

static __always_inline __u64 parent_of(__u64 dentry)
{
	dentry = (__u64)read_member(dentry, struct dentry, d_parent);
	return (__u64)read_member(dentry, struct dentry, d_inode);
}

static __always_inline __u32 moved(__u64 inode, struct op_state *op)
{
	__u64 from = op->name ? parent_of(op->name) : 0, to = op->name2 ? parent_of(op->name2) : 0;

	if (!from || !to || from == to)
		return OVLW_MOVED_WITHIN;
	return from == inode ? OVLW_MOVED_OUT : OVLW_MOVED_IN;
}

static __always_inline void op_begins(__u32 op, __u64 name, __u64 name2)
{
	struct op_state now = { .key = current_tid(), .op = op, .name = name, .name2 = name2 };

	if (*(volatile __s64 *)&open_windows)
		op_put(&now);
}

static __always_inline struct op_state *op_peek(void)
{
	return op_find(current_tid());
}

/* The ovl_dir_modified() in progress is of that directory; 0: it is over. */
static __always_inline void op_in_dir(const struct op_state *was, __u64 dir)
{
	struct op_state now = {};

	if (was)
		now = *was;
	else if (!dir)
		return;
	now.key = current_tid();
	now.dir = dir;
	op_put(&now);
}

/* regs: NULL, if there are none */
static __always_inline void modified(struct pt_regs *regs, __u64 inode, struct op_state *op)
{
	struct ovlw_modify *ev;

	stack_take(regs, OVLW_MODIFY);
	ev = ring_reserve(sizeof(*ev), 1);
	if (!ev)
		return;
	__builtin_memset(ev, 0, sizeof(*ev));
	hdr_fill(&ev->hdr, OVLW_MODIFY, 0);
	dir_fill(&ev->dir, inode, 0, 0);
	task_fill(&ev->task);
	if (op) {
		ev->op = op->op;
		name_fill(ev->name, op->name);
		name_fill(ev->name2, op->name2);
		if (op->op == OVLW_OP_RENAME)
			ev->moved = moved(inode, op);
	}
	bpf_ringbuf_submit(ev, ring_flags());
}

static __always_inline __u64 modified_dir(struct dentry *dentry)
{
	__u64 inode;

	if (!*(volatile __s64 *)&open_windows)
		return 0;
	inode = (__u64)read_member(dentry, struct dentry, d_inode);
	return *(volatile __u32 *)window_count(inode) ? inode : 0;
}

#endif
