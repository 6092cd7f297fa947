// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the plan: finds what the impure path calls and whether it drops the lock, and
 * takes for each event the first provider of its chain that this kernel has.
 */
#include "code/layout.h"
#include "plan/internal.h"

#include <string.h>

static void graph_make(struct plan *plan, const struct plan_input *in)
{
	static const char *const roots[] = {
		"ovl_iterate_real",
		"ovl_cache_get_impure",
		"ovl_dir_read_impure",
		"ovl_iterate",
	};
	const struct ksyms *ks = in->code.ks;
	size_t r, i;

	plan->graph.watch = plan->layout_known ? plan->layout.inode_cache : 0;
	plan->graph.watch_member = plan->layout_known ? (int32_t)plan->layout.cache_version : 0;
	plan->graph.watch_flags = plan->layout_known ? plan->layout.inode_flags : 0;
	plan->graph.flag = plan->layout.impure_bit;
	for (r = 0; r < 4; r++) {
		/* ovl_iterate() is the place only where it swallowed all others */
		if (r == 3 && plan->graph.nfuncs)
			break;
		for (i = 0; i < ks->n; i++)
			if (ks->v[i].ovl && ks->v[i].text && ksym__is(ks->v[i].name, roots[r]))
				code__add(&plan->graph, &in->code, &ks->v[i], true, DIR_CACHE_FREE);
	}
	code__add_through(&plan->graph);
}

/*
 * Since 6.6 iterate_dir() takes the lock for reading. wrap_directory_iterator(), called by
 * what WRAP_DIR_ITER() makes of ovl_iterate(), takes it for writing instead (fs/readdir.c).
 */
static bool readers_share_lock(const struct plan_input *in)
{
	const struct ksyms *ks = in->code.ks;
	bool later_kernel = false;
	size_t i;

	for (i = 0; i < ks->n; i++) {
		if (ksym__is(ks->v[i].name, "shared_ovl_iterate"))
			return false;
		later_kernel |= !ks->v[i].ovl &&
				ksym__is_whole(ks->v[i].name, "wrap_directory_iterator");
	}
	return later_kernel && ksyms__find(ks, "ovl_iterate");
}

static bool is_release(const struct plan *plan, const char *name)
{
	return plan__wanted(plan__unlocks, name) || (plan->shared && ksym__is(name, "up_read"));
}

/* Does the code release a lock during a rebuild? */
static void plan_lock_drop(struct plan *plan)
{
	const struct code_graph *g = &plan->graph;
	size_t i, drops = 0, in_root = 0;

	for (i = 0; i < g->ncalls; i++) {
		const struct code_call *c = &g->call[i];

		if (!is_release(plan, c->to->name) || plan__is_foreign_lock(c) ||
		    code__is_passed_on(g, c))
			continue;
		drops++;
		in_root += code__is_root(g, c->from);
		if (drops == 1)
			SET_EVIDENCE(plan->lock_evidence, "%s calls %s at +0x%llx", c->from->name,
				     c->to->name, (unsigned long long)(c->addr - c->from->addr));
	}
	if (drops) {
		/* a helper may release another lock: only the trace shows it */
		plan->lock_drop = in_root ? LOCK_DROP_PRESENT : LOCK_DROP_UNKNOWN;
	} else if (code__has_gap(g)) {
		code__describe_gap(g, "ovl_iterate_real", plan->lock_evidence,
				   sizeof(plan->lock_evidence));
	} else {
		plan->lock_drop = LOCK_DROP_ABSENT;
		SET_EVIDENCE(plan->lock_evidence,
			     "no release of a lock in the %zu functions that %s reaches", g->nfuncs,
			     g->func[0]->name);
	}
}

static void plan_layout(struct plan *plan, const struct plan_input *in)
{
	if (in->btf_layout) {
		plan->layout = *in->btf_layout;
		plan->layout_known = true;
		SET_EVIDENCE(plan->layout_evidence, "BTF of overlayfs");
	} else if (!layout__learn(&plan->layout, &in->code)) {
		plan->layout_known = true;
		SET_EVIDENCE(plan->layout_evidence,
			     "no BTF of overlayfs: read from its accessors' code");
	} else {
		SET_EVIDENCE(plan->layout_evidence,
			     "no BTF of overlayfs, and its accessors are unknown");
	}
}

