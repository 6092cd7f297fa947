// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chains of providers for invariants: caches used by the path of the other kind,
 * readdirs that return invalid values, lookups that deadlock on the task's own lock. The
 * verdict does not need them: a count that cannot be seen is null.
 *
 * Kernel sources that this relies on: fs/overlayfs/readdir.c (ovl_iterate,
 * ovl_iterate_real, ovl_dir_open), copy_up.c (ovl_copy_up_workdir), util.c
 * (ovl_copy_up_start, ovl_inode_update), read at 6.1, 6.12 and 7.3.
 */
#include "code/hazard.h"
#include "plan/internal.h"

#include <string.h>

static bool order_typed(struct plan *plan, const struct plan_input *in)
{
	return plan__typed(plan, in,
			   HOOK(EVENT_COPY_UP_ORDER, PROVIDER_FENTRY, PROG_in_inode_update),
			   "ovl_inode_update") &&
	       plan__typed(plan, in, HOOK(EVENT_COPY_UP_ORDER, PROVIDER_FENTRY, PROG_in_copy_up),
			   "ovl_copy_up_start");
}

static bool order_entry(struct plan *plan, const struct plan_input *in)
{
	return plan__entry(plan, in,
			   HOOK(EVENT_COPY_UP_ORDER, PROVIDER_ENTRY, PROG_on_inode_update),
			   "ovl_inode_update") &&
	       plan__entry(plan, in, HOOK(EVENT_COPY_UP_ORDER, PROVIDER_ENTRY, PROG_on_copy_up),
			   "ovl_copy_up_start");
}

const struct choice plan__order_chain[] = {
	{ PROVIDER_FENTRY, order_typed, false },
	{ PROVIDER_ENTRY, order_entry, false },
	{ 0 },
};

static bool returned_typed(struct plan *plan, const struct plan_input *in)
{
	return plan__typed(plan, in, HOOK(EVENT_READDIR_RETURNED, PROVIDER_FEXIT, PROG_out_iterate),
			   "ovl_iterate");
}

static bool returned_probe(struct plan *plan, const struct plan_input *in)
{
	struct coverage *cov = &plan->cover[EVENT_READDIR_RETURNED];

	if (!plan__entry(plan, in, HOOK(EVENT_READDIR_RETURNED, PROVIDER_ENTRY, PROG_on_iterate),
			 "ovl_iterate") ||
	    !plan__entry(plan, in, HOOK(EVENT_READDIR_RETURNED, PROVIDER_RETURN, PROG_ret_iterate),
			 "ovl_iterate"))
		return false;
	cov->partly = true;
	SET_EVIDENCE(cov->evidence,
		     "symbol ovl_iterate; some returns are missed if many listings run at once");
	return true;
}

const struct choice plan__returned_chain[] = {
	{ PROVIDER_FEXIT, returned_typed, false },
	{ PROVIDER_RETURN, returned_probe, true },
	{ 0 },
};

/* At the exit of ovl_iterate(), which checks after a copy-up has shown the wrong order. */
static bool served_typed(struct plan *plan, const struct plan_input *in)
{
	struct coverage *cov = &plan->cover[EVENT_KIND_SERVED];
	size_t from = plan->nprobes;
	bool real;

	if (plan->shared) {
		SET_EVIDENCE(cov->evidence,
			     "readers share the lock: impure caches may have a refcount, too");
		return false;
	}
	if (plan->cover[EVENT_COPY_UP_ORDER].provider == PROVIDER_NONE ||
	    plan->cover[EVENT_READDIR_RETURNED].provider != PROVIDER_FEXIT) {
		SET_EVIDENCE(cov->evidence,
			     "the order of copy-ups or the exit of ovl_iterate is not seen");
		return false;
	}
	if (plan->layout.file_is_real < 0 || plan->layout.file_is_upper < 0 ||
	    plan->layout.file_cache < 0) {
		SET_EVIDENCE(cov->evidence, "BTF lacks members of struct ovl_dir_file");
		return false;
	}
	real = in->no_kprobes ?
		       plan__typed(plan, in,
				   HOOK(EVENT_KIND_SERVED, PROVIDER_FENTRY, PROG_in_real_listing),
				   "ovl_iterate_real") :
		       plan__entry(plan, in,
				   HOOK(EVENT_KIND_SERVED, PROVIDER_ENTRY, PROG_on_real_listing),
				   "ovl_iterate_real");
	for (; from < plan->nprobes; from++)
		plan->probe[from].later = true;
	plan__cover(plan, EVENT_KIND_SERVED, PROVIDER_FEXIT, "ovl_iterate");
	SET_EVIDENCE(cov->evidence,
		     "after a copy-up has shown the wrong order; then also the entry of "
		     "ovl_iterate_real%s",
		     real ? "" : ", which cannot be probed");
	cov->partly = !real;
	return true;
}

