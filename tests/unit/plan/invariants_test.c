// SPDX-License-Identifier: GPL-2.0-only
/* Plans for invariants: where violations are seen, and at which cost. */
#include <stdlib.h>

#include "kern.h"
#include "test.h"

#define REAL "kfree ovl_path_upper ovl_path_open iterate_dir vfs_removexattr ovl_set_dir_cache"
#define WINDOW "up_write ovl_cache_update down_write "
#define USUAL                          \
	{ "ovl_copy_up_start", "" },   \
	{                              \
		"ovl_inode_update", "" \
	}
#define NO_END             \
	{                  \
		NULL, NULL \
	}

static struct kern *k;
static struct plan *plan;
static struct plan_input in;

static const struct ovlw_layout layout = {
	.inode_cache = -32,
	.inode_version = -16,
	.inode_flags = -8,
	.whiteouts_bit = 1,
	.cache_version = 8,
	.cache_entries = 16,
	.file_is_upper = 1,
	.file_cache = 8,
};

static void kernel(const struct kfunc *funcs)
{
	if (k)
		kern__deinit(k);
	free(k);
	k = calloc(1, sizeof(*k));
	kern__make(k, funcs);
	in = (struct plan_input){
		.code = { &k->ks, kern__read, k, &insn_x86 },
		.fexit = true,
		.btf_layout = &layout,
	};
	plan__make(plan, &in);
}

static enum provider of(enum logical_event ev)
{
	CHECK(plan->cover[ev].evidence[0]);
	return plan->cover[ev].provider;
}

/* Where a program is: "function+0xoffset", the first; NULL: nowhere. */
static const struct plan_probe *probe(const char *prog)
{
	size_t i;

	for (i = 0; i < plan->nprobes; i++)
		if (!strcmp(program__name(plan->probe[i].prog), prog))
			return &plan->probe[i];
	return NULL;
}

/* Only the listing of impure directories looks up without the lock. */
static void no_hazard(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_iterate_real", REAL },
		{ "ovl_iterate", "ovl_cache_update dput" },
		{ "ovl_cache_update", "lookup_one dput" },
		USUAL,
		NO_END,
	};

	kernel(funcs);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_CODE);
	CHECK(!probe("ovlt_at_lookup"));
	CHECK_EQ(of(EVENT_COPY_UP_ORDER), PROVIDER_FENTRY);
	CHECK_EQ(of(EVENT_READDIR_RETURNED), PROVIDER_FEXIT);
	CHECK_EQ(of(EVENT_KIND_SERVED), PROVIDER_FEXIT);
	CHECK(!plan->cover[EVENT_KIND_SERVED].partly);
	/* by default only that exit is on the listing path */
	CHECK(probe("ovlt_on_real_listing") && probe("ovlt_on_real_listing")->later);
	CHECK(probe("ovlt_out_iterate") && !probe("ovlt_out_iterate")->later);
}

/* All lookups take the lock: the code decides, and each call is in evidence. */
static void all_unlocked(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_iterate_real", REAL " " WINDOW },
		{ "ovl_iterate", "ovl_cache_update" },
		{ "ovl_cache_update", "lookup_one_unlocked dput" },
		USUAL,
		NO_END,
	};
	const struct plan_probe *p;

	kernel(funcs);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_CALL_SITE);
	CHECK(!plan->cover[EVENT_LOCKED_LOOKUP].costly);
	p = probe("ovlt_at_lookup");
	if (!CHECK(p))
		return;
	CHECK_STR(p->func->name, "ovl_cache_update");
	CHECK_STR(p->callee->name, "lookup_one_unlocked");
	CHECK_EQ(OVLW_COOKIE_ARG(p->cookie), 2);
}

/* A helper of overlayfs that looks up is followed; a lookup that is not known is no proof. */
static void helpers(void)
{
	static const struct kfunc below[] = {
		{ "ovl_iterate_real", REAL " " WINDOW },
		{ "ovl_iterate", "ovl_cache_update" },
		{ "ovl_cache_update", "ovl_lookup_noblock dput" },
		{ "ovl_lookup_noblock", "lookup_one_unlocked lookup_one" },
		USUAL,
		NO_END,
	};
	static const struct kfunc unknown[] = {
		{ "ovl_iterate_real", REAL " " WINDOW },
		{ "ovl_iterate", "ovl_cache_update" },
		{ "ovl_cache_update", "memcpy dput" },
		USUAL,
		NO_END,
	};

	kernel(below);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_NONE);
	CHECK(strstr(plan->cover[EVENT_LOCKED_LOOKUP].evidence, "ovl_lookup_noblock does"));
	kernel(unknown);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_NONE);
	CHECK(strstr(plan->cover[EVENT_LOCKED_LOOKUP].evidence, "no lookup that is known"));
}

