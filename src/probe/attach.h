/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaches and detaches a plan's probes. Each is held by a descriptor of this process,
 * so the kernel detaches it however the process ends.
 */
#ifndef OVLTRACE_ATTACH_H
#define OVLTRACE_ATTACH_H

#include "probe/sequencer.h"
#include "plan/plan.h"

struct attachment;

struct attach_opts {
	uint32_t devs[16]; /* trace only these mounts; the kernel's encoding of st_dev */
	size_t ndevs;
	bool quiet; /* there are no records */
	bool stacks; /* take kernel stacks of the events that become evidence */
	bool plain_loads; /* try the programs that need bpf_rdonly_cast() first */
	size_t ring_bytes; /* of each CPU's ring, a power of two; 0: the default */
	struct refusals *refused; /* what the plan does without; what the kernel refuses is added */
};

/* Receives the events: fn is called for each, in the order of their numbers. */
struct attach_receiver {
	sequencer_fn fn;
	void *ctx;
};

/*
 * Returns 0, or -errno with the reason in why. -EAGAIN: opts->refused has grown,
 * and a plan without these may do. Nothing is attached then.
 */
int attach__new(struct attachment **out, const struct plan *plan, const struct attach_opts *opts,
		const struct attach_receiver *to, char why[256]);
/* Loads what attach__new() would, attaches nothing, and unloads it. Returns the same. */
int attach__try(const struct plan *plan, const struct attach_opts *opts, char why[256]);
void attach__free(struct attachment *a);

/* Detaches all probes. Events in the rings can still be polled. */
void attach__detach(struct attachment *a);
/* Ready to read when a ring fills up. */
int attach__fd(const struct attachment *a);
/* Passes on the events in the rings. Returns 0 or -errno. */
int attach__poll(struct attachment *a);
/* The same, and also looks for missing events. To be called several times a second. */
void attach__tick(struct attachment *a, uint64_t now_ns);
/* After attach__detach(): passes on the rest. Returns how many missing events no loss explains. */
uint64_t attach__drain(struct attachment *a);
/*
 * Detaches sites that free cache entries and not caches, because they are hit once for
 * each entry. Returns how many were detached.
 */
int attach__prune(struct attachment *a);
/* The current OVLW_LOST_PLACES counters. */
const uint64_t *attach__lost(const struct attachment *a);
const char *attach__place(enum ovlw_place place);
/*
 * Starts or stops to follow the caches of merged directories. Stopping waits for running
 * operations; returns how many did not end in time.
 */
uint64_t attach__merged(struct attachment *a, bool on);
/* How often BPF recursion protection skipped a program. */
uint64_t attach__missed(const struct attachment *a);
/* The same for programs on each listing, which no rebuild depends on. */
uint64_t attach__missed_listings(const struct attachment *a);
/* Skipped exits of operations, and those after which an entry's number is unknown. */
uint64_t attach__missed_operations(const struct attachment *a);
/* Directories whose copy-up was seen, and how many were published before they were flagged. */
void attach__copy_ups(const struct attachment *a, uint64_t *n, uint64_t *wrong);
/*
 * Prepares for privileges that are given up next: another process keeps those that the
 * deferred probes need. Nothing else is attached after that. 0 or -errno.
 */
int attach__delegate(struct attachment *a);
/* Begins to attach the deferred probes (plan_probe.later). Later calls do nothing. */
void attach__arm(struct attachment *a);

/* The number of the next event. */
uint64_t attach__next_seq(const struct attachment *a);
/* Have all events before seq been passed on? kept: also read those that tasks buffer. */
bool attach__caught_up(struct attachment *a, uint64_t seq, bool kept);
/*
 * For the proof (src/session/proof.h). proof_dev: its mount is traced regardless of
 * opts.devs; 0 for none. proof_window: reports modifications of that directory as if
 * it had an open window.
 */
void attach__proof_dev(struct attachment *a, uint32_t dev);
void attach__proof_window(struct attachment *a, uint64_t inode, bool open);

#endif
