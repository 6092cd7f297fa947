/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs keep between two probes, and how an event is written.
 */
#ifndef OVLTRACE_STATE_BPF_H
#define OVLTRACE_STATE_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "ovltrace/wire.h"

/* Set before load, from the plan and the options. */
const volatile struct ovlw_layout layout;
const volatile __u32 wake_bytes = 1 << 20; /* of the ring: wake userspace */
const volatile __u32 ndevs; /* 0: every overlay mount */
const volatile __u32 devs[16]; /* the kernel's encoding of st_dev */

/* Read by userspace while the programs run. */
__u64 lost[OVLW_LOST_PLACES];
__u64 lost_total;
/* Per kfree() call site: how often with a cache, how often with anything else. */
__u64 site_cache[OVLW_MAX_SITES];
__u64 site_other[OVLW_MAX_SITES];
/* With --hits: readdirs of impure directories, and those served from the cache. */
__u64 readdirs, hits;
/* How many events were written. */
__u64 next_seq;
enum {
	WINDOW_SLOTS = 4096,
};

/*
 * How many windows are open, by a hash of the inode. Two directories may share
 * a slot: then a modification is told that nobody asked for.
 */
__u32 windows[WINDOW_SLOTS];
/* Windows now open, system-wide: what makes the modification probes cheap. */
__s64 open_windows;

/*
 * The state of a task in a rebuild, by tid; forgotten when nothing is open.
 * Task storage would suit, but it is refused on a CPU where another task was
 * preempted inside of it (bpf_task_storage_trylock), and then a rebuild would
 * go unseen. A task can't die between dropping the lock and having it again,
 * so a reused tid finds at most the state of a rebuild that ended unseen, and
 * begins its own.
 */
struct task_state {
	__u64 inode; /* directory of the rebuild in progress, 0 if none */
	__u64 ino; /* of that directory */
	__u64 version; /* at the last sample of the begin or a read */
	__u64 freed; /* the cache that the task freed last */
	__u64 window; /* inode whose lock the task has dropped, 0 if none */
	__u64 lock_ns; /* when the task began to wait for that lock again */
	__u32 reads;
	__s32 err; /* of ovl_dir_read_impure(), where its return is seen */
	__u32 dev; /* of the directory */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct task_state);
} tasks SEC(".maps");

/* The directory operation that a task is in, for the explanation only. */
struct op_state {
	__u64 dir; /* of the ovl_dir_modified() in progress */
	__u64 name, name2; /* struct dentry */
	__u32 op; /* enum ovlw_op */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct op_state);
} operations SEC(".maps");

/*
 * One ring for each possible CPU. A call site's probe runs like an NMI (int3),
 * where a ring is only tried to be locked: a ring shared with another CPU
 * would lose events whenever both write.
 */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* userspace makes the real ones */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* Impure caches that are in a slot: cache -> inode. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, __u64);
} ledger SEC(".maps");

/*
 * Caches that were taken out of a slot without a free: one may still follow.
 * What is leaked stays here until newer ones push it out.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64); /* inode */
} overwritten SEC(".maps");

static __always_inline void lose(enum ovlw_place place)
{
	__sync_fetch_and_add(&lost[place], 1);
	__sync_fetch_and_add(&lost_total, 1);
}

static __always_inline __u32 current_tid(void)
{
	return (__u32)bpf_get_current_pid_tgid();
}

static __always_inline struct task_state *state_peek(void)
{
	__u32 tid = current_tid();

	return bpf_map_lookup_elem(&tasks, &tid);
}

/* Nothing is open any more: the next rebuild of the task begins anew. */
static __always_inline void state_put(struct task_state *st)
{
	__u32 tid = current_tid();

	if (st && !st->inode && !st->window)
		bpf_map_delete_elem(&tasks, &tid);
}

static __always_inline void hdr_fill(struct ovlw_hdr *hdr, __u16 type, __u32 site)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 id = bpf_get_current_pid_tgid();

	hdr->seq = __sync_fetch_and_add(&next_seq, 1);
	hdr->ts_ns = bpf_ktime_get_ns();
	hdr->lost = *(volatile __u64 *)&lost_total;
	hdr->start_ns = type == OVLW_BEGIN ? BPF_CORE_READ(task, start_boottime) : 0;
	hdr->pid = id >> 32;
	hdr->tid = (__u32)id;
	hdr->type = type;
	hdr->site = site;
	hdr->pad = 0;
}

static __always_inline void task_fill(struct ovlw_task *t)
{
	t->cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(t->comm, sizeof(t->comm));
}

static __always_inline void *ring_mine(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&rings, &cpu);
}

/*
 * A wakeup costs the traced task more than the event itself, so userspace
 * polls by a timer and is woken early only when the ring fills up.
 */
static __always_inline __u64 ring_flags(void)
{
	void *ring = ring_mine();

	if (ring && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= wake_bytes)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

static __always_inline void *ring_reserve(__u64 size)
{
	void *ring = ring_mine();
	void *ev = ring ? bpf_ringbuf_reserve(ring, size, 0) : NULL;

	if (!ev)
		lose(OVLW_LOST_RING);
	return ev;
}

#endif
