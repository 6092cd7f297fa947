// SPDX-License-Identifier: GPL-2.0-only
/* The origin of a register's content. */
#include "code/flow.h"
#include "machine.h"
#include "test.h"

#define SPILL "4883ec10 4c892c24 " /* sub $0x10,%rsp; mov %r13,(%rsp) */

enum {
	AX = 0,
	DI = 7,
};

/* The origin of %rdi at the function's last instruction, which is added. */
static int origin_at_end(const char *hex)
{
	struct ksyms ks;
	struct flow *flow;
	struct func f;
	int origin;

	machine_len = 0;
	machine__assemble(&insn_x86, hex);
	machine__return(&insn_x86);
	CHECK_EQ(machine__func(&f, &ks, &insn_x86), 0);
	flow = flow__new(&f);
	origin = flow__origin(flow, f.n - 1, DI);
	flow__free(flow);
	func__deinit(&f);
	ksyms__deinit(&ks);
	return origin;
}

static const struct {
	const char *hex;
	int origin;
} cases[] = {
	{ "", 0 },
	{ "4889f7", 1 }, /* mov %rsi,%rdi */
	{ "4889d7", 2 },
	/* offsets that no frame has: twice sub $0x7fffffff,%rsp; mov -0x80000000(%rsp),%rdi */
	{ "4881ecffffff7f 4881ecffffff7f 488bbc2400000080", FLOW_UNKNOWN },
	{ "488bbc2400000080", FLOW_UNKNOWN },
	{ "bf90000000", FLOW_CONST },
	{ "31ff", FLOW_CONST },
	{ "4889c7", FLOW_UNKNOWN }, /* what %rax holds at the entry */
	/* through memory: mov 8(%rdi),%rax; mov 0x30(%rax),%rdi; add $0x90,%rdi */
	{ "488b4708 488b7830 4881c790000000", 0 },
	/* mov $0x90,%edi; add 0x30(%rsi),%rdi */
	{ "bf90000000 48037e30", 1 },
	/* two origins in one: add %rsi,%rdi is not followed */
	{ "4801f7", FLOW_UNKNOWN },
	/* mov %gs:0x28,%rdi; mov 0x100(%rip),%rdi */
	{ "65488b3c2528000000", FLOW_UNKNOWN },
	{ "488b3d00010000", FLOW_UNKNOWN },
	/* a call keeps %rbx, and nothing of %rdi: mov %rdi,%rbx; call; mov %rbx,%rdi */
	{ "4889fb e800200000 4889df", 0 },
	{ "e800200000", FLOW_UNKNOWN },
	/* over the stack: push %rdi; call; pop %rdi */
	{ "57 e800200000 5f", 0 },
	/* mov 8(%rdi),%r13; spill; call; reload */
	{ "4c8b6f08 " SPILL "e800200000 488b3c24", 0 },
	/* the same, but a callee has the address of it: lea (%rsp),%rsi */
	{ "4c8b6f08 " SPILL "488d3424 e800200000 488b3c24", FLOW_UNKNOWN },
	/* je over mov %rsi,%rdi: two origins meet */
	{ "7403 4889f7", FLOW_UNKNOWN },
	/* je over mov %rdi,%rdi: one does */
	{ "7403 4889ff", 0 },
	/* a loop that comes back with another origin: mov %rsi,%rdi; jne to the mov before */
	{ "4889f8 4889c7 4889f0 75f8", FLOW_UNKNOWN },
	/* a stack pointer that is not followed: and $-16,%rsp; mov (%rsp),%rdi */
	{ "57 4883e4f0 488b3c24", FLOW_UNKNOWN },
	/* words that no compiler puts there: sub $4,%rsp; push %rdi; pop %rdi */
	{ "4883ec04 57 5f", FLOW_UNKNOWN },
};

static void origins(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!CHECK_EQ(origin_at_end(cases[i].hex), cases[i].origin))
			printf("#   %s\n", cases[i].hex);
}

int main(void)
{
	TEST(origins);
	return test_done();
}
