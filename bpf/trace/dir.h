/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a directory of an overlay: its inode, its cache slot, its path.
 */
#ifndef OVLTRACE_BPF_TRACE_DIR_H
#define OVLTRACE_BPF_TRACE_DIR_H

#include "common/path.h"
#include "trace/state.h"

enum {
	MAX_ENTRIES = 1 << 14,
	TYPED_ENTRIES = 512,
	PATH_HEAD = __builtin_offsetof(struct ovlw_path, path),
	SHORT_PATH = 256, /* most paths are shorter, and take less of the ring */
};

/* Directories whose path has been written, and the dentry's state at that time. */
struct seen_dir {
	__u64 key; /* inode */
	__u32 turn, pad;
	__u64 ino;
	__u64 parent;
	__u64 hash_len;
};

NOTES(seen, struct seen_dir, 16384)

PATH_SCRATCH(struct ovlw_path)

/* ino and dev: if they are known, since they never change; else 0 */
static __always_inline void dir_fill(struct ovlw_dir *dir, __u64 inode, __u64 ino, __u32 dev)
{
	struct inode_words w;

	inode_read(&w, inode);
	dir->inode = inode;
	dir->slot = w.slot;
	dir->version = w.version;
	dir->impure = w.impure;
	dir->whiteouts = w.whiteouts;
	if (ino) {
		dir->ino = ino;
		dir->dev = dev;
	} else {
		dir->ino = read_member(inode, struct inode, i_ino);
		dir->dev = inode_dev(inode);
	}
}

static __always_inline bool dir_wanted(__u64 inode)
{
	__u32 dev;

	if (!ndevs)
		return true;
	dev = inode_dev(inode);
	return dev == *(volatile __u32 *)&proof_dev || device_listed(dev);
}

/* Reads refcount and version: at once if they are adjacent. */
static __always_inline void cache_words(__u64 cache, __s64 *refcount, __u64 *version)
{
	__u64 words[2] = {};

	if (!PLAIN_LOADS && layout.cache_version == layout.cache_refcount + sizeof(__u64)) {
		bpf_probe_read_kernel(words, sizeof(words),
				      (void *)(cache + layout.cache_refcount));
	} else {
		words[0] = read_u64(cache + layout.cache_refcount);
		words[1] = read_u64(cache + layout.cache_version);
	}
	/* refcount is an int in older kernels and a long in newer ones: the lower half suffices */
	*refcount = (__s32)words[0];
	*version = words[1];
}

/* The refcount by a plain load. False: its type is unknown. */
static __always_inline bool cache_refcount_typed(struct ovl_dir_cache *cache, __s32 *refcount)
{
	struct ovl_dir_cache___int *older = (void *)cache;

	if (bpf_core_field_exists(cache->refcount) &&
	    bpf_core_field_size(cache->refcount) == sizeof(cache->refcount))
		*refcount = (__s32)cache->refcount;
	else if (bpf_core_field_exists(older->refcount) &&
		 bpf_core_field_size(older->refcount) == sizeof(older->refcount))
		*refcount = older->refcount;
	else
		return false;
	return true;
}

struct count_ctx {
	__u64 head;
	__u64 at;
	__u32 n;
	__u32 bad;
};

static long count_one(__u32 i, struct count_ctx *c)
{
	__u64 next;

	if (c->at == c->head)
		return 1;
	if (bpf_probe_read_kernel(&next, sizeof(next), (void *)c->at)) {
		c->bad = 1;
		return 1;
	}
	c->at = next;
	c->n++;
	return 0;
}

/*
 * 0, which is unknown to the verifier. With a known number the verifier would follow
 * the code after the loop once for each iteration (on 6.1, for minutes).
 */
__u32 nought;

/*
 * Counts entries through typed pointers. Plain loads cost a hundredth of a helper call, so
 * much of the rest would be the loop itself: it is unrolled. Returns false if the list is too long.
 */
static __always_inline bool count_typed(struct list_head *head, __u32 *n, bool *bad)
{
	struct list_head *p = head->next;
	__u32 i;

	*bad = p->prev != head;
	*n = 0;
	if (*bad)
		return true;
#pragma unroll 8
	for (i = 0; i < TYPED_ENTRIES; i++) {
		if (p == head) {
			*n = i ^ *(volatile __u32 *)&nought;
			return true;
		}
		p = p->next;
	}
	return false;
}

/* What set_dir_cache() passes on: entries of a list, and whether it is none. */
#define BAD_LIST (1U << 31)