/* Both kinds in one function that impure directories share: seen only with --costly. */
static void shared(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_iterate_real", REAL " " WINDOW },
		{ "ovl_iterate", "ovl_cache_update" },
		{ "ovl_cache_update", "lookup_one_unlocked lookup_one dput" },
		USUAL,
		NO_END,
	};

	kernel(funcs);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_NONE);
	CHECK(strstr(plan->cover[EVENT_LOCKED_LOOKUP].evidence, "--costly"));
	in.costly = true;
	plan__make(plan, &in);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_CALL_SITE);
	CHECK(plan->cover[EVENT_LOCKED_LOOKUP].costly);
	CHECK(probe("ovlt_at_lookup"));
	in.no_sites = true;
	plan__make(plan, &in);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_NONE);
}

/* The merged listing has a copy of its own: a probe there costs no rebuild. */
static void own_copy(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_iterate_real", REAL " " WINDOW },
		{ "ovl_iterate", "lookup_one lookup_one_unlocked" },
		{ "ovl_cache_update", "lookup_one_unlocked lookup_one dput" },
		USUAL,
		NO_END,
	};

	kernel(funcs);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_CALL_SITE);
	CHECK(!plan->cover[EVENT_LOCKED_LOOKUP].costly);
	CHECK_STR(probe("ovlt_at_lookup")->func->name, "ovl_iterate");
}

/* Code that cannot be read is no proof of anything. */
static void unread(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_iterate_real", REAL },
		{ "ovl_iterate", "ovl_cache_update" },
		{ "ovl_cache_update", "lookup_one" },
		USUAL,
		NO_END,
	};

	kernel(funcs);
	k->unreadable = "ovl_iterate";
	plan__make(plan, &in);
	CHECK_EQ(of(EVENT_LOCKED_LOOKUP), PROVIDER_NONE);
}

/* Without trampolines a return is seen only on demand, and not each time. */
static void no_trampolines(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_iterate_real", REAL },
		{ "ovl_iterate", "ovl_cache_update" },
		{ "ovl_cache_update", "lookup_one" },
		USUAL,
		NO_END,
	};

	kernel(funcs);
	in.fexit = false;
	plan__make(plan, &in);
	CHECK_EQ(of(EVENT_COPY_UP_ORDER), PROVIDER_ENTRY);
	CHECK_EQ(of(EVENT_READDIR_RETURNED), PROVIDER_NONE);
	CHECK_EQ(of(EVENT_KIND_SERVED), PROVIDER_NONE);
	in.costly = true;
	plan__make(plan, &in);
	CHECK_EQ(of(EVENT_READDIR_RETURNED), PROVIDER_RETURN);
	CHECK(plan->cover[EVENT_READDIR_RETURNED].partly);
	CHECK(probe("ovlt_on_iterate") && probe("ovlt_ret_iterate"));
}

/* A kernel without these functions: nothing is seen, and the verdict does without. */
static void none(void)
{
	static const struct kfunc funcs[] = { { "ovl_iterate_real", REAL }, NO_END };
	enum logical_event missing;
	int i;

	kernel(funcs);
	for (i = EVENT_COPY_UP_ORDER; i <= EVENT_LOCKED_LOOKUP; i++)
		CHECK_EQ(of(i), PROVIDER_NONE);
	CHECK(plan__complete(plan, &missing));
}

int main(void)
{
	plan = calloc(1, sizeof(*plan));
	TEST(no_hazard);
	TEST(all_unlocked);
	TEST(helpers);
	TEST(shared);
	TEST(own_copy);
	TEST(unread);
	TEST(no_trampolines);
	TEST(none);
	kern__deinit(k);
	free(k);
	free(plan);
	return test_done();
}
