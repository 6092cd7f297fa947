/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A listing from its entry to its return, with hits, rebuilds and windows; and the
 * invalidation of caches.
 */
#ifndef OVLTRACE_BPF_STATS_LISTING_H
#define OVLTRACE_BPF_STATS_LISTING_H

#include "stats/slow.h"

static __always_inline void hit_count(struct ovls_dir *d, __u32 kind, bool first)
{
	if (!d) {
		__sync_fetch_and_add(&rest[kind & 1].readdirs, 1);
		__sync_fetch_and_add(&rest[kind & 1].hits, 1);
		return;
	}
	if (first)
		__sync_fetch_and_add(&d->listings, 1);
	__sync_fetch_and_add(&d->readdirs, 1);
	__sync_fetch_and_add(&d->hits, 1);
}

__noinline int share_hit(struct ovls_key *key, bool first)
{
	if (key)
		hit_count(share_get(key), key->kind, first);
	return 0;
}

static __always_inline void hit(struct ovls_key *key, __u64 dentry, bool first)
{
	struct ovls_dir *d;

	if (!pid_wanted())
		return;
	d = dir_get(key);
	if (by_task)
		share_hit(key, first);
	else
		hit_count(d, key->kind, first);
	if (d && !d->parent)
		path_report(key, d, dentry);
}

static __always_inline struct ovls_listing *listing_push(__u64 id)
{
	struct ovls_task *t = task_claim();
	struct ovls_listing *l;

	if (!t) {
		__sync_fetch_and_add(&no_room, 1);
		return NULL;
	}
	/* listings of a file do not nest: the earlier one's end was not seen */
	if (t->depth && t->in[(t->depth - 1) & 3].id == id) {
		__sync_fetch_and_add(&unfinished, 1);
		__sync_fetch_and_add(&open_listings, -1);
		t->depth--;
	}
	/* overlays are not stacked so deep: ends of earlier listings were not seen */
	if (t->depth >= OVLS_DEPTH) {
		__sync_fetch_and_add(&unfinished, t->depth);
		__sync_fetch_and_add(&open_listings, -(__s64)t->depth);
		t->depth = 0;
	}
	l = &t->in[t->depth++ & 3];
	l->id = id;
	__sync_fetch_and_add(&open_listings, 1);
	return l;
}

/*
 * A listing that the impure cache will certainly serve is counted at its entry, by the
 * condition of ovl_cache_get_impure(). Its end is ignored.
 */
static __always_inline void listing_enters(struct ovls_key *key, __u64 id, __u64 od, __u64 dentry,
					   bool first)
{
	bool is_real, is_upper, fresh, plain = false;
	struct inode_words w;
	struct ovls_listing *l;
	__u64 stamp = 0;

	if (!wanted(key->dev))
		return;
	inode_read(&w, key->inode);
	file_read(od, &is_real, &is_upper);
	if (w.slot)
		stamp = read_u64(w.slot + layout.cache_version);
	fresh = w.slot && stamp == w.version;
	key->kind = OVLS_IMPURE;
	/* reading from the start corrects a stream that mistakes a merged directory for a real one */
	if (is_real && !w.whiteouts) {
		plain = !w.impure || !is_upper;
		if (plain && !slow_ns)
			return;
		if (fresh && !slow_ns) {
			hit(key, dentry, first);
			return;
		}
		/* the probes at call sites find it, and must not make it: see docs/locks.md */
		if (!plain)
			dir_get(key);
	}
	l = listing_push(id);
	if (!l)
		return;
	l->dir = *key;
	l->od = od;
	l->dentry = dentry;
	l->slot = w.slot;
	l->fresh = fresh;
	l->began = 0;
	l->first = first;
	l->store_ns = l->drop_ns = l->windows_ns = 0;
	l->begin_ns = bpf_ktime_get_ns();
	if (slow_ns) {
		slow_begins(l, stamp);
		l->plain = plain;
	}
}

