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

__noinline int merged_know(__u64 cache, __u64 inode)
{
	struct ovlw_owner is = { .cache = cache, .inode = inode };

	if (merged_caches_find(cache))
		return 0;
	is.ino = BPF_CORE_READ((struct inode *)inode, i_ino);
	is.dev = inode_dev(inode);
	if (!merged_caches_add(&is))
		lose(OVLW_LOST_LEDGER, 1);
	return 0;
}

enum merged_put {
	PUT_BEGINS, /* or it is no put */
	PUT_ENDED,
	PUT_FREED, /* and its cache was freed, so it was the last one */
};

/* What an event says, besides what is read from the cache and its directory. */
struct merged_change {
	__u64 inode, cache, file, version; /* 0: unknown */
	__u32 type; /* OVLW_M_* */
	__u32 flags; /* OVLW_MF_* */
	__u32 entries;
	__u32 put; /* enum merged_put: the refcount before it is wanted */
};

__noinline int merged_report(const struct merged_change *c)
{
	struct ovlw_merged *ev;
	__s64 refcount = 0;
	__u64 stamp = 0;

	if (!c)
		return 0;
	ev = ring_reserve(sizeof(*ev), 1);
	if (!ev)
		return 0;
	__builtin_memset(ev, 0, sizeof(*ev));
	hdr_fill(&ev->hdr, c->type, 0);
	if (c->inode)
		dir_fill(&ev->dir, c->inode, 0, 0);
	if (c->cache)
		cache_words(c->cache, &refcount, &stamp);
	if (c->type == OVLW_M_STORE)
		task_fill(&ev->task);
	ev->cache = c->cache;
	ev->stamp = stamp;
	ev->file = c->file;
	ev->version = c->version;
	ev->refcount = c->put == PUT_FREED ? 1 : refcount + c->put;
	ev->entries = c->entries;
	ev->flags = c->flags;
	bpf_ringbuf_submit(ev, ring_flags());
	return 0;
}

static __always_inline void merged_put(struct merged_frame *f, __u64 cache, enum merged_put put,
				       __u32 flags)
{
	struct merged_change c = {
		.type = OVLW_M_PUT,
		.inode = f->inode,
		.cache = cache,
		.file = f->od,
		.flags = flags,
		.put = put,
	};

	f->put = cache;
	if (f->freed != cache)
		merged_know(cache, f->inode);
	else if (put == PUT_ENDED)
		c.put = PUT_FREED;
	merged_report(&c);
}

static __always_inline void merged_took(struct merged_frame *f, __u16 type, __u64 cache,
					__u32 flags)
{
	struct merged_change c = {
		.type = type,
		.inode = f->inode,
		.cache = cache,
		.file = f->od,
		.version = f->version,
		.flags = flags | OVLW_MF_VERSION,
	};

	if (cache != f->freed)
		merged_know(cache, f->inode);
	merged_report(&c);
}

/* Reports changes of the stream's cache, before the lock is released or the function ends. */
__noinline int merged_look(struct merged_frame *f, __u32 ends, __u32 flags)
{
	__u64 now, was, took = 0;
	__u16 type = OVLW_M_GET;
	__u32 odd = 0;

	if (!f)
		return 0;
	now = f->kind == MERGED_RELEASE ? 0 : merged_held(f);
	was = f->cache;
	if (was && was != now)
		merged_put(f, was, PUT_ENDED, flags);
	f->cache = now;
	if (now && now != was && now != f->stored) {
		took = now;
		odd = f->stored ? OVLW_MF_ODD : 0;
	} else if (!now && f->stored && ends) {
		took = f->stored;
		odd = OVLW_MF_ODD;
	} else if (now && now == was && ends && f->rewound && f->kind == MERGED_ITERATE &&
		   read_u64(now + layout.cache_version) != f->version) {
		took = now;
		type = OVLW_M_KEPT;
	}
	if (took)
		merged_took(f, type, took, odd);
	return 0;
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
	struct merged_change unknown = { .type = OVLW_M_PUT };
	__u64 cache;

	if (f ? !f->od : !*(volatile __u32 *)&merged_on)
		return;
	cache = f ? merged_held(f) : 0;
	if (cache) {
		merged_put(f, cache, PUT_BEGINS, 0);
		f->cache = 0;
		return;
	}
	merged_report(&unknown);
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
	struct merged_change c = { .type = OVLW_M_FREE, .cache = p };
	struct ovlw_owner *owner = merged_caches_find(p);
	struct merged_frame *f;

	if (!owner) {
		site_other[site]++;
		return;
	}
	site_cache[site]++;
	c.inode = owner->inode;
	f = merged_top(merged_peek());
	if (f) {
		/* the stream's own cache: its put was not reported yet */
		if (f->od && f->cache == p) {
			merged_put(f, p, PUT_ENDED, 0);
			f->cache = 0;
		}
		f->freed = p;
	}
	merged_report(&c);
	merged_caches_remove(p);
}

/* Any kfree() of the system, if call sites cannot be probed. */
static __always_inline void merged_freed_anywhere(__u64 p)
{
	struct merged_frame *f = p ? merged_top(merged_peek()) : NULL;

	if (f && f->od)
		merged_freed(p, 0);
}

/* Is this store of a cache, or the emptying of the slot, to be reported? */
static __always_inline bool merged_wants(__u64 inode, __u64 cache)
{
	if (!merged || (!*(volatile __u32 *)&merged_on && !merged_top(merged_peek())))
		return false;
	return !cache || ((__s32)read_u64(cache + layout.cache_refcount) > 0 && dir_wanted(inode));
}

/* A cache is about to be stored. entries: see BAD_LIST. */
static __always_inline void merged_store(__u64 inode, __u64 cache, __u32 entries)
{
	struct merged_frame *f = merged_top(merged_peek());
	struct merged_change c = {
		.type = OVLW_M_STORE,
		.inode = inode,
		.cache = cache,
		.entries = entries & ~BAD_LIST,
		.flags = entries & BAD_LIST ? OVLW_MF_BADLIST : 0,
	};

	if (f && f->inode != inode)
		f = NULL;
	if (f && f->od) {
		struct file *file = (struct file *)f->file;

		dentry_report(BPF_CORE_READ(file, f_path.dentry), inode);
		c.file = f->od;
		c.version = f->version;
		c.flags |= OVLW_MF_VERSION;
	}
	merged_know(cache, inode);
	if (f) {
		f->stored = cache;
		/* an earlier cache at this address was put and freed */
		if (f->cache == cache)
			f->cache = 0;
	}
	merged_report(&c);
}

/* The slot is about to change. */
__noinline int merged_set(__u64 inode, __u64 cache, __u32 entries)
{
	struct merged_change c = { .type = OVLW_M_UNSLOT, .inode = inode };

	if (cache) {
		merged_store(inode, cache, entries);
		return 0;
	}
	c.cache = inode_slot(inode);
	if (c.cache && merged_caches_find(c.cache))
		merged_report(&c);
	return 0;
}

#endif
