// SPDX-License-Identifier: GPL-2.0-only
#include "code/slots.h"

#include <stdlib.h>
#include <string.h>

enum {
	PAGE = 4096,
	SLOT = 16, /* arch/x86/include/asm/kprobes.h, MAX_INSN_SIZE */
	BREAKPOINT = 0xcc,
};

struct slots_page {
	uint64_t addr;
	uint8_t bytes[PAGE];
};

void slots__deinit(struct slots *s)
{
	free(s->page);
	memset(s, 0, sizeof(*s));
}

/* What cannot be read holds no copy: less is known then, and nothing wrong. */
static void read_pages(struct slots *s, const struct code_source *src)
{
	const struct ksym *at = NULL;

	s->read = true;
	/* where all instructions have one length, the copies would tell nothing new */
	if (src->arch->insn_len)
		return;
	while ((at = ksyms__next_slots(src->ks, at))) {
		struct slots_page *page = realloc(s->page, (s->n + 1) * sizeof(*page));

		if (!page)
			return;
		s->page = page;
		page[s->n].addr = at->addr;
		if (!src->read(src->ctx, at->addr, page[s->n].bytes, PAGE))
			s->n++;
	}
}

/*
 * Are these n bytes the same but for the first? `moved` is added to an offset from
 * the instruction pointer in a copy (arch/x86/kernel/kprobes/core.c, __copy_instruction()).
 */
static bool is_same(const uint8_t *copy, const uint8_t *code, size_t n, bool relative,
		    uint32_t moved)
{
	uint32_t from, to;
	size_t k;

	if (!relative)
		return !memcmp(copy + 1, code + 1, n - 1);
	for (k = 1; k + sizeof(from) <= n; k++) {
		memcpy(&from, code + k, sizeof(from));
		memcpy(&to, copy + k, sizeof(to));
		if (from + moved == to && !memcmp(copy + 1, code + 1, k - 1) &&
		    !memcmp(copy + k + sizeof(to), code + k + sizeof(from), n - k - sizeof(to)))
			return true;
	}
	return false;
}

/*
 * The length of the copy at `copy`, in the slot at `slot`, if it may be of the instruction
 * at addr; else 0. Behind a copy is a breakpoint, or a jump to what follows the instruction
 * (core.c, prepare_singlestep()).
 */
static size_t copied(struct insn_decoder *d, const uint8_t *copy, uint64_t slot,
		     const uint8_t *code, size_t len, uint64_t addr)
{
	struct insn i, back;

	if (!insn__decode(d, copy, SLOT, slot, &i) || i.kind == INSN_BREAK || i.len >= SLOT ||
	    i.len > len ||
	    !is_same(copy, code, i.len, i.mem.base == INSN_PC, (uint32_t)(addr - slot)))
		return 0;
	if (copy[i.len] == BREAKPOINT)
		return i.len;
	return insn__decode(d, copy + i.len, SLOT - i.len, slot + i.len, &back) &&
			       back.kind == INSN_JUMP && back.target == addr + i.len ?
		       i.len :
		       0;
}

uint32_t slots__lengths(struct slots *s, const struct code_source *src, struct insn_decoder *d,
			const uint8_t *code, size_t len, uint64_t addr)
{
	uint32_t lengths = 0;
	size_t n, at;

	if (!s->read)
		read_pages(s, src);
	for (n = 0; n < s->n; n++)
		for (at = 0; at < PAGE; at += SLOT)
			lengths |= 1U << copied(d, s->page[n].bytes + at, s->page[n].addr + at,
						code, len, addr);
	return lengths & ~1U;
}
