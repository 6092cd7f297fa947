/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counters of each directory, and the listings that tasks are in.
 */
#ifndef OVLTRACE_BPF_STATS_TABLE_H
#define OVLTRACE_BPF_STATS_TABLE_H

#include "common/device.h"
#include "common/inode.h"
#include "common/notes.h"
#include "common/path.h"
#include "common/task.h"
#include <bpf/bpf_tracing.h>
#include "ovltrace/dirstat_wire.h"
#include "ovltrace/follow_wire.h"

/* Set before load, from the plan and the options. */
const volatile struct ovls_layout more;
const volatile bool sees_begin; /* the start of a rebuild is seen, not only that of its listing */
/* The threshold of `slow`; 0: not asked. What serves only it is then not even verified. */
const volatile __u64 slow_ns;
const volatile __u32 trees; /* count listings of these (enum ovlf_tree); 0: of all processes */
const volatile bool by_task; /* count listings in shares: userspace chooses those of some tasks */

/* Read by userspace. */
struct ovls_rest rest[OVLS_KINDS];
__u64 unfinished; /* listings whose return was not seen */
__u64 no_room; /* listings that did not fit into the table of tasks */
/* Running listings without a cache hit. While it is 0, the probes inside return at once. */
__s64 open_listings;
/* Tasks that have dropped a directory's lock in a rebuild. */
__s64 open_windows;

struct ovls_dir new_dir; /* all 0 */

enum {
	MEASURE_NS = 20000000, /* the shortest time between measurements of a cache */
};

struct ovls_task tasks[OVLS_TASKS];

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct ovls_key);
	__type(value, struct ovls_dir);
} dirs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct ovls_actor);
	__type(value, struct ovls_actor_count);
} actors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* that of dirs, if by_task is set */
	__type(key, struct ovls_share);
	__type(value, struct ovls_dir);
} shares SEC(".maps");

/* The directory operation that a task is in. */
struct op {
	__u64 key; /* tid */
	__u32 turn;
	__u32 op; /* enum ovlw_op */
};

NOTES(op, struct op, 4096)

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* replaced by that of bpf/follow, if trees is set */
	__type(key, __u32);
	__type(value, struct ovlf_member);
} pids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 << 10);
} paths SEC(".maps");

PATH_SCRATCH(struct ovls_path)

/* od: struct ovl_dir_file. Without its BTF only impure directories are recognized. */
static __always_inline void file_read(__u64 od, bool *is_real, bool *is_upper)
{
	__u64 word = 0;

	*is_real = *is_upper = true;
	/* adjacent in all known kernels: one read, because each costs a hundred instructions */
	if (more.file_is_real >= 0 && more.file_is_real < 8 && layout.file_is_upper >= 0 &&
	    layout.file_is_upper < 8) {
		word = read_u64(od);
		*is_real = word >> (more.file_is_real * 8) & 0xff;
		*is_upper = word >> (layout.file_is_upper * 8) & 0xff;
		return;
	}
	if (more.file_is_real >= 0)
		bpf_probe_read_kernel(is_real, sizeof(bool), (void *)(od + more.file_is_real));
	if (layout.file_is_upper >= 0)
		bpf_probe_read_kernel(is_upper, sizeof(bool), (void *)(od + layout.file_is_upper));
}

static __always_inline bool wanted(__u32 dev)
{
	return !ndevs || device_listed(dev);
}

static __always_inline bool pid_wanted(void)
{
	const struct ovlf_member *m;
	__u32 pid;

	if (!trees)
		return true;
	pid = current_pid();
	m = bpf_map_lookup_elem(&pids, &pid);
	return m && m->trees & trees;
}

TASK_SLOTS(task, struct ovls_task, tasks, OVLS_TASKS)

/* The task's current listing, if it is of that directory; 0: of any directory. */
static __always_inline struct ovls_listing *listing_of(__u64 inode)
{
	struct ovls_listing *l;
	struct ovls_task *t;

	if (!*(volatile __s64 *)&open_listings)
		return NULL;
	t = task_peek();
	if (!t || !t->depth)
		return NULL;
	l = &t->in[(t->depth - 1) & 3];
	return !inode || l->dir.inode == inode ? l : NULL;
}

static __always_inline struct ovls_dir *dir_get(const struct ovls_key *key)
{
	struct ovls_dir *d = bpf_map_lookup_elem(&dirs, key);

	if (d)
		return d;
	bpf_map_update_elem(&dirs, key, &new_dir, BPF_NOEXIST);
	return bpf_map_lookup_elem(&dirs, key);
}

/* size is a constant, as the ring requires. */
static __always_inline bool path_write(struct path_scratch *s, __u64 size)
{
	void *ev = bpf_ringbuf_reserve(&paths, size, 0);

	if (!ev)
		return false;
	bpf_probe_read_kernel(ev, size, &s->ev);
	/* userspace looks up the mount now, while the task lives */
	bpf_ringbuf_submit(ev, BPF_RB_FORCE_WAKEUP);
	return true;
}

