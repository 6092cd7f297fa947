// SPDX-License-Identifier: GPL-2.0-only
/* The message about a program that could not be loaded. */
#include <errno.h>
#include <string.h>

#include "probe/load_log.h"
#include "test.h"

#define PROG "libbpf: prog 'ovlt_at_unlock': "

/* A structure that this kernel has not: libbpf writes it into the verifier's log. */
static void relocation(void)
{
	struct load_log log = { 0 };

	load_log__add(&log, PROG "BPF program load failed: Invalid argument\n");
	CHECK_STR(log.prog, "ovlt_at_unlock");
	CHECK_STR(log.reason, "Invalid argument");
	load_log__add(&log, PROG "-- BEGIN PROG LOAD LOG --\n"
				 "reg type unsupported for arg#0 function ovlt_at_unlock#37\n"
				 "0: R1=ctx(off=0,imm=0) R10=fp0\n"
				 "; owner = BPF_CORE_READ(inode, i_rwsem.owner.counter);\n"
				 "0: (79) r6 = *(u64 *)(r1 +112)       ; R1=ctx(off=0,imm=0)\n"
				 "1: <invalid CO-RE relocation>\n"
				 "failed to resolve CO-RE relocation <byte_off> [22] struct "
				 "inode.i_rwsem.owner.counter (0:3:0:0 @ offset 160)\n"
				 "processed 2 insns (limit 1000000) max_states_per_insn 0 "
				 "total_states 0 peak_states 0 mark_read 0\n"
				 "-- END PROG LOAD LOG --\n");
	load_log__add(&log, PROG "failed to load: -22\n");
	CHECK(log.verified);
	CHECK(strstr(log.reason, "struct inode.i_rwsem.owner.counter") != NULL);
	CHECK(!strchr(log.reason, '\n') && !strstr(log.reason, "processed"));
	CHECK(strstr(load_log__remedy(&log, -EINVAL), "doctor -v") != NULL);
}

static void verifier(void)
{
	struct load_log log = { 0 };

	load_log__add(&log, PROG "BPF program load failed: Permission denied\n");
	load_log__add(&log, PROG "-- BEGIN PROG LOAD LOG --\n"
				 "func#0 @0\n"
				 "0: (85) call bpf_get_attach_cookie#174\n"
				 "R1=ctx(off=0,imm=0) R10=fp0\n"
				 "R2_w=scalar()\n"
				 "from 1 to 3: R0=0\n"
				 "R1 invalid mem access 'scalar'\n"
				 "processed 3 insns\n"
				 "-- END PROG LOAD LOG --\n");
	CHECK_STR(log.reason, "R1 invalid mem access 'scalar'");
}

/* Only the last program failed; what was said of another one is its own. */
static void several(void)
{
	struct load_log log = { 0 };

	load_log__add(&log, "libbpf: prog 'ovlt_at_free': relo #3: no matching targets found\n");
	load_log__add(&log, "libbpf: failed to load object 'trace_bpf'\n");
	CHECK_STR(log.prog, "ovlt_at_free");
	load_log__add(&log, PROG "failed to find kernel BTF type ID of 'f': -3\n");
	load_log__add(&log, PROG "failed to load: -3\n");
	CHECK_STR(log.prog, "ovlt_at_unlock");
	CHECK_STR(log.reason, "failed to find kernel BTF type ID of 'f': -3");
	CHECK(!log.verified);
}

/* A name that begins like the last one is another program. */
static void prefixes(void)
{
	struct load_log log = { 0 };

	load_log__add(&log, "libbpf: prog 'ovlt_at_lock': BPF program load failed: a\n");
	load_log__add(&log, "libbpf: prog 'ovlt_at_locked': BPF program load failed: b\n");
	CHECK_STR(log.prog, "ovlt_at_locked");
	CHECK_STR(log.reason, "b");
	load_log__add(&log, "libbpf: prog 'ovlt_at_lock': failed to load: -22\n");
	CHECK_STR(log.prog, "ovlt_at_lock");
	CHECK_STR(log.reason, "");
}

static void odd(void)
{
	static const char begin[] = PROG "-- BEGIN PROG LOAD LOG --\n";
	struct load_log log = { 0 };
	char text[4096], *p;

	load_log__add(&log, "");
	load_log__add(&log, "libbpf: map 'rings': failed to create: Operation not permitted\n");
	load_log__add(&log, "libbpf: prog 'unended");
	CHECK_STR(log.prog, "");
	/* longer than there is room for, and without an end */
	p = stpcpy(text, begin);
	memset(p, 'x', 1000);
	p[1000] = 0;
	load_log__add(&log, text);
	CHECK_EQ(strlen(log.reason), sizeof(log.reason) - 1);
	load_log__add(&log, begin);
	CHECK_EQ(strlen(log.reason), sizeof(log.reason) - 1);
}

static void remedies(void)
{
	struct load_log log = { .reason = "unknown func bpf_loop#181" };

	CHECK(strstr(load_log__remedy(&log, -EINVAL), "6.1") != NULL);
	log.reason[0] = 0;
	CHECK(strstr(load_log__remedy(&log, -EPERM), "CAP_BPF") != NULL);
	CHECK(*load_log__remedy(&log, -EINVAL));
}

int main(void)
{
	TEST(relocation);
	TEST(verifier);
	TEST(several);
	TEST(prefixes);
	TEST(odd);
	TEST(remedies);
	return test_done();
}
