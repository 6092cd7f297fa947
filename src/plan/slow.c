// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probes of `slow` beside those of src/plan/stats.c: iterate_dir(), which shows how long a
 * listing waits for the lock and reads layers, and the lookups of entries. Without one of
 * them, the parts that it shows are unknown.
 */
#include "plan/internal.h"

struct pair {
	enum program in, out; /* trampolines */
	enum program on, ret;
};

/* Entry and return of a function; both or none. True: they are planned. */
static bool pair_add(struct plan *plan, const struct plan_input *in, const struct ksym *sym,
		     const struct pair *progs, bool trampolines)
{
	size_t from = plan->nprobes;
	char name[KSYM_NAME];

	if (trampolines) {
		const char *func = ksym__source_name(sym->name, name);

		if (in->is_typed && !in->is_typed(in->btf_ctx, func))
			return false;
		plan__probe_add(plan, HOOK(EVENT_READDIR, PROVIDER_FENTRY, progs->in), sym,
				sym->addr);
		plan__probe_add(plan, HOOK(EVENT_READDIR, PROVIDER_FEXIT, progs->out), sym,
				sym->addr);
	} else {
		if (in->no_kprobes)
			return false;
		plan__probe_add(plan, HOOK(EVENT_READDIR, PROVIDER_RETURN, progs->ret), sym,
				sym->addr);
		plan__probe_add(plan, HOOK(EVENT_READDIR, PROVIDER_ENTRY, progs->on), sym,
				sym->addr);
	}
	if (plan->nprobes == from + 2 && !plan__contradicted(plan, in, EVENT_READDIR, from) &&
	    !plan__refused(plan, in, EVENT_READDIR, from))
		return true;
	plan->nprobes = from;
	return false;
}

static void function_add(struct plan *plan, const struct plan_input *in, const char *func,
			 const struct pair *progs, bool trampolines)
{
	const struct ksym *sym = plan__function(plan, in, func);

	if (!sym)
		return;
	if (!trampolines || !pair_add(plan, in, sym, progs, true))
		pair_add(plan, in, sym, progs, false);
}

void plan__slow(struct plan *plan, const struct plan_input *in, bool trampolines)
{
	static const struct pair calls = { PROG_stat_in_iterate_dir, PROG_stat_out_iterate_dir,
					   PROG_stat_on_iterate_dir, PROG_stat_ret_iterate_dir };
	static const struct pair lookups = { PROG_stat_in_lookup, PROG_stat_out_lookup,
					     PROG_stat_on_lookup, PROG_stat_ret_lookup };

	if (!in->slow)
		return;
	function_add(plan, in, "iterate_dir", &calls, trampolines);
	function_add(plan, in, "ovl_cache_update", &lookups, trampolines);
	/* its name before 6.12 */
	if (!plan__slow_sees_lookups(plan))
		function_add(plan, in, "ovl_cache_update_ino", &lookups, trampolines);
}

bool plan__slow_sees_calls(const struct plan *plan)
{
	return plan__stats_prog(plan, PROG_stat_in_iterate_dir) ||
	       plan__stats_prog(plan, PROG_stat_on_iterate_dir);
}

bool plan__slow_sees_lookups(const struct plan *plan)
{
	return plan__stats_prog(plan, PROG_stat_in_lookup) ||
	       plan__stats_prog(plan, PROG_stat_on_lookup);
}
