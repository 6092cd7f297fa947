// SPDX-License-Identifier: GPL-2.0-only
/* Single instructions of x86-64, and functions with what was patched into them. */
#include <errno.h>
#include <stdlib.h>

#include "code/func.h"
#include "fixture.h"
#include "test.h"

#define TEXT 0xffffffffc0001000ULL

enum {
	AX,
	CX,
	DX,
	BX,
	SP,
	BP,
	SI,
	DI,
	R12 = 12,
	NONE = INSN_NO_REG,
};

static size_t from_hex(uint8_t *out, const char *hex)
{
	size_t n = 0;

	while (*hex) {
		char two[3] = { hex[0], hex[1] };

		if (*hex == ' ') {
			hex++;
			continue;
		}
		out[n++] = strtoul(two, NULL, 16);
		hex += 2;
	}
	return n;
}

static const struct {
	const char *hex;
	enum insn_kind kind;
	int reg, src, base;
	int32_t disp;
	int64_t imm;
} insns[] = {
	{ "f30f1efa", INSN_NOP, NONE, NONE, NONE, 0, 0 }, /* endbr64 */
	{ "0f1f440000", INSN_NOP, NONE, NONE, NONE, 0, 0 },
	{ "6690", INSN_NOP, NONE, NONE, NONE, 0, 0 },
	{ "4889f3", INSN_MOVE, BX, SI, NONE, 0, 0 }, /* mov %rsi,%rbx */
	{ "4d89e4", INSN_MOVE, R12, R12, NONE, 0, 0 },
	{ "89f3", INSN_MOVE_LOW, BX, SI, NONE, 0, 0 }, /* mov %esi,%ebx */
	{ "4863de", INSN_MOVE_LOW, BX, SI, NONE, 0, 0 }, /* movslq %esi,%rbx */
	{ "4898", INSN_MOVE_LOW, AX, AX, NONE, 0, 0 }, /* cltq */
	{ "486347f0", INSN_LOAD, AX, NONE, DI, -0x10, 0 }, /* movslq -0x10(%rdi),%rax */
	{ "483d00f0ffff", INSN_COMPARE, AX, NONE, NONE, 0, -4096 }, /* cmp $-4096,%rax */
	{ "6689f3", INSN_OTHER, BX, NONE, NONE, 0, 0 }, /* mov %si,%bx */
	{ "be05000000", INSN_CONST, SI, NONE, NONE, 0, 5 },
	{ "48c7c7ffffffff", INSN_CONST, DI, NONE, NONE, 0, -1 },
	{ "b8ffffffff", INSN_CONST, AX, NONE, NONE, 0, 0xffffffff },
	{ "31db", INSN_CONST, BX, NONE, NONE, 0, 0 }, /* xor %ebx,%ebx */
	{ "488d47e0", INSN_ADDRESS, AX, NONE, DI, -0x20, 0 },
	{ "4883c310", INSN_ADDRESS, BX, NONE, BX, 0x10, 0 }, /* add $0x10,%rbx */
	{ "4883eb10", INSN_ADDRESS, BX, NONE, BX, -0x10, 0 },
	{ "488b47f0", INSN_LOAD, AX, NONE, DI, -0x10, 0 },
	{ "4c8ba7f0feffff", INSN_LOAD, R12, NONE, DI, -0x110, 0 },
	{ "488977e0", INSN_STORE, SI, SI, DI, -0x20, 0 },
	{ "48c747e000000000", INSN_STORE, NONE, NONE, DI, -0x20, 0 },
	{ "488747e0", INSN_EXCHANGE, AX, AX, DI, -0x20, 0 }, /* xchg %rax,-0x20(%rdi) */
	{ "f0480fb157e0", INSN_EXCHANGE, DX, DX, DI, -0x20, 0 }, /* cmpxchg */
	{ "f08067f8fe", INSN_MASK, NONE, NONE, DI, -8, 0xfe }, /* lock andb */
	{ "f0480fba77f800", INSN_MODIFY, NONE, NONE, DI, -8, 0 }, /* lock btr */
	{ "f0804ff802", INSN_OR, NONE, NONE, DI, -8, 2 }, /* lock orb */
	{ "480977f0", INSN_OR, SI, SI, DI, -0x10, 0 },
	{ "488347f001", INSN_MODIFY, NONE, NONE, DI, -0x10, 1 },
	{ "48ff47f0", INSN_MODIFY, NONE, NONE, DI, -0x10, 0 }, /* inc */
	{ "483b47f0", INSN_READ, NONE, NONE, DI, -0x10, 0 }, /* cmp */
	{ "488b04c7", INSN_LOAD, AX, NONE, DI, 0, 0 },
	{ "53", INSN_PUSH, NONE, BX, NONE, 0, 0 },
	{ "5b", INSN_POP, BX, NONE, NONE, 0, 0 },
	{ "c3", INSN_RETURN, NONE, NONE, NONE, 0, 0 },
	{ "0f0b", INSN_TRAP, NONE, NONE, NONE, 0, 0 },
	{ "cc", INSN_BREAK, NONE, NONE, NONE, 0, 0 },
	{ "ffd0", INSN_CALL_INDIRECT, NONE, AX, NONE, 0, 0 },
	{ "2e2effd0", INSN_CALL_INDIRECT, NONE, AX, NONE, 0, 0 }, /* a retpoline patched away */
	{ "ff5008", INSN_CALL_INDIRECT, NONE, NONE, AX, 8, 0 },
	{ "ffe0", INSN_JUMP_INDIRECT, NONE, AX, NONE, 0, 0 },
	{ "3effe0", INSN_JUMP_INDIRECT, NONE, AX, NONE, 0, 0 },
};

