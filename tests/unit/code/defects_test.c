// SPDX-License-Identifier: GPL-2.0-only
/* Known defects, in functions that are assembled by hand as compilers would. */
#include "code/defects.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"
#include "machine.h"
#include "test.h"

#define UPDATE 0xffffffffc0002000ULL
#define SET_FLAG 0xffffffffc0002010ULL
#define MODIFIED 0xffffffffc0002020ULL
#define END 0xffffffffc0002030ULL

static const struct ovlw_layout layout = { .inode_flags = -8, .whiteouts_bit = 1 };

static void put_call(const struct insn_arch *arch, uint64_t target)
{
	if (arch == &insn_arm64) {
		machine__put(0x94000000 | ((target - (MACHINE_TEXT + machine_len)) / 4 & 0x3ffffff),
			     4);
		return;
	}
	machine__put(0xe8, 1);
	machine__put((uint32_t)(target - (MACHINE_TEXT + machine_len + 4)), 4);
}

/* Hex, of arm64 in words, and U, S, M for calls of the three functions. */
static void assemble(const struct insn_arch *arch, const char *code)
{
	machine_len = 0;
	while (*(code = machine__assemble(arch, code))) {
		put_call(arch, *code == 'U' ? UPDATE : *code == 'S' ? SET_FLAG : MODIFIED);
		code++;
	}
	machine__return(arch);
}

static void look_on(const struct insn_arch *arch, struct defect v[DEFECTS], const char *function,
		    const char *code)
{
	struct ksyms ks;
	char syms[512];

	assemble(arch, code);
	snprintf(
		syms, sizeof(syms),
		"%llx t %s\t[overlay]\n%llx t ovl_zzz\t[overlay]\n%llx t ovl_inode_update\t[overlay]\n"
		"%llx t ovl_set_flag\t[overlay]\n%llx t ovl_dir_modified\t[overlay]\n"
		"%llx t ovl_end\t[overlay]\n",
		MACHINE_TEXT, function, MACHINE_TEXT + machine_len, UPDATE, SET_FLAG, MODIFIED,
		END);
	fixture__symbols(&ks, syms, strlen(syms));
	defects__look(v, &(struct code_source){ &ks, machine__read, NULL, arch }, &layout);
	ksyms__deinit(&ks);
}

static void look(struct defect v[DEFECTS], const char *function, const char *code)
{
	look_on(&insn_x86, v, function, code);
}

static enum defect_state order(const char *code)
{
	struct defect v[DEFECTS];

	look(v, "ovl_copy_up_one", code);
	CHECK_EQ(v[DEFECT_HARD_LINK].state, DEFECT_IS_UNKNOWN);
	CHECK(*v[DEFECT_COPY_UP_ORDER].evidence);
	return v[DEFECT_COPY_UP_ORDER].state;
}

#define FLAG1 "bf01000000 " /* mov $1,%edi */
#define FLAG3 "bf03000000 "

