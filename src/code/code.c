// SPDX-License-Identifier: GPL-2.0-only
#include "code/code.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The function that an instruction of func calls or jumps to; NULL if there is none. */
static const struct ksym *callee(const struct ksyms *ks, const struct ksym *func,
				 const struct insn *i)
{
	const struct ksym *to;

	if (i->kind != INSN_CALL && i->kind != INSN_JUMP && i->kind != INSN_BRANCH)
		return NULL;
	to = ksyms__callee(ks, i->target);
	return to == func ? NULL : to;
}

/* Whether func keeps the stack pointer in that register, which then addresses local variables. */
static bool is_frame_pointer(const struct func *f, int reg)
{
	size_t n;

	for (n = 0; n < f->n; n++)
		if (f->insn[n].kind == INSN_MOVE && f->insn[n].reg == reg &&
		    f->insn[n].src == INSN_STACK)
			return true;
	return false;
}

/* Whether what the store at i stores gets the watched member right after it. */
static bool is_filled_later(const struct code_graph *g, const struct func *f, const struct insn *i)
{
	const struct insn *end = f->insn + f->n, *next;

	if (!g->watch_member || i->src == INSN_NO_REG)
		return false;
	for (next = i + 1; next < end; next++) {
		if (next->kind == INSN_STORE && next->mem.base == i->src &&
		    next->mem.index == INSN_NO_REG && next->mem.disp == g->watch_member)
			return true;
		if (next->kind == INSN_CALL || insn__ends_flow(next) || next->writes & 1U << i->src)
			return false;
	}
	return false;
}

static void note_store(struct code_graph *g, const struct func *f, const struct insn *i)
{
	if ((i->kind != INSN_STORE && i->kind != INSN_EXCHANGE) || i->mem.disp != g->watch ||
	    i->mem.size != sizeof(void *) || i->mem.base < 0 || i->mem.index != INSN_NO_REG ||
	    i->mem.segment || i->mem.base == INSN_STACK || is_frame_pointer(f, i->mem.base))
		return;
	/* a constant that is not NULL is no pointer */
	if (i->src == INSN_NO_REG && i->imm)
		return;
	if (g->nstores == CODE_MAX_STORES) {
		g->truncated = true;
		return;
	}
	g->store[g->nstores++] = (struct code_store){
		.from = f->sym,
		.addr = i->addr,
		.base = i->mem.base,
		.value = i->src,
		.filled_later = is_filled_later(g, f, i),
	};
}

/* Kernels clear a constant bit in the byte that has it (arch/x86/include/asm/bitops.h). */
static void note_clear(struct code_graph *g, const struct func *f, const struct insn *i)
{
	uint8_t others = (uint8_t) ~(1U << g->flag % 8);

	if (i->kind != INSN_MASK || i->mem.size != 1 || (uint8_t)i->imm != others ||
	    i->mem.disp != g->watch_flags + (int32_t)(g->flag / 8) || i->mem.base < 0 ||
	    i->mem.index != INSN_NO_REG || i->mem.segment || i->mem.base == INSN_STACK ||
	    is_frame_pointer(f, i->mem.base))
		return;
	if (g->nclears == CODE_MAX_CLEARS) {
		g->truncated = true;
		return;
	}
	g->clear[g->nclears++] = (struct code_store){
		.from = f->sym,
		.addr = i->addr,
		.base = i->mem.base,
		.value = INSN_NO_REG,
	};
}

static void note_gap(struct code_graph *g, const struct func *f)
{
	if (g->err || !f->err)
		return;
	g->err = f->err;
	g->err_in = f->sym;
	g->unknown = f->unknown;
}

static void note_call(struct code_graph *g, const struct func *f, const struct insn *i,
		      const struct ksym *to)
{
	if (g->ncalls == CODE_MAX_CALLS) {
		g->truncated = true;
		return;
	}
	g->call[g->ncalls++] = (struct code_call){
		.from = f->sym,
		.to = to,
		.addr = i->addr,
		.after = insn__after(i),
		.tail = i->kind != INSN_CALL,
		.conditional = i->kind == INSN_BRANCH,
		.patched = i->patched,
		.notrace = !func__is_traced(f),
		.guarded = func__is_guarded(f, i->addr),
		.guarded_after = func__is_guarded(f, insn__after(i)),
		.origin = FLOW_UNKNOWN,
	};
}

/* Only a function's own code shows whose lock it takes or releases. */
static bool takes_lock(const struct ksym *to)
{
	return !to->ovl && strstr(to->name, "_write");
}

