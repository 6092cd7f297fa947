// SPDX-License-Identifier: GPL-2.0-only
/* Reading kallsyms and machine code: extents, names, callees. */
#include <errno.h>
#include <stdlib.h>

#include "code/code.h"
#include "fixture.h"
#include "kern.h"
#include "test.h"

static int read_text(struct ksyms *ks, const char *text)
{
	return fixture__symbols(ks, text, strlen(text));
}

static void symbols(void)
{
	static const char text[] = "0000000000000000 A fixed_percpu_data\n"
				   "ffffffff81000000 T up_write\n"
				   "ffffffff81000040 T whatever\n"
				   "ffffffff81000080 t kfree\n"
				   "ffffffff81000080 t kfree_alias\n"
				   "ffffffff810000c0 T the_end\n"
				   "not a line\n"
				   "ffffffff81000100\n"
				   "\n"
				   "ffffffffc0000100 t ovl_second\t[overlay]\n"
				   "ffffffffc0000000 t ovl_first\t[overlay]\n"
				   "ffffffffc0000180 d ovl_data\t[overlay]\n"
				   "ffffffffc0000040 t kfree\t[other]\n"
				   "ffffffffc0000200 t ovl_copy\t[other]\n";
	struct ksyms ks;
	const struct ksym *s;

	CHECK_EQ(read_text(&ks, text), 0);
	CHECK(ks.module && !ks.hidden);
	s = ksyms__find(&ks, "up_write");
	CHECK(s && s->addr == 0xffffffff81000000 && s->end == 0xffffffff81000040 && !s->ovl);
	s = ksyms__find(&ks, "kfree");
	CHECK(s && s->end == 0xffffffff810000c0 && !s->ovl);
	s = ksyms__find(&ks, "ovl_first");
	CHECK(s && s->ovl && s->end == 0xffffffffc0000100);
	s = ksyms__find(&ks, "ovl_second");
	CHECK(s && s->end == 0xffffffffc0000180);
	CHECK(!ksyms__find(&ks, "ovl_data"));
	CHECK(!ksyms__find(&ks, "ovl_copy"));
	CHECK(!ksyms__find(&ks, "whatever"));
	CHECK(!ksyms__callee(&ks, 0xffffffffc0000040));
	CHECK(!ksyms__callee(&ks, 0xffffffffc0000180));
	CHECK(!ksyms__callee(&ks, 0));
	CHECK(!ksyms__callee(&ks, UINT64_MAX));
	s = ksyms__callee(&ks, 0xffffffff81000080);
	CHECK(s && !strcmp(s->name, "kfree"));
	ksyms__deinit(&ks);
	CHECK(!ks.v && !ks.n);
}

static void padding(void)
{
	static const char text[] = "ffffffff81000000 T __pfx_kfree\n"
				   "ffffffff81000010 T kfree\n"
				   "ffffffff81000040 T up_write\n"
				   "ffffffff81000080 T __pfx_down_write\n"
				   "ffffffff81000090 T down_write\n"
				   "ffffffff810000c0 T other\n";
	struct ksyms ks;
	const struct ksym *s;
	uint64_t at;

	CHECK_EQ(read_text(&ks, text), 0);
	CHECK(!ks.module);
	for (at = 0; at <= 16; at++) {
		s = ksyms__callee(&ks, 0xffffffff81000000 + at);
		CHECK(s && !strcmp(s->name, "kfree"));
		s = ksyms__callee(&ks, 0xffffffff81000080 + at);
		CHECK(s && !strcmp(s->name, "down_write"));
	}
	/* the body of a function, and one without padding */
	CHECK(!ksyms__callee(&ks, 0xffffffff81000011));
	CHECK(!ksyms__callee(&ks, 0xffffffff81000037));
	CHECK(!ksyms__callee(&ks, 0xffffffff80ffffff));
	/* the padding is not the function before it */
	s = ksyms__find(&ks, "up_write");
	CHECK(s && s->end == 0xffffffff81000080);
	ksyms__deinit(&ks);
}

static void hidden(void)
{
	struct ksyms ks;

	CHECK_EQ(read_text(&ks, "0000000000000000 T up_write\n"
				"0000000000000000 t ovl_iterate_real\t[overlay]\n"),
		 0);
	CHECK(ks.hidden && ks.module && !ks.n && ks.lines == 2);
	CHECK(!ksyms__find(&ks, "up_write") && !ksyms__callee(&ks, 0));
	ksyms__deinit(&ks);
}

