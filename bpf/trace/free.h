/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a cache: it is freed, or destroyed with its inode.
 */
#ifndef OVLTRACE_BPF_TRACE_FREE_H
#define OVLTRACE_BPF_TRACE_FREE_H

#include "arch/regs.h"
#include "trace/cache.h"

/*
 * The errno of a failed rebuild if ovl_dir_read_impure() is inlined: the negative errno
 * in a callee-saved register, if all such registers agree.
 */
static __always_inline __s32 err_guess(struct pt_regs *ctx)
{
	__u64 regs[SAVED_REGS];
	__s32 err = 0;
	int i;

	saved_regs(ctx, regs);
	/* 6.1 follows no loop that is entered from an instruction other than a jump */
#pragma unroll
	for (i = 0; i < SAVED_REGS; i++) {
		__s64 r = regs[i];

		/* an int may be only in the lower half */
		if (r > 0x7fffffffLL && r <= 0xffffffffLL)
			r = (__s32)r;
		if (r < -4095 || r >= 0)
			continue;
		if (err && err != r)
			return 0;
		err = (__s32)r;
	}
	return err;
}

struct free_info {
	struct ovlw_owner is; /* inode is 0 if it is unknown */
	__u32 site;
	__s32 err; /* if the task's rebuild ends with it and its return is not seen */
	__u32 flags;
	__u32 in_slot; /* the owner's slot still has the cache; a rebuild by this task follows */
};

static __always_inline void free_fill(struct ovlw_cache *ev, const struct free_info *f)
{
	cache_fill(ev, OVLW_FREE, &f->is, f->site);
	ev->flags = f->flags;
	ev->err = f->err;
}

/* The new cache of a rebuild is freed, which ends the rebuild. */
static __always_inline void rebuild_end(struct ovlw_state *st, struct free_info *f)
{
	f->flags |= OVLW_F_NEW;
	if (st->err)
		f->err = st->err;
	else if (f->err)
		f->flags |= OVLW_F_GUESS;
	window_close(st);
}

static __always_inline void free_buffered(struct ovlw_state *st, struct free_info *f, bool mine,
					  bool fresh)
{
	struct ovlw_cache *ev = &state_event(st)->cache;

	free_fill(ev, f);
	ev->reads = fresh ? st->reads : 0;
	st->freed = f->is.cache;
	if (fresh) {
		/* without a reason, it may have been discarded to read again */
		if (f->err || !ev->dir.impure)
			st->unfinished = 0;
		st->inode = 0;
	}
	if (fresh || !(mine || f->in_slot))
		state_flush(st);
	state_put(st);
}

__noinline int freed(struct free_info *f)
{
	struct ovlw_state *st = state_peek();
	bool mine, fresh;
	__u64 cache;

	if (!f)
		return 0;
	cache = f->is.cache;
	mine = st && st->inode && (!f->is.inode || st->inode == f->is.inode);
	fresh = mine && !f->is.inode && cache != inode_slot(st->inode);
	if (mine) {
		owner_fill(&f->is, cache, st->inode, st);
		f->flags = OVLW_F_REBUILD;
	}
	if (fresh)
		rebuild_end(st, f);
	else
		f->err = 0;
	if (!st && f->in_slot)
		st = state_get();
	if (st) {
		free_buffered(st, f, mine, fresh);
	} else {
		struct ovlw_cache *ev = ring_reserve(sizeof(*ev), 1);

		if (ev) {
			free_fill(ev, f);
			bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
		}
	}
	if (!ledger_remove(cache))
		overwritten_drop(cache);
	return 0;
}

struct holder {
	__u64 cache, sp;
	__u64 inode; /* whose slot has the cache */
};

enum {
	STACK_WORDS = 64,
};

static __always_inline bool holds(struct holder *h, __u64 word)
{
	__u64 inode = (__u64)BPF_CORE_READ((struct dentry *)word, d_inode);

	if (inode_slot(word) == h->cache)
		h->inode = word;
	else if (inode_slot(inode) == h->cache)
		h->inode = inode;
	return h->inode;
}

static long holds_word(__u32 i, struct holder *h)
{
	return holds(h, read_u64(h->sp + i * sizeof(__u64)));
}

