/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caches of merged directories. A listing builds one, others get it while it is fresh,
 * a stream puts it when it is rewound or closed, and the last put frees it.
 *
 * Compilers inline the functions that do this. So the programs compare a stream's cache
 * (struct ovl_dir_file) when ovl_iterate(), ovl_dir_llseek() and ovl_dir_release()
 * begin and end, and whenever they are about to release the directory's lock. These
 * three are called through pointers, and so are functions on every kernel. Events that
 * need the exact moment have their own probes.
 */
#ifndef OVLTRACE_BPF_TRACE_MERGED_H
#define OVLTRACE_BPF_TRACE_MERGED_H

#include "trace/rebuild.h"

enum {
	MERGED_TASKS = 512, /* tasks in one of these functions at a time; a power of two */
	MERGED_DEPTH = 4, /* an overlay may be a layer of another */
};

enum merged_kind {
	MERGED_ITERATE,
	MERGED_LLSEEK,
	MERGED_RELEASE,
};

/* A call of one of the functions. */
struct merged_frame {
	__u64 file; /* struct file */
	__u64 od; /* its struct ovl_dir_file; 0: not followed */
	__u64 inode;
	__u64 cache; /* the stream's cache at the last check */
	__u64 put; /* the cache whose put was already reported */
	__u64 freed; /* the last cache that was freed in this call */
	__u64 stored; /* the cache that this call built */
	__u64 version; /* of the directory, when it or its read began */
	__u32 kind;
	__u32 rewound; /* it begins at position 0 */
};

struct merged_task {
	__u32 tid; /* 0: unused */
	__u32 depth;
	struct merged_frame frame[MERGED_DEPTH];
};

static struct merged_task merged_tasks[MERGED_TASKS];

/*
 * Set while all probes are attached. Calls that begin in this time are followed to their
 * end.
 */
__u32 merged_on;
__u64 merged_active; /* calls that are being followed */

/* Known caches that are not freed, and their directories. Userspace makes room with --merged. */
OWNERS(merged_caches, 1)

TASK_SLOTS(merged, struct merged_task, merged_tasks, MERGED_TASKS)

/* The innermost function that the task is in. */
static __always_inline struct merged_frame *merged_top(struct merged_task *t)
{
	return t && t->depth ? &t->frame[(t->depth - 1) & (MERGED_DEPTH - 1)] : NULL;
}

static __always_inline __u64 merged_held(const struct merged_frame *f)
{
	return read_u64(f->od + layout.file_cache);
}

static __always_inline void merged_know(__u64 cache, __u64 inode)
{
	struct ovlw_owner is = { .cache = cache, .inode = inode };

	if (merged_caches_find(cache))
		return;
	is.ino = BPF_CORE_READ((struct inode *)inode, i_ino);
	is.dev = inode_dev(inode);
	if (!merged_caches_add(&is))
		lose(OVLW_LOST_LEDGER, 1);
}

static __always_inline struct ovlw_merged *merged_event(__u16 type, __u64 inode, __u64 cache)
{
	struct ovlw_merged *ev = ring_reserve(sizeof(*ev), 1);
	__s64 refcount = 0;
	__u64 stamp = 0;

	if (!ev)
		return NULL;
	__builtin_memset(ev, 0, sizeof(*ev));
	hdr_fill(&ev->hdr, type, 0);
	if (inode)
		dir_fill(&ev->dir, inode, 0, 0);
	ev->cache = cache;
	if (cache)
		cache_words(cache, &refcount, &stamp);
	ev->stamp = stamp;
	ev->refcount = refcount;
	return ev;
}

static __always_inline void merged_submit(struct ovlw_merged *ev)
{
	bpf_ringbuf_submit(ev, ring_flags());
}

/* before: refcount is read before the put, not after. */
static __always_inline void merged_put(struct merged_frame *f, __u64 cache, bool before,
				       __u32 flags)
{
	struct ovlw_merged *ev;

	f->put = cache;
	if (f->freed != cache)
		merged_know(cache, f->inode);
	ev = merged_event(OVLW_M_PUT, f->inode, cache);
	if (!ev)
		return;
	if (!before)
		ev->refcount = f->freed == cache ? 1 : ev->refcount + 1;
	ev->file = f->od;
	ev->flags = flags;
	merged_submit(ev);
}

