// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "code/code.h"
#include "fixture.h"
#include "test.h"

#define TEXT 0xffff800080000000ULL
#define NONE INSN_NO_REG
#define SP INSN_STACK

static const struct {
	uint32_t word;
	struct insn want;
} insns[] = {
	/* nop; bti c; paciasp */
	{ 0xd503201f, { .kind = INSN_NOP, .reg = NONE, .src = NONE, .mem.base = NONE } },
	{ 0xd503245f, { .kind = INSN_OTHER, .reg = NONE, .src = NONE, .mem.base = NONE } },
	{ 0xd503233f, { .kind = INSN_OTHER, .reg = NONE, .src = NONE, .mem.base = NONE } },
	/* mov x19, x0; mov x0, xzr; movz x0, #1; movn w0, #0; adrp x0, . */
	{ 0xaa0003f3, { .kind = INSN_MOVE, .reg = 19, .src = 0, .mem.base = NONE } },
	{ 0xaa1f03e0, { .kind = INSN_CONST, .reg = 0, .src = NONE, .mem.base = NONE } },
	{ 0xd2800020, { .kind = INSN_CONST, .reg = 0, .src = NONE, .mem.base = NONE, .imm = 1 } },
	{ 0x12800000,
	  { .kind = INSN_CONST, .reg = 0, .src = NONE, .mem.base = NONE, .imm = 0xffffffff } },
	{ 0x90000000,
	  { .kind = INSN_CONST, .reg = 0, .src = NONE, .mem.base = NONE, .imm = (int64_t)TEXT } },
	/* mov w19, w0; sxtw x20, w26; cmp x0, #2; cmn x20, #1, lsl #12; cmp w0, #0 */
	{ 0x2a0003f3, { .kind = INSN_MOVE_LOW, .reg = 19, .src = 0, .mem.base = NONE } },
	{ 0x93407f54, { .kind = INSN_MOVE_LOW, .reg = 20, .src = 26, .mem.base = NONE } },
	{ 0xf100081f, { .kind = INSN_COMPARE, .reg = 0, .src = NONE, .mem.base = NONE, .imm = 2 } },
	{ 0xb140069f,
	  { .kind = INSN_COMPARE, .reg = 20, .src = NONE, .mem.base = NONE, .imm = -4096 } },
	{ 0x7100001f, { .kind = INSN_OTHER, .reg = NONE, .src = NONE, .mem.base = NONE } },
	/* movk x0, #1, lsl #16: the rest stays */
	{ 0xf2a00020, { .kind = INSN_OTHER, .reg = NONE, .src = NONE, .mem.base = NONE } },
	/* add x0, x0, #0x10; sub x1, sp, #0x10 */
	{ 0x91004000,
	  { .kind = INSN_ADDRESS, .reg = 0, .src = NONE, .mem = { .base = 0, .disp = 16 } } },
	{ 0xd10043e1,
	  { .kind = INSN_ADDRESS, .reg = 1, .src = NONE, .mem = { .base = SP, .disp = -16 } } },
	/* ldr x0, [x19]; ldur x0, [x19, #-8]; ldr w0, [x19]; ldrb w0, [x19]; ldr x0, [x19], #8 */
	{ 0xf9400260,
	  { .kind = INSN_LOAD, .reg = 0, .src = NONE, .mem = { .base = 19, .size = 8 } } },
	{ 0xf85f8260,
	  { .kind = INSN_LOAD,
	    .reg = 0,
	    .src = NONE,
	    .mem = { .base = 19, .size = 8, .disp = -8 } } },
	{ 0xb9400260,
	  { .kind = INSN_LOAD, .reg = 0, .src = NONE, .mem = { .base = 19, .size = 4 } } },
	{ 0x39400260,
	  { .kind = INSN_LOAD, .reg = 0, .src = NONE, .mem = { .base = 19, .size = 1 } } },
	{ 0xf8408660,
	  { .kind = INSN_LOAD,
	    .reg = 0,
	    .src = NONE,
	    .mem = { .base = 19, .size = 8, .moves = 8 } } },
	/* str x0, [x19]; str xzr, [x19, #16]; stlr x0, [x19]; stlxr w2, x0, [x19] */
	{ 0xf9000260,
	  { .kind = INSN_STORE, .reg = 0, .src = 0, .mem = { .base = 19, .size = 8 } } },
	{ 0xf9000a7f,
	  { .kind = INSN_STORE,
	    .reg = NONE,
	    .src = NONE,
	    .mem = { .base = 19, .size = 8, .disp = 16 } } },
	{ 0xc89ffe60,
	  { .kind = INSN_STORE, .reg = 0, .src = 0, .mem = { .base = 19, .size = 8 } } },
	{ 0xc802fe60,
	  { .kind = INSN_EXCHANGE, .reg = 0, .src = 0, .mem = { .base = 19, .size = 8 } } },
	/* stp x29, x30, [sp, #-32]!; ldp x0, x1, [x19] */
	{ 0xa9be7bfd,
	  { .kind = INSN_STORE,
	    .reg = NONE,
	    .src = NONE,
	    .mem = { .base = SP, .size = 16, .disp = -32, .moves = -32 } } },
	{ 0xa9400660,
	  { .kind = INSN_LOAD, .reg = NONE, .src = NONE, .mem = { .base = 19, .size = 16 } } },
	/* ARMv8.1: swpal x0, x0, [x19]; ldclr x1, xzr, [x19]; ldset x1, xzr, [x19]; casal x0, x1, [x19] */
	{ 0xf8e08260,
	  { .kind = INSN_EXCHANGE, .reg = 0, .src = 0, .mem = { .base = 19, .size = 8 } } },
	{ 0xf821127f,
	  { .kind = INSN_MODIFY, .reg = 1, .src = 1, .mem = { .base = 19, .size = 8 } } },
	{ 0xf821327f, { .kind = INSN_OR, .reg = 1, .src = 1, .mem = { .base = 19, .size = 8 } } },
	{ 0xc8e0fe61,
	  { .kind = INSN_EXCHANGE, .reg = 1, .src = 1, .mem = { .base = 19, .size = 8 } } },
	/* blr x1; br x1; ret; retaa */
	{ 0xd63f0020, { .kind = INSN_CALL_INDIRECT, .reg = NONE, .src = 1, .mem.base = NONE } },
	{ 0xd61f0020, { .kind = INSN_JUMP_INDIRECT, .reg = NONE, .src = 1, .mem.base = NONE } },
	{ 0xd65f03c0, { .kind = INSN_RETURN, .reg = NONE, .src = NONE, .mem.base = NONE } },
	{ 0xd65f0bff, { .kind = INSN_RETURN, .reg = NONE, .src = NONE, .mem.base = NONE } },
	/* brk #4, of a probe; brk #0x800, of BUG() and WARN(); udf #0 */
	{ 0xd4200080, { .kind = INSN_BREAK, .reg = NONE, .src = NONE, .mem.base = NONE } },
	{ 0xd4210000, { .kind = INSN_OTHER, .reg = NONE, .src = NONE, .mem.base = NONE } },
	{ 0x00000000, { .kind = INSN_TRAP, .reg = NONE, .src = NONE, .mem.base = NONE } },
	/* bl .+4; b .+8; b.eq .+8; cbz x0, .+8; tbz w0, #0, .+8 */
	{ 0x94000001,
	  { .kind = INSN_CALL, .reg = NONE, .src = NONE, .mem.base = NONE, .target = TEXT + 4 } },
	{ 0x14000002,
	  { .kind = INSN_JUMP, .reg = NONE, .src = NONE, .mem.base = NONE, .target = TEXT + 8 } },
	{ 0x54000040,
	  { .kind = INSN_BRANCH, .reg = NONE, .src = NONE, .mem.base = NONE, .target = TEXT + 8 } },
	{ 0xb4000040,
	  { .kind = INSN_BRANCH, .reg = NONE, .src = NONE, .mem.base = NONE, .target = TEXT + 8 } },
	{ 0x36000040,
	  { .kind = INSN_BRANCH, .reg = NONE, .src = NONE, .mem.base = NONE, .target = TEXT + 8 } },
};