static void names(void)
{
	CHECK(ksym__is("kfree", "kfree") && ksym__is("kfree.part.0", "kfree"));
	CHECK(ksym__is("f.isra.0.cold", "f") && ksym__is("f.constprop.0", "f"));
	CHECK(!ksym__is("kfree_rcu", "kfree") && !ksym__is("kfre", "kfree"));
	CHECK(!ksym__is("ovl_iterate_real", "ovl_iterate"));
	CHECK(ksym__is_cold_of("f.cold", "f") && ksym__is_cold_of("f.cold.1", "f"));
	CHECK(ksym__is_cold_of("f.llvm.12.cold", "f.llvm.12"));
	CHECK(!ksym__is_cold_of("f", "f") && !ksym__is_cold_of("f.colder", "f"));
	CHECK(!ksym__is_cold_of("f.part.0.cold", "f"));
}

static void forms(void)
{
	static const struct {
		const char *name;
		enum ksym_form form;
		const char *source;
	} cases[] = {
		{ "f", KSYM_WHOLE, "f" },
		{ "f.llvm.8295259844407760910", KSYM_WHOLE, "f" },
		{ "f.lto_priv.0", KSYM_WHOLE, "f" },
		{ "f.lto_priv.0.llvm.1", KSYM_WHOLE, "f" },
		{ "f.123", KSYM_WHOLE, "f" },
		{ "f.__uniq.42.llvm.7", KSYM_WHOLE, "f" },
		{ "f.isra.0", KSYM_CHANGED, "f.isra.0" },
		{ "f.constprop.0.llvm.1", KSYM_CHANGED, "f.constprop.0.llvm.1" },
		{ "f.what", KSYM_CHANGED, "f.what" },
		{ "f.part.0", KSYM_PART, "f.part.0" },
		{ "f.isra.0.cold", KSYM_PART, "f.isra.0.cold" },
		{ "f.cold.1", KSYM_PART, "f.cold.1" },
		{ "fg", KSYM_OTHER, "fg" },
		{ "", KSYM_OTHER, "" },
	};
	char buf[KSYM_NAME], longest[2 * KSYM_NAME];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_EQ(ksym__form(cases[i].name, "f"), cases[i].form);
		CHECK_STR(ksym__source_name(cases[i].name, buf), cases[i].source);
	}
	memset(longest, 'f', sizeof(longest));
	strcpy(longest + KSYM_NAME, ".llvm.1");
	CHECK(ksym__source_name(longest, buf) == longest);
	strcpy(longest + KSYM_NAME - 1, ".llvm.1");
	CHECK_EQ(strlen(ksym__source_name(longest, buf)), KSYM_NAME - 1);
}

/* A kernel linked by ThinLTO, with kCFI. */
static void renamed(void)
{
	static const char text[] = "ffffffff81000000 t __cfi_ovl_rename.llvm.82\n"
				   "ffffffff81000010 t ovl_rename.llvm.82\n"
				   "ffffffff81000040 t __cfi_ovl_unlink.llvm.82\n"
				   "ffffffff81000050 t ovl_unlink.llvm.82\n"
				   "ffffffff81000080 t ovl_unlink.llvm.82.cold\n"
				   "ffffffff810000a0 t ovl_twice\n"
				   "ffffffff810000b0 t ovl_twice\n"
				   "ffffffff810000c0 t ovl_both.llvm.82\n"
				   "ffffffff810000d0 t ovl_both\n"
				   "ffffffff810000e0 t ovl_alias\n"
				   "ffffffff810000e0 t ovl_alias\n"
				   "ffffffff810000f0 t ovl_changed.isra.0\n"
				   "ffffffff81000100 T vfs_removexattr.llvm.82\n"
				   "ffffffff81000140 T the_end\n";
	const struct ksym *s;
	struct ksyms ks;

	CHECK_EQ(read_text(&ks, text), 0);
	s = ksyms__find(&ks, "ovl_rename");
	CHECK(s && s->addr == 0xffffffff81000010 && s->end == 0xffffffff81000040 && s->ovl);
	CHECK(ksyms__find(&ks, "ovl_rename.llvm.82") == s);
	CHECK(ksyms__callee(&ks, 0xffffffff81000010) == s);
	CHECK(ksyms__callee(&ks, 0xffffffff81000000) == s);
	s = ksyms__find(&ks, "ovl_unlink");
	CHECK(s && s->addr == 0xffffffff81000050);
	CHECK(!ksyms__find(&ks, "ovl_twice"));
	s = ksyms__find(&ks, "ovl_both");
	CHECK(s && s->addr == 0xffffffff810000d0);
	CHECK(ksyms__find(&ks, "ovl_alias"));
	CHECK(!ksyms__find(&ks, "ovl_changed"));
	CHECK(ksyms__find(&ks, "vfs_removexattr"));
	ksyms__deinit(&ks);
}