/* Pops the call's listing. The ends of listings above it were not seen. */
static __always_inline bool listing_pop(__u64 id, struct ovls_listing *out)
{
	struct ovls_task *t = task_peek();
	bool found = false;
	__u32 i;

	if (!t)
		return false;
	for (i = 0; i < OVLS_DEPTH; i++)
		found |= i < t->depth && t->in[i].id == id;
	if (!found)
		return false;
	for (i = 0; i < OVLS_DEPTH && t->depth; i++) {
		struct ovls_listing *l = &t->in[--t->depth & 3];

		__sync_fetch_and_add(&open_listings, -1);
		if (l->id == id) {
			*out = *l;
			break;
		}
		__sync_fetch_and_add(&unfinished, 1);
	}
	if (!t->depth)
		task_release(t);
	return true;
}

static __always_inline void window_ends(struct ovls_listing *l, __u64 now)
{
	struct ovls_dir *d;

	if (!l->drop_ns)
		return;
	l->windows_ns += now - l->drop_ns;
	l->drop_ns = 0;
	__sync_fetch_and_add(&open_windows, -1);
	d = bpf_map_lookup_elem(&dirs, &l->dir);
	if (d)
		__sync_fetch_and_add(&d->building, -1);
}

/* Counts a rebuild in its bucket, see OVLS_BUCKETS. */
__noinline int time_count(struct ovls_dir *d, __u64 ns)
{
	__u64 us = ns / 1000;
	__u32 bits = 0, step;

	if (!d)
		return 0;
	for (step = 32; step; step >>= 1)
		if (us >> step) {
			us >>= step;
			bits += step;
		}
	bits += us;
	if (bits >= OVLS_BUCKETS)
		bits = OVLS_BUCKETS - 1;
	__sync_fetch_and_add(&d->bucket[bits], 1);
	return 0;
}

static __always_inline void rebuilt(struct ovls_listing *l, struct ovls_dir *d, __u64 now)
{
	__u64 ns = (l->store_ns ? l->store_ns : now) - l->begin_ns;

	if (!d) {
		__sync_fetch_and_add(&rest[l->dir.kind & 1].rebuilds, 1);
		__sync_fetch_and_add(&rest[l->dir.kind & 1].rebuild_ns, ns);
		return;
	}
	__sync_fetch_and_add(&d->rebuilds, 1);
	__sync_fetch_and_add(&d->rebuild_ns, ns);
	__sync_fetch_and_add(&d->windows_ns, l->windows_ns);
	time_count(d, ns);
	if (!l->slot)
		__sync_fetch_and_add(&d->cold, 1);
	if (ns > d->max_ns)
		d->max_ns = ns;
	actor_count(&l->dir, OVLS_REBUILDS, ns);
}

static __always_inline void listing_count(struct ovls_listing *l, struct ovls_dir *d, __u32 how,
					  __u64 now)
{
	if (d && l->first)
		__sync_fetch_and_add(&d->listings, 1);
	__sync_fetch_and_add(d ? &d->readdirs : &rest[l->dir.kind & 1].readdirs, 1);
	if (how == OVLS_HIT)
		__sync_fetch_and_add(d ? &d->hits : &rest[l->dir.kind & 1].hits, 1);
	if (how == OVLS_REBUILT)
		rebuilt(l, d, now);
}

__noinline int share_listing(struct ovls_listing *l, __u32 how, __u64 now)
{
	if (l)
		listing_count(l, share_get(&l->dir), how, now);
	return 0;
}

static __always_inline enum ovls_outcome outcome_of(const struct ovls_listing *l, bool is_real,
						    const struct inode_words *w, int ret)
{
	if (!is_real)
		return l->store_ns			 ? OVLS_REBUILT :
		       read_u64(l->od + more.file_cache) ? OVLS_HIT :
							   OVLS_FAILED;
	if (l->plain)
		return OVLS_NO_CACHE;
	if (l->began)
		return OVLS_REBUILT;
	if (l->fresh)
		return OVLS_HIT;
	if (sees_begin)
		return OVLS_NO_CACHE;
	return l->store_ns || !w->impure || ret < 0 ? OVLS_REBUILT : OVLS_NO_CACHE;
}

