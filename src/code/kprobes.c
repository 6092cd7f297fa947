// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/kprobes.c keeps one struct kprobe for each probed address in kprobe_table, by the
 * address (get_kprobe()). Its member opcode is what the breakpoint replaced: one byte on
 * x86-64, the whole instruction on arm64. The members up to it have been the same since
 * 5.14 (include/linux/kprobes.h).
 *
 * The kernel may change the table while it is read. A node is believed only if it has the
 * address, and points back to where it was found; a plan that lacks it is made again.
 */
#include "code/kprobes.h"

#include <string.h>

enum {
	INSN_MAX = 16, /* bytes of an instruction, at most */
	HASH_BITS = 6, /* KPROBE_HASH_BITS */
	CHAIN_MAX = 4096, /* probes in one bucket: a table that changes may lead in a circle */
};

struct node {
	uint64_t next, pprev; /* hlist */
	uint64_t list[2];
	uint64_t nmissed, addr, symbol_name, offset;
	uint64_t pre_handler, post_handler;
	uint8_t opcode[8];
};

/* hash_ptr(), include/linux/hash.h */
static uint64_t bucket_of(uint64_t addr)
{
	return addr * 0x61c8864680b583ebULL >> (64 - HASH_BITS);
}

/* Puts what the kprobe at addr replaced over the first bytes at code. */
static bool restore(const struct code_source *src, uint64_t addr, uint8_t *code, size_t size)
{
	uint64_t at, from = src->ks->probes + bucket_of(addr) * sizeof(at);
	struct node node;
	size_t n;

	if (!src->ks->probes || src->read(src->ctx, from, &at, sizeof(at)))
		return false;
	for (n = 0; at && n < CHAIN_MAX; n++) {
		if (src->read(src->ctx, at, &node, sizeof(node)) || node.pprev != from)
			return false;
		if (node.addr == addr) {
			memcpy(code, node.opcode, size);
			return true;
		}
		from = at; /* next is the first member */
		at = node.next;
	}
	return false;
}

bool kprobes__original(const struct code_source *src, struct insn_decoder *d, const uint8_t *code,
		       size_t len, struct insn *i)
{
	size_t size = src->arch->insn_len ? src->arch->insn_len : 1;
	uint8_t copy[INSN_MAX];
	struct insn original;

	if (len > sizeof(copy))
		len = sizeof(copy);
	memcpy(copy, code, len);
	if (len < size || !restore(src, i->addr, copy, size) ||
	    !insn__decode(d, copy, len, i->addr, &original) || original.kind == INSN_BREAK)
		return false;
	*i = original;
	i->patched = true;
	return true;
}
