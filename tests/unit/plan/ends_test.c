// SPDX-License-Identifier: GPL-2.0-only
/* The end of operations on entries, with and without trampolines. */
#include <stdlib.h>

#include "kern.h"
#include "test.h"

static struct kern *k;
static struct plan *plan;

static int dentry_args(void *ctx, const char *func, int arg[2])
{
	(void)ctx;
	arg[0] = !strcmp(func, "ovl_link") ? 0 : !strcmp(func, "ovl_rename") ? 2 : 1;
	arg[1] = !strcmp(func, "ovl_link") ? 2 : !strcmp(func, "ovl_rename") ? 4 : 0;
	return arg[1] ? 2 : 1;
}

static bool is_untyped(void *ctx, const char *func)
{
	(void)ctx;
	(void)func;
	return false;
}

static void make(const char *link, bool typed, bool no_sites)
{
	static const struct ovlw_layout layout = { .inode_cache = -32, .inode_upper = 600 };
	const struct kfunc funcs[] = {
		{ "ovl_iterate_real", "ovl_path_upper" },
		{ "ovl_do_remove", "dput" },
		{ "ovl_link", link },
		{ "ovl_unlink", "#7405c3 =ovl_do_remove" },
		{ "ovl_rmdir", "=ovl_do_remove" },
		{ "ovl_rename", "ovl_dir_modified" },
		{ NULL, NULL },
	};
	struct plan_input in = {
		.btf_layout = &layout,
		.dentry_args = dentry_args,
		.is_typed = typed ? NULL : is_untyped,
		.no_sites = no_sites,
		.fexit = true,
	};

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

static size_t count(enum program prog)
{
	size_t i, n = 0;

	for (i = 0; i < plan->nprobes; i++)
		n += plan->probe[i].prog == prog;
	return n;
}

static void trampolines(void)
{
	make("", true, false);
	CHECK_EQ(plan->cover[EVENT_OPERATION_RETURNED].provider, PROVIDER_FEXIT);
	CHECK_EQ(count(PROG_out_link), 1);
	CHECK_EQ(count(PROG_on_operation), 0);
	end();
}

/* Where two operations end in the same function, its returns have one probe each. */
static void returns(void)
{
	size_t i;

	make("", false, false);
	CHECK_EQ(plan->cover[EVENT_OPERATION_RETURNED].provider, PROVIDER_INSTRUCTION);
	CHECK_EQ(count(PROG_on_operation), 4);
	/* ovl_link 1, ovl_unlink 2, ovl_do_remove 1, ovl_rmdir 1, ovl_rename 1 */
	CHECK_EQ(count(PROG_at_operation_end), 6);
	for (i = 0; i < plan->nprobes; i++)
		if (plan->probe[i].prog == PROG_on_operation &&
		    !strcmp(plan->probe[i].func->name, "ovl_rename"))
			CHECK_EQ(plan->probe[i].cookie, OVLW_OP_COOKIE(OVLW_OP_RENAME, 2, 4));
	end();
}

/* All or none: a count of some of them would look like a count of all. */
static void none(void)
{
	make("=kfree", false, false);
	CHECK_EQ(plan->cover[EVENT_OPERATION_RETURNED].provider, PROVIDER_NONE);
	CHECK(strstr(plan->cover[EVENT_OPERATION_RETURNED].evidence, "returns of ovl_link"));
	CHECK_EQ(count(PROG_on_operation) + count(PROG_at_operation_end), 0);
	end();
	make("", false, true);
	CHECK_EQ(plan->cover[EVENT_OPERATION_RETURNED].provider, PROVIDER_NONE);
	end();
}

int main(void)
{
	TEST(trampolines);
	TEST(returns);
	TEST(none);
	return test_done();
}