static void decode(void)
{
	struct insn_decoder *d = insn__decoder_new(&insn_arm64);
	struct insn i;
	size_t n;

	for (n = 0; n < sizeof(insns) / sizeof(insns[0]); n++) {
		const struct insn *want = &insns[n].want;
		bool ok = true;

		ok &= CHECK(insn__decode(d, (const uint8_t *)&insns[n].word, 4, TEXT, &i));
		ok &= CHECK_EQ(i.kind, want->kind);
		ok &= CHECK_EQ(i.len, 4);
		ok &= CHECK_EQ(i.target, want->target);
		ok &= CHECK_EQ(i.mem.base, want->mem.base);
		ok &= CHECK_EQ(i.mem.disp, want->mem.disp);
		ok &= CHECK_EQ(i.mem.moves, want->mem.moves);
		ok &= CHECK_EQ(i.mem.size, want->mem.size);
		if (i.kind != INSN_OTHER) {
			ok &= CHECK_EQ(i.reg, want->reg);
			ok &= CHECK_EQ(i.src, want->src);
			ok &= CHECK_EQ(i.imm, want->imm);
		}
		if (!ok)
			printf("#   %08x\n", insns[n].word);
	}
	CHECK(!insn__decode(d, (const uint8_t *)&insns[0].word, 3, TEXT, &i));
	insn__decoder_free(d);
}