/*
 * The directory whose refcounted cache is about to be freed. The ledger lacks it. The
 * slot is emptied next, so the inode or its dentry is in a register or on the stack. It
 * is the right one if its slot has the cache. This is rare and may be expensive.
 */
static __noinline __u64 merged_dir(struct pt_regs *ctx, __u64 cache)
{
	struct holder h = { .cache = cache };
	__u64 regs[SAVED_REGS];
	int i;

	if (!ctx)
		return 0;
	h.sp = PT_REGS_SP(ctx);
	saved_regs(ctx, regs);
	/* 6.1 follows no loop that begins with a call */
#pragma unroll
	for (i = 0; i < SAVED_REGS; i++)
		if (holds(&h, regs[i]))
			return h.inode;
	bpf_loop(STACK_WORDS, holds_word, &h, 0);
	return h.inode;
}

/* Reports the free of a refcounted cache. Returns its inode, 0 if unknown. */
static __always_inline __u64 merged_free(struct pt_regs *ctx, __u64 cache, __u64 inode)
{
	struct incident i = { .what = OVLW_MERGED_FREE, .cache = cache, .inode = inode };

	i.refcount = (__s32)read_u64(cache + layout.cache_refcount);
	if (!i.refcount)
		return 0;
	if (!inode)
		i.inode = merged_dir(ctx, cache);
	/* a site that merged listings share may free a cache that never was in a slot */
	if (i.inode ? dir_wanted(i.inode) : frees_impure_only && !ndevs)
		incident_at(ctx, &i);
	return i.inode;
}

/* Of a cache that is in a slot, or was. Returns whether it is known. */
static __always_inline bool owner_get(struct ovlw_owner *is, __u64 cache)
{
	struct ovlw_owner *o = ledger_find(cache);
	struct overwritten *over;

	if (o) {
		is->inode = o->inode;
		is->ino = o->ino;
		is->dev = o->dev;
		return true;
	}
	over = overwritten_find(cache);
	if (!over)
		return false;
	is->inode = over->inode;
	is->ino = over->ino;
	is->dev = over->dev;
	if (*(volatile __u64 *)&over->key == cache)
		return true;
	is->inode = is->ino = is->dev = 0;
	return false;
}

/*
 * p is a cache or one of its entries. It is a cache if it is known as one, or if its
 * list is empty and points to itself, as ovl_cache_free() leaves it. An entry has an
 * inode number there.
 */
static __always_inline void freed_by_site(struct pt_regs *ctx, __u64 p, __u32 site)
{
	struct ovlw_state *st = state_peek();
	__u64 head = p + layout.cache_entries;
	struct free_info f = {};
	bool owner = owner_get(&f.is, p);

	if (!owner && read_u64(head) != head && !(st && st->inode && inode_slot(st->inode) == p)) {
		site_other[site]++;
		return;
	}
	site_cache[site]++;
	if (!owner && !(st && st->inode)) {
		f.is.inode = merged_free(ctx, p, st && st->inside ? st->inside : 0);
		if (ndevs && !(f.is.inode && dir_wanted(f.is.inode)))
			return;
	}
	f.site = site;
	f.is.cache = p;
	f.in_slot = f.is.inode && inode_slot(f.is.inode) == p;
	if (ctx && !f.is.inode && st && st->inode)
		f.err = err_guess(ctx);
	/* a new cache: the rebuild ends with it */
	if (stacks && !f.is.inode && st && st->inode && inode_slot(st->inode) != p)
		stack_take(ctx, OVLW_FREE);
	freed(&f);
}

static __always_inline void destroyed(__u64 inode, __u32 site)
{
	__u64 slot = inode_slot(inode);
	bool known = seen_find(inode);
	struct ovlw_event *ev;

	__sync_fetch_and_add(&destroyed_gen, 1);
	if (merged && slot && merged_caches_remove(slot))
		known = true;
	if (!known && !(slot && ledger_find(slot)))
		return;
	ev = ring_reserve(sizeof(*ev), 1);
	if (ev) {
		__builtin_memset(ev, 0, sizeof(*ev));
		hdr_fill(&ev->hdr, OVLW_DESTROY, site);
		dir_fill(&ev->dir, inode, 0, 0);
		bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
	}
	seen_drop(inode);
	if (slot)
		ledger_remove(slot);
}

#endif
