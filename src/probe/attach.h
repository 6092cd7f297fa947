/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts a plan's probes in place and takes them away. Everything attached
 * belongs to this process's descriptors: the kernel detaches it when the
 * process ends, however it ends.
 */
#ifndef OVLTRACE_ATTACH_H
#define OVLTRACE_ATTACH_H

#include "probe/sequencer.h"
#include "plan/plan.h"

struct attachment;

struct attach_opts {
	uint32_t devs[16]; /* trace these mounts only; the kernel's encoding of st_dev */
	size_t ndevs;
	bool quiet; /* records are not read */
	size_t ring_bytes; /* of each CPU's ring, a power of two; 0: the default */
};

/* Who gets the events; fn is called for each, in the order of their numbers. */
struct attach_receiver {
	sequencer_fn fn;
	void *ctx;
};

/*
 * Returns 0, or -errno with the reason in why. On -EOPNOTSUPP fexit was
 * refused and a plan without it may do.
 */
int attach__new(struct attachment **out, const struct plan *plan, const struct attach_opts *opts,
		const struct attach_receiver *to, char why[256]);
void attach__free(struct attachment *a);

/* Detaches all probes; what is in the ring can still be polled. */
void attach__detach(struct attachment *a);
/* Ready to read when the ring fills up. */
int attach__fd(const struct attachment *a);
/* Hands out what is in the rings. Returns 0 or -errno. */
int attach__poll(struct attachment *a);
/* The same, to be called several times a second: goes after events that stay away, too. */
void attach__tick(struct attachment *a, uint64_t now_ns);
/* After attach__detach(): hands out the rest. Returns how many numbers no loss explains. */
uint64_t attach__drain(struct attachment *a);
/*
 * A free site whose argument proved to be a cache entry, not a cache, is hit
 * once for each entry: it is taken away. Returns how many were.
 */
int attach__prune(struct attachment *a);
/* OVLW_LOST_PLACES counters, as they are now. */
const uint64_t *attach__lost(const struct attachment *a);
const char *attach__place(enum ovlw_place place);
/*
 * Follow merged directories' caches from now on, or no longer: then what has
 * begun is waited for. How many did not end in time.
 */
uint64_t attach__merged(struct attachment *a, bool on);
/* How often the kernel passed a program over because it was busy with another. */
uint64_t attach__missed(const struct attachment *a);
/* The same of what looks at each listing, which no rebuild depends on. */
uint64_t attach__missed_listings(const struct attachment *a);
/* Exits of operations that were passed over, or after which an entry's number is not known. */
uint64_t attach__missed_operations(const struct attachment *a);
/* Directories whose copy-up was seen, and those published before they were flagged. */
void attach__copy_ups(const struct attachment *a, uint64_t *n, uint64_t *wrong);
/* Attaches the probes that wait for it (plan_probe.later), once. */
void attach__arm(struct attachment *a);

/* The number that the next event gets. */
uint64_t attach__next_seq(const struct attachment *a);
/* Were all before that number handed out? kept: take those that tasks keep, too. */
bool attach__caught_up(struct attachment *a, uint64_t seq, bool kept);
/*
 * For the proof (src/session/proof.h): its mount is traced whatever opts.devs says,
 * 0: no such mount; modifications of its directory are reported as if in a window.
 */
void attach__proof_dev(struct attachment *a, uint32_t dev);
void attach__proof_window(struct attachment *a, uint64_t inode, bool open);

#endif
