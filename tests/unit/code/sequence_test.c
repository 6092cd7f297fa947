// SPDX-License-Identifier: GPL-2.0-only
/* The instructions before a call that a probe can be moved to. */
#include "code/sequence.h"
#include "machine.h"
#include "test.h"

#define CALL "e800200000 "
#define ENTRY "0f1f440000 4889fb 4889fb " /* ftrace's nop, and two of mov %rdi,%rbx */
#define MOVES "4889d8 4889d8 " /* mov %rbx,%rax; 3 bytes each */

enum {
	NONE = -1, /* there is no such place */
	AX = 0,
	BX = 3,
	SI = 6,
	DI = 7,
	R13 = 13,
	R14 = 14,
};

struct row {
	const char *what;
	const char *before, *call, *after; /* of the call that is probed */
	int back; /* bytes before the call, or NONE */
	int reg, disp;
	struct sequence_need need;
	int other, late;
	bool on_stack;
};

static const int32_t members[] = { 0, 8, 0x10 };
#define ARG .need = { .arg = 0 }, NO_OTHER
#define NO_OTHER .other = INSN_NO_REG, .late = INSN_NO_REG
#define STORED .need = { .arg = 0, .other = 1, .late = 8 }
#define CACHE .need = { .arg = 0, .saved = true, .members = members, .nmembers = 3 }, NO_OTHER