const struct choice plan__served_chain[] = {
	{ PROVIDER_FEXIT, served_typed, false },
	{ 0 },
};

static bool lookup_never(struct plan *plan, const struct plan_input *in)
{
	struct coverage *cov = &plan->cover[EVENT_LOCKED_LOOKUP];
	struct hazard h;

	hazard__look(&h, &in->code);
	/* if there is a call to probe, the next providers write the evidence */
	if (!h.nsites || h.cut)
		SET_EVIDENCE(cov->evidence, "%s", h.why);
	if (h.present != TRISTATE_NO)
		return false;
	plan__cover(plan, EVENT_LOCKED_LOOKUP, PROVIDER_CODE, "lookup_one_unlocked");
	return true;
}

static bool on_impure_path(const struct plan *plan, const struct ksym *func)
{
	size_t i;

	for (i = 0; i < plan->graph.nfuncs; i++)
		if (plan->graph.func[i] == func)
			return true;
	return false;
}

/* The index of the lookup's name plus one, and whether it is a qstr. */
static uint32_t name_arg(const struct plan_input *in, const struct hazard_site *s)
{
	char buf[KSYM_NAME];
	int n = s->dir_arg - 1, is;

	is = n >= 0 && in->arg_is ?
		     in->arg_is(in->btf_ctx, ksym__source_name(s->call.to->name, buf), n, "qstr") :
		     -1;
	return is < 0 ? 0 : (uint32_t)(n + 1) | (is ? OVLW_NAME_QSTR : 0);
}

/* shared: also probe calls that each entry of an impure rebuild hits. */
static bool lookup_sites(struct plan *plan, const struct plan_input *in, bool shared)
{
	struct coverage *cov = &plan->cover[EVENT_LOCKED_LOOKUP];
	char seen[sizeof(cov->evidence)] = "";
	struct hazard h;
	size_t i;

	hazard__look(&h, &in->code);
	if (!h.nsites || h.cut) {
		SET_EVIDENCE(cov->evidence, "%s", h.why);
		return false;
	}
	for (i = 0; i < h.nsites; i++) {
		const struct hazard_site *s = &h.site[i];
		struct plan_probe *p;

		/* if all lookups take the lock, the hazard is certain, and worth the cost */
		if (!shared && h.locked && on_impure_path(plan, s->call.from)) {
			SET_EVIDENCE(
				cov->evidence,
				"%s does locked and unlocked lookups, also for impure directories: "
				"a probe would slow down each entry of a rebuild (--costly); "
				"ovltrace check watches them",
				s->call.from->name);
			return false;
		}
		p = plan__probe_add(plan,
				    HOOK(EVENT_LOCKED_LOOKUP, PROVIDER_CALL_SITE, PROG_at_lookup),
				    s->call.from, s->call.addr);
		if (!p)
			return false;
		p->callee = s->call.to;
		p->cookie = OVLW_COOKIE(plan->nprobes,
					OVLW_LOOKUP_ARG((uint32_t)s->dir_arg, name_arg(in, s)));
		plan__evidence_site(seen, sizeof(seen), &s->call);
	}
	plan__cover(plan, EVENT_LOCKED_LOOKUP, PROVIDER_CALL_SITE, h.site[0].call.to->name);
	SET_EVIDENCE(cov->evidence, "%s", seen);
	return true;
}

static bool lookup_alone(struct plan *plan, const struct plan_input *in)
{
	return lookup_sites(plan, in, false);
}

static bool lookup_shared(struct plan *plan, const struct plan_input *in)
{
	return lookup_sites(plan, in, true);
}

const struct choice plan__lookup_chain[] = {
	{ PROVIDER_CODE, lookup_never, false },
	{ PROVIDER_CALL_SITE, lookup_alone, false },
	{ PROVIDER_CALL_SITE, lookup_shared, true },
	{ 0 },
};
