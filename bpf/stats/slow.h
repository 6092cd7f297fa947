/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of a listing, for `slow`. All of it is dead code while slow_ns is 0.
 *
 * A task calls iterate_dir(), which waits for the directory's lock and calls ovl_iterate().
 * Within it, iterate_dir() of other files reads the layers, and ovl_cache_update() looks up
 * entries. iterate_dir() of the stream's own real file is no read for a cache: its entries go
 * to the caller (fs/readdir.c, fs/overlayfs/readdir.c; read at 6.1, 6.12 and 7.3).
 */
#ifndef OVLTRACE_BPF_STATS_SLOW_H
#define OVLTRACE_BPF_STATS_SLOW_H

#include "stats/table.h"

__u64 listings_seen; /* that have returned */
__u64 slow_seen; /* of these, longer than slow_ns */
__u64 slow_lost; /* of these, without room in the ring */

/* Userspace gives these two maps their size, if they are needed. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} slow SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct ovls_key);
	__type(value, struct ovls_change);
} changes SEC(".maps");

/* The iterate_dir() of an overlay's directory that a task has entered. */
struct call {
	__u64 key; /* tid */
	__u32 turn;
	__u32 unused;
	__u64 file, ns;
};

NOTES(call, struct call, 4096)

/* include/uapi/linux/magic.h: OVERLAYFS_SUPER_MAGIC */
static __always_inline bool is_overlay(unsigned long magic)
{
	return magic == 0x794c7630;
}

static __always_inline void call_begins(__u64 file)
{
	struct call now = { .key = current_tid(), .file = file, .ns = bpf_ktime_get_ns() };

	call_put(&now);
}

/* The listing has the lock. Its id is the file, or not: the open directory shows which. */
static __always_inline void slow_begins(struct ovls_listing *l, __u64 stamp)
{
	struct call *c = call_find(current_tid());
	__u64 at = bpf_core_field_offset(struct file, private_data);

	l->stamp = stamp;
	l->call_ns = 0;
	l->read_file = l->read_ns = l->layer_file = l->layers_ns = l->served_ns = 0;
	l->lookup_ns = l->lookups_ns = l->late_lookups_ns = 0;
	l->layers = l->lookups = 0;
	l->plain = l->torn = 0;
	if (!c || read_u64(c->file + at) != l->od)
		return;
	l->call_ns = c->ns;
	call_drop(current_tid());
}

static __always_inline bool is_served(const struct ovls_listing *l, __u64 file)
{
	return more.file_realfile >= 0 && read_u64(l->od + more.file_realfile) == file;
}

static __always_inline void read_begins(__u64 file)
{
	struct ovls_listing *l = listing_of(0);

	if (!l)
		return;
	if (l->read_ns)
		l->torn = 1;
	l->read_file = file;
	l->read_ns = bpf_ktime_get_ns();
	if (is_served(l, file)) {
		if (!l->served_ns)
			l->served_ns = l->read_ns;
	} else if (l->layer_file != file) {
		/* a layer's file is closed after the system call, so its address is not used again */
		l->layer_file = file;
		l->layers++;
	}
}

/* A listing's own iterate_dir() returns when it is no longer the task's current listing. */
static __always_inline void read_ends(void)
{
	struct ovls_listing *l = listing_of(0);

	if (!l || !l->read_ns)
		return;
	if (!is_served(l, l->read_file))
		l->layers_ns += bpf_ktime_get_ns() - l->read_ns;
	l->read_ns = 0;
}

static __always_inline void lookup_begins(void)
{
	struct ovls_listing *l = listing_of(0);

	if (!l)
		return;
	if (l->lookup_ns)
		l->torn = 1;
	l->lookups++;
	l->lookup_ns = bpf_ktime_get_ns();
}

static __always_inline void lookup_ends(void)
{
	struct ovls_listing *l = listing_of(0);
	__u64 ns;

	if (!l || !l->lookup_ns)
		return;
	ns = bpf_ktime_get_ns() - l->lookup_ns;
	l->lookup_ns = 0;
	if (l->store_ns || l->served_ns)
		l->late_lookups_ns += ns;
	else
		l->lookups_ns += ns;
}

/* The task has outdated the cache in the slot. */
__noinline int slow_outdated(struct ovls_key *key, __u64 slot, __u64 stamp)
{
	struct ovls_change c = { .slot = slot, .stamp = stamp };
	struct ovls_key dir; /* 6.1 takes no key from the caller's memory */
	struct op *op;

	if (!key)
		return 0;
	dir = *key;
	op = op_find(current_tid());
	c.ns = bpf_ktime_get_ns();
	c.op = op ? op->op : OVLW_OP_UNKNOWN;
	c.pid = current_pid();
	c.cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(c.comm, sizeof(c.comm));
	bpf_map_update_elem(&changes, &dir, &c, BPF_ANY);
	return 0;
}

