// SPDX-License-Identifier: GPL-2.0-only
/* Plans after the kernel refused a program or a probe: the next provider, and why. */
#include <stdlib.h>

#include "kern.h"
#include "test.h"

#define REAL                                                                        \
	"kfree ovl_path_upper ovl_path_open up_write iterate_dir down_write kfree " \
	"vfs_removexattr ovl_set_dir_cache"

static const struct kfunc funcs[] = {
	{ "ovl_iterate_real", REAL },
	{ "ovl_iterate", "ovl_iterate_real up_write down_write ovl_cache_put kfree" },
	{ "ovl_dir_llseek", "ovl_cache_put up_write" },
	{ "ovl_dir_release", "ovl_cache_put up_write" },
	{ "ovl_cache_put", "ovl_set_dir_cache kfree" },
	{ NULL, NULL },
};

static struct kern *k;
static struct plan *plan;
static struct plan_input in;
static struct refusals *refused;

static void kernel(void)
{
	refused->n = 0;
	in = (struct plan_input){
		.code = { &k->ks, kern__read, k, &insn_x86 },
		.fexit = true,
		.refused = refused,
	};
	plan__make(plan, &in);
}

static const struct plan_probe *probe(enum program prog)
{
	size_t i;

	for (i = 0; i < plan->nprobes; i++)
		if (plan->probe[i].prog == prog)
			return &plan->probe[i];
	return NULL;
}

/* Plans again without that program (addr 0), or without its probe there. */
static void refuse(enum program prog, uint64_t addr)
{
	struct refusal r = { .prog = prog, .addr = addr };

	snprintf(r.what, sizeof(r.what), addr ? "probe of %s" : "program %s", program__name(prog));
	snprintf(r.reason, sizeof(r.reason), "Invalid argument");
	CHECK(refusals__add(refused, &r));
	plan__make(plan, &in);
}

static enum provider of(enum logical_event ev)
{
	return plan->cover[ev].provider;
}

static bool says(enum logical_event ev, const char *text)
{
	return strstr(plan->cover[ev].refused, text) != NULL;
}

/* The next provider of the chain is taken, and coverage names the refused one. */
static void next_provider(void)
{
	enum logical_event missing;

	kernel();
	CHECK_EQ(of(EVENT_CACHE_STORED), PROVIDER_FENTRY);
	CHECK_STR(plan->cover[EVENT_CACHE_STORED].refused, "");
	refuse(PROG_in_set_dir_cache, 0);
	CHECK_EQ(of(EVENT_CACHE_STORED), PROVIDER_ENTRY);
	CHECK_STR(plan->cover[EVENT_CACHE_STORED].refused,
		  "program ovlt_in_set_dir_cache: Invalid argument");
	CHECK(!probe(PROG_in_set_dir_cache) && probe(PROG_on_set_dir_cache));
	CHECK(plan__complete(plan, &missing));
	/* nothing else has changed */
	CHECK_EQ(of(EVENT_LOCK_DROPPED), PROVIDER_CALL_SITE);
	CHECK_STR(plan->cover[EVENT_LOCK_DROPPED].refused, "");
}

static void no_provider_left(void)
{
	enum logical_event missing = EVENTS;

	kernel();
	refuse(PROG_in_set_dir_cache, 0);
	refuse(PROG_on_set_dir_cache, 0);
	CHECK_EQ(of(EVENT_CACHE_STORED), PROVIDER_NONE);
	CHECK(says(EVENT_CACHE_STORED, "ovlt_in_set_dir_cache: ") &&
	      says(EVENT_CACHE_STORED, "; program ovlt_on_set_dir_cache: "));
	CHECK(strstr(plan->cover[EVENT_CACHE_STORED].evidence,
		     "the kernel refuses program ovlt_in_set_dir_cache"));
	CHECK(!plan__complete(plan, &missing));
	CHECK_EQ(missing, EVENT_CACHE_STORED);
}

