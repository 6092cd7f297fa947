/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The start of a rebuild, its reads, and its windows.
 */
#ifndef OVLTRACE_BPF_TRACE_REBUILD_H
#define OVLTRACE_BPF_TRACE_REBUILD_H

#include "arch/regs.h"
#include "trace/dir.h"
#include "trace/stack.h"

/* The verifier requires a fixed offset for each register. */
static __always_inline __u64 arg_of(struct pt_regs *ctx, __u32 n)
{
	__u64 a0 = PT_REGS_PARM1(ctx), a1 = PT_REGS_PARM2(ctx), a2 = PT_REGS_PARM3(ctx);
	__u64 a3 = PT_REGS_PARM4(ctx), a4 = PT_REGS_PARM5(ctx);

	asm volatile("" : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4));
	return n == 0 ? a0 : n == 1 ? a1 : n == 2 ? a2 : n == 3 ? a3 : a4;
}

/* Argument n of the call that the probe is on, or right before: see OVLW_COOKIE_HELD. */
static __always_inline __u64 site_arg(struct pt_regs *ctx, __u64 cookie, __u32 n)
{
	__u32 reg = OVLW_COOKIE_REG(cookie);

	return reg ? reg_of(ctx, reg - 1) + OVLW_COOKIE_DISP(cookie) : arg_of(ctx, n);
}

/* Adds an event to those of the task's rebuild, which is in st->inode. */
static __always_inline struct ovlw_event *rebuild_event(struct ovlw_state *st, __u16 type,
							__u32 site)
{
	struct ovlw_event *ev = &state_event(st)->event;

	hdr_fill(&ev->hdr, type, site);
	dir_fill(&ev->dir, st->inode, st->ino, st->dev);
	ev->wait_ns = 0;
	ev->locked = inode_locked(st->inode);
	ev->task.cgroup = 0;
	ev->task.comm[0] = 0;
	return ev;
}

static __always_inline void begin(struct dentry *dentry, __u32 site)
{
	struct dentry_words w = {};
	struct ovlw_state *st;
	struct ovlw_event *ev;

	dentry_read(&w, dentry);
	if (!w.inode || !dir_wanted(w.inode))
		return;
	st = state_get();
	if (!st)
		return;
	/* the previous rebuild ended unseen */
	if (st->inode)
		state_flush(st);
	/* the readdir may begin it again until either of them ends */
	st->unfinished = sees_leaves;
	dir_enter(st, dentry, &w);
	st->freed = 0;
	st->window = 0;
	st->lock_ns = 0;
	st->reads = st->drops = 0;
	st->err = 0;
	ev = rebuild_event(st, OVLW_BEGIN, site);
	st->version = ev->dir.version;
	task_fill(&ev->task);
}

/*
 * The first read directly follows the start. A later one means that the kernel discarded
 * the content and reads it again.
 */
static __always_inline void content_read(struct ovlw_state *st, __u32 site)
{
	if (!st || !st->inode || (!st->reads++ && !st->drops))
		return;
	st->version = rebuild_event(st, OVLW_READ, site)->dir.version;
}

/*
 * Is this the listing of an impure directory, and is its cache fresh? The condition is
 * that of ovl_is_impure_dir() and ovl_cache_get_impure(), under the same lock.
 */
static __always_inline bool impure_listing(struct file *file, __u64 *inode, bool *fresh)
{
	__u64 od = (__u64)BPF_CORE_READ(file, private_data), slot;
	bool is_upper = true;

	*inode = (__u64)BPF_CORE_READ(file, f_inode);
	if (!inode_impure(*inode) || !dir_wanted(*inode))
		return false;
	if (layout.file_is_upper >= 0)
		bpf_probe_read_kernel(&is_upper, sizeof(is_upper),
				      (void *)(od + layout.file_is_upper));
	if (!is_upper)
		return false;
	slot = inode_slot(*inode);
	*fresh = slot &&
		 read_u64(slot + layout.cache_version) == read_u64(*inode + layout.inode_version);
	return true;
}