/* Writes the path of a directory that is new or was moved. */
__noinline int path_report(struct ovls_key *key, struct ovls_dir *d, __u64 at)
{
	enum {
		HEAD = __builtin_offsetof(struct ovls_path, path),
		SHORT = 256
	};
	struct dentry *dentry = (struct dentry *)at;
	struct dentry_words w = {};
	__u64 len;
	struct path_scratch *s;

	if (!key || !d || !dentry)
		return 0;
	dentry_read(&w, dentry);
	if (d->parent == w.parent && d->hash_len == w.hash_len)
		return 0;
	s = scratch_get();
	if (!s)
		return 0;
	s->ev.dir = *key;
	s->ev.reported = OVLS_REPORTED_PATH;
	s->ev.cgroup = bpf_get_current_cgroup_id();
	s->ev.pid = current_pid();
	len = path_names(s->ev.path, &s->ev.truncated, dentry);
	s->ev.len = len < OVLW_PATH ? len : OVLW_PATH;
	if (s->ev.len <= SHORT ? path_write(s, HEAD + SHORT) : path_write(s, HEAD + OVLW_PATH)) {
		d->parent = w.parent;
		d->hash_len = w.hash_len;
	}
	scratch_put(s);
	return 0;
}

/* Reports a new task: its cgroup may no longer exist when the tables are read. */
static __always_inline void actor_report(const struct ovls_key *dir, __u64 cgroup)
{
	enum {
		HEAD = __builtin_offsetof(struct ovls_path, path)
	};
	struct ovls_path *ev = bpf_ringbuf_reserve(&paths, HEAD, 0);

	if (!ev)
		return;
	ev->dir = *dir;
	ev->cgroup = cgroup;
	ev->pid = current_pid();
	ev->reported = OVLS_REPORTED_ACTOR;
	ev->len = ev->truncated = 0;
	bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
}

__noinline int actor_count(struct ovls_key *key, __u32 what, __u64 ns)
{
	struct ovls_actor_count one = { 1, ns }, *n;
	struct ovls_actor a = {};

	if (!key)
		return 0;
	a.dir = *key;
	a.what = what;
	a.pid = current_pid();
	a.cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(a.comm, sizeof(a.comm));
	n = bpf_map_lookup_elem(&actors, &a);
	if (!n && !bpf_map_update_elem(&actors, &a, &one, BPF_NOEXIST)) {
		actor_report(&a.dir, a.cgroup);
		return 0;
	}
	n = bpf_map_lookup_elem(&actors, &a);
	/* the table is full: the directory's count includes it, and the difference is reported */
	if (!n)
		return 0;
	__sync_fetch_and_add(&n->count, 1);
	__sync_fetch_and_add(&n->ns, ns);
	return 0;
}

/* The counters of tasks like the current one; NULL: there is no room. */
static __always_inline struct ovls_dir *share_get(const struct ovls_key *dir)
{
	struct ovls_share s = { .dir = *dir, .cgroup = bpf_get_current_cgroup_id() };
	struct ovls_dir *d;

	bpf_get_current_comm(s.comm, sizeof(s.comm));
	d = bpf_map_lookup_elem(&shares, &s);
	if (d)
		return d;
	if (!bpf_map_update_elem(&shares, &s, &new_dir, BPF_NOEXIST))
		actor_report(dir, s.cgroup);
	return bpf_map_lookup_elem(&shares, &s);
}

struct measure {
	__u64 head, at, bytes;
	__u32 n;
};

static long measure_one(__u32 i, struct measure *m)
{
	__u32 node = more.entry_node - more.entry_len;
	char buf[40];

	if (m->at == m->head)
		return 1;
	if (more.entry_len >= 0 && node <= 32) {
		if (bpf_probe_read_kernel(buf, sizeof(buf),
					  (void *)(m->at - more.entry_node + more.entry_len)))
			return 1;
		m->bytes += *(__u32 *)buf + 1;
		m->at = *(__u64 *)(buf + node);
	} else {
		m->at = read_u64(m->at);
	}
	m->n++;
	return 0;
}

/* Measures the cache, which the lock protects; at most every MEASURE_NS, because of the cost. */
__noinline int measure(struct ovls_dir *d, __u64 cache, __u64 now)
{
	struct measure m = {};

	if (!d || now - d->measured_ns < MEASURE_NS)
		return 0;
	m.head = cache + layout.cache_entries;
	if (cache) {
		m.at = read_u64(m.head);
		bpf_loop(OVLS_MAX_ENTRIES, measure_one, &m, 0);
	}
	d->entries = m.n;
	d->name_bytes = m.bytes;
	d->measured_ns = now;
	return 0;
}

#endif
