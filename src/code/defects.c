// SPDX-License-Identifier: GPL-2.0-only
#include "code/defects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code/errptr.h"
#include "code/flow.h"

enum {
	CALLS = 16, /* of one kind in one function */
};

#define EVIDENCE(d, ...) snprintf((d)->evidence, sizeof((d)->evidence), __VA_ARGS__)

const struct defect_def defect_defs[DEFECTS] = {
#define DEFECT(id, name, what, fix) { #name, what, fix },
#include "code/defects.def"
};

const char *defect_state__name(enum defect_state state)
{
	static const char *const names[] = { "unknown", "affected", "fixed" };

	return names[state];
}

/* The function that starts at a call's target. */
static const struct ksym *callee(const struct code_source *src, const struct insn *i)
{
	size_t n;

	if (i->kind != INSN_CALL && i->kind != INSN_JUMP)
		return NULL;
	for (n = 0; n < src->ks->n; n++)
		if (src->ks->v[n].text && src->ks->v[n].addr == i->target)
			return &src->ks->v[n];
	return NULL;
}

struct calls {
	size_t at[CALLS]; /* indices of instructions */
	size_t n;
};

static void calls_find(struct calls *c, const struct func *f, const struct code_source *src,
		       const char *name)
{
	size_t i;

	c->n = 0;
	for (i = 0; i < f->n && c->n < CALLS; i++) {
		const struct ksym *to = callee(src, &f->insn[i]);

		if (to && to->ovl && ksym__is(to->name, name))
			c->at[c->n++] = i;
	}
}

/* Does any path lead into the instructions from first + 1 to last other than from before? */
static bool is_entered(const struct func *f, size_t first, size_t last)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if ((f->insn[i].kind == INSN_JUMP || f->insn[i].kind == INSN_BRANCH) &&
		    f->insn[i].target > f->insn[first].addr &&
		    f->insn[i].target <= f->insn[last].addr)
			return true;
	return false;
}

/* What gives a register the value that it has before the n-th instruction; NULL: not known. */
static const struct insn *writer(const struct func *f, size_t n, int reg)
{
	size_t i = n;

	while (i-- > 0) {
		const struct insn *in = &f->insn[i];

		if (insn__ends_flow(in))
			return NULL;
		if (in->writes & 1U << reg)
			return in->reg == reg && !is_entered(f, i, n) ? in : NULL;
	}
	return NULL;
}

/* The constant that a register has before the n-th instruction. False: it is not known. */
static bool constant(const struct func *f, size_t n, int reg, int64_t *value)
{
	const struct insn *in = writer(f, n, reg);

	if (!in || in->kind != INSN_CONST)
		return false;
	*value = in->imm;
	return true;
}

/* Does the n-th instruction set this bit alone, in the word or in the byte of it? */
static bool sets_bit(const struct func *f, size_t n, int32_t disp, uint32_t bit)
{
	const struct insn *in = &f->insn[n], *base;
	int64_t bits = in->imm, byte;

	if (in->kind != INSN_OR || in->mem.base < 0 ||
	    (in->reg != INSN_NO_REG && !constant(f, n, in->reg, &bits)))
		return false;
	byte = (int64_t)in->mem.disp - disp;
	/* atomic instructions of arm64 have no displacement */
	base = writer(f, n, in->mem.base);
	if (base && base->kind == INSN_ADDRESS && base->mem.index == INSN_NO_REG)
		byte += base->mem.disp;
	return byte >= 0 && byte < (int64_t)sizeof(long) && bits == (1LL << bit) >> 8 * byte;
}

/* Marks what runs after instruction `from`; seen: a bool for each instruction. */
static void reach(const struct func *f, size_t from, bool *seen)
{
	size_t *todo = calloc(2 * f->n + 2, sizeof(*todo)), n = 0;

	memset(seen, 0, f->n * sizeof(*seen));
	if (!todo)
		return;
	todo[n++] = from;
	while (n > 0) {
		size_t i = todo[--n];
		const struct insn *in = &f->insn[i], *to = NULL;

		if (in->kind == INSN_JUMP || in->kind == INSN_BRANCH)
			to = func__at(f, in->target);
		if (to && !seen[to - f->insn]) {
			seen[to - f->insn] = true;
			todo[n++] = (size_t)(to - f->insn);
		}
		if (!insn__ends_flow(in) && i + 1 < f->n && !seen[i + 1]) {
			seen[i + 1] = true;
			todo[n++] = i + 1;
		}
	}
	free(todo);
}

static bool any_reached(const struct func *f, const struct calls *from, const struct calls *to,
			bool *seen)
{
	size_t i, k;

	for (i = 0; i < from->n; i++) {
		reach(f, from->at[i], seen);
		for (k = 0; k < to->n; k++)
			if (seen[to->at[k]])
				return true;
	}
	return false;
}

/* Where OVL_WHITEOUTS is set: by calls of ovl_set_flag(), or by an instruction. */
static void flags_find(struct calls *c, const struct func *f, const struct code_source *src,
		       const struct ovlw_layout *l)
{
	int64_t value;
	size_t i, n = 0;

	calls_find(c, f, src, "ovl_set_flag");
	for (i = 0; i < c->n; i++)
		if (constant(f, c->at[i], f->arch->arg[0], &value) &&
		    value == (int64_t)l->whiteouts_bit)
			c->at[n++] = c->at[i];
	for (i = 0; i < f->n && n < CALLS; i++)
		if (sets_bit(f, i, l->inode_flags, l->whiteouts_bit))
			c->at[n++] = i;
	c->n = n;
}

