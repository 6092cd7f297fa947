// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks back from the call. What the instructions on the way change decides how far:
 * arch/x86/kernel/kprobes/opt.c (can_optimize(), copy_optimized_instructions()) has the
 * kernel's own conditions, read at 6.1, 6.12 and 7.3. Where the kernel makes no jump after
 * all, a breakpoint there is as exact as one on the call.
 */
#include "code/sequence.h"

enum {
	STORES = 4, /* to memory whose address is not yet known to be the argument */
	LABEL_LONG = 5, /* the lengths of jump labels, which are nops while they are off */
	LABEL_SHORT = 2,
	ALIGNMENT = 8, /* at least, of what compilers align within a function */
};

struct walk {
	const struct insn_arch *arch;
	const struct sequence_need *need;
	int reg; /* where the argument is before the instruction that was looked at last */
	int32_t disp;
	bool on_stack;
	int other; /* the same of the other argument */
	bool zero; /* it is 0 */
	int late, late_base; /* of the store to the late member */
	int base[STORES]; /* must turn out to be the argument */
	size_t nbases;
};

static bool is_target(const struct func *parts, size_t nparts, uint64_t addr)
{
	size_t p, n;

	for (p = 0; p < nparts; p++)
		for (n = 0; n < parts[p].n; n++)
			if (parts[p].insn[n].target == addr)
				return true;
	return false;
}

/* The first instruction at or after the n-th that is no padding. */
static size_t skip_padding(const struct func *f, size_t n)
{
	while (n < f->n && (f->insn[n].kind == INSN_NOP || f->insn[n].kind == INSN_BREAK))
		n++;
	return n;
}

/*
 * May the n-th instruction, a nop, become a jump? Compilers align what follows with nops of
 * the same lengths.
 */
static bool is_label(const struct func *f, size_t n)
{
	const struct insn *i = &f->insn[n];

	/* the first ones are ftrace's */
	if (n < 3 || i->kind != INSN_NOP || (i->len != LABEL_LONG && i->len != LABEL_SHORT) ||
	    insn__ends_flow(i - 1))
		return false;
	n = skip_padding(f, n);
	return insn__after(&f->insn[n - 1]) % ALIGNMENT;
}

/* Does code begin there that nothing seen reaches? */
static bool is_orphan(const struct func *parts, size_t nparts, const struct func *f, size_t n)
{
	const struct insn *before = &f->insn[n - 1];

	if (before->kind != INSN_JUMP && before->kind != INSN_RETURN)
		return false;
	n = skip_padding(f, n);
	return n < f->n && !is_target(parts, nparts, f->insn[n].addr);
}

/*
 * Is all code entered where it is seen to be? The table of jump labels is not read: each of
 * them must have code that nothing else reaches to jump to.
 */
static bool is_known(const struct func *parts, size_t nparts)
{
	size_t p, n, labels = 0, orphans = 0;

	for (p = 0; p < nparts; p++) {
		if (parts[p].err)
			return false;
		for (n = 1; n < parts[p].n; n++) {
			const enum insn_kind kind = parts[p].insn[n].kind;

			if (kind == INSN_JUMP_INDIRECT || kind == INSN_HIDDEN)
				return false;
			labels += is_label(&parts[p], n);
			orphans += is_orphan(parts, nparts, &parts[p], n);
		}
	}
	return labels <= orphans;
}

static bool is_member(const struct sequence_need *need, int64_t disp)
{
	size_t n;

	for (n = 0; n < need->nmembers; n++)
		if (need->members[n] == disp)
			return true;
	return false;
}

/* May that store to the stack come after the probe? */
static bool spares_argument(const struct walk *w, const struct insn *i)
{
	return !w->on_stack || i->mem.disp + i->mem.size <= w->disp ||
	       i->mem.disp >= w->disp + (int32_t)sizeof(uint64_t);
}

/* Does it give the late member its value? */
static bool is_late(const struct walk *w, const struct insn *i)
{
	return w->need->other && w->need->late && i->mem.disp == w->need->late && i->reg >= 0 &&
	       w->late < 0 && !w->zero;
}

