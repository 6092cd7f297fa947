// SPDX-License-Identifier: GPL-2.0-only
#include "code/ksyms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	FUNC_MAX = 1 << 16, /* a longer gap is not one function's code */
};

/*
 * What overlayfs' code may call and a hook may want. Anything else outside of
 * overlayfs is not kept: there are 100,000 symbols and more.
 */
static const char *const core_names[] = {
	"up_write",
	"down_write",
	"down_write_killable",
	"down_write_nested",
	"up_read",
	"down_read",
	"down_write_trylock",
	"down_write_killable_nested",
	"downgrade_write",
	"_down_write_nest_lock",
	"kfree",
	"kvfree",
	"kfree_sensitive",
	"kvfree_call_rcu",
	"iterate_dir",
	"vfs_removexattr",
	"kmem_cache_free",
	/* lookups that take the parent's lock themselves: src/code/hazard.c */
	"lookup_one",
	"lookup_one_unlocked",
	"lookup_one_len_unlocked",
	"lookup_one_positive_unlocked",
	"lookup_positive_unlocked",
	"lookup_noperm_unlocked",
	"lookup_noperm_positive_unlocked",
	"preempt_dynamic_mode",
	NULL,
};

static bool is_core(const char *name)
{
	size_t i;

	/* the first letter decides for nearly all of 150,000 symbols */
	for (i = 0; core_names[i]; i++)
		if (*name == *core_names[i] && !strcmp(name, core_names[i]))
			return true;
	return false;
}

bool ksym__is(const char *name, const char *base)
{
	size_t n = strlen(base);

	return !strncmp(name, base, n) && (!name[n] || name[n] == '.');
}

static int add(struct ksyms *ks, uint64_t addr, const char *name, bool ovl, bool text)
{
	struct ksym *s;

	if (ks->n == ks->cap) {
		size_t cap = ks->cap ? ks->cap * 2 : 256;
		struct ksym *v = realloc(ks->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		ks->v = v;
		ks->cap = cap;
	}
	s = &ks->v[ks->n];
	s->name = strdup(name);
	if (!s->name)
		return -ENOMEM;
	s->addr = addr;
	s->end = addr;
	s->ovl = ovl;
	s->text = text;
	ks->n++;
	return 0;
}

struct line {
	uint64_t addr;
	char type;
	char *name, *module; /* module: NULL in the kernel itself */
};

/* "ffffffff81000000 T name\t[module]" */
static bool line_parse(char *text, size_t len, struct line *l)
{
	char *p = text;

	/* by hand: of what the start takes, this is the largest part that is ours */
	for (l->addr = 0; (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f'); p++)
		l->addr = l->addr << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	if (p == text || p[0] != ' ' || !p[1] || p[2] != ' ')
		return false;
	l->type = p[1];
	l->name = p + 3;
	if (text[len - 1] == '\n')
		text[len - 1] = 0;
	l->module = strchr(l->name, '\t');
	if (l->module)
		*l->module++ = 0;
	return true;
}

static int by_addr(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Module symbols come unsorted; each ends where the module's next one begins. */
static void module_extents(struct ksyms *ks)
{
	size_t i, j;

	if (!ks->n)
		return;
	qsort(ks->v, ks->n, sizeof(*ks->v), by_addr);
	for (i = 0; i < ks->n; i++) {
		struct ksym *s = &ks->v[i];

		if (s->end != s->addr)
			continue;
		for (j = i + 1; j < ks->n && ks->v[j].addr == s->addr; j++)
			;
		if (j < ks->n && ks->v[j].addr - s->addr <= FUNC_MAX)
			s->end = ks->v[j].addr;
	}
}

int ksyms__add_line(struct ksyms *ks, char *text, size_t len)
{
	struct line l;
	const char *name;
	bool ovl, code;
	int err = 0;

	if (!line_parse(text, len, &l))
		return 0;
	ks->lines++;
	ks->shown |= l.addr != 0;
	/* the kernel's own symbols are sorted: this one ends the last kept */
	for (; !l.module && ks->open_from < ks->n; ks->open_from++) {
		struct ksym *s = &ks->v[ks->open_from];

		if (l.addr == s->addr)
			break;
		if (l.addr > s->addr && l.addr - s->addr <= FUNC_MAX)
			s->end = l.addr;
	}
	name = *l.name == '_' && !strncmp(l.name, "__pfx_", 6) ? l.name + 6 : l.name;
	ovl = l.module ? !strcmp(l.module, "[overlay]") : !strncmp(name, "ovl_", 4);
	if (!ovl && (l.module || !is_core(name)))
		return 0;
	code = strchr("tTwW", l.type) != NULL;
	ks->module |= ovl && l.module;
	if (l.addr)
		err = add(ks, l.addr, l.name, ovl, code);
	if (l.module)
		ks->open_from = ks->n;
	return err;
}

void ksyms__finish(struct ksyms *ks)
{
	ks->hidden = ks->lines && !ks->shown;
	module_extents(ks);
}

void ksyms__deinit(struct ksyms *ks)
{
	size_t i;

	for (i = 0; i < ks->n; i++)
		free(ks->v[i].name);
	free(ks->v);
	memset(ks, 0, sizeof(*ks));
}

const struct ksym *ksyms__find(const struct ksyms *ks, const char *name)
{
	size_t i;

	for (i = 0; i < ks->n; i++)
		if (ks->v[i].text && !strcmp(ks->v[i].name, name))
			return &ks->v[i];
	return NULL;
}

static const struct ksym *at(const struct ksyms *ks, uint64_t addr)
{
	size_t lo = 0, hi = ks->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (ks->v[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < ks->n && ks->v[lo].addr == addr; lo++)
		if (ks->v[lo].text && strncmp(ks->v[lo].name, "__pfx_", 6))
			return &ks->v[lo];
	return NULL;
}

const struct ksym *ksyms__callee(const struct ksyms *ks, uint64_t addr)
{
	const struct ksym *s = at(ks, addr);
	uint64_t pad;

	if (s)
		return s;
	for (pad = 1; pad <= 16; pad++) {
		size_t i;

		s = at(ks, addr + pad);
		if (!s)
			continue;
		for (i = 0; i < ks->n; i++)
			if (!strncmp(ks->v[i].name, "__pfx_", 6) &&
			    !strcmp(ks->v[i].name + 6, s->name) && ks->v[i].addr <= addr &&
			    s->addr - ks->v[i].addr <= 16)
				return s;
		return NULL;
	}
	return NULL;
}