static __always_inline void merged_took(struct merged_frame *f, __u16 type, __u64 cache,
					__u32 flags)
{
	struct ovlw_merged *ev;

	if (cache != f->freed)
		merged_know(cache, f->inode);
	ev = merged_event(type, f->inode, cache);
	if (!ev)
		return;
	ev->file = f->od;
	ev->version = f->version;
	ev->flags = flags | OVLW_MF_VERSION;
	merged_submit(ev);
}

/* Reports changes of the stream's cache, before the lock is released or the function ends. */
static __noinline void merged_look(struct merged_frame *f, __u32 ends, __u32 flags)
{
	__u64 now = f->kind == MERGED_RELEASE ? 0 : merged_held(f);
	__u64 was = f->cache;

	if (was && was != now)
		merged_put(f, was, false, flags);
	f->cache = now;
	if (now && now != was && now != f->stored)
		merged_took(f, OVLW_M_GET, now, f->stored ? OVLW_MF_ODD : 0);
	else if (!now && f->stored && ends)
		merged_took(f, OVLW_M_GET, f->stored, OVLW_MF_ODD);
	else if (now && now == was && ends && f->rewound && f->kind == MERGED_ITERATE &&
		 read_u64(now + layout.cache_version) != f->version)
		merged_took(f, OVLW_M_KEPT, now, 0);
}

static __always_inline void merged_begin(struct file *file, enum merged_kind kind, __s64 pos)
{
	struct merged_task *t;
	struct merged_frame *f;
	__u64 inode = (__u64)BPF_CORE_READ(file, f_inode);
	__u64 od = (__u64)BPF_CORE_READ(file, private_data);
	__u64 cache = read_u64(od + layout.file_cache);

	/* or there is no cache, and this call will not get one */
	if (!*(volatile __u32 *)&merged_on || (kind != MERGED_ITERATE && !cache))
		return;
	t = merged_claim();
	if (!t || t->depth >= MERGED_DEPTH) {
		lose(OVLW_LOST_TASK, 1);
		return;
	}
	__sync_fetch_and_add(&merged_active, 1);
	f = &t->frame[t->depth++ & (MERGED_DEPTH - 1)];
	f->file = (__u64)file;
	f->od = dir_wanted(inode) ? od : 0;
	f->inode = inode;
	f->cache = cache;
	f->put = f->freed = f->stored = 0;
	f->version = read_u64(inode + layout.inode_version);
	f->kind = kind;
	f->rewound = !pos;
}

/*
 * file: 0 if the return does not show it. Then the innermost call ends, or one without
 * a frame, which began before the trace or had no merged directory.
 */
static __always_inline void merged_end(__u64 file, enum merged_kind kind)
{
	struct merged_task *t = merged_peek();
	struct merged_frame *f = merged_top(t);

	if (!t || !f || f->kind != kind || (file && f->file != file))
		return;
	/* ovl_iterate() returns with the lock held; the others have released it */
	if (f->od)
		merged_look(f, 1, kind == MERGED_ITERATE ? 0 : OVLW_MF_LATE);
	__sync_fetch_and_add(&merged_active, -1);
	t->depth--;
	if (!t->depth)
		merged_release(t);
}

/* The lock is about to be released, perhaps by a followed call. */
static __always_inline void merged_unlocks(__u64 lock)
{
	struct merged_frame *f = merged_top(merged_peek());

	if (f && f->od && inode_has_lock(f->inode, lock))
		merged_look(f, 0, 0);
}

