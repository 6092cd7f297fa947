// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves probes from calls to the instructions before them: src/code/sequence.h says why.
 * What a program reads at its call is the same there.
 *
 * Probes of stores are moved from ovl_set_dir_cache() to before its calls on the impure path,
 * because each listing of a merged directory calls it three times. A store by a call elsewhere
 * would leave the slot with another cache than the last one that was seen stored, which the
 * model reports as INCONSISTENT_NOT_IN_SLOT.
 */
#include "code/defects.h"
#include "code/sequence.h"
#include "plan/internal.h"

#include <string.h>

#define SETTER "ovl_set_dir_cache"

enum {
	PARTS = 4, /* a function and its .cold parts */
};

/* A function that has probes, and its .cold parts. */
struct code_of {
	const struct ksym *sym;
	struct func part[PARTS];
	size_t nparts;
	bool whole; /* all of its parts are there */
};

static void code_free(struct code_of *c)
{
	while (c->nparts)
		func__deinit(&c->part[--c->nparts]);
}

static void code_read(struct code_of *c, const struct plan_input *in, const struct ksym *sym)
{
	const struct ksyms *ks = in->code.ks;
	size_t i;

	if (c->sym == sym)
		return;
	code_free(c);
	c->sym = sym;
	c->whole = true;
	func__read(&c->part[c->nparts++], &in->code, sym);
	for (i = 0; i < ks->n; i++) {
		if (!ks->v[i].text || !ksym__is_cold_of(ks->v[i].name, sym->name))
			continue;
		if (c->nparts < PARTS)
			func__read(&c->part[c->nparts++], &in->code, &ks->v[i]);
		else
			c->whole = false;
	}
}

/* False: that program stays on its call. */
static bool needs(const struct plan *plan, const struct plan_probe *p, int32_t members[3],
		  struct sequence_need *need)
{
	members[0] = (int32_t)plan->layout.cache_refcount;
	members[1] = (int32_t)plan->layout.cache_version;
	members[2] = (int32_t)plan->layout.cache_entries;
	*need = (struct sequence_need){ .arg = 0 };
	switch (p->prog) {
	case PROG_at_path_upper:
	case PROG_at_unlock:
	case PROG_at_lock:
		return true;
	case PROG_at_read:
		need->arg = -1;
		return true;
	case PROG_at_free:
		need->arg = (int)OVLW_COOKIE_ARG(p->cookie);
		/* what was freed, and why, is guessed from such registers */
		need->saved = true;
		need->members = members;
		need->nmembers = 3;
		return need->arg < INSN_ARGS;
	default:
		return false;
	}
}

/* No other probe is there, so that events keep their order and the jump has its place. */
static bool is_free(const struct plan *plan, const struct plan_probe *p, uint64_t from)
{
	size_t i;

	for (i = 0; i < plan->nprobes; i++)
		if (&plan->probe[i] != p && plan->probe[i].addr >= from &&
		    plan->probe[i].addr < p->addr)
			return false;
	return true;
}

static void move(struct plan *plan, const struct plan_input *in, struct plan_probe *p,
		 struct code_of *c)
{
	struct sequence_need need;
	int32_t members[3];
	struct sequence s;

	if (!needs(plan, p, members, &need))
		return;
	code_read(c, in, p->func);
	if (!c->whole || !sequence__find(&s, c->part, c->nparts, p->addr, &need) ||
	    !is_free(plan, p, s.addr))
		return;
	p->call = p->addr;
	p->call_cookie = p->cookie;
	p->addr = s.addr;
	if (need.arg >= 0 && (s.disp || s.reg != in->code.arch->arg[need.arg]))
		p->cookie |= OVLW_COOKIE_HELD(s.reg, s.disp);
}

static bool move_store(struct plan *plan, const struct plan_input *in, struct plan_probe *p,
		       struct code_of *c)
{
	const struct sequence_need need = { .arg = 0,
					    .other = 1,
					    .late = (int32_t)plan->layout.cache_version };
	const int8_t *arg = in->code.arch->arg;
	uint32_t cache, site = (uint32_t)plan->nprobes;
	struct sequence s;