static void decode(void)
{
	struct insn_decoder *d = insn__decoder_new(&insn_x86);
	uint8_t code[16];
	struct insn i;
	size_t n, len;

	for (n = 0; n < sizeof(insns) / sizeof(insns[0]); n++) {
		bool ok = true;

		len = from_hex(code, insns[n].hex);
		ok &= CHECK(insn__decode(d, code, len, TEXT, &i));
		ok &= CHECK_EQ(i.len, len);
		ok &= CHECK_EQ(i.kind, insns[n].kind);
		ok &= CHECK_EQ(i.mem.base, insns[n].base);
		ok &= CHECK_EQ(i.mem.disp, insns[n].disp);
		ok &= CHECK_EQ(i.imm, insns[n].imm);
		if (i.kind != INSN_OTHER && insns[n].kind != INSN_ADDRESS) {
			ok &= CHECK_EQ(i.src, insns[n].src);
			ok &= CHECK_EQ(i.reg, insns[n].reg);
		}
		if (!ok)
			printf("#   %s\n", insns[n].hex);
	}
	CHECK(!insn__decode(d, (const uint8_t *)"\x48\x89", 2, TEXT, &i));
	insn__decoder_free(d);
}

static void targets(void)
{
	static const struct {
		const char *hex;
		enum insn_kind kind;
		uint64_t target;
	} cases[] = {
		{ "e810000000", INSN_CALL, TEXT + 0x15 },
		{ "2ee810000000", INSN_CALL, TEXT + 0x16 },
		{ "e9fbffffff", INSN_JUMP, TEXT },
		{ "eb10", INSN_JUMP, TEXT + 0x12 },
		{ "7410", INSN_BRANCH, TEXT + 0x12 },
		{ "0f8510000000", INSN_BRANCH, TEXT + 0x16 },
	};
	struct insn_decoder *d = insn__decoder_new(&insn_x86);
	uint8_t code[16];
	struct insn i;
	size_t n;

	for (n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		CHECK(insn__decode(d, code, from_hex(code, cases[n].hex), TEXT, &i));
		CHECK_EQ(i.kind, cases[n].kind);
		CHECK_EQ(i.target, cases[n].target);
	}
	insn__decoder_free(d);
}

