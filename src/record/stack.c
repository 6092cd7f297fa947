// SPDX-License-Identifier: GPL-2.0-only
/* The kernel stack that several records may have: its writer and its reader. */
#include <string.h>

#include "record/internal.h"
#include "record/write.h"

void json__stack(struct json *j, const struct rec_stack *s)
{
	size_t i;

	if (!s->n)
		return;
	json__open(j, "stack", '[');
	for (i = 0; i < s->n; i++)
		json__str(j, NULL, s->frame[i]);
	json__close(j, ']');
	if (s->truncated)
		json__bool(j, "stack_truncated", true);
}

bool form__stack(struct raw *raw, struct rec_stack *s)
{
	size_t i;

	for (i = 0; i < raw->nstack; i++) {
		struct json_value *v = &raw->stack[i];

		if (!v->len || memchr(v->s, 0, v->len))
			return form__fault(raw, "stack");
		v->s[v->len] = 0;
		raw->frame[i] = v->s;
	}
	s->frame = raw->frame;
	s->n = raw->nstack;
	s->truncated = raw__has(raw, F_TOP_stack_truncated) &&
		       raw->v[F_TOP_stack_truncated].type == JSON_TRUE;
	s->raw = NULL;
	return !s->truncated || s->n ? true : form__fault(raw, "stack_truncated");
}
