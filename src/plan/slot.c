// SPDX-License-Identifier: GPL-2.0-only
/*
 * Members of struct ovl_inode that are written without a call. The slot is: by an
 * instruction in what ovl_set_dir_cache() was inlined into, or in code that never
 * called it. The impure flag is: ovl_clear_flag() is an inline function.
 */
#include "plan/internal.h"

#include <string.h>

/* Does the instruction belong to ovl_set_dir_cache(), which is probed as a function? */
static bool is_setter(const struct code_store *s)
{
	return ksym__is_whole(s->from->name, "ovl_set_dir_cache");
}

/* The first instruction that writes the slot other than there; NULL: none does. */
static const struct code_store *first(const struct code_graph *g)
{
	size_t i;

	for (i = 0; i < g->nstores; i++)
		if (!is_setter(&g->store[i]))
			return &g->store[i];
	return NULL;
}

bool plan__writes_slot(const struct code_graph *g)
{
	return first(g);
}

/* The register that still holds the call's second argument after it; INSN_NO_REG: none does. */
static int kept_cache(const struct func *f, const struct insn *call)
{
	const struct insn *i;
	int arg = f->arch->arg[1];

	for (i = call; i-- > f->insn;) {
		if (i->kind == INSN_CALL || insn__ends_flow(i))
			break;
		if (!(i->writes & 1U << arg))
			continue;
		return i->kind == INSN_MOVE && i->src >= 0 &&
				       !(f->arch->call_writes & 1U << i->src) ?
			       i->src :
			       INSN_NO_REG;
	}
	return INSN_NO_REG;
}

/* Whether the cache that the call stores gets its version after it. */
static bool is_stamped_after(const struct plan *plan, const struct func *f, const struct insn *call)
{
	int reg = kept_cache(f, call);
	const struct insn *i;

	for (i = call + 1; reg >= 0 && i < f->insn + f->n; i++) {
		if (i->kind == INSN_STORE && i->mem.base == reg && i->mem.index == INSN_NO_REG &&
		    i->mem.disp == plan->graph.watch_member)
			return true;
		if (insn__ends_flow(i) || i->writes & 1U << reg)
			break;
	}
	return false;
}

bool plan__stamps_later(struct plan *plan, const struct plan_input *in)
{
	const struct code_graph *g = &plan->graph;
	size_t i;

	for (i = 0; i < g->ncalls && g->watch_member; i++) {
		const struct code_call *c = &g->call[i];
		const struct insn *call;
		bool later = false;
		struct func f;

		if (c->through || !ksym__is_whole(c->to->name, "ovl_set_dir_cache"))
			continue;
		func__read(&f, &in->code, c->from);
		call = func__at(&f, c->addr);
		later = call && is_stamped_after(plan, &f, call);
		func__deinit(&f);
		if (!later)
			continue;
		SET_EVIDENCE(plan->cover[EVENT_CACHE_STORED].evidence,
			     "%s+0x%llx stores a cache before its version", c->from->name,
			     (unsigned long long)(c->addr - c->from->addr));
		return true;
	}
	return false;
}

bool plan__slot_writes(struct plan *plan, const struct plan_input *in, const struct code_graph *g,
		       enum logical_event ev)
{
	struct coverage *cov = &plan->cover[ev];
	size_t i, found = 0;

	if (in->no_kprobes || in->no_sites) {
		SET_EVIDENCE(cov->evidence,
			     "%s+0x%llx writes the slot, and instructions cannot be probed",
			     first(g)->from->name,
			     (unsigned long long)(first(g)->addr - first(g)->from->addr));
		return false;
	}
	for (i = 0; i < g->nstores; i++) {
		const struct code_store *s = &g->store[i];
		struct plan_probe *p;

		if (is_setter(s))
			continue;
		/* the program would take what is there for the stamp */
		if (s->filled_later) {
			SET_EVIDENCE(cov->evidence, "%s+0x%llx stores a cache before its version",
				     s->from->name, (unsigned long long)(s->addr - s->from->addr));
			return false;
		}
		if (!plan__has_probe_at(plan, 0, PROG_at_slot_write, s->addr)) {
			p = plan__probe_add(plan,
					    HOOK(ev, PROVIDER_INSTRUCTION, PROG_at_slot_write),
					    s->from, s->addr);
			if (!p)
				return false;
			p->cookie = OVLW_STORE_COOKIE(plan->nprobes, s->base,
						      s->value == INSN_NO_REG ? OVLW_REG_NULL :
										s->value);
		}
		if (!found++) {
			plan__cover(plan, ev, PROVIDER_INSTRUCTION, "ovl_inode->cache");
			cov->evidence[0] = 0;
		}
		plan__evidence_addr(cov->evidence, sizeof(cov->evidence), s->from, s->addr);
	}
	return found;
}

bool plan__slot_writes_in(struct plan *plan, const struct plan_input *in,
			  const struct code_graph *g, size_t n, enum logical_event ev)
{
	struct coverage *cov = &plan->cover[ev];
	struct coverage all = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		size_t len = strlen(all.evidence);

		if (!plan__writes_slot(&g[i]))
			continue;
		if (!plan__slot_writes(plan, in, &g[i], ev))
			return false;
		all.provider = cov->provider;
		SET_EVIDENCE(all.target, "%s", cov->target);
		/* what several of the graphs have */
		if (!strstr(all.evidence, cov->evidence))
			evidence__set(all.evidence + len, sizeof(all.evidence) - len, "%s%s",
				      len ? " " : "", cov->evidence);
	}
	*cov = all;
	return true;
}

bool plan__flag_clears(struct plan *plan, const struct plan_input *in)
{
	const struct code_graph *g = &plan->graph;
	struct coverage *cov = &plan->cover[EVENT_IMPURE_CLEARED];
	size_t i, found = 0;

	if (in->no_kprobes || in->no_sites)
		return false;
	for (i = 0; i < g->nclears; i++) {
		const struct code_store *s = &g->clear[i];
		struct plan_probe *p;

		/* a function that others use may clear the flag for another reason */
		if (!code__is_root(g, s->from))
			continue;
		p = plan__probe_add(
			plan, HOOK(EVENT_IMPURE_CLEARED, PROVIDER_INSTRUCTION, PROG_at_flag_clear),
			s->from, s->addr);
		if (!p)
			return false;
		p->cookie = OVLW_COOKIE(plan->nprobes, s->base);
		if (!found++) {
			plan__cover(plan, EVENT_IMPURE_CLEARED, PROVIDER_INSTRUCTION,
				    "ovl_inode->flags");
			cov->evidence[0] = 0;
		}
		plan__evidence_addr(cov->evidence, sizeof(cov->evidence), s->from, s->addr);
	}
	return found;
}
