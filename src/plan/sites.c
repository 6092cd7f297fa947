// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes probes from calls and functions, and their names for the evidence.
 */
#include "plan/internal.h"

#include <string.h>

struct plan_probe *plan__probe_add(struct plan *plan, const struct hook *hook,
				   const struct ksym *func, uint64_t addr)
{
	struct plan_probe *p;

	if (hook->event == EVENT_READDIR && plan->nprobes == PLAN_MAX_PROBES)
		return NULL;
	if (hook->event != EVENT_READDIR && plan->nprobes >= PLAN_TRACE_PROBES) {
		plan->graph.truncated = true;
		SET_EVIDENCE(plan->cover[hook->event].evidence, "more than %d probes are needed",
			     PLAN_TRACE_PROBES);
		return NULL;
	}
	p = &plan->probe[plan->nprobes++];
	memset(p, 0, sizeof(*p));
	p->event = hook->event;
	p->provider = hook->provider;
	p->prog = hook->prog;
	p->func = func;
	p->addr = addr;
	return p;
}

bool plan__has_probe_at(const struct plan *plan, size_t from, enum program prog, uint64_t addr)
{
	for (; from < plan->nprobes; from++)
		if (plan->probe[from].prog == prog && plan->probe[from].addr == addr)
			return true;
	return false;
}

void plan__cover(struct plan *plan, enum logical_event ev, enum provider how, const char *target)
{
	plan->cover[ev].provider = how;
	SET_EVIDENCE(plan->cover[ev].target, "%s", target);
}

const struct callee_arg *plan__wanted(const struct callee_arg *list, const char *name)
{
	for (; list->name; list++)
		if (ksym__is(name, list->name))
			return list;
	return NULL;
}

/* Appends "func+0x12" to the evidence. */
void plan__evidence_addr(char *evidence, size_t size, const struct ksym *func, uint64_t addr)
{
	size_t n = strlen(evidence);

	evidence__set(evidence + n, size - n, "%s%s+0x%llx", n ? " " : "", func->name,
		      (unsigned long long)(addr - func->addr));
}

void plan__evidence_site(char *evidence, size_t size, const struct code_call *c)
{
	plan__evidence_addr(evidence, size, c->from, c->addr);
}

/*
 * ovl_check_whiteouts() takes and releases the lock of the *upper* directory,
 * not of the overlay's: it says nothing about the lock drop, and frees no cache.
 * Inlined into ovl_dir_read(realpath, rdd), the lock comes from the first argument.
 */
bool plan__is_foreign_lock(const struct code_call *c)
{
	return ksym__is(c->from->name, "ovl_check_whiteouts") ||
	       (ksym__is_whole(c->from->name, "ovl_dir_read") && c->origin == 0);
}

bool plan__is_refused(const struct code_graph *g, const struct code_call *c, struct coverage *cov)
{
	unsigned long long at = c->addr - c->from->addr;

	if (c->conditional) {
		SET_EVIDENCE(cov->evidence,
			     "%s+0x%llx jumps to %s on a condition, which a probe does not see",
			     c->from->name, at, c->to->name);
		return true;
	}
	/* a kernel without ftrace refuses no function for that */
	if (!c->notrace || !g->traced || code__is_passed_on(g, c))
		return false;
	SET_EVIDENCE(cov->evidence,
		     "%s, which calls %s at +0x%llx, is notrace: probes in it are refused",
		     c->from->name, c->to->name, at);
	return true;
}

/* NULL: not one of those that s is for. */
static const struct callee_arg *site_callee(const struct plan *plan, const struct site_spec *s,
					    const struct code_call *c)
{
	const struct callee_arg *callee = plan__wanted(s->callees, c->to->name);

	if (!callee || (s->roots_only && !code__is_root(&plan->graph, c->from)) ||
	    plan__is_foreign_lock(c))
		return NULL;
	/* a jump is followed by its callers' returns, which have their own entries */
	if (s->after ? c->tail : c->through && !s->through)
		return NULL;
	return callee;
}

/* True if a probe on that call would see something else; evidence says why. */
static bool is_inexact(const struct site_spec *s, const struct code_call *c,
		       const struct callee_arg *callee, struct coverage *cov)
{
	enum ksym_form form = ksym__form(c->to->name, callee->name);
	unsigned long long at = c->addr - c->from->addr;

	if (form == KSYM_PART)
		SET_EVIDENCE(cov->evidence, "%s+0x%llx calls %s, which is a part of %s",
			     c->from->name, at, c->to->name, callee->name);
	else if (form == KSYM_CHANGED && program__arg_type(s->prog, 0))
		SET_EVIDENCE(cov->evidence,
			     "%s+0x%llx calls %s, whose arguments are not those of %s",
			     c->from->name, at, c->to->name, callee->name);
	else
		return false;
	return true;
}

/* The same, for the instructions before the call. */
static bool is_guarded(const struct code_call *c, bool after, struct coverage *cov)
{
	if (after ? !c->guarded_after : !c->guarded)
		return false;
	SET_EVIDENCE(cov->evidence,
		     "%s+0x%llx follows a load that the kernel takes for an exclusive one: probes "
		     "there are refused",
		     c->from->name,
		     (unsigned long long)((after ? c->after : c->addr) - c->from->addr));
	return true;
}

