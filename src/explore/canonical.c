// SPDX-License-Identifier: GPL-2.0-only
/* Of histories that differ only in names, or in the order of unrelated steps, one. */
#include "explore/model.h"

#define BIT(n) ((uint8_t)(1u << (n)))

/* a, b and c come into use in this order: until then they only have other names. */
static bool names_in_order(uint8_t used, struct explore_step s)
{
	uint8_t fresh = history__mentions(s) & ~used & (BIT(NAME_A) | BIT(NAME_B) | BIT(NAME_C));
	uint8_t next = !(used & BIT(NAME_A)) ? NAME_A : !(used & BIT(NAME_B)) ? NAME_B : NAME_C;

	return !fresh || fresh == BIT(next);
}

/* It changes only its own stream, so it can change places with one of the other stream. */
static bool is_private(struct explore_step s)
{
	return s.op == OP_OPEN || s.op == OP_REWIND || s.op == OP_BACK || s.op == OP_CLOSE;
}

bool model__is_canonical(const struct model *m, struct explore_step s)
{
	bool stream = explore_ops[s.op].operands == OPERANDS_OF_STREAM;

	if (stream && s.a && !m->streamed)
		return false;
	if (m->step && is_private(m->last) && is_private(s) && m->last.a > s.a)
		return false;
	return names_in_order(m->used, s);
}
