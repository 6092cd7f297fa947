/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside an attachment: what is loaded, attached and read.
 */
#ifndef OVLTRACE_ATTACH_INT_H
#define OVLTRACE_ATTACH_INT_H

#include "probe/attach.h"

#include <bpf/libbpf.h>

#include "trace.skel.h"

struct attachment {
	struct trace_bpf *skel;
	struct ring_buffer *ring;
	const struct plan *plan;
	struct bpf_link *link[PLAN_MAX_PROBES];
	struct sequencer *order;
	int *ring_fd; /* one for each CPU: they wake us through the ring's epoll */
	int nrings;
	/* of attach__tick(): what was waited for, what had come, and when that was */
	uint64_t next_seen, end_seen, stall_ns;
	uint64_t given_up;
	bool armed; /* probes that came later are in place, or can't be had */
};

/* Has the object load the probe's program; *trampoline is set if it is one. 0 or -errno. */
int attach__want(struct bpf_object *obj, const struct plan_probe *p, bool *trampoline,
		 char why[256]);
/* -EOPNOTSUPP: trampolines are refused. */
int attach__probe(struct bpf_object *obj, const struct plan_probe *p, struct bpf_link **link,
		  char why[256]);
/* How often the kernel passed one of the object's programs over. */
uint64_t attach__missed_of(const struct bpf_object *obj, bool preemptible);

#endif
