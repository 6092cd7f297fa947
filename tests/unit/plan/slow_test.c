// SPDX-License-Identifier: GPL-2.0-only
/* The parts of a listing can be seen on every captured kernel, by either kind of probe. */
#include <glob.h>
#include <stdlib.h>

#include "fixture.h"
#include "test.h"

static struct plan plan;

static bool no_types(void *ctx, const char *func)
{
	(void)ctx;
	(void)func;
	return false;
}

static bool all_types(void *ctx, const char *func)
{
	(void)ctx;
	(void)func;
	return true;
}

/* The captured prototypes lack the functions that are probed for `slow` alone. */
static void input(struct fixture *fx, struct plan_input *in)
{
	fixture__input(fx, 0, in);
	in->hits = in->slow = true;
	in->arg_is = NULL;
}

static void one(struct fixture *fx)
{
	struct plan_input in;

	input(fx, &in);
	in.is_typed = all_types;
	in.preemptible = false;
	in.fexit = true;
	plan__make(&plan, &in);
	CHECK(plan__stats_prog(&plan, PROG_stat_in_iterate_dir) &&
	      plan__stats_prog(&plan, PROG_stat_out_iterate_dir));
	CHECK(plan__stats_prog(&plan, PROG_stat_in_lookup) &&
	      plan__stats_prog(&plan, PROG_stat_out_lookup));
	CHECK(plan__slow_sees_calls(&plan) && plan__slow_sees_lookups(&plan));
	/* one kind of probe, not both */
	CHECK(!plan__stats_prog(&plan, PROG_stat_on_iterate_dir));
	in.is_typed = no_types;
	plan__make(&plan, &in);
	CHECK(plan__stats_prog(&plan, PROG_stat_on_iterate_dir) &&
	      plan__stats_prog(&plan, PROG_stat_ret_iterate_dir));
	CHECK(plan__stats_prog(&plan, PROG_stat_on_lookup) &&
	      plan__stats_prog(&plan, PROG_stat_ret_lookup));
	/* nothing of it without being asked */
	in.slow = false;
	plan__make(&plan, &in);
	CHECK(!plan__slow_sees_calls(&plan) && !plan__slow_sees_lookups(&plan));
	/* half a pair shows nothing */
	in.slow = in.no_kprobes = true;
	plan__make(&plan, &in);
	CHECK(!plan__slow_sees_calls(&plan) && !plan__slow_sees_lookups(&plan));
}

static void captured_kernels(void)
{
	glob_t g;
	size_t i;

	if (!CHECK(!glob("tests/unit/fixtures/*.kernel", 0, NULL, &g)))
		return;
	CHECK(g.gl_pathc > 10);
	for (i = 0; i < g.gl_pathc; i++) {
		struct fixture fx;
		FILE *f = fopen(g.gl_pathv[i], "r");
		int line;

		if (CHECK(f) && CHECK(!fixture__read(&fx, f, &line)))
			one(&fx);
		fixture__deinit(&fx);
		if (f)
			fclose(f);
	}
	globfree(&g);
}

/* A program that the kernel refuses takes its pair with it; the other kind of probe is next. */
static void refused(void)
{
	struct refusals refusals = { 0 };
	struct refusal r = { .prog = PROG_stat_out_lookup };
	struct plan_input in;
	struct fixture fx;
	FILE *f = fopen("tests/unit/fixtures/6.12-debian.kernel", "r");
	int line;

	if (!CHECK(f) || !CHECK(!fixture__read(&fx, f, &line)))
		return;
	fclose(f);
	input(&fx, &in);
	in.is_typed = all_types;
	in.preemptible = false;
	in.fexit = true;
	in.refused = &refusals;
	CHECK(refusals__add(&refusals, &r));
	plan__make(&plan, &in);
	CHECK(!plan__stats_prog(&plan, PROG_stat_in_lookup));
	CHECK(plan__stats_prog(&plan, PROG_stat_on_lookup));
	CHECK(plan__stats_prog(&plan, PROG_stat_in_iterate_dir));
	r.prog = PROG_stat_on_lookup;
	CHECK(refusals__add(&refusals, &r));
	plan__make(&plan, &in);
	CHECK(!plan__slow_sees_lookups(&plan) && plan__slow_sees_calls(&plan));
	CHECK(plan.cover[EVENT_READDIR].provider == PROVIDER_FEXIT);
	fixture__deinit(&fx);
}

int main(void)
{
	TEST(captured_kernels);
	TEST(refused);
	return test_done();
}
