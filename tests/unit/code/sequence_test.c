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
	BX = 3,
	DI = 7,
	R13 = 13,
};

struct row {
	const char *what;
	const char *before, *call, *after; /* of the call that is probed */
	int back; /* bytes before the call, or NONE */
	int reg, disp;
	struct sequence_need need;
};

static const int32_t members[] = { 0, 8, 0x10 };
#define ARG .need = { .arg = 0 }
#define CACHE .need = { .arg = 0, .saved = true, .members = members, .nmembers = 3 }

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
	  .need = { .arg = -1 } },
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
			       !CHECK_EQ(s.disp, r->disp))))
			printf("# %s\n", r->what);
	}
}

int main(void)
{
	TEST(sequences);
	return test_done();
}
