// SPDX-License-Identifier: GPL-2.0-only
#include "sink/stack_copy.h"

#include <stdlib.h>
#include <string.h>

#include "record/records.h"
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

void stack_list__note(struct stack_list *l, const struct ovl_record *rec)
{
	const struct rec_stack *s = record__stack(rec);
	size_t at = l->n % STACK_LIST;

	if (!s || !s->n)
		return;
	l->n++;
	l->kept[at].seq = rec->seq;
	stack_copy__set(&l->kept[at].stack, s);
}

void stack_list__reset(struct stack_list *l)
{
	size_t i;

	for (i = 0; i < STACK_LIST; i++)
		stack_copy__free(&l->kept[i].stack);
	l->n = 0;
}

struct rec_stack stack_list__find(const struct stack_list *l, uint64_t seq,
				  const char *frame[RECORD_MAX_FRAMES])
{
	struct rec_stack s = { .frame = frame };
	const struct stack_copy *c = NULL;
	const char *p;
	size_t i;

	for (i = 0; i < STACK_LIST && i < l->n; i++)
		if (l->kept[i].seq == seq)
			c = &l->kept[i].stack;
	p = c ? c->text : NULL;
	for (; p && s.n < c->n && s.n < RECORD_MAX_FRAMES; p += strlen(p) + 1)
		frame[s.n++] = p;
	s.truncated = c && c->truncated;
	return s;
}
