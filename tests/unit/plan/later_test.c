// SPDX-License-Identifier: GPL-2.0-only
/* Caches that are freed later, and readers that share the lock. */
#include <stdlib.h>

#include "kern.h"
#include "test.h"

#define REAL "ovl_path_upper ovl_path_open iterate_dir vfs_removexattr kfree ovl_set_dir_cache"

static struct kern *k;
static struct plan *plan;

static bool counts_nested = true, built_in;

static void make(const struct kfunc *funcs)
{
	struct plan_input in = { .fexit = true, .counts_nested = counts_nested };

	k = calloc(1, sizeof(*k));
	plan = calloc(1, sizeof(*plan));
	k->builtin = built_in;
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

/* How many probes of that program are in func. */
static size_t probes(enum program prog, const char *func)
{
	size_t i, n = 0;

	for (i = 0; i < plan->nprobes; i++)
		n += plan->probe[i].prog == prog && !strcmp(plan->probe[i].func->name, func);
	return n;
}

static const char *lacks(enum logical_event ev)
{
	return plan->cover[ev].provider == PROVIDER_NONE ? plan->cover[ev].evidence : "";
}

static void by_rcu(void)
{
	make((const struct kfunc[]){
		{ "ovl_iterate_real", "up_write down_write &ovl_free_later call_rcu " REAL },
		{ "ovl_free_later", "ovl_cache_free kfree" },
		{ NULL, NULL },
	});
	CHECK(plan->late_frees && !plan->shared);
	CHECK_EQ(plan->cover[EVENT_CACHE_FREED].provider, PROVIDER_CALL_SITE);
	CHECK_EQ(probes(PROG_at_free, "ovl_iterate_real"), 1);
	CHECK_EQ(probes(PROG_at_free_later, "ovl_free_later"), 1);
	CHECK(strstr(lacks(EVENT_DIR_OPERATION), "interrupt"));
	end();
}

/* The function that frees is no longer the place where the cache is freed. */
static void by_a_function_below(void)
{
	make((const struct kfunc[]){
		{ "ovl_iterate_real", "ovl_dir_cache_free " REAL },
		{ "ovl_dir_cache_free", "&ovl_free_later queue_work_on" },
		{ "ovl_free_later", "ovl_cache_free kfree" },
		{ NULL, NULL },
	});
	CHECK(plan->late_frees);
	CHECK_EQ(probes(PROG_on_dir_cache_free, "ovl_dir_cache_free"), 0);
	CHECK_EQ(probes(PROG_at_free_later, "ovl_free_later"), 1);
	end();
}

/* An interrupt may hit the probe within another one's handler, where it does not run. */
static void by_rcu_where_skips_are_not_counted(void)
{
	counts_nested = false;
	make((const struct kfunc[]){
		{ "ovl_iterate_real", "&ovl_free_later call_rcu " REAL },
		{ "ovl_free_later", "ovl_cache_free kfree" },
		{ NULL, NULL },
	});
	CHECK(strstr(lacks(EVENT_CACHE_FREED), "call_rcu"));
	end();
	/* a worker is a task */
	make((const struct kfunc[]){
		{ "ovl_iterate_real", "&ovl_free_later queue_work_on " REAL },
		{ "ovl_free_later", "ovl_cache_free kfree" },
		{ NULL, NULL },
	});
	CHECK(plan->late_frees && !*lacks(EVENT_CACHE_FREED));
	end();
	counts_nested = true;
}

static void by_something_unknown(void)
{
	make((const struct kfunc[]){
		{ "ovl_iterate_real", "queue_work_on " REAL },
		{ NULL, NULL },
	});
	CHECK(strstr(lacks(EVENT_CACHE_FREED), "queue_work_on"));
	CHECK(!plan->late_frees);
	end();
}

/* Its wrapper does not begin with ovl_, and no module is named beside it. */
static void built_into_the_kernel(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_iterate_real", "up_write down_write " REAL },
		{ "ovl_iterate", "ovl_iterate_real" },
		{ NULL, NULL },
	};

	built_in = true;
	make(funcs);
	CHECK(!plan->shared);
	end();
	built_in = false;
}

static void with_the_lock_shared(void)
{
	make((const struct kfunc[]){
		{ "ovl_iterate_real", "up_read dput down_read " REAL },
		{ "ovl_iterate", "ovl_iterate_real" },
		{ "ovl_dir_release", "kfree" },
		{ "shared_ovl_iterate", NULL },
		{ NULL, NULL },
	});
	CHECK(plan->shared && plan->late_frees);
	CHECK_EQ(plan->lock_drop, LOCK_DROP_PRESENT);
	CHECK_EQ(plan->cover[EVENT_LOCK_DROPPED].provider, PROVIDER_CODE);
	CHECK_EQ(plan->cover[EVENT_CONTENT_READ].provider, PROVIDER_CALL_SITE);
	CHECK_EQ(probes(PROG_at_free_later, "ovl_dir_release"), 1);
	CHECK_EQ(plan->cover[EVENT_KIND_SERVED].provider, PROVIDER_NONE);
	end();
}

int main(void)
{
	TEST(by_rcu);
	TEST(by_a_function_below);
	TEST(by_rcu_where_skips_are_not_counted);
	TEST(by_something_unknown);
	TEST(built_into_the_kernel);
	TEST(with_the_lock_shared);
	return test_done();
}
