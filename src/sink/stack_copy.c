// SPDX-License-Identifier: GPL-2.0-only
#include "sink/stack_copy.h"

#include <stdlib.h>
#include <string.h>

#include "util/text.h"

void stack_copy__free(struct stack_copy *c)
{
	free(c->text);
	c->text = NULL;
	c->n = 0;
}

void stack_copy__set(struct stack_copy *c, const struct rec_stack *from)
{
	size_t i, len = 0;
	char *p;

	/* of most records there is none, and there was none */
	if (!c->text && !from->n)
		return;
	stack_copy__free(c);
	for (i = 0; i < from->n; i++)
		len += strlen(from->frame[i]) + 1;
	p = len ? malloc(len) : NULL;
	if (!p)
		return;
	c->text = p;
	c->n = from->n;
	c->len = len;
	c->truncated = from->truncated;
	for (i = 0; i < from->n; i++)
		p = stpcpy(p, from->frame[i]) + 1;
}

bool stack_copy__equal(const struct stack_copy *a, const struct stack_copy *b)
{
	return a->n == b->n && a->len == b->len && a->truncated == b->truncated &&
	       (!a->n || !memcmp(a->text, b->text, a->len));
}

void stack_copy__write(const struct stack_copy *c, FILE *f, int indent)
{
	const char *p = c->text;
	size_t i;

	for (i = 0; i < c->n; i++, p += strlen(p) + 1) {
		fprintf(f, "%*s", indent, "");
		text__bytes(f, p, strlen(p));
		fputc('\n', f);
	}
	if (c->n && c->truncated)
		fprintf(f, "%*s(further callers are not recorded)\n", indent, "");
}
