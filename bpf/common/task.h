/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The current task, and tables of state for each task.
 */
#ifndef OVLTRACE_BPF_COMMON_TASK_H
#define OVLTRACE_BPF_COMMON_TASK_H

#include "common/read.h"

enum {
	TASK_PROBES = 8, /* slots that are tried for a tid */
};

static __always_inline __u32 current_tid(void)
{
	return (__u32)bpf_get_current_pid_tgid();
}

/* The pid in the sense of userspace: the thread group. */
static __always_inline __u32 current_pid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/*
 * A table of `n` slots, a power of two, each with a member `tid` that is 0 while the
 * slot is unused. Defines
 *
 *	name_peek()	the task's slot, NULL if it has none
 *	name_claim()	the same, or an unused one, which it claims;
 *			NULL if all TASK_PROBES slots are in use
 *	name_release(s)	clears tid; the task must zero the other members first
 *
 * Mostly no task has a slot. Then name_peek() reads one number.
 *
 * Task storage does not work here: its lock is only tried, and fails if another task
 * was preempted inside it on this CPU (bpf_task_storage_trylock). An event would then be
 * missed. A hash map would cost more than everything else.
 */
#define TASK_SLOTS(name, type, slots, n)                                                  \
	static __s64 name##_claimed;                                                      \
                                                                                          \
	static __always_inline type *name##_peek(void)                                    \
	{                                                                                 \
		__u32 tid, i;                                                             \
                                                                                          \
		if (!*(volatile __s64 *)&name##_claimed)                                  \
			return NULL;                                                      \
		tid = current_tid();                                                      \
		for (i = 0; i < TASK_PROBES; i++) {                                       \
			type *slot = &(slots)[(tid + i) & ((n)-1)];                       \
                                                                                          \
			if (slot->tid == tid)                                             \
				return slot;                                              \
		}                                                                         \
		return NULL;                                                              \
	}                                                                                 \
                                                                                          \
	static __always_inline type *name##_claim(void)                                   \
	{                                                                                 \
		type *slot = name##_peek();                                               \
		__u32 tid = current_tid(), i;                                             \
                                                                                          \
		if (slot)                                                                 \
			return slot;                                                      \
		for (i = 0; i < TASK_PROBES; i++) {                                       \
			slot = &(slots)[(tid + i) & ((n)-1)];                             \
			if (slot->tid || __sync_val_compare_and_swap(&slot->tid, 0, tid)) \
				continue;                                                 \
			__sync_fetch_and_add(&name##_claimed, 1);                         \
			return slot;                                                      \
		}                                                                         \
		return NULL;                                                              \
	}                                                                                 \
                                                                                          \
	static __always_inline void name##_release(type *slot)                            \
	{                                                                                 \
		*(volatile __u32 *)&slot->tid = 0;                                        \
		__sync_fetch_and_add(&name##_claimed, -1);                                \
	}

#endif
