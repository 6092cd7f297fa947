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

int main(void)
{
	TEST(moved);
	TEST(unmoved);
	return test_done();
}
