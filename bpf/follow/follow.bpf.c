// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the processes of a tree: COMMAND, or those of --pid, and what they fork. A child
 * belongs to the trees of the process that forked it, even if it gets another parent later.
 *
 * sched_process_fork comes before the child runs. sched_process_free comes when the
 * process is gone with all its threads, so that no event of it can follow. (At
 * sched_process_exit it has yet to close its files.) Its pid may be in use again by then:
 * the fork that reuses it has replaced or deleted the entry.
 *
 * Tracepoints, so no program runs as in an NMI: see docs/locks.md.
 */
#include "common/task.h"
#include <bpf/bpf_tracing.h>
#include "ovltrace/follow_wire.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, OVLF_MEMBERS);
	__type(key, __u32); /* process */
	__type(value, struct ovlf_member);
} members SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, OVLF_RING);
} moves SEC(".maps");

/* Written by userspace. */
__u32 adopting; /* trees of what our process forks now */
__u32 gathering; /* report all forks */
/* Read by userspace: when the first one did not fit; 0: all did. */
__u64 full_ns, lost_ns;

__u32 us; /* our process */

static __always_inline void move_report(__u32 what, __u32 pid, __u32 trees)
{
	struct ovlf_move *to = bpf_ringbuf_reserve(&moves, sizeof(*to), 0);

	if (!to) {
		__sync_val_compare_and_swap(&lost_ns, 0, bpf_ktime_get_ns());
		return;
	}
	to->ts_ns = bpf_ktime_get_ns();
	to->what = what;
	to->pid = pid;
	to->parent = current_pid();
	to->trees = trees;
	bpf_ringbuf_submit(to, BPF_RB_NO_WAKEUP);
}

SEC("raw_tp/sched_process_fork")
int BPF_PROG(ovlt_follow_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 pid = BPF_CORE_READ(child, tgid), by = current_pid();
	struct ovlf_member now = { .start_ns = BPF_CORE_READ(child, start_boottime) };
	const struct ovlf_member *from;

	if (pid != (__u32)BPF_CORE_READ(child, pid))
		return 0; /* a thread */
	from = bpf_map_lookup_elem(&members, &by);
	now.trees = (from ? from->trees : 0) | (by == us ? adopting : 0);
	if (now.trees) {
		if (bpf_map_update_elem(&members, &pid, &now, BPF_ANY))
			__sync_val_compare_and_swap(&full_ns, 0, bpf_ktime_get_ns());
		else
			move_report(OVLF_FORK, pid, now.trees);
	} else if (bpf_map_lookup_elem(&members, &pid)) {
		bpf_map_delete_elem(&members, &pid);
		move_report(OVLF_REUSED, pid, 0);
	} else if (gathering) {
		move_report(OVLF_OTHER, pid, 0);
	}
	return 0;
}

SEC("raw_tp/sched_process_free")
int BPF_PROG(ovlt_follow_free, struct task_struct *task)
{
	__u32 pid = BPF_CORE_READ(task, tgid);
	const struct ovlf_member *m;

	/* the leader is the last; one that became it by an exec has its start time, too */
	if (pid != (__u32)BPF_CORE_READ(task, pid))
		return 0;
	m = bpf_map_lookup_elem(&members, &pid);
	if (!m || (m->start_ns && m->start_ns != BPF_CORE_READ(task, start_boottime)))
		return 0;
	bpf_map_delete_elem(&members, &pid);
	move_report(OVLF_FREED, pid, 0);
	return 0;
}

/* Our process runs this once: it notes the pid in the initial namespace. */
SEC("syscall")
int ovlt_follow_note_us(void *ctx)
{
	us = current_pid();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
