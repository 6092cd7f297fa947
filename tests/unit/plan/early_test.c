// SPDX-License-Identifier: GPL-2.0-only
/* Probes that were moved before their calls, on captured kernels. */
#include <stdlib.h>

#include "fixture.h"
#include "test.h"

#define RACY "tests/unit/fixtures/6.12-racy.kernel"
#define ARM64 "tests/unit/fixtures/6.12-arm64-racy.kernel"

static struct fixture fx;
static struct plan_input in;
static struct plan plan;

static bool read_kernel(const char *path)
{
	FILE *f = fopen(path, "r");
	int line, err = f ? fixture__read(&fx, f, &line) : -1;

	if (f)
		fclose(f);
	if (!CHECK(!err))
		return false;
	fixture__input(&fx, 0, &in);
	plan__make(&plan, &in);
	return true;
}

static const struct plan_probe *probe(enum program prog)
{
	size_t i;

	for (i = 0; i < plan.nprobes; i++)
		if (plan.probe[i].prog == prog)
			return &plan.probe[i];
	return NULL;
}

static void moved(void)
{
	const struct plan_probe *p;

	if (!read_kernel(RACY))
		return;
	p = probe(PROG_at_unlock);
	/* add $0x98,%r14; mov %r13,%rdi */
	CHECK_EQ(p->call - p->addr, 10);
	CHECK_EQ(OVLW_COOKIE_REG(p->cookie), 13 + 1);
	CHECK_EQ(OVLW_COOKIE_DISP(p->cookie), 0x98);
	/* the argument is in its own register */
	p = probe(PROG_at_path_upper);
	CHECK_EQ(p->call - p->addr, 5);
	CHECK_EQ(OVLW_COOKIE_REG(p->cookie), 0);
	fixture__deinit(&fx);
}

/* There the kernel makes no jumps. */
static void unmoved(void)
{
	size_t i;

	if (!read_kernel(ARM64))
		return;
	for (i = 0; i < plan.nprobes; i++)
		CHECK_EQ(plan.probe[i].call, 0);
	fixture__deinit(&fx);
}

/* How often a program is attached, in the plan of a plain run or of another. */
static size_t count(enum program prog)
{
	size_t i, n = 0;

	plan__make(&plan, &in);
	for (i = 0; i < plan.nprobes; i++)
		n += plan.probe[i].prog == prog;
	return n;
}

/* Stores are seen before their calls, only where nothing is lost by it. */
static void stores(void)
{
	struct ovlw_layout layout;
	const struct plan_probe *p;

	if (!read_kernel(RACY))
		return;
	in.hits = false;
	/* the programs would count entries by helper calls */
	CHECK_EQ(count(PROG_at_store), 0);
	in.plain_loads = true;
	CHECK_EQ(count(PROG_at_store), 2);
	CHECK_EQ(count(PROG_in_set_dir_cache), 0);
	CHECK_EQ(plan.cover[EVENT_CACHE_STORED].provider, PROVIDER_CALL_SITE);
	p = probe(PROG_at_store);
	/* mov 0x48(%rsp),%r15; xor %esi,%esi; mov %r15,%rdi */
	CHECK_EQ(p->call - p->addr, 5);
	CHECK_EQ(OVLW_COOKIE_ARG(p->cookie), 15);
	CHECK_EQ(OVLW_STORE_CACHE(p->cookie), OVLW_REG_NULL);
	CHECK_EQ(OVLW_CALL_STAMP(p->cookie), 0);
	/* the stamp is in %rax: mov %r14,%rsi; mov %rax,0x8(%r14); mov -0x20(%rbx),%rbx */
	p++;
	CHECK_EQ(p->call - p->addr, 11);
	CHECK_EQ(OVLW_COOKIE_ARG(p->cookie), 7);
	CHECK_EQ(OVLW_STORE_CACHE(p->cookie), 14);
	CHECK_EQ(OVLW_CALL_STAMP(p->cookie), 0 + 1);
	CHECK_EQ(OVLW_STORE_CACHE(p->call_cookie), 6);
	CHECK_EQ(OVLW_CALL_STAMP(p->call_cookie), 0);
	in.merged = true;
	CHECK_EQ(count(PROG_at_store), 0);
	in.merged = false;
	in.hits = true;
	CHECK_EQ(count(PROG_at_store), 0);
	in.hits = false;
	in.no_kprobes = true;
	CHECK_EQ(count(PROG_at_store), 0);
	in.no_kprobes = false;
	/* the flag that a copy-up sets is another one: the order is not known */
	layout = *in.btf_layout;
	layout.whiteouts_bit++;
	in.btf_layout = &layout;
	CHECK_EQ(count(PROG_at_store), 0);
	fixture__deinit(&fx);
}

int main(void)
{
	TEST(moved);
	TEST(unmoved);
	TEST(stores);
	return test_done();
}