struct slow_end {
	__u64 now;
	__u32 outcome; /* enum ovls_outcome */
	__s32 ret;
};

static long entry_next(__u32 i, struct measure *m)
{
	if (m->at == m->head)
		return 1;
	m->at = read_u64(m->at);
	m->n++;
	return 0;
}

/* The entries of the cache that the listing used, which the lock protects. */
static __always_inline __u32 slow_entries(const struct ovls_listing *l)
{
	struct measure m = {};
	__u64 cache = l->dir.kind == OVLS_MERGED ? read_u64(l->od + more.file_cache) :
						   inode_slot(l->dir.inode);

	if (!cache)
		return 0;
	m.head = cache + layout.cache_entries;
	m.at = read_u64(m.head);
	bpf_loop(OVLS_SLOW_ENTRIES, entry_next, &m, 0);
	return m.n;
}

static __always_inline void slow_fill(struct ovls_slow *ev, struct ovls_listing *l,
				      const struct slow_end *e)
{
	struct ovls_key dir = l->dir;
	struct ovls_change *by = bpf_map_lookup_elem(&changes, &dir);

	bpf_probe_read_kernel(&ev->in, sizeof(ev->in), l);
	ev->by.ns = 0;
	if (by && l->slot && by->slot == l->slot && by->stamp == l->stamp)
		bpf_probe_read_kernel(&ev->by, sizeof(ev->by), by);
	ev->end_ns = e->now;
	ev->tid = current_tid();
	ev->ret = e->ret;
	ev->kind = more.file_is_real < 0      ? OVLS_SLOW_UNKNOWN :
		   l->dir.kind == OVLS_MERGED ? OVLS_SLOW_MERGED :
		   l->plain		      ? OVLS_SLOW_PLAIN :
						OVLS_SLOW_IMPURE;
	ev->outcome = e->outcome;
	ev->unused = 0;
	bpf_get_current_comm(ev->comm, sizeof(ev->comm));
}

/* size is a constant, as the ring requires. False: there is no room. */
static __always_inline bool slow_write(struct ovls_listing *l, const struct slow_end *e,
				       struct path_scratch *s, __u64 size)
{
	enum {
		AT = __builtin_offsetof(struct ovls_slow, at)
	};
	struct ovls_slow *ev = bpf_ringbuf_reserve(&slow, size, 0);

	if (!ev)
		return false;
	slow_fill(ev, l, e);
	ev->entries = ev->kind == OVLS_SLOW_PLAIN ? 0 : slow_entries(l);
	bpf_probe_read_kernel((void *)ev + AT, size - AT, &s->ev);
	/* userspace looks up the mount and the cgroup while the task lives */
	bpf_ringbuf_submit(ev, BPF_RB_FORCE_WAKEUP);
	return true;
}

__noinline int slow_report(struct ovls_listing *l, struct slow_end *e)
{
	enum {
		HEAD = __builtin_offsetof(struct ovls_slow, at.path),
		SHORT = 256
	};
	struct path_scratch *s;
	bool written = false;
	__u64 len;

	if (!l || !e)
		return 0;
	__sync_fetch_and_add(&slow_seen, 1);
	s = scratch_get();
	if (s) {
		s->ev.dir = l->dir;
		s->ev.reported = OVLS_REPORTED_PATH;
		s->ev.cgroup = bpf_get_current_cgroup_id();
		s->ev.pid = current_pid();
		len = path_names(s->ev.path, &s->ev.truncated, (struct dentry *)l->dentry);
		s->ev.len = len < OVLW_PATH ? len : OVLW_PATH;
		written = s->ev.len <= SHORT ? slow_write(l, e, s, HEAD + SHORT) :
					       slow_write(l, e, s, HEAD + OVLW_PATH);
		scratch_put(s);
	}
	if (!written)
		__sync_fetch_and_add(&slow_lost, 1);
	return 0;
}

static __always_inline void slow_ends(struct ovls_listing *l, struct slow_end *e)
{
	__sync_fetch_and_add(&listings_seen, 1);
	if (l->read_ns || l->lookup_ns)
		l->torn = 1;
	if (e->now - (l->call_ns ? l->call_ns : l->begin_ns) > slow_ns)
		slow_report(l, e);
}

#endif
