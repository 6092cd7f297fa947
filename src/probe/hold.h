/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes beside the trace, for processes that descend from ours: windows held
 * open, for `check` and `run --widen`; for `check` the copy-up's order, too.
 */
#ifndef OVLTRACE_HOLD_H
#define OVLTRACE_HOLD_H

#include "code/hazard.h"
#include "probe/kernel.h"

struct hold;

struct hold_opts {
	uint32_t widen_us; /* 0: hold no window open */
	uint32_t free_cpu; /* nothing waits there; UINT32_MAX: there is no such one */
	uint32_t max_waiting; /* tasks at the same time */
	bool gives_up; /* waits less often where nothing ever comes of it */
	bool order; /* looks at copy-ups */
	bool provoke;
	const struct hazard *hazard; /* lookups to watch; NULL: none */
};

struct hold_counts {
	uint64_t waits, waits_over, waited_ns;
	uint64_t copy_ups, copy_ups_wrong;
	uint64_t mixed_stores, mixed_frees;
	uint64_t lookups, lookups_locked;
};

/* 0, or -errno with the reason in why. layout is the plan's. */
int hold__new(struct hold **out, const struct kernel *k, const struct ovlw_layout *layout,
	      const struct hold_opts *opts, char why[256]);
void hold__free(struct hold *p);
void hold__counts(const struct hold *p, struct hold_counts *c);
/* Does it see the order of a copy-up; does it hold windows open? */
bool hold__sees_order(const struct hold *p);
bool hold__watches(const struct hold *p);
bool hold__widens(const struct hold *p);

#endif
