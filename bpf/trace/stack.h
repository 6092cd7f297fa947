/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel stacks of the tasks that a finding is about, with --stacks. A stack is an event of its
 * own, before the one that it belongs to. Only events that become evidence have one: a store,
 * a clear of the flag, the free of a new cache, a modification in a window, an incident.
 *
 * Without the option `stacks` is a constant 0, and the verifier removes all of this.
 */
#ifndef OVLTRACE_BPF_TRACE_STACK_H
#define OVLTRACE_BPF_TRACE_STACK_H

#include "trace/state.h"

/* Set before load. */
const volatile bool stacks; /* --stacks */

/*
 * The walk begins at regs, those of a probe; without any (NULL) it begins here, and the first
 * frames are the tracer's own. A stack that does not fit into the ring is missing: no event of
 * the verdict is lost with it.
 */
static __always_inline void stack_write(struct pt_regs *regs, __u16 of)
{
	struct ovlw_stack *ev = ring_reserve(sizeof(*ev), 0);

	if (!ev)
		return;
	hdr_fill(&ev->hdr, OVLW_STACK, 0);
	ev->of = of;
	ev->pad = 0;
	ev->inside = !regs;
	if (regs)
		ev->bytes = (__s32)bpf_get_stack(regs, ev->ip, sizeof(ev->ip), 0);
	else
		ev->bytes = (__s32)bpf_get_task_stack(bpf_get_current_task_btf(), ev->ip,
						      sizeof(ev->ip), 0);
	bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
}

__noinline int stack_of_task(__u16 of)
{
	if (stacks)
		stack_write(NULL, of);
	return 0;
}

/* The task's next event but a path, of type `of`, gets the stack. */
static __always_inline void stack_take(struct pt_regs *regs, __u16 of)
{
	if (!stacks)
		return;
	if (regs)
		stack_write(regs, of);
	else
		stack_of_task(of);
}

#endif