static const struct row rows[] = {
	{ "the argument is there", ENTRY MOVES, CALL, "c3", 6, DI, 0, ARG },
	{ "too short for a jump", ENTRY CALL "4889d8 ", CALL, "c3", NONE, 0, 0, ARG },
	{ "mov %rbx,%rdi", ENTRY "4889d8 4889df ", CALL, "c3", 6, BX, 0, ARG },
	/* add $0x98,%r13; mov %r13,%rdi */
	{ "a sum", ENTRY "4981c598000000 4c89ef ", CALL, "c3", 10, R13, 0x98, ARG },
	/* lea 0x8(%rbx,%rax,2),%rdi: of two registers */
	{ "an index", ENTRY "488d7c4308 ", CALL, "c3", NONE, 0, 0, ARG },
	/* lea 0x10(%rsp),%rdi: an address of the stack is no register's content */
	{ "the stack", ENTRY "488d7c2410 ", CALL, "c3", NONE, 0, 0, ARG },
	/* mov 0x18(%rbx),%rdi: what is there may be another thing at that time */
	{ "a load of the argument", ENTRY "4889d8 488b7b18 ", CALL, "c3", NONE, 0, 0, ARG },
	{ "no argument", ENTRY "4889d8 488b7b18 ", CALL, "c3", 7, INSN_NO_REG, 0,
	  .need = { .arg = -1 }, NO_OTHER },
	/* mov %rax,0x8(%rsp) */
	{ "a store to the stack", ENTRY "4889442408 ", CALL, "c3", 5, DI, 0, ARG },
	/* mov %rax,0x18(%rdi); nop-like mov */
	{ "a store to memory", ENTRY "4889d8 48894718 ", CALL, "c3", NONE, 0, 0, ARG },
	{ "to a member that is not read", ENTRY "4889d8 48894718 ", CALL, "c3", 7, DI, 0, CACHE },
	{ "to one that is read", ENTRY "4889d8 48894710 ", CALL, "c3", NONE, 0, 0, CACHE },
	/* mov %rbx,%rdi; mov %rax,0x18(%rbx) */
	{ "by the register it came from", ENTRY "4889df 48894318 ", CALL, "c3", 7, BX, 0, CACHE },
	/* mov %rax,0x18(%rsi), which may be part of it */
	{ "by an unknown register", ENTRY "4889df 48894618 ", CALL, "c3", NONE, 0, 0, CACHE },
	/* mov %eax,0x18(%rdi): half a word */
	{ "half a member", ENTRY "4889d8 4889d8 894718 ", CALL, "c3", NONE, 0, 0, CACHE },
	/* mov %rax,%rbx is what an error would be looked for in */
	{ "a saved register", ENTRY "4889c3 4889c3 ", CALL, "c3", NONE, 0, 0, CACHE },
	{ "a saved register that is not read", ENTRY "4889c3 4889c3 ", CALL, "c3", 6, DI, 0, ARG },
	/* xchg %rax,(%rbx): others see when it happens */
	{ "an exchange", ENTRY "4889d8 488703 ", CALL, "c3", NONE, 0, 0, ARG },
	/* je to the second mov */
	{ "somebody jumps behind it", ENTRY "7403 " MOVES, CALL, "c3", NONE, 0, 0, ARG },
	{ "somebody jumps to it", ENTRY "7400 " MOVES, CALL, "c3", 6, DI, 0, ARG },
	{ "somebody jumps to the call", ENTRY MOVES, CALL, "ebf9 c3", NONE, 0, 0, ARG },
	/* jmp *%rax may go anywhere */
	{ "an indirect jump", ENTRY MOVES, CALL, "ffe0", NONE, 0, 0, ARG },
	{ "a jump label, and nothing for it to jump to", ENTRY "6690 " MOVES, CALL, "c3", NONE, 0,
	  0, ARG },
	{ "a jump label and its code", ENTRY "6690 " MOVES, CALL, "c3 4889d8 ebe7", 6, DI, 0, ARG },
	/* the loop at 0x10 is aligned by it */
	{ "alignment", ENTRY "0f1f00 6690 " MOVES, CALL, "ebf3", 6, DI, 0, ARG },
	/* call *%rax is none of those that are probed */
	{ "another call", ENTRY MOVES, "ffd0 ", "c3", NONE, 0, 0, ARG },
	{ "under a breakpoint", ENTRY "4889d8 cc89d8 ", CALL, "c3", NONE, 0, 0, ARG },
	/* mov %rbx,%rdi; mov %r14,%rsi */
	{ "two arguments", ENTRY "4889df 4c89f6 ", CALL, "c3", 6, BX, 0, STORED, R14, INSN_NO_REG },
	/* mov %rax,0x8(%r14): the member */
	{ "and a late member", ENTRY "4c89f6 49894608 ", CALL, "c3", 7, DI, 0, STORED, R14, AX },
	/* mov -0x20(%rbx),%rbx: where the first was until then */
	{ "and a load", ENTRY "4889df 4c89f6 49894608 488b5be0 ", CALL, "c3", 11, DI, 0, STORED,
	  R14, AX },
	{ "of something else", ENTRY "4889d8 49894608 ", CALL, "c3", NONE, 0, 0, STORED },
	/* mov %rax,0x10(%r14) */
	{ "another member", ENTRY "4c89f6 49894610 ", CALL, "c3", NONE, 0, 0, STORED },
	{ "twice", ENTRY "4c89f6 49894608 49894608 ", CALL, "c3", NONE, 0, 0, STORED },
	/* mov %rbx,%rsi; mov %rax,0x8(%rsi) */
	{ "by a register that is set before", ENTRY "4889de 48894608 ", CALL, "c3", NONE, 0, 0,
	  STORED },
	/* xor %esi,%esi; mov %rbx,%rdi */
	{ "the other is 0", ENTRY "31f6 4889df ", CALL, "c3", 5, BX, 0, STORED, INSN_NO_REG,
	  INSN_NO_REG },
	/* mov $0x1,%esi */
	{ "a constant", ENTRY "4889df be01000000 ", CALL, "c3", NONE, 0, 0, STORED },
	/* mov 0x30(%rsp),%rdi; xor %esi,%esi */
	{ "from the stack", ENTRY "488b7c2430 31f6 ", CALL, "c3", 7, INSN_STACK, 0x30, STORED,
	  INSN_NO_REG, INSN_NO_REG, true },
	/* mov %rbx,0x8(%rsp); mov (%rsp),%rdi */
	{ "where it stays", ENTRY "48895c2408 488b3c24 ", CALL, "c3", 9, INSN_STACK, 0, STORED, SI,
	  INSN_NO_REG, true },
	/* mov %rbx,(%rsp); mov (%rsp),%rdi */
	{ "where it was put", ENTRY "4889d8 48891c24 488b3c24 ", CALL, "c3", NONE, 0, 0, STORED },
};

static bool find(const struct row *row, struct sequence *s)
{
	struct ksyms ks;
	struct func f;
	uint64_t call;
	bool found;

	machine_len = 0;
	machine__assemble(&insn_x86, row->before);
	call = MACHINE_TEXT + machine_len;
	machine__assemble(&insn_x86, row->call);
	machine__assemble(&insn_x86, row->after);
	machine__func(&f, &ks, &insn_x86);
	found = sequence__find(s, &f, 1, call, &row->need);
	if (found)
		s->addr = call - s->addr;
	func__deinit(&f);
	ksyms__deinit(&ks);
	return found;
}

static void sequences(void)
{
	struct sequence s;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		bool found = find(r, &s);

		if (!CHECK_EQ(found, r->back != NONE) ||
		    (found && (!CHECK_EQ(s.addr, r->back) || !CHECK_EQ(s.reg, r->reg) ||
			       !CHECK_EQ(s.disp, r->disp) || !CHECK_EQ(s.other, r->other) ||
			       !CHECK_EQ(s.late, r->late) || !CHECK_EQ(s.on_stack, r->on_stack))))
			printf("# %s\n", r->what);
	}
}

int main(void)
{
	TEST(sequences);
	return test_done();
}