/* Counts the entries of a cache by helper calls. */
__noinline int cache_count(__u64 cache)
{
	struct count_ctx c = { .head = cache + layout.cache_entries };

	c.at = read_u64(c.head);
	/* a list's first entry points back at the head */
	if (read_u64(c.at + sizeof(__u64)) != c.head)
		return BAD_LIST;
	bpf_loop(MAX_ENTRIES, count_one, &c, 0);
	return c.bad ? c.n | BAD_LIST : c.n;
}

/* The list of a cache's entries as a typed pointer; NULL: it has none. */
static __always_inline struct list_head *entries_typed(__u64 cache, struct ovl_dir_cache *typed)
{
#if PLAIN_LOADS
	return bpf_rdonly_cast((void *)(cache + layout.cache_entries),
			       bpf_core_type_id_kernel(struct list_head));
#else
	return typed ? &typed->entries : NULL;
#endif
}

/* typed: the cache as a typed pointer, if the program has one; else NULL */
static __always_inline __u32 entries_count(__u64 cache, struct ovl_dir_cache *typed)
{
	struct list_head *list;
	__u32 n = 0;
	bool bad = false;

	if (!want_entries || !cache)
		return 0;
	list = entries_typed(cache, typed);
	if (list && count_typed(list, &n, &bad))
		return bad ? BAD_LIST : n;
	return cache_count(cache);
}

/* size is a constant, as the ring requires. */
static __always_inline bool path_write(struct path_scratch *s, __u64 size)
{
	/* reserve before taking a number: a failed write must leave no gap */
	struct ovlw_path *ev = ring_reserve(size, 1);

	if (!ev)
		return false;
	bpf_probe_read_kernel(ev, size, &s->ev);
	hdr_fill(&ev->hdr, OVLW_PATH_NAME, 0);
	/* userspace looks up the mount now, while the task lives */
	bpf_ringbuf_submit(ev, BPF_RB_FORCE_WAKEUP);
	return true;
}

/* Writes the path of a directory, unless it was written and has not changed. now: its state. */
__noinline int path_report(__u64 dentry, __u32 dev, const struct seen_dir *now)
{
	struct path_scratch *s;
	struct seen_dir *was;
	__u64 len;

	if (!now)
		return 0;
	was = seen_find(now->key);
	if (was && was->ino == now->ino && was->parent == now->parent &&
	    was->hash_len == now->hash_len)
		return 0;
	s = scratch_get();
	if (!s)
		return 0;
	len = path_names(s->ev.path, &s->ev.truncated, (struct dentry *)dentry);
	/* keep it in one register: the verifier does not apply the check to copies */
	asm volatile("" : "+r"(len));
	if (len > OVLW_PATH)
		len = OVLW_PATH;
	s->ev.len = len;
	dir_fill(&s->ev.dir, now->key, now->ino, dev);
	if (len <= SHORT_PATH ? path_write(s, PATH_HEAD + SHORT_PATH) :
				path_write(s, PATH_HEAD + OVLW_PATH))
		seen_put(now);
	scratch_put(s);
	return 0;
}

static __always_inline void path_emit(struct dentry *dentry, const struct ovlw_state *st)
{
	struct seen_dir now = {
		.key = st->inode,
		.ino = st->ino,
		.parent = st->parent,
		.hash_len = st->hash_len,
	};

	path_report(as_number(dentry), st->dev, &now);
}

/* Writes the path of a directory from one of its dentries. */
static __always_inline void dentry_report(struct dentry *dentry, __u64 inode)
{
	struct dentry_words w = {};
	struct seen_dir now = { .key = inode };

	dentry_read(&w, dentry);
	now.ino = BPF_CORE_READ((struct inode *)inode, i_ino);
	now.parent = w.parent;
	now.hash_len = w.hash_len;
	if (w.inode == inode)
		path_report(as_number(dentry), inode_dev(inode), &now);
}

/* The same from its inode, through its only dentry. */
__noinline int dir_report(__u64 inode)
{
	struct dentry *dentry = inode_alias(inode);

	if (dentry)
		dentry_report(dentry, inode);
	return 0;
}

/* Stores the directory in the task's state, and writes its path if it is new. */
static __always_inline void dir_enter(struct ovlw_state *st, struct dentry *dentry,
				      const struct dentry_words *w)
{
	__u64 inode = w->inode;

	st->inode = inode;
	if (sees_destroy && st->known == inode && st->gen == *(volatile __u64 *)&destroyed_gen &&
	    st->parent == w->parent && st->hash_len == w->hash_len)
		return;
	st->gen = *(volatile __u64 *)&destroyed_gen;
	st->ino = BPF_CORE_READ((struct inode *)inode, i_ino);
	st->dev = inode_dev(inode);
	st->parent = w->parent;
	st->hash_len = w->hash_len;
	path_emit(dentry, st);
	st->known = inode;
}

#endif
