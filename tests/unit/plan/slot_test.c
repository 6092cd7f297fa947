// SPDX-License-Identifier: GPL-2.0-only
/* Members of struct ovl_inode that are written by instructions, not by functions. */
#include <stdlib.h>

#include "kern.h"
#include "test.h"

#define READ "ovl_path_upper ovl_path_open iterate_dir up_write dput down_write"

enum {
	BX = 3,
	SI = 6,
	R12 = 12,
	R13 = 13,
	AX = 0,
};

static struct kern *k;
static struct plan *plan;

static void make(const struct kfunc *funcs, bool no_sites, bool with_merged)
{
	struct plan_input in = { .fexit = true, .no_sites = no_sites, .merged = with_merged };

	k = calloc(1, sizeof(*k));
	plan = calloc(1, sizeof(*plan));
	kern__make(k, funcs);
	in.code = (struct code_source){ &k->ks, kern__read, k, &insn_x86 };
	plan__make(plan, &in);
}

static void end(void)
{
	kern__deinit(k);
	free(k);
	free(plan);
}

/* The n-th probe of that program, NULL: there are fewer. */
static const struct plan_probe *probe(enum program prog, size_t n)
{
	size_t i;

	for (i = 0; i < plan->nprobes; i++)
		if (plan->probe[i].prog == prog && !n--)
			return &plan->probe[i];
	return NULL;
}

static void check_write(size_t n, uint32_t inode, uint32_t cache)
{
	const struct plan_probe *p = probe(PROG_at_slot_write, n);

	if (!CHECK(p))
		return;
	CHECK_EQ(p->provider, PROVIDER_INSTRUCTION);
	CHECK_EQ(OVLW_COOKIE_ARG(p->cookie), inode);
	CHECK_EQ(OVLW_STORE_CACHE(p->cookie), cache);
	CHECK(!p->callee && p->addr > p->func->addr);
}

/* As clang's ThinLTO leaves it; a variable in the frame lies as far from %rbp. */
static void inlined(void)
{
	make((const struct kfunc[]){ { "ovl_iterate_real", "#554889e5 ovl_dir_cache kfree kfree "
							   "#49c745e000000000 " READ " #488945e0 "
							   "vfs_removexattr kfree #4c8963e0" },
				     { NULL, NULL } },
	     false, false);
	check_write(0, R13, OVLW_REG_NULL);
	check_write(1, BX, R12);
	CHECK(!probe(PROG_at_slot_write, 2));
	CHECK_EQ(plan->cover[EVENT_CACHE_STORED].provider, PROVIDER_INSTRUCTION);
	CHECK_STR(plan->cover[EVENT_CACHE_STORED].target, "ovl_inode->cache");
	/* another path may call it */
	CHECK(probe(PROG_on_set_dir_cache, 0) && !probe(PROG_in_set_dir_cache, 0));
	end();
}

/* Emptied by the function, filled by xchg. */
static void exchanged(void)
{
	make((const struct kfunc[]){ { "ovl_iterate_real", "kfree ovl_set_dir_cache " READ
							   " vfs_removexattr kfree #488743e0" },
				     { NULL, NULL } },
	     false, false);
	check_write(0, BX, AX);
	CHECK(!probe(PROG_at_slot_write, 1));
	CHECK(probe(PROG_on_set_dir_cache, 0));
	end();
}

/* Neither a member as far from another pointer's end, nor a smaller one, is the slot. */
static void others(void)
{
	make((const struct kfunc[]){ { "ovl_iterate_real",
				       "kfree ovl_set_dir_cache " READ
				       /* mov %rax,-0x28(%rbx); mov %eax,-0x20(%rbx) */
				       " #488943d8 #8943e0"
				       /* mov %rax,-0x20(%rsp); movq $1,-0x20(%rbx) */
				       " #48894424e0 #48c743e001000000"
				       /* mov -0x20(%rbx),%rax; mov %rax,-0x20(%rbx,%rcx) */
				       " #488b43e0 #4889440be0" },
				     { NULL, NULL } },
	     false, false);
	CHECK(!probe(PROG_at_slot_write, 0));
	CHECK_EQ(plan->cover[EVENT_CACHE_STORED].provider, PROVIDER_FENTRY);
	end();
}