/* Sets the origin of the first argument of the last n calls, which are calls of lock functions. */
static void note_origins(struct code_graph *g, const struct func *f, size_t n)
{
	struct flow *flow = NULL;
	size_t i;

	for (i = g->ncalls - n; i < g->ncalls; i++) {
		struct code_call *c = &g->call[i];

		if (!takes_lock(c->to))
			continue;
		if (!flow)
			flow = flow__new(f);
		if (flow)
			c->origin =
				flow__origin(flow, func__at(f, c->addr) - f->insn, f->arch->arg[0]);
	}
	flow__free(flow);
}

size_t code__calls_in(struct code_graph *g, const struct code_source *src, const struct ksym *func)
{
	size_t n, before = g->ncalls;
	struct func f;

	func__read(&f, src, func);
	note_gap(g, &f);
	g->traced |= func__is_traced(&f);
	for (n = 0; n < f.n && !g->truncated; n++) {
		const struct insn *i = &f.insn[n];
		const struct ksym *to = callee(src->ks, func, i);

		if (g->watch)
			note_store(g, &f, i);
		if (g->watch_flags)
			note_clear(g, &f, i);
		if (to)
			note_call(g, &f, i, to);
	}
	note_origins(g, &f, g->ncalls - before);
	func__deinit(&f);
	return g->ncalls - before;
}

static bool add_func(struct code_graph *g, const struct ksym *func, bool root)
{
	size_t i;

	for (i = 0; i < g->nfuncs; i++) {
		if (g->func[i]->addr != func->addr)
			continue;
		g->root[i] |= root;
		return false;
	}
	if (g->nfuncs == CODE_MAX_FUNCS) {
		g->truncated = true;
		return false;
	}
	g->func[g->nfuncs] = func;
	g->root[g->nfuncs++] = root;
	return true;
}

static void add_cold(struct code_graph *g, const struct ksyms *ks, const struct ksym *func,
		     bool root)
{
	size_t i;

	for (i = 0; i < ks->n; i++)
		if (ks->v[i].ovl && ks->v[i].text && ksym__is_cold_of(ks->v[i].name, func->name))
			add_func(g, &ks->v[i], root);
}

void code__add(struct code_graph *g, const struct code_source *src, const struct ksym *func,
	       bool root, const char *stop)
{
	size_t at = g->nfuncs, c = g->ncalls;

	if (!add_func(g, func, root))
		return;
	add_cold(g, src->ks, func, root);
	for (; at < g->nfuncs; at++) {
		code__calls_in(g, src, g->func[at]);
		for (; c < g->ncalls; c++) {
			const struct ksym *to = g->call[c].to;

			if (!to->ovl || (stop && ksym__is_whole(to->name, stop)))
				continue;
			if (add_func(g, to, false))
				add_cold(g, src->ks, to, false);
		}
	}
}

bool code__is_root(const struct code_graph *g, const struct ksym *func)
{
	size_t i;

	for (i = 0; i < g->nfuncs; i++)
		if (g->func[i] == func)
			return g->root[i];
	return false;
}

bool code__has_gap(const struct code_graph *g)
{
	return g->err || g->truncated || !g->nfuncs;
}

void code__describe_gap(const struct code_graph *g, const char *root, char *buf, size_t size)
{
	if (g->err == -EILSEQ)
		snprintf(buf, size, "the code of %s cannot be followed at +0x%llx", g->err_in->name,
			 (unsigned long long)(g->unknown - g->err_in->addr));
	else
		snprintf(buf, size, "the code of %s could not be read",
			 g->err_in ? g->err_in->name : root);
}

bool code__is_passed_on(const struct code_graph *g, const struct code_call *c)
{
	size_t i, n = 0;

	if (c->through || c->to->ovl || code__is_root(g, c->from))
		return false;
	for (i = 0; i < g->ncalls; i++)
		n += g->call[i].from == c->from && !g->call[i].through;
	return c->tail || n == 1;
}

void code__add_through(struct code_graph *g)
{
	size_t i, j, n = g->ncalls;

	for (i = 0; i < n; i++) {
		const struct code_call c = g->call[i];

		if (!code__is_passed_on(g, &c))
			continue;
		for (j = 0; j < n; j++) {
			struct code_call d = g->call[j];

			if (d.to != c.from)
				continue;
			if (g->ncalls == CODE_MAX_CALLS) {
				g->truncated = true;
				return;
			}
			d.to = c.to;
			d.through = true;
			g->call[g->ncalls++] = d;
		}
	}
}