/* What an instruction may leave in registers. */
static void writes(void)
{
	struct insn_decoder *d = insn__decoder_new(&insn_x86);
	uint8_t code[16];
	struct insn i;

	CHECK(insn__decode(d, code, from_hex(code, "89f3"), TEXT, &i));
	CHECK_EQ(i.writes, 1 << BX);
	CHECK(insn__decode(d, code, from_hex(code, "b001"), TEXT, &i)); /* mov $1,%al */
	CHECK(i.writes & 1 << AX && i.kind == INSN_OTHER);
	CHECK(insn__decode(d, code, from_hex(code, "5b"), TEXT, &i)); /* pop %rbx */
	CHECK(i.writes & 1 << BX);
	CHECK(insn__decode(d, code, from_hex(code, "e800000000"), TEXT, &i));
	CHECK(i.writes & 1 << AX && i.writes & 1 << DI && !(i.writes & 1 << BX));
	CHECK(insn__decode(d, code, from_hex(code, "488977e0"), TEXT, &i));
	CHECK_EQ(i.writes, 0);
	CHECK(insn__decode(d, code, from_hex(code, "488747e0"), TEXT, &i));
	CHECK_EQ(i.writes, 1 << AX);
	insn__decoder_free(d);
}

struct text {
	uint8_t byte[2048];
	size_t len; /* that can be read */
};

static int read_text(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct text *t = ctx;

	if (addr < TEXT || addr - TEXT + len > t->len)
		return -EFAULT;
	memcpy(buf, t->byte + (addr - TEXT), len);
	return 0;
}

/*
 * A function at TEXT as words, one an instruction: its offset, a letter for what
 * it is, and for a call or jump out of it its target. kfree is at TEXT + 0x100, and
 * a buffer, unless that is NULL, at TEXT + 0x200.
 */
static void func_and_buffer_is(const char *hex, const char *buffer, const char *want, int err)
{
	static const char letter[] = {
		[INSN_CALL] = 'c',   [INSN_CALL_INDIRECT] = 'i', [INSN_JUMP] = 'j',
		[INSN_BRANCH] = 'b', [INSN_JUMP_INDIRECT] = 'i', [INSN_RETURN] = 'r',
		[INSN_TRAP] = 't',   [INSN_BREAK] = '.',	 [INSN_HIDDEN] = '?',
		[INSN_NOP] = 'n',
	};
	struct text t = { 0 };
	char syms[512], text[512] = "", page[64];
	struct ksyms ks;
	struct func f;
	size_t i, len;

	len = t.len = from_hex(t.byte, hex);
	if (buffer) {
		from_hex(t.byte + 0x200, buffer);
		t.len = sizeof(t.byte);
	}
	snprintf(page, sizeof(page), "%llx t kprobe_optinsn_page\t[__builtin__kprobes]\n",
		 TEXT + 0x200);
	snprintf(syms, sizeof(syms),
		 "%llx T kfree\n%llx T other\n"
		 "%llx t ovl_it\t[overlay]\n%llx t ovl_next\t[overlay]\n%s",
		 TEXT + 0x100, TEXT + 0x140, TEXT, TEXT + len, buffer ? page : "");
	CHECK_EQ(fixture__symbols(&ks, syms, strlen(syms)), 0);
	CHECK_EQ(func__read(&f, &(struct code_source){ &ks, read_text, &t, &insn_x86 },
			    ksyms__find(&ks, "ovl_it")),
		 err);
	for (i = 0; i < f.n; i++) {
		const struct insn *in = &f.insn[i];
		const struct ksym *to = in->target ? ksyms__callee(&ks, in->target) : NULL;

		CHECK(func__at(&f, in->addr) == in);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%llx%c%s%s",
			 i ? " " : "", (unsigned long long)(in->addr - TEXT),
			 letter[in->kind] ? letter[in->kind] : '-', in->patched ? "!" : "",
			 to && !to->ovl ? to->name : "");
	}
	CHECK(!func__at(&f, TEXT + len));
	if (!CHECK_STR(text, want))
		printf("#   %s\n", hex);
	func__deinit(&f);
	ksyms__deinit(&ks);
}

static void func_is(const char *hex, const char *want, int err)
{
	func_and_buffer_is(hex, NULL, want, err);
}

