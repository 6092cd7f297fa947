// SPDX-License-Identifier: GPL-2.0-only
/* Half of a pointer that is returned after it was found to be valid. */
#include "code/errptr.h"
#include "machine.h"
#include "test.h"

static struct errptr look(const struct insn_arch *arch, const char *code)
{
	struct ksyms ks;
	struct errptr e;
	struct func f;

	machine_len = 0;
	machine__assemble(arch, code);
	machine__return(arch);
	CHECK_EQ(machine__func(&f, &ks, arch), 0);
	errptr__look(&e, &f, &ks);
	func__deinit(&f);
	ksyms__deinit(&ks);
	return e;
}

/* All but the last begin with a call, which gives the pointer, and compare it with -4096. */
static const struct expected {
	const char *code;
	enum errptr_kind kind;
} on_x86[] = {
	/* the error code from the pointer is kept: mov %eax,%ebx … mov %ebx,%eax */
	{ "e80000000089c3483d00f0ffff7705498944240889d8", ERRPTR_RETURNED },
	/* xor %ebx,%ebx where the pointer is valid */
	{ "e80000000089c3483d00f0ffff7707498944240831db89d8", ERRPTR_NOT_RETURNED },
	/* a valid pointer jumps */
	{ "e800000000483d00f0ffff7601c34989442408", ERRPTR_RETURNED },
	{ "e800000000483d00f0ffff7601c3498944240831c0", ERRPTR_NOT_RETURNED },
	/* as clang compares: jae, jb */
	{ "e80000000089c3483d01f0ffff7305498944240889d8", ERRPTR_RETURNED },
	{ "e800000000483d01f0ffff7201c3498944240831c0", ERRPTR_NOT_RETURNED },
	/* the error code is in the frame, where something else may overwrite it */
	{ "4883ec18e8000000008944240c483d00f0ffff770549894424088b44240c4883c418", ERRPTR_RETURNED },
	{ "4883ec18e8000000008944240c483d00f0ffff770d4989442408c744240c000000008b44240c4883c418",
	  ERRPTR_NOT_RETURNED },
	{ "4883ec18e8000000008944240c483d00f0ffff77104989442408488974240831c9894c240c8b44240c4883c418",
	  ERRPTR_NOT_RETURNED },
	{ "4883ec18e8000000008944240c483d00f0ffff770a498944240848897424088b44240c4883c418",
	  ERRPTR_UNCLEAR },
	/* the pointer is there; then it is pushed */
	{ "4883ec18e80000000048890424e800000000488b0c244881f900f0ffff770a49894c2408e8000000008b04244883c418",
	  ERRPTR_RETURNED },
	{ "e80000000050483d00f0ffff770a4989442408e80000000058", ERRPTR_RETURNED },
	/* the pointer is made from the error code: movslq %ebx,%rcx; cltq */
	{ "e80000000089c3e8000000004863cb4881f900f0ffff770549894c240889d8", ERRPTR_RETURNED },
	{ "e8000000004898483d00f0ffff77054989442408", ERRPTR_RETURNED },
	/* a call gives another code */
	{ "e80000000089c3483d00f0ffff770c4989442408e80000000089c389d8", ERRPTR_NOT_RETURNED },
	/* calls in a loop, which may run no time */
	{ "e80000000089c3483d00f0ffff771749894424084939542408740be80000000089c385c074ee89d8",
	  ERRPTR_RETURNED },
	{ "e80000000089c3483d00f0ffff771749894424084939542408740ee80000000089c385c074ee89d8c331dbebf9",
	  ERRPTR_NOT_RETURNED },
	/* a constant from before */
	{ "31dbe800000000483d00f0ffff7707498944240889d8", ERRPTR_NOT_RETURNED },
	/* add $1,%eax; cmove %ecx,%eax; mov 8(%r12),%eax */
	{ "e800000000483d00f0ffff7708498944240883c001", ERRPTR_UNCLEAR },
	{ "e80000000031c9483d00f0ffff770849894424080f44c1", ERRPTR_UNCLEAR },
	{ "e800000000483d00f0ffff770a4989442408418b442408", ERRPTR_UNCLEAR },
	/* the pointer is stored nowhere, or on the stack */
	{ "e80000000089c3483d00f0ffff7705e80000000089d8", ERRPTR_UNCHECKED },
	{ "4883ec18e800000000483d00f0ffff770548894424084883c418", ERRPTR_UNCHECKED },
	/* another limit, a signed comparison, one of the lower half */
	{ "e80000000089c3483dffefffff7705498944240889d8", ERRPTR_UNCHECKED },
	{ "e80000000089c3483d00f0ffff7f05498944240889d8", ERRPTR_UNCHECKED },
	{ "e80000000089c33d00f0ffff7705498944240889d8", ERRPTR_UNCHECKED },
	/* other flags; an instruction that leaves them alone */
	{ "e80000000089c3483d00f0ffff83c1017705498944240889d8", ERRPTR_UNCHECKED },
	{ "e800000000483d00f0ffff89c37705498944240889d8", ERRPTR_RETURNED },
	{ "", ERRPTR_UNCHECKED },
};

