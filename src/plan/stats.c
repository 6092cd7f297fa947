// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probes of `run --hits` and `top` (bpf/stats/stats.bpf.c). ovl_iterate() is the file
 * operation, so it is a function on every kernel. Start, lock drop and store of a
 * rebuild use the places that are already planned.
 */
#include "plan/internal.h"

/* A program of the trace, and the counting one at the same place. */
static const struct {
	enum program traces, counts;
} twins[] = {
	{ PROG_at_path_upper, PROG_stat_at_path_upper },
	{ PROG_on_read_impure, PROG_stat_on_read_impure },
	{ PROG_at_unlock, PROG_stat_at_unlock },
	{ PROG_at_locked, PROG_stat_at_locked },
	{ PROG_in_set_dir_cache, PROG_stat_in_set_dir_cache },
	{ PROG_on_set_dir_cache, PROG_stat_on_set_dir_cache },
	{ PROG_at_slot_write, PROG_stat_at_slot_write },
};

static void twins_add(struct plan *plan, const struct plan_input *in)
{
	size_t i, k, n = plan->nprobes;

	for (i = 0; i < n; i++) {
		const struct plan_probe *p = &plan->probe[i];
		struct plan_probe *twin;

		if (p->event == EVENT_READDIR)
			continue;
		for (k = 0; k < sizeof(twins) / sizeof(twins[0]); k++) {
			if (p->prog != twins[k].traces)
				continue;
			twin = plan__probe_add(plan,
					       HOOK(EVENT_READDIR, p->provider, twins[k].counts),
					       p->func, p->addr);
			if (!twin)
				return;
			twin->callee = p->callee;
			twin->cookie = p->cookie;
			twin->optional = p->optional;
			if (plan__refused(plan, in, EVENT_READDIR, plan->nprobes - 1))
				plan->nprobes--;
		}
	}
}

/* Which tasks outdate caches, by which operation. Operations without a probe stay unnamed. */
static void invalidations_add(struct plan *plan, const struct plan_input *in, bool trampoline)
{
	const struct ksym *sym = plan__function(plan, in, "ovl_dir_modified");
	size_t i, from = plan->nprobes;

	if (!sym)
		return;
	if (trampoline && (!in->is_typed || in->is_typed(in->btf_ctx, "ovl_dir_modified")))
		plan__probe_add(plan, HOOK(EVENT_READDIR, PROVIDER_FEXIT, PROG_stat_out_modified),
				sym, sym->addr);
	if (plan__refused(plan, in, EVENT_READDIR, from))
		plan->nprobes = from;
	if (plan->nprobes == from && !in->no_kprobes) {
		plan__probe_add(plan, HOOK(EVENT_READDIR, PROVIDER_ENTRY, PROG_stat_on_modified),
				sym, sym->addr);
		plan__probe_add(plan, HOOK(EVENT_READDIR, PROVIDER_RETURN, PROG_stat_ret_modified),
				sym, sym->addr);
	}
	if (plan__contradicted(plan, in, EVENT_READDIR, from) ||
	    plan__refused(plan, in, EVENT_READDIR, from)) {
		plan->nprobes = from;
		return;
	}
	for (i = 0; plan__ops[i].func && !in->no_kprobes; i++) {
		struct plan_probe *p;

		sym = plan__function(plan, in, plan__ops[i].func);
		p = sym ? plan__probe_add(plan,
					  HOOK(EVENT_READDIR, PROVIDER_ENTRY, PROG_stat_on_op), sym,
					  sym->addr) :
			  NULL;
		if (p)
			p->cookie = OVLW_OP_COOKIE(plan__ops[i].op, 0, 0);
		if (p && plan__refused(plan, in, EVENT_READDIR, plan->nprobes - 1))
			plan->nprobes--;
	}
}

static bool has(const struct plan *plan, enum program prog)
{
	return plan__stats_prog(plan, prog) != NULL;
}

static void evidence(struct plan *plan)
{
	bool begin = has(plan, PROG_stat_at_path_upper) || has(plan, PROG_stat_on_read_impure);
	bool modified = plan__stats_sees_invalidations(plan);

	SET_EVIDENCE(plan->cover[EVENT_READDIR].evidence, "symbol ovl_iterate; %s; %s",
		     begin ? "rebuilds by their start" : "rebuilds by their stores",
		     !modified			? "invalidations are not seen" :
		     has(plan, PROG_stat_on_op) ? "invalidations and their operations" :
						  "invalidations without their operations");
}

static bool stats_typed(struct plan *plan, const struct plan_input *in)
{
	if (!plan__typed(plan, in, HOOK(EVENT_READDIR, PROVIDER_FENTRY, PROG_stat_in_iterate),
			 "ovl_iterate") ||
	    !plan__typed(plan, in, HOOK(EVENT_READDIR, PROVIDER_FEXIT, PROG_stat_out_iterate),
			 "ovl_iterate"))
		return false;
	twins_add(plan, in);
	invalidations_add(plan, in, true);
	plan__slow(plan, in, true);
	evidence(plan);
	return true;
}

static bool stats_entry(struct plan *plan, const struct plan_input *in)
{
	if (!plan__entry(plan, in, HOOK(EVENT_READDIR, PROVIDER_RETURN, PROG_stat_ret_iterate),
			 "ovl_iterate") ||
	    !plan__entry(plan, in, HOOK(EVENT_READDIR, PROVIDER_ENTRY, PROG_stat_on_iterate),
			 "ovl_iterate"))
		return false;
	twins_add(plan, in);
	invalidations_add(plan, in, false);
	plan__slow(plan, in, false);
	evidence(plan);
	return true;
}

const struct choice plan__stats_chain[] = {
	{ PROVIDER_FEXIT, stats_typed, false },
	{ PROVIDER_ENTRY, stats_entry, false },
	{ 0 },
};

const struct plan_probe *plan__stats_prog(const struct plan *plan, enum program prog)
{
	size_t i;

	for (i = 0; i < plan->nprobes; i++)
		if (plan->probe[i].event == EVENT_READDIR && plan->probe[i].prog == prog)
			return &plan->probe[i];
	return NULL;
}

bool plan__stats_sees_windows(const struct plan *plan)
{
	return (plan->cover[EVENT_LOCK_DROPPED].provider == PROVIDER_CODE && !plan->shared) ||
	       (has(plan, PROG_stat_at_unlock) && has(plan, PROG_stat_at_locked));
}

bool plan__stats_sees_invalidations(const struct plan *plan)
{
	return has(plan, PROG_stat_out_modified) || has(plan, PROG_stat_on_modified);
}

bool plan__stats_sees_stores(const struct plan *plan)
{
	return has(plan, PROG_stat_in_set_dir_cache) || has(plan, PROG_stat_on_set_dir_cache) ||
	       has(plan, PROG_stat_at_slot_write);
}