static void functions(void)
{
	/* ftrace's nop, and its call of a trampoline */
	func_is("f30f1efa 0f1f440000 c3", "0n 4n 9r", 0);
	func_is("f30f1efa e800100000 c3", "0n 4c 9r", 0);
	/* call kfree; jmp kfree; je kfree */
	func_is("e8fb000000 c3", "0ckfree 5r", 0);
	func_is("90 e9fa000000", "0n 1jkfree", 0);
	func_is("0f84fa000000 c3", "0bkfree 6r", 0);
	/* a call of kfree that is the immediate of a mov: 48 be e8.. */
	func_is("48bee8f9000000000000 c3", "0- ar", 0);
	/* the last byte of a call's offset looks like a jump */
	func_is("90 e8cccccce9 c3", "0n 1c 6r", 0);
	/* a retpoline; a return thunk */
	func_is("e800200000 e900300000", "0c 5j", 0);
	/* padding after what ends the flow */
	func_is("c3 cccccccc", "0r 1. 2. 3. 4.", 0);
	func_is("eb00 cc c3", "0j 2. 3r", 0);
	/* and after a call that does not return */
	func_is("e800200000 cccc 90 e800200000 cc", "0c 5. 6. 7n 8c d.", 0);
}

static void breakpoints(void)
{
	/* a probe on a call: its offset shows it */
	func_is("90 ccfa000000 c3", "0n 1c!kfree 6r", 0);
	/* on mov %rdi,%rbx: decoding continues where all lengths agree */
	func_is("90 cc89fb 4889f5 e8f4000000 4889df e8ec000000 31c0 5b 5d c3 0f1f440000 0f1f440000",
		"0n 1?! 7ckfree c- fckfree 14- 16- 17- 18r 19n 1en", 0);
	/* a jump behind it shows how long it is */
	func_is("7403 cc89fb 4889f5 c3 cccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
		"0b 2?! 5- 8r 9. a. b. c. d. e. f. 10. 11. 12. 13. 14. 15. 16. 17. 18. 19. 1a. 1b. "
		"1c. 1d. 1e. 1f. 20. 21. 22. 23. 24.",
		0);
	/* the rest of a call under the next breakpoint is no instruction: f7 00 is, but not here */
	func_is("90 cc89fb ccf7000000 c3", "0n 1?! 4c!kfree 9r", 0);
}

/* A jump-optimised probe on mov %rdi,%rbx; mov %rsi,%rbp, of which one byte is left. */
static void optimised(void)
{
	const char *code = "90 e9fa010000 f5 e8f4000000 c3";

	/* the buffer: push, call, pop, the copy, a jump back */
	func_and_buffer_is(code, "50 e800200000 58 4889fb 4889f5 e9f5fdffff",
			   "0n 1-! 4-! 7ckfree cr", 0);
	/* it is being patched */
	func_and_buffer_is("90 ccfa010000 f5 e8f4000000 c3",
			   "50 e800200000 58 4889fb 4889f5 e9f5fdffff", "0n 1-! 4-! 7ckfree cr", 0);
	/* a copy is whole instructions; the jump goes behind them */
	func_and_buffer_is(code, "50 e800200000 58 4889fb 40c0f500 e9f4fdffff",
			   "0n 1j 6- 7ckfree cr", 0);
	func_and_buffer_is(code, "50 e800200000 58 4889fb 4889f5 e9f5feffff", "0n 1j 6- 7ckfree cr",
			   0);
	/* no such page: another jump */
	func_is(code, "0n 1j 6- 7ckfree cr", 0);
}

static void unknown(void)
{
	/* no instruction: what follows is not known, unless something jumps there */
	func_is("90 06 e8f9000000 c3", "0n", -EILSEQ);
	func_is("7402 0606 e8f7000000 c3", "0b 4ckfree 9r", -EILSEQ);
	/* cut off by the next symbol */
	func_is("90 e8fa", "0n", -EILSEQ);
}

int main(void)
{
	TEST(decode);
	TEST(targets);
	TEST(writes);
	TEST(functions);
	TEST(breakpoints);
	TEST(optimised);
	TEST(unknown);
	return test_done();
}
