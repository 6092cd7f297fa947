// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chains of providers for events of caches and directories: stored, freed, flag
 * cleared, destroyed. See src/plan/events.c.
 */
#include "plan/internal.h"
#include "plan/later.h"

#include <stdlib.h>
#include <string.h>

/* Functions that may free a cache, and the index of their argument. */
static const struct callee_arg frees[] = {
	{ "kfree", 0 },		  { "kvfree", 0 },	    { "kfree_sensitive", 0 },
	{ "kvfree_call_rcu", 1 }, { "kmem_cache_free", 1 }, { NULL, 0 },
};

static const struct callee_arg removexattr[] = {
	{ "vfs_removexattr", 0 },
	{ "ovl_removexattr", 0 },
	{ "ovl_do_removexattr", 0 },
	{ "__vfs_removexattr", 0 },
	{ NULL, 0 },
};

/* Without a call of it the slot is written in another way, and is not seen. */
static bool store_called(struct plan *plan, const struct plan_input *in)
{
	/* the program would take what is there for the stamp */
	if (plan__stamps_later(plan, in))
		return false;
	if (plan__may_call(plan, "ovl_set_dir_cache"))
		return true;
	SET_EVIDENCE(
		plan->cover[EVENT_CACHE_STORED].evidence,
		"ovl_set_dir_cache is not called on the impure path: the slot is written in another way");
	return false;
}

static bool store_typed(struct plan *plan, const struct plan_input *in)
{
	return store_called(plan, in) &&
	       plan__typed(plan, in,
			   HOOK(EVENT_CACHE_STORED, PROVIDER_FENTRY, PROG_in_set_dir_cache),
			   "ovl_set_dir_cache");
}

static bool store_entry(struct plan *plan, const struct plan_input *in)
{
	return store_called(plan, in) &&
	       plan__entry(plan, in,
			   HOOK(EVENT_CACHE_STORED, PROVIDER_ENTRY, PROG_on_set_dir_cache),
			   "ovl_set_dir_cache");
}

/* Where the slot is written without a call; the function, too, where it is called. */
static bool store_written(struct plan *plan, const struct plan_input *in)
{
	struct coverage *cov = &plan->cover[EVENT_CACHE_STORED];
	struct coverage written;

	if (!plan__writes_slot(&plan->graph) ||
	    !plan__slot_writes(plan, in, &plan->graph, EVENT_CACHE_STORED))
		return false;
	written = *cov;
	if (plan__function(plan, in, "ovl_set_dir_cache"))
		plan__entry(plan, in,
			    HOOK(EVENT_CACHE_STORED, PROVIDER_ENTRY, PROG_on_set_dir_cache),
			    "ovl_set_dir_cache");
	*cov = written;
	return true;
}

static bool store_only_called(struct plan *plan, const struct plan_input *in)
{
	return !plan__writes_slot(&plan->graph) && store_typed(plan, in);
}

static bool store_only_entered(struct plan *plan, const struct plan_input *in)
{
	return !plan__writes_slot(&plan->graph) && store_entry(plan, in);
}

const struct choice plan__store_chain[] = {
	{ PROVIDER_FENTRY, store_only_called, false },
	{ PROVIDER_ENTRY, store_only_entered, false },
	{ PROVIDER_INSTRUCTION, store_written, false },
	{ 0 },
};

/* Probes calls that free memory, but for those that are probed already. */
static bool add_frees(struct plan *plan, const struct code_graph *g, enum program prog)
{
	struct coverage *cov = &plan->cover[EVENT_CACHE_FREED];
	size_t i;

	for (i = 0; i < g->ncalls; i++) {
		const struct code_call *c = &g->call[i];
		const struct callee_arg *callee = plan__wanted(frees, c->to->name);
		struct plan_probe *p;

		if (!callee || c->through || plan__has_probe_at(plan, 0, PROG_at_free, c->addr) ||
		    plan__has_probe_at(plan, 0, PROG_at_free_later, c->addr))
			continue;
		if (plan__is_refused(g, c, cov))
			return false;
		p = plan__probe_add(plan, HOOK(EVENT_CACHE_FREED, PROVIDER_CALL_SITE, prog),
				    c->from, c->addr);
		if (!p)
			return false;
		p->callee = c->to;
		p->cookie = OVLW_COOKIE(plan->nprobes, callee->arg);
		plan__evidence_site(cov->evidence, sizeof(cov->evidence), c);
	}
	return true;
}

/* Frees outside of the readdir, and those in ovl_dir_cache_free() if that frees later. */
static bool add_later(struct plan *plan, const struct plan_input *in, const struct later *l)
{
	struct coverage *cov = &plan->cover[EVENT_CACHE_FREED];

	if (!later__is_known(l, frees)) {
		SET_EVIDENCE(cov->evidence, "%s calls %s at +0x%llx: what that runs is unknown",
			     l->call.from->name, l->call.to->name,
			     (unsigned long long)(l->call.addr - l->call.from->addr));
		return false;
	}
	if (l->interrupts && !in->counts_nested) {
		SET_EVIDENCE(cov->evidence,
			     "%s calls %s: this kernel does not count the probes that it skips in "
			     "an interrupt",
			     l->call.from->name, l->call.to->name);
		return false;
	}
	plan->late_frees = true;
	plan->interrupts = l->interrupts;
	return add_frees(plan, &l->freer, PROG_at_free) &&
	       add_frees(plan, &l->run, PROG_at_free_later) &&
	       add_frees(plan, &l->ends, PROG_at_free_later);
}