static const uint32_t *text;
static size_t text_len; /* in bytes */

static int read_text(void *ctx, uint64_t addr, void *buf, size_t len)
{
	(void)ctx;
	if (addr - TEXT + len > text_len)
		return -EFAULT;
	memcpy(buf, (const uint8_t *)text + (addr - TEXT), len);
	return 0;
}

/* The function of n words at `code`. */
static int read_broken(struct func *f, struct ksyms *ks, const uint32_t *code, size_t n)
{
	char syms[256];

	text = code;
	text_len = 4 * n;
	snprintf(syms, sizeof(syms), "%llx t ovl_f\t[overlay]\n%llx t ovl_next\t[overlay]\n", TEXT,
		 TEXT + 4 * n);
	CHECK_EQ(fixture__symbols(ks, syms, strlen(syms)), 0);
	return func__read(f, &(struct code_source){ ks, read_text, NULL, &insn_arm64 },
			  ksyms__find(ks, "ovl_f"));
}

static bool read_func(struct func *f, struct ksyms *ks, const uint32_t *code, size_t n)
{
	return CHECK_EQ(read_broken(f, ks, code, n), 0);
}

static void entries(void)
{
	static const struct {
		uint32_t word[4];
		bool traced;
	} cases[] = {
		{ { 0xd503201f, 0xd503201f, 0xd503233f, 0xd65f03c0 }, true }, /* nop; nop */
		{ { 0xd503245f, 0xd503201f, 0xd503201f, 0xd65f03c0 }, true }, /* bti c; nop; nop */
		{ { 0xd503233f, 0xaa1e03e9, 0xd503201f, 0xd65f03c0 },
		  true }, /* paciasp; mov x9, x30 */
		{ { 0xaa1e03e9, 0x94000010, 0xd503233f, 0xd65f03c0 }, true }, /* a call of ftrace */
		{ { 0xd503233f, 0xa9be7bfd, 0x94000010, 0xd65f03c0 }, false },
		{ { 0xd503233f, 0xd503245f, 0xd503201f, 0xd65f03c0 }, false },
		/* a probe on the entry hides it */
		{ { 0xd4200080, 0xa9be7bfd, 0x94000010, 0xd65f03c0 }, true },
	};
	struct ksyms ks;
	struct func f;
	size_t n;

	for (n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		if (read_func(&f, &ks, cases[n].word, 4))
			CHECK_EQ(func__is_traced(&f), cases[n].traced);
		func__deinit(&f);
		ksyms__deinit(&ks);
	}
}

/* Arguments through saved registers and the frame. */
static void arguments(void)
{
	static const uint32_t code[] = {
		0xa9be7bfd, /* stp x29, x30, [sp, #-32]! */
		0xaa0003f3, /* mov x19, x0 */
		0xf9000be1, /* str x1, [sp, #16] */
		0xf9400be2, /* ldr x2, [sp, #16] */
		0xf9400274, /* ldr x20, [x19] */
		0x94000010, /* bl */
		0xaa1303e0, /* mov x0, x19 */
		0xf9400be1, /* ldr x1, [sp, #16] */
		0xa8c27bfd, /* ldp x29, x30, [sp], #32 */
		0xd65f03c0, /* ret */
	};
	const size_t n = sizeof(code) / sizeof(code[0]);
	struct flow *flow;
	struct ksyms ks;
	struct func f;

	if (read_func(&f, &ks, code, n)) {
		flow = flow__new(&f);
		CHECK_EQ(flow__origin(flow, 0, 7), 7);
		CHECK_EQ(flow__origin(flow, 4, 2), 1);
		CHECK_EQ(flow__origin(flow, 5, 20), 0);
		CHECK_EQ(flow__origin(flow, 6, 0), FLOW_UNKNOWN);
		CHECK_EQ(flow__origin(flow, 7, 0), 0);
		CHECK_EQ(flow__origin(flow, 8, 1), 1);
		flow__free(flow);
	}
	func__deinit(&f);
	ksyms__deinit(&ks);
}