/* careful: skip providers that may miss events, if there is another one. */
static const char *ruled_out(const struct plan_input *in, const struct choice *c, bool careful)
{
	switch (c->provider) {
	case PROVIDER_CALL_SITE:
	case PROVIDER_AFTER_CALL:
		return in->no_sites || in->no_kprobes ? "call sites cannot be probed" : NULL;
	case PROVIDER_ENTRY:
	case PROVIDER_RETURN:
		return in->no_kprobes ? "no kprobes" : NULL;
	case PROVIDER_FENTRY:
	case PROVIDER_FEXIT:
		if (!in->fexit)
			return "no trampolines";
		return careful && in->preemptible ? "a trampoline's program can be preempted" :
						    NULL;
	default:
		return NULL;
	}
}

/*
 * Takes the first provider of the chain that this kernel has. If it has none, the event's
 * evidence says why.
 */
static bool choose(struct plan *plan, const struct plan_input *in, enum logical_event ev,
		   bool careful)
{
	struct coverage *cov = &plan->cover[ev];
	char why[sizeof(cov->evidence)] = "", refused[sizeof(cov->refused)] = "";
	const struct choice *c;
	bool costly = false;
	size_t len;

	for (c = plan__chains[ev]; c->try; c++) {
		const char *no = ruled_out(in, c, careful);
		size_t nprobes = plan->nprobes;

		if (!no && c->costly && !in->costly) {
			costly = true;
			continue;
		}
		memset(cov, 0, sizeof(*cov));
		SET_EVIDENCE(cov->refused, "%s", refused);
		if (no)
			SET_EVIDENCE(cov->evidence, "%s", no);
		else if (c->try(plan, in) && !plan__contradicted(plan, in, ev, nprobes) &&
			 !plan__refused(plan, in, ev, nprobes)) {
			cov->costly = c->costly;
			return true;
		}
		SET_EVIDENCE(refused, "%s", cov->refused);
		plan->nprobes = nprobes;
		len = strlen(why);
		if (*cov->evidence && !strstr(why, cov->evidence))
			evidence__set(why + len, sizeof(why) - len, "%s%s", len ? "; " : "",
				      cov->evidence);
	}
	len = strlen(why);
	if (costly && !strstr(why, "--costly"))
		evidence__set(why + len, sizeof(why) - len,
			      "; a system-wide probe could see it (--costly)");
	memset(cov, 0, sizeof(*cov));
	SET_EVIDENCE(cov->evidence, "%s", why);
	SET_EVIDENCE(cov->refused, "%s", refused);
	return false;
}

static void plan_event(struct plan *plan, const struct plan_input *in, enum logical_event ev)
{
	/* missed returns are reported as such, and trampolines cost the least */
	bool careful = ev != EVENT_READDIR_RETURNED && ev != EVENT_OPERATION_RETURNED;

	if (!choose(plan, in, ev, careful) && careful)
		choose(plan, in, ev, false);
}

static void not_asked(struct plan *plan, enum logical_event ev, const char *why)
{
	SET_EVIDENCE(plan->cover[ev].evidence, "not requested%s", why);
}

void plan__make(struct plan *plan, const struct plan_input *in)
{
	int ev;

	memset(plan, 0, sizeof(*plan));
	plan->preemptible = in->preemptible;
	plan->shared = readers_share_lock(in);
	plan_layout(plan, in);
	graph_make(plan, in);
	plan_lock_drop(plan);
	for (ev = 0; ev < EVENTS; ev++) {
		bool names = ev == EVENT_DIR_MODIFIED || ev == EVENT_DIR_OPERATION;

		if (logical_event__need(ev) == NEED_MERGED)
			continue; /* below */
		if (ev == EVENT_READDIR && !in->hits)
			not_asked(plan, ev, " (run --hits)");
		else if (names && in->quiet && plan->lock_drop != LOCK_DROP_ABSENT)
			not_asked(plan, ev, ": no output needs it");
		else
			plan_event(plan, in, ev);
	}
	if (in->merged)
		plan__merged(plan, in);
	plan__early(plan, in);
}

bool plan__complete(const struct plan *plan, enum logical_event *missing)
{
	if (!coverage__complete(plan->cover, plan->lock_drop, plan->merged, missing))
		return false;
	/* code that could not be read may drop the lock, too */
	*missing = EVENT_LOCK_DROPPED;
	return plan->layout_known && !plan->graph.err && !plan->graph.truncated;
}

bool plan__sees_leaves(const struct plan *plan)
{
	const struct coverage *c = &plan->cover[EVENT_READDIR_RETURNED];

	return c->provider == PROVIDER_FEXIT && !c->partly && !plan->preemptible;
}

bool plan__has_kprobes(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nprobes; i++)
		if (plan->probe[i].provider != PROVIDER_FENTRY &&
		    plan->probe[i].provider != PROVIDER_FEXIT &&
		    plan->probe[i].provider != PROVIDER_TRACEPOINT)
			return true;
	return false;
}