/* ovl_inode_update() publishes the upper directory. */
static void look_at_copy_up(struct defect *d, const struct code_source *src, const struct func *f,
			    const struct ovlw_layout *l)
{
	bool *seen = calloc(f->n + 1, sizeof(*seen)), after, before;
	struct calls publish, set;

	calls_find(&publish, f, src, "ovl_inode_update");
	flags_find(&set, f, src, l);
	if (seen && publish.n && set.n) {
		after = any_reached(f, &publish, &set, seen);
		before = any_reached(f, &set, &publish, seen);
		/* both: a loop, which shows no order */
		if (after != before) {
			d->state = after ? DEFECT_IS_THERE : DEFECT_IS_FIXED;
			EVIDENCE(d, "%s+0x%llx sets the flag %s the call of ovl_inode_update",
				 f->sym->name,
				 (unsigned long long)(f->insn[set.at[0]].addr - f->sym->addr),
				 after ? "after" : "before");
		}
	}
	free(seen);
}

/*
 * impurity, the second argument of ovl_dir_modified(): may the entry have an origin? A link is
 * made by functions that make new files, too, and these have none: if no call in them can pass
 * anything but false, the cache stays.
 */
static void look_at_link(struct defect *d, const struct code_source *src, const struct func *f)
{
	struct flow *flow = flow__new(f);
	int reg = f->arch->arg[1];
	struct calls c;
	int64_t value;
	size_t i;

	calls_find(&c, f, src, "ovl_dir_modified");
	for (i = 0; flow && i < c.n && d->state != DEFECT_IS_FIXED; i++) {
		bool known = constant(f, c.at[i], reg, &value);

		/* a constant that is not known shows nothing */
		if (!known && flow__origin(flow, c.at[i], reg) == FLOW_CONST)
			continue;
		d->state = known && !value ? DEFECT_IS_THERE : DEFECT_IS_FIXED;
		EVIDENCE(d, "%s+0x%llx calls ovl_dir_modified with impurity %s", f->sym->name,
			 (unsigned long long)(f->insn[c.at[i]].addr - f->sym->addr),
			 !known ? "that is computed" :
			 value	? "true" :
				  "false");
	}
	flow__free(flow);
}

/* Is half of the cache's address returned by a listing that has got the cache? */
static void look_at_listing(struct defect *d, const struct code_source *src, const struct func *f)
{
	unsigned long long check, back;
	struct errptr e;

	errptr__look(&e, f, src->ks);
	check = e.check - f->sym->addr;
	back = e.back - f->sym->addr;
	/* what one function shows, another one does not refute */
	if (d->state == DEFECT_IS_THERE ||
	    (d->state == DEFECT_IS_FIXED && e.kind != ERRPTR_RETURNED))
		return;
	if (e.kind == ERRPTR_UNCHECKED) {
		EVIDENCE(d, "%s compares no cache with the errors", f->sym->name);
	} else if (e.kind == ERRPTR_RETURNED) {
		d->state = DEFECT_IS_THERE;
		EVIDENCE(d, "the cache that %s+0x%llx finds to be no error is returned at +0x%llx",
			 f->sym->name, check, back);
	} else if (e.kind == ERRPTR_UNCLEAR) {
		EVIDENCE(d, "what %s returns after the check at +0x%llx cannot be followed",
			 f->sym->name, check);
	} else {
		d->state = DEFECT_IS_FIXED;
		EVIDENCE(d, "the cache that %s+0x%llx finds to be no error is not returned",
			 f->sym->name, check);
	}
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (ksym__is(name, *names))
			return true;
	return false;
}

void defects__look(struct defect v[DEFECTS], const struct code_source *src,
		   const struct ovlw_layout *l)
{
	static const char *const copying[] = { "ovl_copy_up_workdir", "ovl_do_copy_up",
					       "ovl_copy_up_one", NULL };
	static const char *const linking[] = { "ovl_create_upper", "ovl_create_over_whiteout",
					       "ovl_instantiate", "ovl_create_or_link", NULL };
	static const char *const listing[] = { "ovl_iterate_merged", "ovl_iterate", NULL };
	size_t i;

	for (i = 0; i < DEFECTS; i++) {
		v[i].state = DEFECT_IS_UNKNOWN;
		EVIDENCE(&v[i], "no call that shows it was found");
	}
	for (i = 0; i < src->ks->n; i++) {
		const struct ksym *s = &src->ks->v[i];
		bool copies = s->ovl && s->text && is_one_of(s->name, copying);
		bool links = s->ovl && s->text && is_one_of(s->name, linking);
		bool lists = s->ovl && s->text && is_one_of(s->name, listing);
		struct func f;

		if (!copies && !links && !lists)
			continue;
		if (lists && v[DEFECT_RETURNS_POINTER].state == DEFECT_IS_UNKNOWN)
			EVIDENCE(&v[DEFECT_RETURNS_POINTER], "the code of %s cannot be followed",
				 s->name);
		/* what cannot be followed proves nothing */
		if (!func__read(&f, src, s)) {
			if (copies && l)
				look_at_copy_up(&v[DEFECT_COPY_UP_ORDER], src, &f, l);
			if (links)
				look_at_link(&v[DEFECT_HARD_LINK], src, &f);
			if (lists)
				look_at_listing(&v[DEFECT_RETURNS_POINTER], src, &f);
		}
		func__deinit(&f);
	}
}