static __always_inline void listing_leaves(__u64 id, int ret)
{
	bool is_real, is_upper;
	struct ovls_listing l = {};
	struct inode_words w;
	enum ovls_outcome how;
	struct ovls_dir *d;
	__u64 now;

	if (!*(volatile __s64 *)&open_listings || !listing_pop(id, &l))
		return;
	now = bpf_ktime_get_ns();
	window_ends(&l, now);
	inode_read(&w, l.dir.inode);
	file_read(l.od, &is_real, &is_upper);
	l.dir.kind = is_real ? OVLS_IMPURE : OVLS_MERGED;
	how = outcome_of(&l, is_real, &w, ret);
	if (slow_ns && pid_wanted())
		slow_ends(&l, &(struct slow_end){ now, how, ret });
	if (how == OVLS_NO_CACHE)
		return;
	d = dir_get(&l.dir);
	if (d)
		d->version = w.version;
	if (!pid_wanted())
		return;
	if (by_task)
		share_listing(&l, how, now);
	else
		listing_count(&l, d, how, now);
	if (!d)
		return;
	if (how == OVLS_REBUILT || !d->parent)
		path_report(&l.dir, d, l.dentry);
	if (how == OVLS_REBUILT)
		measure(d, w.slot, now);
}

/*
 * A version bump outdates a cache that was fresh, or that a task builds in an open
 * window. Further bumps outdate nothing.
 */
static __always_inline void modified(struct ovls_key *key, __u64 dentry, bool impurity)
{
	__u64 stamp, refcount;
	struct inode_words w;
	bool bumped, building;
	struct ovls_dir *d;
	struct op *op;

	if (!wanted(key->dev))
		return;
	inode_read(&w, key->inode);
	if (!w.slot && !*(volatile __s64 *)&open_windows)
		return;
	refcount = w.slot ? read_u64(w.slot + layout.cache_refcount) : 0;
	stamp = w.slot ? read_u64(w.slot + layout.cache_version) : 0;
	key->kind = refcount ? OVLS_MERGED : OVLS_IMPURE;
	d = bpf_map_lookup_elem(&dirs, key);
	building = d && *(volatile __u32 *)&d->building;
	/* for a directory that was never listed, the kernel's condition decides */
	bumped = d && d->measured_ns ? w.version != d->version : impurity || w.whiteouts;
	if (d)
		d->version = w.version;
	if (!bumped)
		return;
	if (d)
		__sync_fetch_and_add(&d->mods, 1);
	if (!building && (!w.slot || stamp + 1 != w.version))
		return;
	if (!d) {
		d = dir_get(key);
		if (!d)
			return;
		d->version = w.version;
		__sync_fetch_and_add(&d->mods, 1);
	}
	__sync_fetch_and_add(&d->invalidations, 1);
	if (slow_ns && w.slot && stamp + 1 == w.version)
		slow_outdated(key, w.slot, stamp);
	if (!d->parent)
		path_report(key, d, dentry);
	op = op_find(current_tid());
	actor_count(key, op ? op->op : OVLW_OP_UNKNOWN, 0);
}

/* The lock of the argument is about to be released in a rebuild. */
static __always_inline void lock_drop(__u64 arg)
{
	struct ovls_listing *l = listing_of(0);
	struct inode_words w;
	struct ovls_dir *d;

	if (!l || !l->began || l->drop_ns || !inode_has_lock(l->dir.inode, arg))
		return;
	d = bpf_map_lookup_elem(&dirs, &l->dir);
	if (d) {
		inode_read(&w, l->dir.inode);
		d->version = w.version;
		__sync_fetch_and_add(&d->building, 1);
	}
	__sync_fetch_and_add(&open_windows, 1);
	l->drop_ns = bpf_ktime_get_ns();
}

/* A lock was taken; the owner shows whether it was the directory's. */
static __always_inline void lock_retaken(void)
{
	struct ovls_listing *l = listing_of(0);

	if (l && l->drop_ns && inode_locked(l->dir.inode))
		window_ends(l, bpf_ktime_get_ns());
}

static __always_inline void rebuild_begins(__u64 inode)
{
	struct ovls_listing *l = listing_of(inode);

	if (l)
		l->began = 1;
}

static __always_inline void stored(__u64 inode, __u64 cache)
{
	struct ovls_listing *l = cache ? listing_of(inode) : NULL;

	if (l)
		l->store_ns = bpf_ktime_get_ns();
}

#endif
