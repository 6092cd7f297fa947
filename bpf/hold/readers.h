/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readers of schedules, which `check --explore` holds one by one: see src/probe/hold.h.
 * The explorer says which thread is held at which entry, and lets it go. A thread that is
 * held turns in a loop, so it needs a processor. It lets itself go after readers_ns. The
 * order may then be another than was meant, so this is counted.
 */
#ifndef OVLTRACE_BPF_HOLD_READERS_H
#define OVLTRACE_BPF_HOLD_READERS_H

#include "common/inode.h"
#include "common/task.h"
#include "ovltrace/wire.h"

const volatile __u64 readers_ns; /* 0: no reader is held */

/* Written by userspace. A reader that came oftener than it was let go is held. */
__u32 reader_tid[OVLW_READERS]; /* 0: not held */
__u64 reader_at[OVLW_READERS]; /* real_ino of the entry */
__u32 reader_let[OVLW_READERS];
/* Read by userspace. */
__u32 reader_came[OVLW_READERS];
__u64 readers_over, readers_locked; /* who let themselves go; who held the lock */

struct stay {
	__u32 reader, came;
	__u64 until;
	bool over;
};

static __always_inline bool is_let(const struct stay *s)
{
	return *(volatile __u32 *)&reader_let[s->reader & (OVLW_READERS - 1)] == s->came;
}

static long stay_turn(__u32 i, struct stay *s)
{
	if (is_let(s))
		return 1;
	s->over = bpf_ktime_get_ns() >= s->until;
	return s->over;
}

static long stay_turns(__u32 i, struct stay *s)
{
	bpf_loop(OVLW_READER_TURNS, stay_turn, s, 0);
	return is_let(s) || s->over;
}

static __always_inline void hold_reader(__u64 path, __u64 entry)
{
	struct stay s = {};
	__u64 inode;
	__u32 i, tid = current_tid();

	if (!readers_ns || !bpf_core_field_exists(struct ovl_cache_entry, real_ino))
		return;
	for (i = 0; i < OVLW_READERS; i++)
		if (reader_tid[i] == tid)
			break;
	if (i >= OVLW_READERS ||
	    BPF_CORE_READ((struct ovl_cache_entry *)entry, real_ino) != reader_at[i])
		return;
	inode = (__u64)BPF_CORE_READ((struct path *)path, dentry, d_inode);
	if (!inode || inode_locked(inode)) {
		__sync_fetch_and_add(&readers_locked, 1);
		return;
	}
	s.reader = i;
	s.came = reader_came[i] + 1;
	s.until = bpf_ktime_get_ns() + readers_ns;
	*(volatile __u32 *)&reader_came[i] = s.came;
	bpf_loop(OVLW_READER_TURNS, stay_turns, &s, 0);
	if (!is_let(&s))
		__sync_fetch_and_add(&readers_over, 1);
}

#endif