size_t plan__sites(struct plan *plan, const struct site_spec *s)
{
	struct coverage *cov = &plan->cover[s->event];
	size_t i, found = 0, from = plan->nprobes;

	for (i = 0; i < plan->graph.ncalls; i++) {
		const struct code_call *c = &plan->graph.call[i];
		const struct callee_arg *callee = site_callee(plan, s, c);
		struct plan_probe *p;

		if (!callee)
			continue;
		if (is_inexact(s, c, callee, cov) || plan__is_refused(&plan->graph, c, cov) ||
		    is_guarded(c, s->after, cov)) {
			plan->nprobes = from;
			cov->provider = PROVIDER_NONE;
			cov->target[0] = 0;
			return 0;
		}
		p = plan__probe_add(plan,
				    HOOK(s->event,
					 s->after ? PROVIDER_AFTER_CALL : PROVIDER_CALL_SITE,
					 s->prog),
				    c->from, s->after ? c->after : c->addr);
		if (!p)
			break;
		p->callee = c->to;
		p->optional = code__is_passed_on(&plan->graph, c);
		p->cookie = OVLW_COOKIE(plan->nprobes, s->through ? p->optional : callee->arg);
		if (!found++) {
			plan__cover(plan, s->event, p->provider, c->to->name);
			cov->evidence[0] = 0;
		}
		plan__evidence_site(cov->evidence, sizeof(cov->evidence), c);
	}
	return found;
}

size_t plan__sites_in(struct plan *plan, const struct code_graph *root, size_t nroots,
		      const struct callee_arg *list, const struct hook *hook)
{
	struct coverage *cov = &plan->cover[hook->event];
	size_t r, i, n = 0, first = plan->nprobes;

	for (r = 0; r < nroots; r++)
		for (i = 0; i < root[r].ncalls; i++) {
			const struct code_call *c = &root[r].call[i];
			const struct callee_arg *callee = plan__wanted(list, c->to->name);
			struct plan_probe *p;

			if (!callee || plan__is_foreign_lock(c))
				continue;
			if (plan__has_probe_at(plan, first, hook->prog, c->addr))
				continue;
			if (plan__is_refused(&root[r], c, cov) || is_guarded(c, false, cov)) {
				plan->nprobes = first;
				return 0;
			}
			p = plan__probe_add(plan, hook, c->from, c->addr);
			if (!p)
				return n;
			p->callee = c->to;
			p->cookie = OVLW_COOKIE(plan->nprobes, callee->arg);
			/* a helper that is inline in the kernel's sources cannot be probed */
			p->optional = code__is_passed_on(&root[r], c);
			if (!n++) {
				plan__cover(plan, hook->event, hook->provider, c->to->name);
				cov->evidence[0] = 0;
			}
			plan__evidence_site(cov->evidence, sizeof(cov->evidence), c);
		}
	return n;
}

bool plan__sites_or(struct plan *plan, const struct site_spec *s, const char *none)
{
	struct coverage *cov = &plan->cover[s->event];

	if (plan__sites(plan, s))
		return true;
	if (!*cov->evidence)
		SET_EVIDENCE(cov->evidence, "%s", none);
	return false;
}

const struct ksym *plan__function(const struct plan *plan, const struct plan_input *in,
				  const char *name)
{
	const struct ksym *sym = ksyms__find(in->code.ks, name);
	size_t i;

	for (i = 0; !sym && i < plan->graph.ncalls; i++)
		if (ksym__is_whole(plan->graph.call[i].to->name, name))
			sym = plan->graph.call[i].to;
	return sym;
}

bool plan__entry(struct plan *plan, const struct plan_input *in, const struct hook *hook,
		 const char *func)
{
	const struct ksym *sym = plan__function(plan, in, func);
	struct coverage *cov = &plan->cover[hook->event];

	if (!sym) {
		SET_EVIDENCE(cov->evidence, "no symbol %s", func);
		return false;
	}
	if (!plan__probe_add(plan, hook, sym, sym->addr))
		return false;
	plan__cover(plan, hook->event, hook->provider, func);
	SET_EVIDENCE(cov->evidence, "symbol %s", sym->name);
	return true;
}

bool plan__typed(struct plan *plan, const struct plan_input *in, const struct hook *hook,
		 const char *func)
{
	if (in->is_typed && !in->is_typed(in->btf_ctx, func)) {
		SET_EVIDENCE(plan->cover[hook->event].evidence, "no BTF of %s", func);
		return false;
	}
	return plan__entry(plan, in, hook, func);
}

bool plan__called(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->graph.ncalls; i++)
		if (ksym__is_whole(plan->graph.call[i].to->name, name))
			return true;
	return false;
}

bool plan__may_call(const struct plan *plan, const char *name)
{
	return plan__called(plan, name) || plan->graph.err || plan->graph.truncated;
}
