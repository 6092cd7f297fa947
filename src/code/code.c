// SPDX-License-Identifier: GPL-2.0-only
#include "code/code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void scan(struct code_graph *g, const struct ksyms *ks, const struct ksym *func,
		 const uint8_t *code, size_t len)
{
	size_t i;

	for (i = 0; i + CODE_CALL_LEN <= len; i++) {
		const struct ksym *to;
		struct code_call *c;
		int32_t rel;

		/* 0xcc: a kprobe's breakpoint over the first byte of e8 or e9 */
		if (code[i] != 0xe8 && code[i] != 0xe9 && code[i] != 0xcc)
			continue;
		memcpy(&rel, code + i + 1, sizeof(rel));
		to = ksyms__callee(ks, func->addr + i + CODE_CALL_LEN + (int64_t)rel);
		if (!to || to == func)
			continue;
		if (g->ncalls == CODE_MAX_CALLS) {
			g->truncated = true;
			return;
		}
		c = &g->call[g->ncalls++];
		c->from = func;
		c->to = to;
		c->through = false;
		c->addr = func->addr + i;
		c->tail = code[i] == 0xe9;
		c->patched = code[i] == 0xcc;
	}
}

size_t code__calls_in(struct code_graph *g, const struct code_source *src, const struct ksym *func)
{
	size_t len = func->end - func->addr, before = g->ncalls;
	uint8_t *code;
	int err;

	/* where it ends is unknown: so is what it calls */
	code = len ? malloc(len) : NULL;
	err = !len ? -ENODATA : code ? src->read(src->ctx, func->addr, code, len) : -ENOMEM;
	if (!err) {
		scan(g, src->ks, func, code, len);
	} else if (!g->err) {
		g->err = err;
		g->err_in = func;
	}
	free(code);
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
	size_t i, n = strlen(func->name);

	for (i = 0; i < ks->n; i++)
		if (ks->v[i].ovl && ks->v[i].text && !strncmp(ks->v[i].name, func->name, n) &&
		    !strcmp(ks->v[i].name + n, ".cold"))
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

			if (!to->ovl || (stop && !strcmp(to->name, stop)))
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
