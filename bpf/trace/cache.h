/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cache is stored in an inode's slot.
 */
#ifndef OVLTRACE_BPF_TRACE_CACHE_H
#define OVLTRACE_BPF_TRACE_CACHE_H

#include "trace/incident.h"
#include "trace/merged.h"

static __always_inline void cache_fill(struct ovlw_cache *ev, __u16 type,
				       const struct ovlw_owner *o, __u32 site)
{
	__u64 cache = o->cache;

	hdr_fill(&ev->hdr, type, site);
	if (o->inode)
		dir_fill(&ev->dir, o->inode, o->ino, o->dev);
	else
		__builtin_memset(&ev->dir, 0, sizeof(ev->dir));
	ev->cache = cache;
	ev->stamp = 0;
	ev->refcount = 0;
	if (cache)
		cache_words(cache, &ev->refcount, &ev->stamp);
	ev->slot_refcount = 0;
	ev->err = 0;
	ev->entries = 0;
	ev->flags = 0;
	ev->reads = 0;
}

/* Fills in the cache's directory, with ino and dev if the task's state has them. */
static __always_inline void owner_fill(struct ovlw_owner *o, __u64 cache, __u64 inode,
				       const struct ovlw_state *st)
{
	o->cache = cache;
	o->inode = inode;
	o->ino = st ? st->ino : 0;
	o->dev = st ? st->dev : 0;
	o->pad = 0;
}

/*
 * Directories of which the ledger has or had a cache, by a hash of the inode. Nothing is
 * removed, so that a look at it is cheap.
 */
static __u8 stored_in[OVLW_WINDOW_SLOTS];

/* A cache, or 0, is about to be stored in the slot of an inode. */
struct store {
	__u64 inode, cache;
	__u64 stamp; /* if stamped: it is not yet in the cache */
	__u32 stamped;
	__u32 entries; /* or BAD_LIST */
};

struct store_info {
	struct ovlw_owner is;
	__u64 stamp;
	__u32 stamped, entries; /* as in struct store */
};

static __always_inline void store_fill(struct ovlw_cache *ev, const struct store_info *s)
{
	cache_fill(ev, OVLW_SET, &s->is, 0);
	if (ev->dir.slot)
		ev->slot_refcount = (__s32)read_u64(ev->dir.slot + layout.cache_refcount);
	if (s->stamped)
		ev->stamp = s->stamp;
	ev->entries = s->entries & ~BAD_LIST;
	ev->flags = s->entries & BAD_LIST ? OVLW_F_BADLIST : 0;
}

/* st: the task's state, if it is in a rebuild of that directory; else NULL. */
__noinline int store(const struct store_info *s, struct ovlw_state *st)
{
	struct ovlw_cache *ev;
	__u64 cache;

	if (!s)
		return 0;
	cache = s->is.cache;
	if (st) {
		ev = &state_event(st)->cache;
		store_fill(ev, s);
		ev->flags |= OVLW_F_REBUILD;
		ev->reads = st->reads;
	} else {
		ev = ring_reserve(sizeof(*ev), 1);
		if (ev) {
			store_fill(ev, s);
			bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
		}
	}
	if (cache) {
		stored_in[OVLW_WINDOW_SLOT(s->is.inode)] = 1;
		if (!ledger_add(&s->is))
			lose(OVLW_LOST_LEDGER, 1);
	}
	if (cache && st) {
		window_close(st);
		st->inode = 0;
		st->unfinished = 0;
		state_flush(st);
		state_put(st);
	}
	return 0;
}

/*
 * Does the store concern neither a rebuild nor the ledger? Each listing of a merged
 * directory stores three times, so this reads no kernel memory if it can.
 */
static __always_inline bool store_is_foreign(__u64 inode, __u64 cache, struct ovl_dir_cache *typed)
{
	__s32 refcount = 0;

	if (!cache)
		return !stored_in[OVLW_WINDOW_SLOT(inode)];
	if (!(typed && cache_refcount_typed(typed, &refcount)))
		refcount = (__s32)read_u64(cache + layout.cache_refcount);
	return refcount;
}

static __always_inline bool store_is_wanted(__u64 inode, __u64 cache, struct ovl_dir_cache *typed)
{
	struct ovlw_state *st = state_peek();

	if (st && st->inode == inode)
		return true;
	return !store_is_foreign(inode, cache, typed) && dir_wanted(inode);
}

/* slot, a cache, leaves the slot of is->inode. Its free may follow. */
static __always_inline void overwritten_note(const struct ovlw_owner *is, __u64 slot)
{
	struct overwritten over = {
		.key = slot, .dev = is->dev, .inode = is->inode, .ino = is->ino
	};

	if (!overwritten_put(&over))
		lose(OVLW_LOST_LEDGER, 1);
}

/* Of an impure directory. */
__noinline int slot_set(const struct store *to)
{
	struct ovlw_state *st = state_peek(), *mine = NULL;
	__u64 inode, cache, slot;
	struct ovlw_owner *owner;
	struct store_info s;
	bool live;

	if (!to)
		return 0;
	inode = to->inode;
	cache = to->cache;
	slot = inode_slot(inode);
	if (st && st->inode == inode)
		mine = st;
	s.stamp = to->stamp;
	s.stamped = to->stamped;
	s.entries = to->entries;
	/* the free of this cache was already reported */
	if (!cache && (!slot || (st && st->freed == slot)))
		return 0;
	owner_fill(&s.is, cache, inode, mine);
	/* if it was freed, its memory may now be another directory's cache */
	owner = slot && slot != cache ? ledger_find(slot) : NULL;
	live = owner && owner->inode == inode;
	/* of the others, those that were in the slot before the trace; freed memory is used again */
	if (live || (mine && slot && slot != mine->freed && !freed_early_drop(slot)))
		overwritten_note(&s.is, slot);
	/* a freed cache is no longer in the ledger, and needs no report */
	if (cache || live)
		store(&s, mine);
	/* another processor may have freed it since it was found: see freed_later() */
	if (live && !ledger_remove(slot)) {
		freed_early_drop(slot);
		overwritten_drop(slot);
	}
	return 0;
}

/*
 * The functions that it calls are verified once, not once for each way there. So the
 * entries are counted between them, where little is known. regs: NULL, if there are none.
 */
static __always_inline void set_dir_cache(struct store *s, struct ovl_dir_cache *typed,
					  struct pt_regs *regs)
{
	bool in_merged = merged_wants(s->inode, s->cache);
	bool in_impure = store_is_wanted(s->inode, s->cache, typed);

	if (!in_merged && !in_impure)
		return;
	if (s->cache)
		stack_take(regs, in_merged ? OVLW_M_STORE : OVLW_SET);
	s->entries = entries_count(s->cache, typed);
	if (in_merged)
		merged_set(s->inode, s->cache, s->entries);
	if (in_impure)
		slot_set(s);
}

#endif
