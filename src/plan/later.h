/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code beside the impure path that may free a cache of it.
 */
#ifndef OVLTRACE_PLAN_LATER_H
#define OVLTRACE_PLAN_LATER_H

#include "plan/internal.h"

struct later {
	struct code_graph freer; /* ovl_dir_cache_free() and below */
	struct code_graph ends; /* where a reader that shares the lock can drop a cache */
	struct code_graph run; /* functions that the code hands to RCU or a worker */
	struct code_call call; /* that hands one over; `from` is NULL if there is none */
	bool interrupts; /* what runs then may interrupt the handler of another kprobe */
};

/* NULL: no memory. */
struct later *later__new(const struct plan *plan, const struct plan_input *in);
/* Can a cache be freed other than by the readdir that takes it out of its slot? */
bool later__is_needed(const struct plan *plan, const struct later *l);
/* Does something free caches where the code hands them over? True also if it does not. */
bool later__is_known(const struct later *l, const struct callee_arg *frees);

/* The first call in g that has a function called later; NULL: there is none. */
const struct code_call *later__first(const struct code_graph *g);

#endif
