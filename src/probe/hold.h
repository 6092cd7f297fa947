/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes beside the trace, for processes that descend from ours: windows held
 * open, for `check` and `run --widen`; for `check` the copy-up's order, too.
 */
#ifndef OVLTRACE_CHECK_PROBE_H
#define OVLTRACE_CHECK_PROBE_H

#include "code/hazard.h"
#include "probe/kernel.h"

struct check_probe;

struct check_probe_opts {
	uint32_t widen_us; /* 0: hold no window open */
	uint32_t free_cpu; /* nothing waits there; UINT32_MAX: there is no such one */
	uint32_t max_waiting; /* tasks at the same time */
	bool gives_up; /* waits less often where nothing ever comes of it */
	bool order; /* looks at copy-ups */
	bool provoke;
	const struct hazard *hazard; /* lookups to watch; NULL: none */
};

struct check_probe_counts {
	uint64_t waits, waits_over, waited_ns;
	uint64_t copy_ups, copy_ups_wrong;
	uint64_t mixed_stores, mixed_frees;
	uint64_t lookups, lookups_locked;
};

/* 0, or -errno with the reason in why. layout is the plan's. */
int check_probe__new(struct check_probe **out, const struct kernel *k,
		     const struct ovlw_layout *layout, const struct check_probe_opts *opts,
		     char why[256]);
void check_probe__free(struct check_probe *p);
void check_probe__counts(const struct check_probe *p, struct check_probe_counts *c);
/* Does it see the order of a copy-up; does it hold windows open? */
bool check_probe__sees_order(const struct check_probe *p);
bool check_probe__watches(const struct check_probe *p);
bool check_probe__widens(const struct check_probe *p);

#endif