/* The calls in one function of the kernel, as "callee+opcode" words. */
static void calls_are(const char *code, const char *want)
{
	struct kfunc funcs[] = { { "ovl_it", code }, { NULL, NULL } };
	struct kern *k = calloc(1, sizeof(*k));
	struct code_graph *g = calloc(1, sizeof(*g));
	char text[1024] = "";
	size_t i, n;

	kern__make(k, funcs);
	n = code__calls_in(g, &(struct code_source){ &k->ks, kern__read, k, &insn_x86 },
			   ksyms__find(&k->ks, "ovl_it"));
	CHECK_EQ(n, g->ncalls);
	for (i = 0; i < g->ncalls; i++) {
		strcat(text, g->call[i].tail ? "=" : g->call[i].patched ? "!" : "");
		strcat(text, g->call[i].to->name);
		strcat(text, " ");
	}
	CHECK_STR(text, want);
	kern__deinit(k);
	free(g);
	free(k);
}

static void calls(void)
{
	calls_are("", "");
	calls_are("up_write", "up_write ");
	calls_are("-up_write =kfree !down_write", "up_write =kfree !down_write ");
	/* a symbol that no hook wants is not kept */
	calls_are("printk dput memcpy", "");
	calls_are("*3 kfree", "kfree kfree kfree ");
	/* calls of unknown addresses, and bytes inside an instruction that look like a call */
	calls_are("#e800000000 #e911111111 kfree", "kfree ");
	calls_are("#48b8e800000000000000 kfree", "kfree ");
	/* itself */
	calls_are("ovl_it kfree", "kfree ");
}

static void graph(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_root", "ovl_a ovl_b ovl_stop kfree" },
		{ "ovl_root.cold", "up_write ovl_root" },
		{ "ovl_a", "ovl_b ovl_a ovl_root" },
		{ "ovl_b", "=ovl_a down_write" },
		{ "ovl_stop", "ovl_beyond" },
		{ "ovl_beyond", "kfree" },
		{ NULL, NULL },
	};
	struct kern *k = calloc(1, sizeof(*k));
	struct code_graph *g = calloc(1, sizeof(*g));
	size_t i;

	kern__make(k, funcs);
	code__add(g, &(struct code_source){ &k->ks, kern__read, k, &insn_x86 },
		  ksyms__find(&k->ks, "ovl_root"), true, "ovl_stop");
	CHECK_EQ(g->nfuncs, 4);
	CHECK(!g->err && !g->truncated);
	CHECK_EQ(g->ncalls, 4 + 2 + 2 + 2);
	CHECK(code__is_root(g, ksyms__find(&k->ks, "ovl_root")));
	CHECK(code__is_root(g, ksyms__find(&k->ks, "ovl_root.cold")));
	CHECK(!code__is_root(g, ksyms__find(&k->ks, "ovl_a")));
	for (i = 0; i < g->nfuncs; i++)
		CHECK(strcmp(g->func[i]->name, "ovl_beyond"));
	/* added a second time: nothing is doubled, and it is a root */
	i = k->reads;
	code__add(g, &(struct code_source){ &k->ks, kern__read, k, &insn_x86 },
		  ksyms__find(&k->ks, "ovl_a"), true, "ovl_stop");
	CHECK_EQ(g->nfuncs, 4);
	CHECK_EQ(g->ncalls, 10);
	CHECK_EQ(k->reads, i);
	CHECK(code__is_root(g, ksyms__find(&k->ks, "ovl_a")));
	kern__deinit(k);
	free(g);
	free(k);
}

static void unreadable(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_root", "ovl_a kfree" },
		{ "ovl_a", "up_write" },
		{ NULL, NULL },
	};
	struct kern *k = calloc(1, sizeof(*k));
	struct code_graph *g = calloc(1, sizeof(*g));

	k->unreadable = "ovl_a";
	kern__make(k, funcs);
	code__add(g, &(struct code_source){ &k->ks, kern__read, k, &insn_x86 },
		  ksyms__find(&k->ks, "ovl_root"), true, NULL);
	CHECK_EQ(g->err, -EFAULT);
	CHECK(g->err_in && !strcmp(g->err_in->name, "ovl_a"));
	CHECK_EQ(g->ncalls, 2);
	kern__deinit(k);
	free(g);
	free(k);
}

/* A page of jump-optimised probes at the end of the address space does not end before it begins. */
static void last_page(void)
{
	static const char text[] = "fffffffffffffffa t kprobe_optinsn_page\t[__builtin__kprobes]\n";
	struct ksyms ks;

	fixture__symbols(&ks, text, strlen(text));
	CHECK_EQ(ks.n, 1);
	CHECK(ks.v[0].end > ks.v[0].addr);
	CHECK(ksyms__is_detour(&ks, 0xfffffffffffffffb));
	CHECK(!ksyms__is_detour(&ks, 0x10));
	ksyms__deinit(&ks);
}

int main(void)
{
	TEST(symbols);
	TEST(last_page);
	TEST(padding);
	TEST(names);
	TEST(forms);
	TEST(renamed);
	TEST(calls);
	TEST(graph);
	TEST(unreadable);
	TEST(hidden);
	return test_done();
}
