// SPDX-License-Identifier: GPL-2.0-only
/* What kprobes replaced, from a table like the kernel's. */
#include "code/kprobes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "test.h"

#define TEXT 0xffff800080000000ULL
#define TABLE 0xffff800081000000ULL
#define NODE(n) (0xffff000012340000ULL + (n) * sizeof(struct node))
#define WORD 8

enum {
	NODES = 3,
	LEN = 12, /* of the function */
};

/* As in include/linux/kprobes.h. */
struct node {
	uint64_t next, pprev, list[2], nmissed, addr, symbol_name, offset, handlers[2];
	uint32_t opcode, flags;
};

static uint64_t table[64];
static struct node nodes[NODES];
static uint8_t text[LEN];

static const struct part {
	uint64_t begin;
	size_t size;
	const void *bytes;
} parts[] = {
	{ TEXT, sizeof(text), text },
	{ TABLE, sizeof(table), table },
	{ NODE(0), sizeof(nodes), nodes },
};

static int read_memory(void *ctx, uint64_t addr, void *buf, size_t len)
{
	const struct part *p;

	(void)ctx;
	for (p = parts; p < parts + sizeof(parts) / sizeof(parts[0]); p++) {
		if (addr - p->begin > p->size || len > p->size - (addr - p->begin))
			continue;
		memcpy(buf, (const uint8_t *)p->bytes + (addr - p->begin), len);
		return 0;
	}
	return -EFAULT;
}

/* All three nodes are in the bucket of TEXT + 4; the last one is the probe there. */
static void kernel_init(uint32_t opcode)
{
	uint64_t bucket = (TEXT + 4) * 0x61c8864680b583ebULL >> 58, from = TABLE + bucket * WORD;
	size_t n;

	memset(table, 0, sizeof(table));
	memset(nodes, 0, sizeof(nodes));
	table[bucket] = NODE(0);
	for (n = 0; n < NODES; n++) {
		nodes[n] = (struct node){ .pprev = from, .addr = TEXT + 0x100 + n, .opcode = 0x90 };
		nodes[n].next = n + 1 < NODES ? NODE(n + 1) : 0;
		from = NODE(n);
	}
	nodes[NODES - 1].addr = TEXT + 4;
	nodes[NODES - 1].opcode = opcode;
}

/* The instruction at TEXT + 4. */
static bool read_probed(struct insn *i, const struct insn_arch *arch, bool symbol)
{
	struct code_source src = { .read = read_memory, .arch = arch };
	struct ksyms ks;
	char syms[256];
	const struct insn *at;
	struct func f;
	bool ok;

	snprintf(syms, sizeof(syms),
		 "%llx T kfree\n%llx b %s\n%llx t ovl_f\t[overlay]\n%llx t ovl_next\t[overlay]\n",
		 TEXT + 0x1000, TABLE, symbol ? "kprobe_table" : "kprobe_list", TEXT, TEXT + LEN);
	CHECK_EQ(fixture__symbols(&ks, syms, strlen(syms)), 0);
	src.ks = &ks;
	ok = !func__read(&f, &src, ksyms__find(&ks, "ovl_f"));
	at = func__at(&f, TEXT + 4);
	if (CHECK(at))
		*i = *at;
	func__deinit(&f);
	ksyms__deinit(&ks);
	return ok;
}

static void put_arm64(void)
{
	/* nop; brk #4; ret */
	static const uint32_t code[] = { 0xd503201f, 0xd4200080, 0xd65f03c0 };

	memcpy(text, code, sizeof(code));
}

static void arm64(void)
{
	struct insn i;

	put_arm64();
	kernel_init(0x940003ff); /* bl kfree */
	CHECK(read_probed(&i, &insn_arm64, true));
	CHECK_EQ(i.kind, INSN_CALL);
	CHECK_EQ(i.target, TEXT + 0x1000);
	CHECK(i.patched);

	/* ldar x0, [x19]: probes behind it are refused */
	kernel_init(0xc8dffe60);
	CHECK(read_probed(&i, &insn_arm64, true));
	CHECK_EQ(i.kind, INSN_LOAD);
	CHECK_EQ(i.guard, 1);
}

static void x86(void)
{
	static const uint8_t code[LEN] = { 0x0f, 0x1f, 0x40, 0, 0xcc, 0x89, 0xc3, 0x90, 0x90, 0xc3 };
	struct insn i;

	memcpy(text, code, sizeof(code));
	kernel_init(0x12345648); /* mov %rax,%rbx, and what is not of it */
	CHECK(read_probed(&i, &insn_x86, true));
	CHECK_EQ(i.kind, INSN_MOVE);
	CHECK_EQ(i.len, 3);
	CHECK(i.patched);
}

static void not_found(bool symbol)
{
	struct insn i;

	CHECK(!read_probed(&i, &insn_arm64, symbol));
	CHECK_EQ(i.kind, INSN_HIDDEN);
}

static void doubtful(void)
{
	put_arm64();
	kernel_init(0x940003ff);
	not_found(false); /* a kernel without the symbol */
	nodes[2].addr = TEXT + 8;
	not_found(true); /* no probe there */
	kernel_init(0x940003ff);
	nodes[2].pprev = TABLE;
	not_found(true); /* it has been moved */
	kernel_init(0x940003ff);
	nodes[1].next = 0xffff000000000000ULL;
	not_found(true); /* it cannot be read */
	kernel_init(0xd4200080);
	not_found(true); /* a breakpoint below a breakpoint */
	kernel_init(0x940003ff);
	nodes[1].next = NODE(1);
	nodes[1].pprev = NODE(1);
	not_found(true); /* a circle */
	memset(table, 0, sizeof(table));
	not_found(true);
}

int main(void)
{
	TEST(arm64);
	TEST(x86);
	TEST(doubtful);
	return test_done();
}