/* May that store come after the probe? */
static bool pass_store(struct walk *w, const struct insn *i)
{
	if (i->mem.index != INSN_NO_REG || i->mem.segment || i->mem.moves || i->mem.base < 0)
		return false;
	if (i->mem.base == INSN_STACK)
		return spares_argument(w, i);
	if (i->mem.size != sizeof(uint64_t))
		return false;
	if (is_late(w, i)) {
		w->late = i->reg;
		w->late_base = i->mem.base;
		return true;
	}
	/* part of a member is no better than all of it */
	if (!w->need->members || is_member(w->need, i->mem.disp) || w->nbases == STORES)
		return false;
	w->base[w->nbases++] = i->mem.base;
	return true;
}

static bool writes_base(const struct walk *w, const struct insn *i)
{
	size_t n;

	for (n = 0; n < w->nbases; n++)
		if (i->writes & 1U << w->base[n])
			return true;
	return w->late >= 0 && i->writes & (1U << w->late | 1U << w->late_base);
}

/* Before this instruction, the argument is in another register, or on the stack. */
static bool pass_argument(struct walk *w, const struct insn *i)
{
	int from = i->kind == INSN_MOVE ? i->src : i->mem.base;

	if (w->need->other && i->kind == INSN_LOAD && from == INSN_STACK && !w->disp &&
	    i->mem.index == INSN_NO_REG && i->mem.size == sizeof(uint64_t) && !i->mem.moves) {
		w->on_stack = true;
		w->reg = from;
		w->disp = i->mem.disp;
		return true;
	}
	if ((i->kind != INSN_MOVE && i->kind != INSN_ADDRESS) || from < 0 || from == INSN_STACK ||
	    (i->kind == INSN_ADDRESS && i->mem.index != INSN_NO_REG))
		return false;
	w->disp += i->kind == INSN_ADDRESS ? i->mem.disp : 0;
	w->reg = from;
	return true;
}

/* The same of the other argument. */
static bool pass_other(struct walk *w, const struct insn *i)
{
	if (i->kind == INSN_CONST && !i->imm) {
		w->zero = true;
		w->other = INSN_NO_REG;
		return true;
	}
	if (i->kind != INSN_MOVE || i->src < 0 || i->src == INSN_STACK)
		return false;
	w->other = i->src;
	return true;
}

/* Returns whether a probe before this instruction may serve one behind it. */
static bool pass(struct walk *w, const struct insn *i)
{
	uint32_t saved = w->arch->all_regs & ~w->arch->call_writes;

	if (i->patched || i->len == 0)
		return false;
	switch (i->kind) {
	case INSN_STORE:
		return pass_store(w, i);
	case INSN_MOVE:
	case INSN_CONST:
	case INSN_ADDRESS:
	case INSN_LOAD:
		break;
	default:
		return false;
	}
	if (i->writes & 1U << INSN_STACK || writes_base(w, i) ||
	    (w->need->saved && i->writes & saved))
		return false;
	if (w->other >= 0 && i->writes & 1U << w->other && !pass_other(w, i))
		return false;
	return w->reg < 0 || !(i->writes & 1U << w->reg) || pass_argument(w, i);
}

/* All that was stored to is the arguments. */
static bool bases_known(const struct walk *w)
{
	size_t n;

	for (n = 0; n < w->nbases; n++)
		if (w->base[n] != w->reg || w->disp)
			return false;
	return w->late < 0 || w->late_base == w->other;
}

bool sequence__find(struct sequence *out, const struct func *parts, size_t nparts, uint64_t addr,
		    const struct sequence_need *need)
{
	const struct func *f = &parts[0];
	struct walk w = { .arch = f->arch,
			  .need = need,
			  .reg = INSN_NO_REG,
			  .other = INSN_NO_REG,
			  .late = INSN_NO_REG };
	const struct insn *call = func__at(f, addr), *i;

	if (!f->arch->jump_len || !call || call->kind != INSN_CALL || call->patched ||
	    !is_known(parts, nparts))
		return false;
	if (need->arg >= 0)
		w.reg = f->arch->arg[need->arg];
	if (need->other)
		w.other = f->arch->arg[need->other];
	for (i = call; i > f->insn; i--) {
		/* what enters behind the probe would not hit it */
		if (is_target(parts, nparts, i->addr) || !pass(&w, i - 1))
			return false;
		if (addr - i[-1].addr >= f->arch->jump_len && bases_known(&w)) {
			*out = (struct sequence){ i[-1].addr, w.reg,   w.disp,
						  w.on_stack, w.other, w.late };
			return true;
		}
	}
	return false;
}