/* A write that cannot be probed is not left out silently. */
static void refused(void)
{
	make((const struct kfunc[]){ { "ovl_iterate_real", "ovl_set_dir_cache " READ " #488943e0" },
				     { NULL, NULL } },
	     true, false);
	CHECK_EQ(plan->cover[EVENT_CACHE_STORED].provider, PROVIDER_NONE);
	CHECK(strstr(plan->cover[EVENT_CACHE_STORED].evidence, "instructions cannot be probed"));
	end();
}

/* mov %rax,-0x20(%rbx), and then mov %rcx,8(%rax): the stamp is unknown, not what was there. */
static void stamped_later(void)
{
	static const struct {
		const char *code;
		enum provider provider;
	} cases[] = {
		{ READ " #48894808 #488943e0", PROVIDER_INSTRUCTION },
		{ READ " #488943e0 #48894808", PROVIDER_NONE },
		/* mov %rbx,%rsi before the call, and after it mov %rax,8(%rbx); then the stamp first */
		{ READ " #4889de ovl_set_dir_cache #48894308", PROVIDER_NONE },
		{ READ " #48894308 #4889de ovl_set_dir_cache", PROVIDER_FENTRY },
		/* of another cache, as %rbx is loaded before: mov %rdx,%rbx */
		{ READ " #4889de ovl_set_dir_cache #4889d3 #48894308", PROVIDER_FENTRY },
		/* of another cache, as %rax is loaded before: mov %rdx,%rax */
		{ READ " #488943e0 #4889d0 #48894808", PROVIDER_INSTRUCTION },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct kfunc funcs[] = { { "ovl_iterate_real", cases[i].code },
					       { NULL, NULL } };

		make(funcs, false, false);
		CHECK_EQ(plan->cover[EVENT_CACHE_STORED].provider, cases[i].provider);
		end();
	}
}

/* Merged directories: each instruction once, though both kinds run through it. */
static void merged(void)
{
	make((const struct kfunc[]){ { "ovl_iterate",
				       READ " #488973e0 ovl_cache_put ovl_dir_read_merged" },
				     { "ovl_cache_put", "kfree #48c743e000000000" },
				     { "ovl_dir_read_merged", "" },
				     { "ovl_dir_release", "ovl_cache_put" },
				     { "ovl_dir_llseek", "ovl_cache_put" },
				     { NULL, NULL } },
	     false, true);
	check_write(0, BX, SI);
	check_write(1, BX, OVLW_REG_NULL);
	CHECK(!probe(PROG_at_slot_write, 2));
	CHECK_EQ(plan->cover[EVENT_MERGED_STORED].provider, PROVIDER_INSTRUCTION);
	CHECK(strstr(plan->cover[EVENT_MERGED_STORED].evidence, "ovl_cache_put+"));
	end();
}

/* lock andb $~1,-8(%rbx): the impure flag alone, and where impure directories are listed. */
static void flag(void)
{
	static const struct {
		const char *real, *helper;
		bool seen;
	} cases[] = {
		{ "#f08063f8fe vfs_removexattr kfree", "", true },
		/* another flag; two flags; the flag is set; a variable in the frame */
		{ "#f08063f8fd vfs_removexattr kfree", "", false },
		{ "#f08063f8fc vfs_removexattr kfree", "", false },
		{ "#f0804bf801 vfs_removexattr kfree", "", false },
		{ "#554889e5 #8065f8fe vfs_removexattr kfree", "", false },
		{ "vfs_removexattr ovl_helper kfree", "#f08063f8fe", false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct kfunc funcs[] = {
			{ "ovl_iterate_real", READ },
			{ "ovl_cache_get_impure", cases[i].real },
			{ "ovl_helper", cases[i].helper },
			{ NULL, NULL },
		};
		const struct plan_probe *p;

		make(funcs, false, false);
		p = probe(PROG_at_flag_clear, 0);
		CHECK_EQ(p != NULL, cases[i].seen);
		CHECK_EQ(probe(PROG_at_removexattr, 0) != NULL, !cases[i].seen);
		if (p)
			CHECK_EQ(OVLW_COOKIE_ARG(p->cookie), BX);
		CHECK(!probe(PROG_at_flag_clear, 1));
		end();
	}
}

int main(void)
{
	TEST(inlined);
	TEST(exchanged);
	TEST(others);
	TEST(refused);
	TEST(stamped_later);
	TEST(merged);
	TEST(flag);
	return test_done();
}
