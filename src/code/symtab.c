// SPDX-License-Identifier: GPL-2.0-only
#include "code/symtab.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code/ksym_line.h"

enum {
	FUNC_MAX = 1 << 16, /* what is farther from a symbol is not in its function */
};

#define NO_SYMBOL "(no symbol)"

/* Appends a string to t->text. 0: without memory. */
static uint32_t put(struct symtab *t, const char *s)
{
	size_t n = strlen(s) + 1, room = t->room ? t->room : 1 << 16;
	char *p;

	/* offset 0 means that there is none */
	if (!t->len)
		t->len = 1;
	while (room - t->len < n)
		room *= 2;
	if (room != t->room) {
		p = room <= UINT32_MAX ? realloc(t->text, room) : NULL;
		if (!p)
			return 0;
		t->text = p;
		t->room = room;
	}
	memcpy(t->text + t->len, s, n);
	t->len += n;
	return (uint32_t)(t->len - n);
}

/* Lines of a module follow each other. */
static uint32_t module_put(struct symtab *t, const char *module)
{
	if (!t->last_module || strcmp(t->text + t->last_module, module))
		t->last_module = put(t, module);
	return t->last_module;
}

static bool grow(struct symtab *t)
{
	size_t cap = t->cap ? 2 * t->cap : 1024;
	struct symtab_entry *v = realloc(t->v, cap * sizeof(*v));

	if (!v)
		return false;
	t->v = v;
	t->cap = cap;
	return true;
}

void symtab__add_line(struct symtab *t, char *text, size_t len)
{
	struct symtab_entry *e;
	struct ksym_line l;

	/* '$': arm64 marks code and data in modules */
	if (t->failed || !ksym_line__parse(text, len, &l) || !l.addr || !strchr("tTwW", l.type) ||
	    *l.name == '$' || !*l.name || ksym_name__is_padding(l.name))
		return;
	if (t->n == t->cap && !grow(t)) {
		t->failed = true;
		return;
	}
	e = &t->v[t->n++];
	e->addr = l.addr;
	e->module = l.module ? module_put(t, l.module) : 0;
	e->name = put(t, l.name);
	t->failed = !e->name || (l.module && !e->module);
}

/* Of several names of one address the first in the file is shown: it has the lowest offset. */
static int by_addr(const void *a, const void *b)
{
	const struct symtab_entry *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

bool symtab__finish(struct symtab *t)
{
	if (t->n && !t->failed)
		qsort(t->v, t->n, sizeof(*t->v), by_addr);
	return t->n && !t->failed;
}

void symtab__deinit(struct symtab *t)
{
	free(t->v);
	free(t->text);
	memset(t, 0, sizeof(*t));
}

/* The function that addr is in; NULL: unknown. */
static const struct symtab_entry *find(const struct symtab *t, uint64_t addr)
{
	size_t lo = 0, hi = t->failed ? 0 : t->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->v[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || addr - t->v[lo - 1].addr >= FUNC_MAX)
		return NULL;
	for (lo--; lo && t->v[lo - 1].addr == t->v[lo].addr; lo--)
		;
	return &t->v[lo];
}

/* An address that a call returns to may be that of the next function, if the call does not return. */
static const struct symtab_entry *frame_find(const struct symtab *t, const struct symtab_stack *s,
					     size_t i)
{
	return find(t, i || s->inside ? s->ip[i] - 1 : s->ip[i]);
}

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

/* Programs of BPF and what calls them: of this tracer, or of others. */
static bool is_bpf(const char *name)
{
	return begins(name, "bpf_prog_") || begins(name, "bpf_trampoline_") ||
	       begins(name, "bpf_dispatcher_");
}

/* What a function returns to instead of its caller while a kretprobe is on it. */
static bool is_detour(const char *name)
{
	return begins(name, "arch_rethook_trampoline") || begins(name, "__kretprobe_trampoline") ||
	       begins(name, "kretprobe_trampoline") || !strcmp(name, "return_to_handler");
}

static bool is_tracer(const struct symtab *t, const struct symtab_entry *e)
{
	return is_bpf(t->text + e->name) || is_detour(t->text + e->name);
}

/*
 * Where the traced task's frames begin. Inside of a program the walk begins with what the
 * program called, which is the kernel's; then come the program and its trampoline. These have
 * no symbol where kallsyms does not list them (net.core.bpf_jit_kallsyms).
 */
static size_t first_frame(const struct symtab *t, const struct symtab_stack *s)
{
	const struct symtab_entry *e;
	size_t i = 0, begin;

	if (!s->inside)
		return 0;
	for (; i < s->n; i++) {
		e = frame_find(t, s, i);
		if (!e || is_bpf(t->text + e->name))
			break;
	}
	for (begin = i; begin < s->n; begin++) {
		e = frame_find(t, s, begin);
		if (e && !is_bpf(t->text + e->name))
			return begin;
	}
	return 0;
}

static void write_frame(const struct symtab *t, const struct symtab_entry *e, uint64_t ip, char *to)
{
	const char *module = e && e->module ? t->text + e->module : "";
	char *p;

	if (!e) {
		snprintf(to, SYMTAB_FRAME, NO_SYMBOL);
		return;
	}
	snprintf(to, SYMTAB_FRAME, "%.96s+0x%" PRIx64 "%s%.40s", t->text + e->name, ip - e->addr,
		 *module ? " " : "", module);
	/* symbols are plain text, unless a module's author made them otherwise */
	for (p = to; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

size_t symtab__frames(const struct symtab *t, const struct symtab_stack *s,
		      struct symtab_frames *to, size_t max, bool *more)
{
	const struct symtab_entry *e, *last = NULL;
	bool passed = false; /* a trampoline, since the last frame */
	size_t i, n = 0;

	*more = false;
	for (i = first_frame(t, s); i < s->n; i++) {
		e = frame_find(t, s, i);
		if (e && is_tracer(t, e)) {
			passed = true;
			continue;
		}
		/* a trampoline calls the function that has called it at its entry */
		if (passed && e && e == last)
			continue;
		passed = false;
		last = e;
		if (n == max) {
			*more = true;
			break;
		}
		write_frame(t, e, s->ip[i], to[n++].text);
	}
	return n;
}