/* ovl_cache_put() begins. Its arguments may be changed by the compiler, so none is read. */
static __always_inline void merged_puts(void)
{
	struct merged_frame *f = merged_top(merged_peek());
	struct ovlw_merged *ev;
	__u64 cache;

	if (f ? !f->od : !*(volatile __u32 *)&merged_on)
		return;
	cache = f ? merged_held(f) : 0;
	if (cache) {
		merged_put(f, cache, true, 0);
		f->cache = 0;
		return;
	}
	ev = merged_event(OVLW_M_PUT, 0, 0);
	if (ev)
		merged_submit(ev);
}

/* The layers are about to be read. Without the lock, the version at its drop counts. */
static __always_inline void merged_reads(void)
{
	struct merged_frame *f = merged_top(merged_peek());

	if (f && f->od && f->kind == MERGED_ITERATE && inode_locked(f->inode))
		f->version = read_u64(f->inode + layout.inode_version);
}

/* p is a cache or one of its entries. */
static __always_inline void merged_freed(__u64 p, __u32 site)
{
	struct ovlw_owner *owner = merged_caches_find(p);
	struct ovlw_merged *ev;
	struct merged_frame *f;

	if (!owner) {
		site_other[site]++;
		return;
	}
	site_cache[site]++;
	f = merged_top(merged_peek());
	if (f) {
		/* the stream's own cache: its put was not reported yet */
		if (f->od && f->cache == p) {
			merged_put(f, p, false, 0);
			f->cache = 0;
		}
		f->freed = p;
	}
	ev = merged_event(OVLW_M_FREE, owner->inode, p);
	if (ev)
		merged_submit(ev);
	merged_caches_remove(p);
}

/* Any kfree() of the system, if call sites cannot be probed. */
static __always_inline void merged_freed_anywhere(__u64 p)
{
	struct merged_frame *f = p ? merged_top(merged_peek()) : NULL;

	if (f && f->od)
		merged_freed(p, 0);
}

static __noinline void merged_path(struct merged_frame *f)
{
	struct file *file = (struct file *)f->file;
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct dentry_words w = {};
	__u64 inode = f->inode;
	struct seen_dir now = { .key = inode };

	dentry_read(&w, dentry);
	now.ino = BPF_CORE_READ((struct inode *)inode, i_ino);
	now.parent = w.parent;
	now.hash_len = w.hash_len;
	path_report(dentry, inode, inode_dev(inode), &now);
}

static __always_inline void merged_store(__u64 inode, __u64 cache, struct ovl_dir_cache *typed)
{
	struct merged_frame *f = merged_top(merged_peek());
	struct ovlw_merged *ev;
	__u32 entries = 0;
	bool bad = false;

	if (f && f->inode != inode)
		f = NULL;
	if (f && f->od)
		merged_path(f);
	if (want_entries && !(typed && cache_count_typed(typed, &entries, &bad)))
		entries = cache_count(cache, &bad);
	merged_know(cache, inode);
	if (f) {
		f->stored = cache;
		/* an earlier cache at this address was put and freed */
		if (f->cache == cache)
			f->cache = 0;
	}
	/* check right before the use: 6.1's verifier forgets that it is not NULL */
	ev = merged_event(OVLW_M_STORE, inode, cache);
	if (!ev)
		return;
	task_fill(&ev->task);
	ev->entries = entries;
	ev->flags = bad ? OVLW_MF_BADLIST : 0;
	if (f && f->od) {
		ev->file = f->od;
		ev->version = f->version;
		ev->flags |= OVLW_MF_VERSION;
	}
	merged_submit(ev);
}

/* The slot is about to change. */
static __always_inline void merged_set(__u64 inode, __u64 cache, struct ovl_dir_cache *typed)
{
	struct ovlw_merged *ev;
	__u64 slot;

	if (!*(volatile __u32 *)&merged_on && !merged_top(merged_peek()))
		return;
	if (cache) {
		if ((__s32)read_u64(cache + layout.cache_refcount) > 0 && dir_wanted(inode))
			merged_store(inode, cache, typed);
		return;
	}
	slot = inode_slot(inode);
	if (!slot || !merged_caches_find(slot))
		return;
	ev = merged_event(OVLW_M_UNSLOT, inode, slot);
	if (ev)
		merged_submit(ev);
}

#endif