/* ovl_iterate_real() begins: a rebuild may follow. */
static __always_inline void listing_begins(struct file *file)
{
	struct ovlw_state *st;
	bool fresh = false;
	__u64 inode;

	if (!impure_listing(file, &inode, &fresh) || fresh)
		return;
	st = state_get();
	if (st)
		st->inside = inode;
}

static __always_inline void listing_ends(void)
{
	struct ovlw_state *st = state_peek();

	if (!st || !st->inside)
		return;
	st->inside = 0;
	state_flush(st);
	state_put(st);
}

static __always_inline void begin_inside(struct dentry *dentry)
{
	struct ovlw_state *st = state_peek();

	if (st && st->inside && st->inside == (__u64)BPF_CORE_READ(dentry, d_inode))
		begin(dentry, 0);
}

static __always_inline __u32 *window_count(__u64 inode)
{
	return &windows[OVLW_WINDOW_SLOT(inode)];
}

static __always_inline void window_open(struct ovlw_state *st)
{
	__sync_fetch_and_add(window_count(st->inode), 1);
	st->window = st->inode;
	st->lock_ns = 0;
	st->freed = 0;
	st->drops++;
	__sync_fetch_and_add(&open_windows, 1);
}

static __always_inline void window_close(struct ovlw_state *st)
{
	if (!st->window)
		return;
	__sync_fetch_and_add(window_count(st->window), -1);
	st->window = 0;
	__sync_fetch_and_add(&open_windows, -1);
}

/*
 * The lock of the argument is about to be released. passed_on: by a helper that only
 * does this; if its caller passed the inode, the drop was already reported.
 */
static __always_inline void lock_drop(__u64 arg, bool passed_on, __u32 site)
{
	struct ovlw_state *st = state_peek();

	if (!st || !st->inode || !inode_has_lock(st->inode, arg) || (passed_on && st->window))
		return;
	rebuild_event(st, OVLW_DROP, site);
	window_open(st);
}

static __always_inline void lock_wait(__u64 arg)
{
	struct ovlw_state *st = state_peek();

	if (st && st->window && inode_has_lock(st->window, arg))
		st->lock_ns = bpf_ktime_get_ns();
}

/*
 * A lock was taken. The argument is no longer available; the owner shows whether it was
 * this directory's.
 */
static __always_inline void lock_retaken(__u32 site)
{
	struct ovlw_state *st = state_peek();
	struct ovlw_event *ev;

	if (!st || !st->window || !inode_locked(st->window))
		return;
	ev = rebuild_event(st, OVLW_REACQUIRE, site);
	if (st->lock_ns)
		ev->wait_ns = ev->hdr.ts_ns - st->lock_ns;
	window_close(st);
}

/* The task is about to clear the impure flag. regs: NULL, if there are none. */
static __always_inline void flag_clear(struct pt_regs *regs, struct ovlw_state *st, __u32 site)
{
	stack_take(regs, OVLW_CLEAR);
	rebuild_event(st, OVLW_CLEAR, site);
}

/*
 * A readdir returns. If it has begun a rebuild, a begin by the same task is no longer
 * the same rebuild, which discarded what it had read.
 */
__noinline int readdir_left(__s32 ret)
{
	struct ovlw_state *st = state_peek();
	struct ovlw_event *ev;
	__u64 inode;

	if (!st || !st->unfinished)
		return 0;
	/* a discarded cache has ended the rebuild, but the readdir continues */
	inode = st->inode ? st->inode : st->known;
	ev = &state_event(st)->event;
	hdr_fill(&ev->hdr, OVLW_LEAVE, 0);
	dir_fill(&ev->dir, inode, st->ino, st->dev);
	ev->wait_ns = 0;
	ev->locked = 0;
	ev->task.cgroup = 0;
	ev->task.comm[0] = 0;
	ev->ret = ret;
	ev->stamp = ev->dir.slot ? read_u64(ev->dir.slot + layout.cache_version) : 0;
	window_close(st);
	st->inode = 0;
	st->unfinished = 0;
	state_flush(st);
	state_put(st);
	return 0;
}

#endif
