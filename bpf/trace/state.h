/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the programs between probes, and writing of events.
 */
#ifndef OVLTRACE_BPF_TRACE_STATE_H
#define OVLTRACE_BPF_TRACE_STATE_H

#include "common/device.h"
#include "common/inode.h"
#include "common/notes.h"
#include "common/task.h"
#include <bpf/bpf_tracing.h>
#include "ovltrace/wire.h"
#include "trace/owners.h"

/* Set before load, from the plan and the options. */
const volatile __u32 wake_bytes = 1 << 20; /* of the ring: wake userspace */
const volatile bool want_entries = 1; /* count the entries of a cache */
const volatile bool sees_destroy; /* OVLW_DESTROY is seen: until then an address is one inode */
const volatile bool frees_impure_only; /* free sites should see no merged caches */
const volatile bool merged; /* --merged */
const volatile bool sees_leaves; /* every return of a readdir is seen */

/* The mount of the proof, which is traced although devs lacks it. */
__u32 proof_dev;

/* Read by userspace while the programs run. */
__u64 lost[OVLW_LOST_PLACES];
__u64 lost_total;
/* For each call site of kfree(): how often it freed a cache, and anything else. */
__u64 site_cache[OVLW_MAX_SITES];
__u64 site_other[OVLW_MAX_SITES];
/* The number of the next event. */
__u64 next_seq;
/*
 * Open windows, by a hash of the inode. If two directories share a slot, a superfluous
 * modification is reported.
 */
__u32 windows[OVLW_WINDOW_SLOTS];
/* Rises when a directory inode is destroyed. */
__u64 destroyed_gen;
/* Open windows, system-wide. While it is 0, the modification probes return at once. */
__s64 open_windows;

/*
 * Tasks in a rebuild. Writing is the expensive part of an event, so a task's events are
 * buffered here and written as one record with the store or the free that ends the
 * rebuild. Each already has its number (see ovltrace/wire.h). Userspace can read the
 * events of a task that stays in its window.
 *
 * A task cannot exit between dropping and reacquiring the lock. So a reused tid finds at
 * most the slot of a rebuild that ended unseen.
 */
struct ovlw_state tasks[OVLW_TASKS];

/* The directory operation that a task is in, for the explanation only. */
struct op_state {
	__u64 key; /* tid */
	__u32 turn;
	__u32 op; /* enum ovlw_op */
	__u64 dir; /* of the ovl_dir_modified() in progress */
	__u64 name, name2; /* struct dentry */
};

NOTES(op, struct op_state, 4096)

/*
 * One ring for each possible CPU. A call-site probe runs like an NMI (int3), where the
 * ring's lock is only tried. A ring shared between CPUs would lose events whenever two
 * of them write.
 */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* userspace creates the actual rings */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* The ledger: impure caches that are in a slot. */
OWNERS(ledger, 65536)

/*
 * Caches that were taken out of a slot without a free, which may still follow. Leaked
 * ones stay until newer ones replace them.
 */
struct overwritten {
	__u64 key; /* the cache */
	__u32 turn;
	__u32 dev;
	__u64 inode, ino;
};

NOTES(overwritten, struct overwritten, 8192)

/* Caches that a worker or RCU freed before they were taken out of their slot. */
struct freed_early {
	__u64 key; /* the cache */
	__u32 turn;
	__u32 pad;
};

NOTES(freed_early, struct freed_early, 1024)

static __always_inline void lose(enum ovlw_place place, __u32 n)
{
	__sync_fetch_and_add(&lost[place], n);
	__sync_fetch_and_add(&lost_total, n);
}

TASK_SLOTS(state, struct ovlw_state, tasks, OVLW_TASKS)

static __always_inline struct ovlw_state *state_get(void)
{
	struct ovlw_state *st = state_claim();

	if (!st)
		lose(OVLW_LOST_TASK, 1);
	return st;
}

/* Frees the slot if nothing is open. */
static __always_inline void state_put(struct ovlw_state *st)
{
	if (st && !st->inode && !st->inside && !st->window && !st->nevents && !st->unfinished)
		state_release(st);
}

static __always_inline void hdr_fill(struct ovlw_hdr *hdr, __u16 type, __u32 site)
{
	__u64 id = bpf_get_current_pid_tgid();

	hdr->seq = __sync_fetch_and_add(&next_seq, 1);
	hdr->ts_ns = bpf_ktime_get_ns();
	hdr->lost = *(volatile __u64 *)&lost_total;
	hdr->start_ns = type == OVLW_BEGIN ? bpf_get_current_task_btf()->start_boottime : 0;
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
 * A wakeup costs the traced task more than the event itself. So userspace polls by a
 * timer, and is woken only when the ring fills up.
 */
static __always_inline __u64 ring_flags(void)
{
	void *ring = ring_mine();

	if (ring && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= wake_bytes)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

/* n: how many events are lost if it fails */
static __always_inline void *ring_reserve(__u64 size, __u32 n)
{
	void *ring = ring_mine();
	void *ev = ring ? bpf_ringbuf_reserve(ring, size, 0) : NULL;

	if (!ev)
		lose(OVLW_LOST_RING, n);
	return ev;
}

/* Writes the task's events as one record. size is a constant; the last events may be empty. */
static __always_inline void state_write(struct ovlw_state *st, __u64 size)
{
	void *rec = ring_reserve(size, st->nevents);

	if (!rec)
		return;
	copy_words(rec, st->ev, size);
	bpf_ringbuf_submit(rec, ring_flags());
}

__noinline int state_flush(struct ovlw_state *st)
{
	enum {
		ONE = sizeof(st->ev[0])
	};
	__u32 n = st ? st->nevents : 0;

	if (!n)
		return 0;
	if (n < OVLW_TASK_EVENTS)
		st->ev[n & (OVLW_TASK_ROOM - 1)].hdr.type = OVLW_NOTHING;
	if (n == 1)
		state_write(st, ONE);
	else if (n <= 3)
		state_write(st, 3 * ONE);
	else
		state_write(st, OVLW_TASK_EVENTS * ONE);
	st->nevents = 0;
	return 0;
}

/* Room for one more event of the task's rebuild. */
static __always_inline union ovlw_any *state_event(struct ovlw_state *st)
{
	if (st->nevents >= OVLW_TASK_EVENTS)
		state_flush(st);
	return &st->ev[st->nevents++ & (OVLW_TASK_ROOM - 1)];
}

#endif
