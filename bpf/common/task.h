/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The current task, and tables of what tasks are in.
 */
#ifndef OVLTRACE_BPF_COMMON_TASK_H
#define OVLTRACE_BPF_COMMON_TASK_H

#include "common/read.h"

enum {
	TASK_PROBES = 8, /* slots that a tid may be in */
};

static __always_inline __u32 current_tid(void)
{
	return (__u32)bpf_get_current_pid_tgid();
}

/* As userspace calls it: the thread group. */
static __always_inline __u32 current_pid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/*
 * A table of `n` slots, a power of two, each with a member `tid` that is 0 while
 * the slot is free. Defines
 *
 *	name_peek()	the task's slot, NULL if it has none
 *	name_claim()	the same, or a free one that is its own from now on;
 *			NULL if TASK_PROBES slots are taken
 *
 * Whoever claimed a slot zeroes its other members before it gives tid back.
 *
 * Task storage would suit, but it is refused on a CPU where another task was
 * preempted inside of it (bpf_task_storage_trylock), and then an event would be
 * missed. A hash map costs more than all the rest.
 */
#define TASK_SLOTS(name, type, slots, n)                                                    \
	static __always_inline type *name##_peek(void)                                      \
	{                                                                                   \
		__u32 tid = current_tid(), i;                                               \
                                                                                            \
		for (i = 0; i < TASK_PROBES; i++) {                                         \
			type *slot = &(slots)[(tid + i) & ((n)-1)];                         \
                                                                                            \
			if (slot->tid == tid)                                               \
				return slot;                                                \
		}                                                                           \
		return NULL;                                                                \
	}                                                                                   \
                                                                                            \
	static __always_inline type *name##_claim(void)                                     \
	{                                                                                   \
		type *slot = name##_peek();                                                 \
		__u32 tid = current_tid(), i;                                               \
                                                                                            \
		if (slot)                                                                   \
			return slot;                                                        \
		for (i = 0; i < TASK_PROBES; i++) {                                         \
			slot = &(slots)[(tid + i) & ((n)-1)];                               \
			if (!slot->tid && !__sync_val_compare_and_swap(&slot->tid, 0, tid)) \
				return slot;                                                \
		}                                                                           \
		return NULL;                                                                \
	}

#endif
