// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves probes from calls to the instructions before them: src/code/sequence.h says why.
 * What a program reads at its call is the same there.
 */
#include "code/sequence.h"
#include "plan/internal.h"

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
	p->addr = s.addr;
	if (need.arg >= 0 && (s.disp || s.reg != in->code.arch->arg[need.arg]))
		p->cookie |= OVLW_COOKIE_HELD(s.reg, s.disp);
}

void plan__early(struct plan *plan, const struct plan_input *in)
{
	struct code_of c = { 0 };
	size_t i;

	/* an interrupt in such a probe would hide frees of caches by RCU */
	if (!plan->layout_known || plan->late_frees || plan->shared)
		return;
	for (i = 0; i < plan->nprobes; i++) {
		struct plan_probe *p = &plan->probe[i];

		if (p->provider == PROVIDER_CALL_SITE && p->callee && !p->optional)
			move(plan, in, p, &c);
	}
	code_free(&c);
}