static size_t add_freer(struct plan *plan, const struct plan_input *in, size_t n)
{
	struct coverage *cov = &plan->cover[EVENT_CACHE_FREED];
	char seen[sizeof(cov->evidence)];

	if (!plan__called(plan, DIR_CACHE_FREE))
		return n;
	SET_EVIDENCE(seen, "%s", n ? cov->evidence : "");
	if (!plan__entry(plan, in, HOOK(EVENT_CACHE_FREED, PROVIDER_ENTRY, PROG_on_dir_cache_free),
			 DIR_CACHE_FREE))
		return n;
	SET_EVIDENCE(cov->evidence, "symbol %s %s", DIR_CACHE_FREE, seen);
	return n + 1;
}

static bool free_site(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec spec = {
		EVENT_CACHE_FREED, frees, PROG_at_free, false, false, false
	};
	struct coverage *cov = &plan->cover[EVENT_CACHE_FREED];
	size_t i, n, from = plan->nprobes;
	struct later *l = later__new(plan, in);
	bool whole = l;

	n = plan__sites(plan, &spec);
	if (l && later__is_needed(plan, l))
		whole = add_later(plan, in, l);
	else
		n = add_freer(plan, in, n);
	for (i = from; i < plan->nprobes; i++)
		plan->probe[i].may_be_entry = plan->probe[i].provider == PROVIDER_CALL_SITE;
	free(l);
	if (!n && !*cov->evidence)
		SET_EVIDENCE(cov->evidence, "no call that frees memory on the impure path");
	return n && whole;
}

static bool free_tracepoint(struct plan *plan, const struct plan_input *in)
{
	if (!plan__called(plan, "kfree") && !plan__called(plan, DIR_CACHE_FREE)) {
		SET_EVIDENCE(plan->cover[EVENT_CACHE_FREED].evidence,
			     "no call of kfree on the impure path");
		return false;
	}
	if (!plan__entry(plan, in, HOOK(EVENT_CACHE_FREED, PROVIDER_TRACEPOINT, PROG_tp_kfree),
			 "kfree"))
		return false;
	SET_EVIDENCE(plan->cover[EVENT_CACHE_FREED].evidence,
		     "tracepoint kfree, filtered by task and ledger");
	return true;
}

const struct choice plan__free_chain[] = {
	{ PROVIDER_CALL_SITE, free_site, false },
	{ PROVIDER_TRACEPOINT, free_tracepoint, true },
	{ 0 },
};

static bool clear_site(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec spec = {
		EVENT_IMPURE_CLEARED, removexattr, PROG_at_removexattr, true, false, false
	};

	(void)in;
	return plan__sites_or(plan, &spec, "no call of vfs_removexattr in ovl_iterate_real");
}

static bool clear_typed(struct plan *plan, const struct plan_input *in)
{
	return plan__called(plan, "vfs_removexattr") &&
	       plan__typed(plan, in,
			   HOOK(EVENT_IMPURE_CLEARED, PROVIDER_FENTRY, PROG_in_removexattr),
			   "vfs_removexattr");
}

/* The flag at the reacquisition and at the free: clearing a cleared flag is not seen. */
static bool clear_by_flag(struct plan *plan, const struct plan_input *in)
{
	struct coverage *cov = &plan->cover[EVENT_IMPURE_CLEARED];

	(void)in;
	*cov = plan->cover[EVENT_CACHE_FREED];
	cov->inferred = true;
	return cov->provider != PROVIDER_NONE;
}

const struct choice plan__clear_chain[] = {
	{ PROVIDER_INSTRUCTION, plan__flag_clears, false },
	{ PROVIDER_CALL_SITE, clear_site, false },
	{ PROVIDER_FENTRY, clear_typed, false },
	{ PROVIDER_CODE, clear_by_flag, false },
	{ 0 },
};

static bool destroy_site(struct plan *plan, const struct plan_input *in)
{
	const struct ksym *destroy = plan__function(plan, in, "ovl_destroy_inode");
	struct coverage *cov = &plan->cover[EVENT_INODE_DESTROYED];
	struct code_graph *g = &plan->graph;
	size_t i, from = g->ncalls;

	if (!destroy) {
		SET_EVIDENCE(cov->evidence, "no symbol ovl_destroy_inode");
		return false;
	}
	code__calls_in(g, &in->code, destroy);
	for (i = from; i < g->ncalls; i++) {
		const struct code_call *c = &g->call[i];
		struct plan_probe *p;

		if (!ksym__is_whole(c->to->name, DIR_CACHE_FREE))
			continue;
		p = plan__probe_add(
			plan, HOOK(EVENT_INODE_DESTROYED, PROVIDER_CALL_SITE, PROG_at_destroy),
			destroy, c->addr);
		if (!p)
			return false;
		p->callee = c->to;
		p->cookie = OVLW_COOKIE(plan->nprobes, 0);
		plan__cover(plan, EVENT_INODE_DESTROYED, PROVIDER_CALL_SITE, DIR_CACHE_FREE);
		cov->evidence[0] = 0;
		plan__evidence_site(cov->evidence, sizeof(cov->evidence), c);
		return true;
	}
	return false;
}

static bool destroy_entry(struct plan *plan, const struct plan_input *in)
{
	return plan__entry(plan, in,
			   HOOK(EVENT_INODE_DESTROYED, PROVIDER_ENTRY, PROG_on_destroy_inode),
			   "ovl_destroy_inode");
}

static bool destroy_typed(struct plan *plan, const struct plan_input *in)
{
	return plan__typed(plan, in,
			   HOOK(EVENT_INODE_DESTROYED, PROVIDER_FENTRY, PROG_in_destroy_inode),
			   "ovl_destroy_inode");
}

const struct choice plan__destroy_chain[] = {
	{ PROVIDER_CALL_SITE, destroy_site, false },
	{ PROVIDER_ENTRY, destroy_entry, false },
	{ PROVIDER_FENTRY, destroy_typed, false },
	{ 0 },
};
