/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internals of an attachment: what is loaded, attached and read.
 */
#ifndef OVLTRACE_ATTACH_INT_H
#define OVLTRACE_ATTACH_INT_H

#include "probe/attach.h"

#include <bpf/libbpf.h>
#include <pthread.h>

#include "trace.skel.h"

/* Probes that come and go while records arrive: attach_beside.c */
struct attach_beside {
	pthread_t thread;
	bool runs, done; /* runs: it has to be joined */
	bool wants_arm, arms;
	/* links to destroy; the thread has those between `from` and `to` */
	struct bpf_link *gone[PLAN_MAX_PROBES];
	size_t ngone, from, to;
};

/* The process that attaches deferred probes: attach_delegate.c */
struct attach_delegate {
	pid_t pid; /* 0: none */
	int fd;
};

struct attachment {
	struct trace_bpf *skel;
	struct ring_buffer *ring;
	const struct plan *plan;
	struct bpf_link *link[PLAN_MAX_PROBES];
	struct sequencer *order;
	int *ring_fd; /* one for each CPU; all wake us through the epoll fd of `ring` */
	int nrings;
	/* of attach__tick(): the awaited number, the end of those that arrived, and the time */
	uint64_t next_seen, end_seen, stall_ns;
	uint64_t given_up;
	bool armed; /* attach__arm() was called */
	uint64_t nested[PLAN_MAX_PROBES]; /* of each link, when it was destroyed */
	struct attach_beside beside;
	struct attach_delegate delegate;
};

/* fentry or fexit, which attach by BTF */
bool attach__is_trampoline(const struct plan_probe *p);
/* 0 or -errno. */
int attach__probe(struct bpf_object *obj, const struct plan_probe *p, struct bpf_link **link);
/* Starts the thread if there is something to do. */
void attach__beside(struct attachment *a);
/* Waits for what the thread does now. */
void attach__beside_wait(struct attachment *a);
/* Attaches the deferred probes. err: 0 or -errno of each probe of the plan. */
void attach__later(struct attachment *a, int err[PLAN_MAX_PROBES]);
/* Has the other process do it. False: there is none. */
bool attach__ask(struct attachment *a, int err[PLAN_MAX_PROBES]);
/* Ends that process, and detaches its probes with it. */
void attach__delegate_end(struct attachment *a);
/* Hands over the link of probe i, which is none of the attachment's from now on. */
void attach__drop(struct attachment *a, size_t i);
/* Waits for the thread; nothing is attached beside the reader any more. */
void attach__beside_end(struct attachment *a);
/*
 * How often probe i did not run because it was hit within another kprobe's handler: in an
 * interrupt, where RCU frees caches.
 */
uint64_t attach__nested(const struct attachment *a, size_t i);
/* How often BPF recursion protection skipped one of the object's programs. */
uint64_t attach__missed_of(const struct bpf_object *obj, bool preemptible);

#endif