	code_read(c, in, p->func);
	if (!c->whole || !sequence__find(&s, c->part, c->nparts, p->addr, &need) ||
	    !is_free(plan, p, s.addr))
		return false;
	cache = s.other < 0 ? OVLW_REG_NULL : (uint32_t)s.other;
	p->call = p->addr;
	p->call_cookie = OVLW_STORE_COOKIE(site, arg[0], arg[1]);
	p->addr = s.addr;
	p->cookie = OVLW_STORE_COOKIE(site, s.on_stack ? OVLW_CALL_STACK : s.reg, cache) |
		    OVLW_CALL_COOKIE(s.late, s.disp);
	return true;
}

/* A merged listing stores over an impure cache only after a copy-up in the wrong order. */
static bool kinds_stay_apart(const struct plan *plan, const struct plan_input *in)
{
	struct defect d[DEFECTS];

	defects__look(d, &in->code, &plan->layout);
	return d[DEFECT_COPY_UP_ORDER].state == DEFECT_IS_FIXED;
}

/* All of its calls on the impure path, before each of which a jump must fit. */
static bool add_stores(struct plan *plan, const struct plan_input *in, struct code_of *c)
{
	struct coverage *cov = &plan->cover[EVENT_CACHE_STORED];
	const struct code_graph *g = &plan->graph;
	size_t i, from = plan->nprobes;

	for (i = 0; i < g->ncalls; i++) {
		const struct code_call *call = &g->call[i];
		struct plan_probe *p;

		if (!ksym__is(call->to->name, SETTER))
			continue;
		if (!ksym__is_whole(call->to->name, SETTER) || call->through || call->tail ||
		    plan__is_refused(g, call, cov))
			return false;
		p = plan__probe_add(plan,
				    HOOK(EVENT_CACHE_STORED, PROVIDER_CALL_SITE, PROG_at_store),
				    call->from, call->addr);
		if (!p)
			return false;
		p->callee = call->to;
		if (!move_store(plan, in, p, c))
			return false;
	}
	return plan->nprobes > from && !plan__contradicted(plan, in, EVENT_CACHE_STORED, from) &&
	       !plan__refused(plan, in, EVENT_CACHE_STORED, from);
}

static void stores_by_call(struct plan *plan, const struct plan_input *in, struct code_of *c)
{
	struct coverage *cov = &plan->cover[EVENT_CACHE_STORED], was = *cov;
	size_t i, n = plan->nprobes;

	if (was.provider != PROVIDER_FENTRY || in->merged || in->hits || in->no_kprobes ||
	    in->no_sites || !(in->plain_loads || in->quiet) || code__has_gap(&plan->graph) ||
	    ksym__is(plan->graph.func[0]->name, "ovl_iterate"))
		return;
	if (!add_stores(plan, in, c) || !kinds_stay_apart(plan, in)) {
		plan->nprobes = n;
		SET_EVIDENCE(was.refused, "%s", cov->refused);
		*cov = was;
		return;
	}
	plan__cover(plan, EVENT_CACHE_STORED, PROVIDER_CALL_SITE, SETTER);
	cov->evidence[0] = 0;
	for (i = n; i < plan->nprobes; i++)
		plan__evidence_addr(cov->evidence, sizeof(cov->evidence), plan->probe[i].func,
				    plan->probe[i].call);
	for (i = 0; plan->probe[i].prog != PROG_in_set_dir_cache; i++)
		;
	plan->nprobes--;
	memmove(&plan->probe[i], &plan->probe[i + 1], (plan->nprobes - i) * sizeof(plan->probe[0]));
}

void plan__early(struct plan *plan, const struct plan_input *in)
{
	struct code_of c = { 0 };
	size_t i;

	/* an interrupt in such a probe would hide frees of caches by RCU */
	if (!plan->layout_known || plan->late_frees || plan->shared)
		return;
	stores_by_call(plan, in, &c);
	for (i = 0; i < plan->nprobes; i++) {
		struct plan_probe *p = &plan->probe[i];

		if (p->provider == PROVIDER_CALL_SITE && p->callee && !p->optional)
			move(plan, in, p, &c);
	}
	code_free(&c);
}
