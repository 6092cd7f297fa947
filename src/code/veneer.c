// SPDX-License-Identifier: GPL-2.0-only
#include "code/veneer.h"

enum {
	INSNS = 3, /* adrp x16; add x16, x16; br x16 */
	REACH = 1 << 24, /* veneers are in the module's own memory */
};

/* The address that these instructions jump to; 0: they do something else. */
static uint64_t target_of(const struct insn *i)
{
	const struct insn *page = &i[0], *sum = &i[1], *jump = &i[2];

	if (page->kind != INSN_CONST || sum->kind != INSN_ADDRESS ||
	    jump->kind != INSN_JUMP_INDIRECT || sum->mem.base != page->reg ||
	    sum->mem.index != INSN_NO_REG || jump->src != sum->reg)
		return 0;
	return (uint64_t)(page->imm + sum->mem.disp);
}

uint64_t veneer__target(const struct code_source *src, struct insn_decoder *d, const struct insn *i)
{
	uint64_t at = i->target, to;
	uint8_t code[INSNS * 4];
	struct insn part[INSNS];
	size_t n;

	if (i->target - i->addr + REACH > 2ULL * REACH || ksyms__callee(src->ks, at) ||
	    src->read(src->ctx, at, code, sizeof(code)))
		return at;
	for (n = 0; n < INSNS; n++)
		if (!insn__decode(d, code + 4 * n, sizeof(code) - 4 * n, at + 4 * n, &part[n]))
			return at;
	to = target_of(part);
	return to ? to : at;
}
