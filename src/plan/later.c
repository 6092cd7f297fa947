// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches that are freed after the readdir, or outside of it: by an RCU callback, by a
 * worker, or by the last of several readers.
 */
#include "plan/later.h"

#include <stdlib.h>
#include <string.h>

enum {
	WORK_WORDS = 8, /* of an object that may contain the address of what a worker runs */
};

/* Functions that have another function called later by a task. */
static const struct callee_arg to_tasks[] = {
	{ "call_srcu", 0 },
	{ "call_rcu_tasks", 0 },
	{ "queue_work_on", 0 },
	{ "queue_work_node", 0 },
	{ "queue_delayed_work_on", 0 },
	{ "mod_delayed_work_on", 0 },
	{ "queue_rcu_work", 0 },
	{ "kthread_queue_work", 0 },
	{ "task_work_add", 0 },
	{ "async_schedule_node", 0 },
	{ NULL, 0 },
};

/* The same, by an interrupt. */
static const struct callee_arg to_interrupts[] = {
	{ "call_rcu", 0 },
	{ "call_rcu_hurry", 0 },
	{ "irq_work_queue", 0 },
	{ NULL, 0 },
};

static bool is_hand_over(const char *name)
{
	return plan__wanted(to_tasks, name) || plan__wanted(to_interrupts, name);
}

const struct code_call *later__first(const struct code_graph *g)
{
	size_t i;

	for (i = 0; i < g->ncalls; i++)
		if (is_hand_over(g->call[i].to->name))
			return &g->call[i];
	return NULL;
}

static bool hands_over(const struct code_graph *g, const struct ksym *func)
{
	size_t i;

	for (i = 0; i < g->ncalls; i++)
		if (g->call[i].from == func && is_hand_over(g->call[i].to->name))
			return true;
	return false;
}

/* Adds the function of overlayfs that begins at addr. */
static bool add_function(struct code_graph *later, const struct plan_input *in, uint64_t addr)
{
	const struct ksym *func = ksyms__callee(in->code.ks, addr);

	if (!func || !func->ovl || func->addr != addr)
		return false;
	code__add(later, &in->code, func, true, NULL);
	return true;
}

/* A constant in the code: the address of a function, or of an object that contains one. */
static void add_constant(struct code_graph *later, const struct plan_input *in, uint64_t value,
			 bool objects)
{
	uint64_t word[WORK_WORDS];
	size_t i;

	if ((int64_t)value >= 0 || add_function(later, in, value) || !objects)
		return;
	if (in->code.read(in->code.ctx, value, word, sizeof(word)))
		return;
	for (i = 0; i < WORK_WORDS; i++)
		add_function(later, in, word[i]);
}

/* What the code of func may have called later: functions whose address it takes. */
static void add_taken(struct code_graph *later, const struct plan_input *in,
		      const struct ksym *func, bool objects)
{
	struct func f;
	size_t i;

	func__read(&f, &in->code, func);
	for (i = 0; i < f.n; i++) {
		const struct insn *at = &f.insn[i];

		if (at->kind == INSN_CONST || (at->kind == INSN_STORE && at->src == INSN_NO_REG))
			add_constant(later, in, (uint64_t)at->imm, objects);
		else if (at->kind == INSN_ADDRESS && at->mem.base == INSN_PC)
			add_constant(later, in, insn__after(at) + (int64_t)at->mem.disp, objects);
	}
	func__deinit(&f);
}

static void look(struct later *l, const struct plan_input *in, const struct code_graph *g)
{
	const struct code_call *c = later__first(g);
	size_t i;

	if (!c)
		return;
	if (!l->call.from)
		l->call = *c;
	for (i = 0; i < g->ncalls; i++)
		l->interrupts |= plan__wanted(to_interrupts, g->call[i].to->name) != NULL;
	for (i = 0; i < g->nfuncs; i++)
		add_taken(&l->run, in, g->func[i], hands_over(g, g->func[i]));
}

struct later *later__new(const struct plan *plan, const struct plan_input *in)
{
	static const char *const ends[] = { "ovl_iterate", "ovl_dir_llseek", "ovl_dir_release" };
	struct later *l = calloc(1, sizeof(*l));
	const struct ksym *func;
	size_t i;

	if (!l)
		return NULL;
	/* where it is inlined, the impure path has its code */
	func = plan__called(plan, DIR_CACHE_FREE) ? plan__function(plan, in, DIR_CACHE_FREE) : NULL;
	if (func)
		code__add(&l->freer, &in->code, func, false, NULL);
	for (i = 0; plan->shared && i < sizeof(ends) / sizeof(ends[0]); i++) {
		func = ksyms__find(in->code.ks, ends[i]);
		if (func)
			code__add(&l->ends, &in->code, func, true, NULL);
	}
	look(l, in, &plan->graph);
	look(l, in, &l->freer);
	look(l, in, &l->ends);
	return l;
}

bool later__is_needed(const struct plan *plan, const struct later *l)
{
	return l->call.from || plan->shared;
}

bool later__is_known(const struct later *l, const struct callee_arg *frees)
{
	size_t i;

	if (!l->call.from)
		return true;
	for (i = 0; i < l->run.ncalls; i++)
		if (plan__wanted(frees, l->run.call[i].to->name))
			return !code__has_gap(&l->run);
	return false;
}
