// SPDX-License-Identifier: GPL-2.0-only
#include "code/ksyms.h"
#include "code/ksym_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	FUNC_MAX = 1 << 16, /* a longer gap is not one function's code */
	PADDING_MAX = 16,
	DETOUR_PAGE = 4096,
};

/*
 * Functions that overlayfs may call and that the plan may probe. Other symbols outside
 * of overlayfs are not kept: a kernel has more than 100,000.
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
	"register_ftrace_direct",
	"wrap_directory_iterator",
	"shared_ovl_iterate", /* overlayfs's own, which has another prefix where it is built in */
	/* have another function called later: src/plan/later.c */
	"call_rcu",
	"call_rcu_hurry",
	"call_rcu_tasks",
	"call_srcu",
	"queue_work_on",
	"queue_work_node",
	"queue_delayed_work_on",
	"mod_delayed_work_on",
	"queue_rcu_work",
	"kthread_queue_work",
	"task_work_add",
	"irq_work_queue",
	"async_schedule_node",
	NULL,
};

/* arch/x86/lib/retpoline.S, and alternative.c, which patches returns to jump to one of them */
static const char *const return_thunks[] = {
	"__x86_return_thunk",
	"retbleed_return_thunk",
	"srso_return_thunk",
	"srso_alias_return_thunk",
	"call_depth_return_thunk",
	"its_return_thunk",
	NULL,
};

/* Calls of it end the flow. */
static const char *const noreturns[] = {
	"__stack_chk_fail",
	NULL,
};

static bool is_in(const char *const *list, const char *name)
{
	/* the first letter decides for nearly all of 150,000 symbols */
	for (; *list; list++)
		if (*name == **list && ksym__is_whole(name, *list))
			return true;
	return false;
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

/* kernel/kprobes.c, KPROBE_OPTINSN_PAGE_SYM; in kallsyms since 5.8 */
static bool is_detour(const struct ksym_line *l)
{
	return l->module && !strcmp(l->module, "[__builtin__kprobes]") &&
	       !strcmp(l->name, "kprobe_optinsn_page");
}

int ksyms__add_line(struct ksyms *ks, char *text, size_t len)
{
	struct ksym_line l;
	const char *name;
	bool ovl, code, mark;
	int err = 0;

	if (!ksym_line__parse(text, len, &l))
		return 0;
	/* arm64 marks code and data in modules: $x, $d */
	if (*l.name == '$')
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
	name = ksym_name__is_padding(l.name) ? l.name + KSYM_PADDING_PREFIX : l.name;
	ovl = l.module ? !strcmp(l.module, "[overlay]") : !strncmp(name, "ovl_", 4);
	if (is_detour(&l) && l.addr) {
		err = add(ks, l.addr, l.name, false, false);
		if (!err)
			ks->v[ks->n - 1].end = l.addr < UINT64_MAX - DETOUR_PAGE ?
						       l.addr + DETOUR_PAGE :
						       UINT64_MAX;
		ks->detours = true;
		ks->open_from = ks->n;
		return err;
	}
	if (!l.module && *l.name == 'k' && !strcmp(l.name, "kprobe_table"))
		ks->probes = l.addr;
	/* their addresses say what a jump or call means; nothing else is done with them */
	mark = !l.module && (is_in(return_thunks, l.name) || is_in(noreturns, l.name));
	if (!ovl && !mark && (l.module || !is_in(core_names, name)))
		return 0;
	code = !mark && strchr("tTwW", l.type);
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
	const struct ksym *exact = NULL, *renamed = NULL;
	bool exacts = false, renames = false;
	size_t i;

	for (i = 0; i < ks->n; i++) {
		const struct ksym *s = &ks->v[i];

		if (!s->text || !ksym__is_whole(s->name, name))
			continue;
		if (!strcmp(s->name, name)) {
			exacts |= exact && exact->addr != s->addr;
			exact = s;
		} else {
			renames |= renamed && renamed->addr != s->addr;
			renamed = s;
		}
	}
	if (exact)
		return exacts ? NULL : exact;
	return renames ? NULL : renamed;
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
		if (ks->v[lo].text && !ksym_name__is_padding(ks->v[lo].name))
			return &ks->v[lo];
	return NULL;
}

/* Does addr lie in the padding of s? */
static bool is_padding_of(const struct ksyms *ks, const struct ksym *s, uint64_t addr)
{
	size_t i;

	for (i = 0; i < ks->n; i++) {
		const struct ksym *p = &ks->v[i];

		if (ksym_name__is_padding(p->name) &&
		    !strcmp(p->name + KSYM_PADDING_PREFIX, s->name) && p->addr <= addr &&
		    p->addr <= s->addr && s->addr - p->addr <= PADDING_MAX)
			return true;
	}
	return false;
}

bool ksyms__is_detour(const struct ksyms *ks, uint64_t addr)
{
	size_t i;

	for (i = 0; ks->detours && i < ks->n; i++)
		if (!strcmp(ks->v[i].name, "kprobe_optinsn_page") && ks->v[i].addr <= addr &&
		    addr < ks->v[i].end)
			return true;
	return false;
}

static bool is_mark(const struct ksyms *ks, uint64_t addr, const char *const *names)
{
	size_t i;

	for (i = 0; i < ks->n; i++)
		if (ks->v[i].addr == addr && is_in(names, ks->v[i].name))
			return true;
	return false;
}

bool ksyms__is_return_thunk(const struct ksyms *ks, uint64_t addr)
{
	return is_mark(ks, addr, return_thunks);
}

bool ksyms__is_noreturn(const struct ksyms *ks, uint64_t addr)
{
	return is_mark(ks, addr, noreturns);
}

const struct ksym *ksyms__callee(const struct ksyms *ks, uint64_t addr)
{
	const struct ksym *s = at(ks, addr);
	uint64_t pad;

	if (s)
		return s;
	for (pad = 1; pad <= PADDING_MAX; pad++) {
		s = at(ks, addr + pad);
		if (s)
			return is_padding_of(ks, s, addr) ? s : NULL;
	}
	return NULL;
}