/* A module calls what is too far away through its own code, without a symbol. */
static void veneers(void)
{
	static const uint32_t code[] = {
		0xd503201f, /* nop */
		0x94000006, /* bl: to the veneer */
		0x94000008, /* bl: to something else */
		0xd65f03c0, /* ret */
		0x12345678, 0xffff8000, /* a pointer of ftrace's, before the next function */
		0xd65f03c0, /* ret */
		0xb0000010, /* adrp x16, the next page */
		0x91048210, /* add x16, x16, #0x120 */
		0xd61f0200, /* br x16 */
		0xb0000010, /* adrp x16 */
		0xf9400210, /* ldr x16, [x16] */
		0xd61f0200, /* br x16 */
	};
	struct code_graph *g = calloc(1, sizeof(*g));
	struct ksyms ks;
	char syms[256];
	size_t n;

	text = code;
	text_len = sizeof(code);
	snprintf(syms, sizeof(syms),
		 "%llx T kfree\n%llx t $x\t[overlay]\n%llx t ovl_f\t[overlay]\n"
		 "%llx t ovl_next\t[overlay]\n",
		 TEXT + 0x1120, TEXT, TEXT, TEXT + 24);
	CHECK_EQ(fixture__symbols(&ks, syms, strlen(syms)), 0);
	n = code__calls_in(g, &(struct code_source){ &ks, read_text, NULL, &insn_arm64 },
			   ksyms__find(&ks, "ovl_f"));
	CHECK_EQ(g->err, 0);
	if (CHECK_EQ(n, 1)) {
		CHECK_STR(g->call[0].to->name, "kfree");
		CHECK_EQ(g->call[0].addr, TEXT + 4);
		CHECK_EQ(g->call[0].after, TEXT + 8);
	}
	ksyms__deinit(&ks);
	free(g);
}

/* What ftrace has before the next function, with 48 and with 52 bits of an address. */
static void pointers(void)
{
	static const uint32_t code[][3] = {
		{ 0xd65f03c0, 0x12345678, 0xffff8000 },
		{ 0xd65f03c0, 0x12345678, 0xfff00000 },
		{ 0xd65f03c0, 0xd503201f, 0xffe00000 }, /* no pointer of the kernel */
	};
	struct ksyms ks;
	struct func f;
	size_t n;

	for (n = 0; n < 3; n++) {
		CHECK_EQ(read_broken(&f, &ks, code[n], 3), n < 2 ? 0 : -EILSEQ);
		CHECK_EQ(f.n, n < 2 ? 1 : 2);
		func__deinit(&f);
		ksyms__deinit(&ks);
	}
}

/* A breakpoint hides all of an instruction, so it may be a call. */
static void hidden(void)
{
	static const uint32_t entry[] = { 0xd4200080, 0xd503201f, 0xd65f03c0 };
	static const uint32_t inside[] = { 0xd503201f, 0xd4200080, 0xd65f03c0 };
	static const uint32_t after_jump[] = { 0x14000002, 0xd65f03c0, 0xd4200080, 0xd65f03c0 };
	struct ksyms ks;
	struct func f;

	read_func(&f, &ks, entry, 3);
	CHECK_EQ(f.err, 0);
	CHECK_EQ(f.insn[0].kind, INSN_HIDDEN);
	func__deinit(&f);
	ksyms__deinit(&ks);
	CHECK_EQ(read_broken(&f, &ks, inside, 3), -EILSEQ);
	CHECK_EQ(f.unknown, TEXT + 4);
	CHECK_EQ(f.n, 3);
	func__deinit(&f);
	ksyms__deinit(&ks);
	CHECK_EQ(read_broken(&f, &ks, after_jump, 4), -EILSEQ);
	CHECK_EQ(f.unknown, TEXT + 8);
	func__deinit(&f);
	ksyms__deinit(&ks);
}

/* What arch/arm64/kernel/probes/decode-insn.c refuses. */
static void guarded(void)
{
	static const uint32_t code[] = {
		0xd503201f, /* nop */
		0xc8dffc00, /* ldar x0, [x0] */
		0x94000010, /* bl */
		0xc89ffc01, /* stlr x1, [x0] */
		0x94000010, /* bl */
		0xd65f03c0, /* ret */
	};
	uint32_t nops[40];
	struct ksyms ks;
	struct func f;
	size_t n;

	if (read_func(&f, &ks, code, 6)) {
		CHECK(!func__is_guarded(&f, TEXT));
		CHECK(!func__is_guarded(&f, TEXT + 4));
		CHECK(func__is_guarded(&f, TEXT + 8));
		CHECK(func__is_guarded(&f, TEXT + 12));
		CHECK(!func__is_guarded(&f, TEXT + 16));
	}
	func__deinit(&f);
	ksyms__deinit(&ks);
	for (n = 0; n < 40; n++)
		nops[n] = n ? 0xd503201f : 0xc8dffc00; /* ldar */
	if (read_func(&f, &ks, nops, 40)) {
		CHECK(func__is_guarded(&f, TEXT + 4 * 32));
		CHECK(!func__is_guarded(&f, TEXT + 4 * 33));
	}
	func__deinit(&f);
	ksyms__deinit(&ks);
}

int main(void)
{
	TEST(veneers);
	TEST(pointers);
	TEST(hidden);
	TEST(guarded);
	TEST(decode);
	TEST(entries);
	TEST(arguments);
	return test_done();
}
