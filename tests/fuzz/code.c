// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel's code, of x86-64 or of arm64 as the first byte says. The rest is split into
 * the functions that a plan decodes; the plan is then made of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "code/errptr.h"
#include "code/hazard.h"
#include "fuzz.h"
#include "plan/plan.h"

enum {
	BASE = 0x1000,
};

static const char *const names[] = {
	"ovl_dir_read_impure", "ovl_iterate", "ovl_set_dir_cache", "ovl_dir_read",
	"ovl_cache_free",      "kfree",	      "up_write",	   "down_write",
	"ovl_dir_read_merged", "lookup_one",  "ovl_dir_modified",  "ovl_cache_get",
};

enum {
	NAMES = sizeof(names) / sizeof(names[0]),
};

struct text {
	const uint8_t *bytes;
	size_t len;
};

static int read_text(void *ctx, uint64_t addr, void *buf, size_t len)
{
	const struct text *t = ctx;

	if (addr < BASE || addr - BASE > t->len || len > t->len - (addr - BASE))
		return -EFAULT;
	memcpy(buf, t->bytes + (addr - BASE), len);
	return 0;
}

/* NAMES functions of equal sizes, and a symbol that ends the last one. */
static void symbols(struct ksyms *ks, size_t len)
{
	size_t i, part = (len / NAMES) & ~(size_t)3;
	char line[80];

	for (i = 0; i <= NAMES; i++) {
		int n = snprintf(line, sizeof(line), "%zx t %s\t[overlay]\n", BASE + i * part,
				 i < NAMES ? names[i] : "ovl_end");

		FUZZ_CHECK(!ksyms__add_line(ks, line, (size_t)n));
	}
	ksyms__finish(ks);
}

static void decode(const struct code_source *src, const struct ksym *sym)
{
	struct flow *flow;
	struct errptr e;
	struct func f;
	size_t i, reg;

	if (func__read(&f, src, sym) && f.err != -EILSEQ) {
		func__deinit(&f);
		return;
	}
	flow = flow__new(&f);
	FUZZ_CHECK(flow);
	for (i = 0; i < f.n; i++) {
		FUZZ_CHECK(f.insn[i].addr >= sym->addr && f.insn[i].addr < sym->end);
		FUZZ_CHECK(!i || f.insn[i - 1].addr < f.insn[i].addr);
		FUZZ_CHECK(func__at(&f, f.insn[i].addr) == &f.insn[i]);
		for (reg = 0; reg < INSN_REGS; reg += 7)
			FUZZ_CHECK(flow__origin(flow, i, (int)reg) >= FLOW_CONST);
	}
	func__is_traced(&f);
	flow__free(flow);
	errptr__look(&e, &f, src->ks);
	FUZZ_CHECK(!e.check || func__at(&f, e.check));
	FUZZ_CHECK(e.kind != ERRPTR_RETURNED || func__at(&f, e.back));
	func__deinit(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plan plan;
	struct ksyms ks = { 0 };
	struct text text = { data + 1, size - 1 };
	struct plan_input in = { .hits = true, .merged = true, .fexit = true };
	size_t i;

	if (size < 1 + 4 * NAMES)
		return 0;
	in.code = (struct code_source){ &ks, read_text, &text,
					data[0] & 1 ? &insn_arm64 : &insn_x86 };
	symbols(&ks, text.len);
	for (i = 0; i < ks.n; i++)
		if (ks.v[i].end > ks.v[i].addr)
			decode(&in.code, &ks.v[i]);
	plan__make(&plan, &in);
	FUZZ_CHECK(plan.nprobes <= PLAN_MAX_PROBES);
	FUZZ_CHECK(plan.graph.nfuncs <= CODE_MAX_FUNCS && plan.graph.ncalls <= CODE_MAX_CALLS);
	ksyms__deinit(&ks);
	return 0;
}