/* One site of several: without it not every drop would be seen. */
static void one_site(void)
{
	enum logical_event missing = EVENTS;

	kernel();
	refuse(PROG_at_unlock, probe(PROG_at_unlock)->addr);
	CHECK_EQ(of(EVENT_LOCK_DROPPED), PROVIDER_NONE);
	CHECK(strstr(plan->cover[EVENT_LOCK_DROPPED].evidence, "--costly"));
	CHECK(!plan__complete(plan, &missing));
	CHECK_EQ(missing, EVENT_LOCK_DROPPED);
	in.costly = true;
	plan__make(plan, &in);
	CHECK_EQ(of(EVENT_LOCK_DROPPED), PROVIDER_FENTRY);
	CHECK(says(EVENT_LOCK_DROPPED, "probe of ovlt_at_unlock"));
	CHECK(plan__complete(plan, &missing));
}

/* Another site of the same program is not meant. */
static void other_address(void)
{
	kernel();
	refuse(PROG_at_unlock, probe(PROG_at_unlock)->addr + 1);
	CHECK_EQ(of(EVENT_LOCK_DROPPED), PROVIDER_CALL_SITE);
}

/* Where a refusal costs only a detail, the event is still seen as before. */
static void detail(void)
{
	kernel();
	CHECK(probe(PROG_at_lock) != NULL);
	refuse(PROG_at_lock, 0);
	CHECK_EQ(of(EVENT_LOCK_REACQUIRED), PROVIDER_AFTER_CALL);
	CHECK(!probe(PROG_at_lock) && probe(PROG_at_locked));
}

static void listings(void)
{
	kernel();
	in.hits = true;
	plan__make(plan, &in);
	CHECK_EQ(of(EVENT_READDIR), PROVIDER_FEXIT);
	CHECK(plan__stats_prog(plan, PROG_stat_at_unlock) != NULL);
	refuse(PROG_stat_at_unlock, 0);
	CHECK_EQ(of(EVENT_READDIR), PROVIDER_FEXIT);
	CHECK(!plan__stats_sees_windows(plan));
	CHECK(says(EVENT_READDIR, "ovlt_stat_at_unlock"));
	refuse(PROG_stat_out_modified, 0);
	CHECK(plan__stats_prog(plan, PROG_stat_on_modified) != NULL);
	CHECK(plan__stats_sees_invalidations(plan));
	refuse(PROG_stat_in_iterate, 0);
	CHECK_EQ(of(EVENT_READDIR), PROVIDER_ENTRY);
}

static void merged(void)
{
	kernel();
	in.merged = true;
	plan__make(plan, &in);
	CHECK_EQ(of(EVENT_MERGED_GOT), PROVIDER_FEXIT);
	CHECK_EQ(of(EVENT_MERGED_PUT), PROVIDER_ENTRY);
	refuse(PROG_m_in_iterate, 0);
	CHECK_EQ(of(EVENT_MERGED_GOT), PROVIDER_RETURN);
	refuse(PROG_m_on_put, probe(PROG_m_on_put)->addr);
	CHECK(of(EVENT_MERGED_PUT) != PROVIDER_NONE && says(EVENT_MERGED_PUT, "ovlt_m_on_put"));
	CHECK(!probe(PROG_m_on_put));
	refuse(PROG_m_at_free, 0);
	CHECK_EQ(of(EVENT_MERGED_FREED), PROVIDER_NONE);
	CHECK(says(EVENT_MERGED_FREED, "ovlt_m_at_free"));
}

/* Each is added once, as many as there is room for. */
static void table(void)
{
	struct refusal r = { .prog = PROG_at_free, .addr = 1 };
	int i;

	refused->n = 0;
	CHECK(refusals__add(refused, &r));
	CHECK(!refusals__add(refused, &r));
	CHECK(!refusals__find(refused, PROG_at_free, 2));
	CHECK(!refusals__find(NULL, PROG_at_free, 1));
	for (i = 1; i < REFUSALS_MAX; i++) {
		r.addr++;
		CHECK(refusals__add(refused, &r));
	}
	r.addr++;
	CHECK(!refusals__add(refused, &r));
}

int main(void)
{
	k = calloc(1, sizeof(*k));
	plan = calloc(1, sizeof(*plan));
	refused = calloc(1, sizeof(*refused));
	kern__make(k, funcs);
	TEST(next_provider);
	TEST(no_provider_left);
	TEST(one_site);
	TEST(other_address);
	TEST(detail);
	TEST(listings);
	TEST(merged);
	TEST(table);
	kern__deinit(k);
	free(k);
	free(plan);
	free(refused);
	return test_done();
}
