/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes that act on our descendants, beside the trace: they hold windows open for
 * `check` and `run --widen`, and watch the order of copy-ups for `check`.
 */
#ifndef OVLTRACE_HOLD_H
#define OVLTRACE_HOLD_H

#include "code/hazard.h"
#include "plan/plan.h"
#include "probe/kernel.h"

struct hold;

struct hold_opts {
	uint32_t widen_us; /* 0: hold no window open */
	uint32_t free_cpu; /* hold no task on this CPU; UINT32_MAX: no such CPU */
	uint32_t max_waiting; /* tasks that are held at the same time */
	bool gives_up; /* hold less often after holds that provoke nothing */
	bool order; /* watch the order of copy-ups */
	bool provoke;
	const struct hazard *hazard; /* lookups to watch; NULL: none */
	uint32_t readers_ms; /* hold readers that are armed, for so long at most; 0: none */
};

struct hold_counts {
	uint64_t waits, waits_over, waited_ns;
	uint64_t copy_ups, copy_ups_wrong;
	uint64_t mixed_stores, mixed_frees;
	uint64_t lookups, lookups_locked;
};

/* Returns 0, or -errno with the reason in why. The plan's layout is known. */
int hold__new(struct hold **out, const struct kernel *k, const struct plan *plan,
	      const struct hold_opts *opts, char why[256]);
void hold__free(struct hold *p);
void hold__counts(const struct hold *p, struct hold_counts *c);
/* Does it see the order of copy-ups? */
bool hold__sees_order(const struct hold *p);
/* Does it watch the lookups of opts.hazard? */
bool hold__watches(const struct hold *p);
/* Does it hold windows open, or readers that are armed? */
bool hold__widens(const struct hold *p);

/*
 * Readers that are held until they are let go. Such a thread turns in its window: it needs a
 * processor, which nothing else may need. reader: less than OVLW_READERS.
 */
/* Holds that thread where it looks up the entry of that upper inode without the lock. */
void hold__arm(struct hold *p, unsigned int reader, uint32_t tid, uint64_t ino);
/* Lets it go, and holds it no more. */
void hold__disarm(struct hold *p, unsigned int reader);
bool hold__is_held(const struct hold *p, unsigned int reader);
/* Lets it go. In its next window it is held again. */
void hold__release(struct hold *p, unsigned int reader);
/* How many let themselves go, because their time was over; how many held the lock. */
void hold__readers(const struct hold *p, uint64_t *over, uint64_t *locked);

#endif
