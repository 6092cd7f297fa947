// SPDX-License-Identifier: GPL-2.0-only
/* Where functions return. */
#include <stdlib.h>

#include "code/returns.h"
#include "kern.h"
#include "test.h"

static struct kern *k;
static struct returns r;

static bool find(const struct kfunc *funcs, const char *name)
{
	struct code_source src;

	k = calloc(1, sizeof(*k));
	kern__make(k, funcs);
	src = (struct code_source){ &k->ks, kern__read, k, &insn_x86 };
	return returns__find(&r, &src, ksyms__find(&k->ks, name));
}

static void end(void)
{
	kern__deinit(k);
	free(k);
}

/* je over a return, which int3 follows; another one at the end */
static void several(void)
{
	CHECK(find((const struct kfunc[]){ { "ovl_link", "kfree #7402c3cc" }, { NULL, NULL } },
		   "ovl_link"));
	CHECK_EQ(r.n, 2);
	CHECK_EQ(r.nfuncs, 1);
	CHECK(r.at[0].addr < r.at[1].addr);
	end();
}

/* The function that it leaves to returns for it, whether it always goes there or not. */
static void tail_call(void)
{
	CHECK(find((const struct kfunc[]){ { "ovl_do_remove", "dput" },
					   { "ovl_unlink", "=ovl_do_remove" },
					   { NULL, NULL } },
		   "ovl_unlink"));
	CHECK_EQ(r.n, 2);
	CHECK_EQ(r.nfuncs, 2);
	CHECK_STR(r.at[0].in->name, "ovl_unlink");
	CHECK_STR(r.at[1].in->name, "ovl_do_remove");
	end();
}

static void unknown(void)
{
	/*
	 * a tail call of another part of the kernel; jmp *%rax; another tracer's probe;
	 * int3 after a call that returns, and after one that does not
	 */
	static const char *const code[] = { "=kfree",
					    "#ffe0",
					    "#7401cc4889f8",
					    "!kfree",
					    "#7407 kfree #cccc",
					    "#7407 __stack_chk_fail #cccc" };
	static const bool known[] = { false, false, false, true, false, true };
	size_t i;

	for (i = 0; i < sizeof(code) / sizeof(code[0]); i++) {
		const struct kfunc funcs[] = { { "ovl_link", code[i] }, { NULL, NULL } };

		if (!CHECK_EQ(find(funcs, "ovl_link"), known[i]))
			printf("#   %s\n", code[i]);
		end();
	}
}

int main(void)
{
	TEST(several);
	TEST(tail_call);
	TEST(unknown);
	return test_done();
}
