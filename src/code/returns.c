// SPDX-License-Identifier: GPL-2.0-only
#include "code/returns.h"

#include <string.h>

static bool is_target(const struct func *f, uint64_t addr)
{
	size_t n;

	for (n = 0; n < f->n; n++)
		if (f->insn[n].target == addr)
			return true;
	return false;
}

static bool ends_flow(const struct ksyms *ks, const struct insn *i)
{
	return insn__ends_flow(i) || (i->kind == INSN_CALL && ksyms__is_noreturn(ks, i->target));
}

/* Padding never runs. A breakpoint that runs is a probe, and may hide a return. */
static bool is_padding(const struct ksyms *ks, const struct func *f, size_t n)
{
	return n && (ends_flow(ks, &f->insn[n - 1]) || f->insn[n - 1].kind == INSN_BREAK) &&
	       !is_target(f, f->insn[n].addr);
}

/* With CONFIG_MITIGATION_RETHUNK the kernel may patch returns to such jumps. */
static bool is_return(const struct ksyms *ks, const struct insn *i)
{
	return i->kind == INSN_RETURN ||
	       (i->kind == INSN_JUMP && ksyms__is_return_thunk(ks, i->target));
}

static bool add_func(struct returns *r, const struct ksym *func)
{
	if (r->nfuncs == RETURNS_FUNCS)
		return false;
	r->func[r->nfuncs++] = func;
	return true;
}

/* A jump within these functions, or a tail call of another one of overlayfs. */
static bool follow(struct returns *r, const struct ksyms *ks, uint64_t target)
{
	const struct ksym *to;
	size_t i;

	for (i = 0; i < r->nfuncs; i++)
		if (target >= r->func[i]->addr && target < r->func[i]->end)
			return true;
	to = ksyms__callee(ks, target);
	return to && to->ovl && add_func(r, to);
}

/* False: the function may leave in an unknown way there. */
static bool look_at(struct returns *r, const struct ksyms *ks, const struct func *f, size_t n)
{
	const struct insn *i = &f->insn[n];

	if (is_return(ks, i)) {
		if (r->n == RETURNS_MAX)
			return false;
		r->at[r->n].in = f->sym;
		r->at[r->n++].addr = i->addr;
		return true;
	}
	switch (i->kind) {
	case INSN_JUMP:
	case INSN_BRANCH:
		return follow(r, ks, i->target);
	case INSN_JUMP_INDIRECT:
	case INSN_HIDDEN:
		return false;
	case INSN_BREAK:
		return is_padding(ks, f, n);
	default:
		return true;
	}
}

bool returns__find(struct returns *r, const struct code_source *src, const struct ksym *sym)
{
	bool known = true;
	struct func f;
	size_t i, n;

	memset(r, 0, sizeof(*r));
	add_func(r, sym);
	for (i = 0; known && i < r->nfuncs; i++) {
		known = !func__read(&f, src, r->func[i]);
		for (n = 0; known && n < f.n; n++)
			known = look_at(r, src->ks, &f, n);
		func__deinit(&f);
	}
	return known && r->n;
}