static const struct expected on_arm64[] = {
	/* mov w19, w0; cmn x0, #1, lsl #12; b.hi; str x0, [x20, #8]; mov w0, w19 */
	{ "94000001 2a0003f3 b140041f 54000048 f9000680 2a1303e0", ERRPTR_RETURNED },
	/* mov w19, #0 */
	{ "94000001 2a0003f3 b140041f 54000068 f9000680 52800013 2a1303e0", ERRPTR_NOT_RETURNED },
	/* cmn x0, #4095; b.lo */
	{ "94000001 b13ffc1f 54000043 d65f03c0 f9000680", ERRPTR_RETURNED },
	/* stp x0, x1, [x20, #8] */
	{ "94000001 aa0003f3 b140041f 54000048 a9008680 2a1303e0", ERRPTR_RETURNED },
	/* sxtw x21, w0; b.ls */
	{ "94000001 93407c15 b14006bf 54000049 d65f03c0 f9000695 2a1503e0", ERRPTR_RETURNED },
	/* str w0, [sp, #12]; overwritten by stp w1, w2, [sp, #8] or by str wzr, [sp, #12] */
	{ "d10083ff 94000001 b9000fe0 b140041f 54000048 f9000680 b9400fe0 910083ff",
	  ERRPTR_RETURNED },
	{ "d10083ff 94000001 b9000fe0 b140041f 54000068 f9000680 29010be1 b9400fe0 910083ff",
	  ERRPTR_UNCLEAR },
	{ "d10083ff 94000001 b9000fe0 b140041f 54000068 f9000680 b9000fff b9400fe0 910083ff",
	  ERRPTR_NOT_RETURNED },
};

static void x86(void)
{
	struct errptr e;
	size_t i;

	for (i = 0; i < sizeof(on_x86) / sizeof(on_x86[0]); i++)
		if (!CHECK_EQ(look(&insn_x86, on_x86[i].code).kind, on_x86[i].kind))
			printf("#   %s\n", on_x86[i].code);
	e = look(&insn_x86, on_x86[0].code);
	CHECK_EQ(e.check, MACHINE_TEXT + 13);
	CHECK_EQ(e.back, MACHINE_TEXT + 22);
	/* it is left by a jump to code that is not known: jmp . + 0x1000 */
	CHECK_EQ(look(&insn_x86, "e800000000 483d00f0ffff 7601 c3 4989442408 31c0 e900100000").kind,
		 ERRPTR_UNCLEAR);
	/* a jump to anywhere */
	CHECK_EQ(look(&insn_x86, "e800000000 483d00f0ffff 7707 4989442408 31c0 c3 ffe0").kind,
		 ERRPTR_UNCLEAR);
}

static void arm64(void)
{
	size_t i;

	for (i = 0; i < sizeof(on_arm64) / sizeof(on_arm64[0]); i++)
		if (!CHECK_EQ(look(&insn_arm64, on_arm64[i].code).kind, on_arm64[i].kind))
			printf("#   %s\n", on_arm64[i].code);
}

int main(void)
{
	TEST(x86);
	TEST(arm64);
	return test_done();
}