static void copy_up_order(void)
{
	/* published, then flagged if it is a directory: je over the call */
	CHECK_EQ(order("4889df U 740a " FLAG1 "S"), DEFECT_IS_THERE);
	CHECK_EQ(order("740a " FLAG1 "S 4889df U"), DEFECT_IS_FIXED);
	/* other flags are set at both ends */
	CHECK_EQ(order(FLAG3 "S 4889df U " FLAG1 "S"), DEFECT_IS_THERE);
	CHECK_EQ(order(FLAG1 "S 4889df U " FLAG3 "S"), DEFECT_IS_FIXED);
	CHECK_EQ(order(FLAG3 "S 4889df U"), DEFECT_IS_UNKNOWN);
	/* the flag is no constant, or another path comes in with another one */
	CHECK_EQ(order("4889df U 89f7 S"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(order("4889df U 7405 " FLAG1 "S"), DEFECT_IS_UNKNOWN);
	/* the calls are in a loop: jmp to the start */
	CHECK_EQ(order("4889df U " FLAG1 "S ebec"), DEFECT_IS_UNKNOWN);
	/* on paths that exclude each other: jne; U; jmp over; set */
	CHECK_EQ(order("7507 U eb0a " FLAG1 "S"), DEFECT_IS_UNKNOWN);
	/* inlined, as in Debian's kernels: lock orb $2,-8(%rdi); jne over it */
	CHECK_EQ(order("7505 f0804ff802 4889df U"), DEFECT_IS_FIXED);
	CHECK_EQ(order("4889df U 7505 f0804ff802"), DEFECT_IS_THERE);
	/* another flag, another bit of another byte, another member */
	CHECK_EQ(order("4889df U f0804ff804"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(order("4889df U f0804ff902"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(order("4889df U f0804ff002"), DEFECT_IS_UNKNOWN);
	/* it is cleared: lock andb */
	CHECK_EQ(order("4889df U f08067f802"), DEFECT_IS_UNKNOWN);
	/* code that cannot be followed */
	CHECK_EQ(order("U " FLAG1 "S 06"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(order(""), DEFECT_IS_UNKNOWN);
}

static enum defect_state link_of(const char *function, const char *code)
{
	struct defect v[DEFECTS];

	look(v, function, code);
	CHECK_EQ(v[DEFECT_COPY_UP_ORDER].state, DEFECT_IS_UNKNOWN);
	return v[DEFECT_HARD_LINK].state;
}

static void hard_link(void)
{
	/* xor %esi,%esi */
	CHECK_EQ(link_of("ovl_create_upper", "31f6 4889df M"), DEFECT_IS_THERE);
	CHECK_EQ(link_of("ovl_create_over_whiteout", "31f6 M"), DEFECT_IS_THERE);
	CHECK_EQ(link_of("ovl_instantiate", "31f6 M 84c0 740a be01000000 M"), DEFECT_IS_FIXED);
	/* sete %sil would do; movzbl %al,%esi */
	CHECK_EQ(link_of("ovl_create_upper", "0fb6f0 M"), DEFECT_IS_FIXED);
	/* two paths with constants: neither proves it */
	CHECK_EQ(link_of("ovl_create_upper", "31f6 7405 be01000000 M"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(link_of("ovl_create_upper", "31f6"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(link_of("ovl_other", "31f6 M"), DEFECT_IS_UNKNOWN);
}

static enum defect_state order_arm64(const char *code)
{
	struct defect v[DEFECTS];

	look_on(&insn_arm64, v, "ovl_copy_up_one", code);
	return v[DEFECT_COPY_UP_ORDER].state;
}

#define SET "d1002301 d2800040 f820303f " /* sub x1, x24, #8; mov x0, #2; stset x0, [x1] */

static void arm64(void)
{
	struct defect v[DEFECTS];

	CHECK_EQ(order_arm64("U " SET), DEFECT_IS_THERE);
	CHECK_EQ(order_arm64(SET "U"), DEFECT_IS_FIXED);
	/* as compilers lay it out: cbz to the block that sets the flag, behind a ret */
	CHECK_EQ(order_arm64("U b4000040 d65f03c0 " SET), DEFECT_IS_THERE);
	/* another member, another flag, stclr; the flag is no constant, or has two values */
	CHECK_EQ(order_arm64("U d1004301 d2800040 f820303f"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(order_arm64("U d1002301 d2800080 f820303f"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(order_arm64("U d1002301 d2800040 f820103f"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(order_arm64("U d1002301 f820303f"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(order_arm64("U d1002301 d2800080 b4000040 d2800040 f820303f"), DEFECT_IS_UNKNOWN);
	/* the address has two values: cbz over the sub */
	CHECK_EQ(order_arm64("U d2800040 b4000040 d1002301 f820303f"), DEFECT_IS_UNKNOWN);

	/* mov w1, #0; mov w1, w0 */
	look_on(&insn_arm64, v, "ovl_create_over_whiteout", "52800001 M");
	CHECK_EQ(v[DEFECT_HARD_LINK].state, DEFECT_IS_THERE);
	look_on(&insn_arm64, v, "ovl_create_over_whiteout", "2a0003e1 M");
	CHECK_EQ(v[DEFECT_HARD_LINK].state, DEFECT_IS_FIXED);
}

#define CALL_AND_CHECK "e800000000 89c3 483d00f0ffff " /* mov %eax,%ebx; cmp $-4096,%rax */

static enum defect_state listing(const char *function, const char *code)
{
	struct defect v[DEFECTS];

	look(v, function, code);
	CHECK(*v[DEFECT_RETURNS_POINTER].evidence);
	return v[DEFECT_RETURNS_POINTER].state;
}

static void returned_pointer(void)
{
	/* ja; mov %rax,8(%r12); mov %ebx,%eax. Then xor %ebx,%ebx before it */
	const char *kept = CALL_AND_CHECK "7705 4989442408 89d8";

	CHECK_EQ(listing("ovl_iterate", kept), DEFECT_IS_THERE);
	CHECK_EQ(listing("ovl_iterate_merged", kept), DEFECT_IS_THERE);
	CHECK_EQ(listing("ovl_iterate_real", kept), DEFECT_IS_UNKNOWN);
	CHECK_EQ(listing("ovl_iterate", CALL_AND_CHECK "7707 4989442408 31db 89d8"),
		 DEFECT_IS_FIXED);
	/* no check; what is returned is computed */
	CHECK_EQ(listing("ovl_iterate", "e800000000"), DEFECT_IS_UNKNOWN);
	CHECK_EQ(listing("ovl_iterate", CALL_AND_CHECK "7708 4989442408 83c001"),
		 DEFECT_IS_UNKNOWN);
}

/* Half of a pointer is returned only where the laboratory made it so. */
static void captured(void)
{
	struct defect v[DEFECTS];
	struct plan_input in;
	struct fixture fx;
	glob_t files;
	size_t i;

	CHECK_EQ(glob("tests/unit/fixtures/*.kernel", 0, NULL, &files), 0);
	CHECK(files.gl_pathc > 20);
	for (i = 0; i < files.gl_pathc; i++) {
		bool made = strstr(files.gl_pathv[i], "half-pointer");
		FILE *f = fopen(files.gl_pathv[i], "r");
		int line = 0;

		if (!CHECK(f) || !CHECK_EQ(fixture__read(&fx, f, &line), 0))
			continue;
		fclose(f);
		fixture__input(&fx, 0, &in);
		defects__look(v, &in.code, in.btf_layout);
		if (!CHECK_EQ(v[DEFECT_RETURNS_POINTER].state,
			      made ? DEFECT_IS_THERE : DEFECT_IS_FIXED))
			printf("#   %s: %s\n", files.gl_pathv[i],
			       v[DEFECT_RETURNS_POINTER].evidence);
		fixture__deinit(&fx);
	}
	globfree(&files);
}

int main(void)
{
	TEST(copy_up_order);
	TEST(hard_link);
	TEST(arm64);
	TEST(returned_pointer);
	TEST(captured);
	return test_done();
}
