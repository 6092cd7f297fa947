/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports a violated invariant with all available details. This is rare and may be
 * expensive.
 */
#ifndef OVLTRACE_BPF_TRACE_INCIDENT_H
#define OVLTRACE_BPF_TRACE_INCIDENT_H

#include "trace/rebuild.h"

struct incident {
	__u32 what;
	__s32 value;
	__u64 inode;
	__u64 cache;
	__s64 refcount; /* of it */
	__u64 name; /* address of a string */
	__u32 op; /* enum ovlw_op */
	__u32 has_stack; /* it is already written */
};

/* Wakes userspace, because the task may hang. */
__noinline int incident_report(struct incident *i)
{
	struct ovlw_incident *ev;

	if (!i)
		return 0;
	if (!i->has_stack)
		stack_of_task(OVLW_INCIDENT);
	if (i->inode)
		dir_report(i->inode);
	ev = ring_reserve(sizeof(*ev), 1);
	if (!ev)
		return 0;
	__builtin_memset(ev, 0, sizeof(*ev));
	hdr_fill(&ev->hdr, OVLW_INCIDENT, 0);
	if (i->inode)
		dir_fill(&ev->dir, i->inode, 0, 0);
	task_fill(&ev->task);
	ev->what = i->what;
	ev->value = i->value;
	ev->op = i->op;
	ev->cache = i->cache;
	ev->refcount = i->refcount;
	if (i->name && bpf_probe_read_kernel_str(ev->name, sizeof(ev->name), (void *)i->name) < 0)
		ev->name[0] = 0;
	bpf_ringbuf_submit(ev, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/* regs: of the probe; NULL: it has none */
static __always_inline void incident_at(struct pt_regs *regs, struct incident *i)
{
	if (stacks && regs) {
		stack_take(regs, OVLW_INCIDENT);
		i->has_stack = 1;
	}
	incident_report(i);
}

#endif
