// SPDX-License-Identifier: GPL-2.0-only
/* The plan for merged directories' caches, on what compilers make of readdir.c. */
#include <stdlib.h>

#include "kern.h"
#include "test.h"

#define IMPURE \
	"ovl_path_upper ovl_path_open iterate_dir ovl_set_dir_cache *2 kfree ovl_set_dir_cache"
#define GET "ovl_set_dir_cache ovl_dir_read_merged kfree ovl_set_dir_cache"

struct merged_plan_case {
	const char *name;
	struct kfunc funcs[16];
	/* stored, read, got, put, freed; capital: inferred. Letters as in plan_test.c, t: tracepoint */
	const char *providers;
	const char *probes; /* lines that must be among "PROGRAM CALLEE@FUNCTION" */
	const char *lacks; /* a program that must not */
	bool complete;
	bool no_kprobes, no_fexit, costly, preemptible, no_layout, drift;
};

/* gcc's: ovl_cache_get() is inlined, put and reset are clones */
#define GCC                                                                                     \
	{ "ovl_iterate_real", IMPURE }, { "ovl_dir_read_merged", "ovl_path_open iterate_dir" }, \
		{ "ovl_cache_put.isra.0", "ovl_set_dir_cache *2 kfree" },                       \
		{ "ovl_dir_reset.isra.0", "ovl_inode_version_get ovl_cache_put.isra.0" },       \
	{                                                                                       \
		"ovl_dir_llseek", "down_write ovl_dir_reset.isra.0 up_write"                    \
	}

static const struct merged_plan_case cases[] = {
	{
		.name = "clones that all three call",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real iterate_dir " GET },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "exfec",
		.probes = "ovlt_m_in_iterate @ovl_iterate\n"
			  "ovlt_m_out_release @ovl_dir_release\n"
			  "ovlt_m_out_llseek @ovl_dir_llseek\n"
			  "ovlt_m_on_put @ovl_cache_put.isra.0\n"
			  "ovlt_m_at_free kfree@ovl_cache_put.isra.0\n"
			  "ovlt_m_at_free kfree@ovl_cache_put.isra.0\n"
			  "ovlt_m_at_free kfree@ovl_iterate\n"
			  "ovlt_m_at_free kfree@ovl_dir_release\n",
		.lacks = "ovlt_m_at_unlock",
		.complete = true,
	},
	{
		.name = "the same without trampolines",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real " GET },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "exrec",
		.probes = "ovlt_m_on_iterate @ovl_iterate\novlt_m_ret_iterate @ovl_iterate\n"
			  "ovlt_m_ret_llseek @ovl_dir_llseek\n",
		.lacks = "ovlt_m_in_iterate",
		.complete = true, .no_fexit = true,
	},
	{
		.name = "a preemptible kernel may pass a trampoline's program over",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real " GET },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "exrec",
		.lacks = "ovlt_m_in_release",
		.complete = true, .preemptible = true,
	},
	{
		.name = "the put is inlined into the release",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real " GET },
			{ "ovl_dir_release", "down_write ovl_set_dir_cache *2 kfree up_write kfree" },
		},
		.providers = "exfcc",
		.probes = "ovlt_m_at_unlock up_write@ovl_dir_release\n"
			  "ovlt_m_at_unlock up_write@ovl_dir_llseek\n",
		.lacks = "ovlt_m_on_put",
		.complete = true,
	},
	{
		.name = "a part of the put is left, which not every put enters",
		.funcs = {
			{ "ovl_iterate_real", IMPURE },
			{ "ovl_dir_read_merged", "ovl_path_open iterate_dir" },
			{ "ovl_cache_put.part.0", "ovl_set_dir_cache *2 kfree" },
			{ "ovl_iterate", "ovl_cache_put.part.0 ovl_iterate_real " GET },
			{ "ovl_dir_llseek", "down_write ovl_cache_put.part.0 up_write" },
			{ "ovl_dir_release", "down_write ovl_cache_put.part.0 up_write kfree" },
		},
		.providers = "exfcc",
		.lacks = "ovlt_m_on_put",
		.complete = true,
	},
	{
		.name = "the lock is dropped around the read, which is a function",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real ovl_set_dir_cache "
			  "up_write ovl_dir_read_merged down_write kfree ovl_set_dir_cache" },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "eefec",
		.probes = "ovlt_m_on_read @ovl_dir_read_merged\n"
			  "ovlt_m_at_unlock up_write@ovl_iterate\n",
		.complete = true,
	},
	{
		.name = "the lock is dropped, and the read is inlined",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real ovl_set_dir_cache "
			  "up_write ovl_path_open iterate_dir down_write kfree ovl_set_dir_cache" },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "eXfec",
	},
	{
		.name = "the lock of a layer's directory is another one",
		.funcs = {
			GCC,
			{ "ovl_check_whiteouts", "down_write_killable up_write" },
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real ovl_check_whiteouts " GET },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "exfec",
		.lacks = "ovlt_m_on_read",
		.complete = true,
	},
	{
		.name = "no kprobes: the order of puts is not exact, frees are not seen",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real " GET },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "exfFn",
		.no_kprobes = true,
	},
	{
		.name = "no kprobes, costly ones: frees by the tracepoint",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real " GET },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "exfFt",
		.no_kprobes = true, .costly = true,
	},
	{
		.name = "nothing frees",
		.funcs = {
			{ "ovl_iterate_real", IMPURE },
			{ "ovl_dir_read_merged", "ovl_path_open iterate_dir" },
			{ "ovl_cache_put", "ovl_set_dir_cache" },
			{ "ovl_iterate", "ovl_cache_put ovl_iterate_real ovl_set_dir_cache "
			  "ovl_dir_read_merged ovl_set_dir_cache" },
			{ "ovl_dir_llseek", "down_write ovl_cache_put up_write" },
			{ "ovl_dir_release", "down_write ovl_cache_put up_write" },
		},
		.providers = "exfen",
	},
	{
		.name = "no ovl_dir_release",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real " GET },
		},
		.providers = "exfnc",
	},
	{
		.name = "the slot is written in another way",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real ovl_dir_read_merged kfree" },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "nxfec",
	},
	{
		.name = "where a stream keeps its cache is not known",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real " GET },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "exFEc",
		.no_layout = true,
	},
	{
		.name = "the release takes no file any more",
		.funcs = {
			GCC,
			{ "ovl_iterate", "ovl_dir_reset.isra.0 ovl_iterate_real " GET },
			{ "ovl_dir_release", "down_write ovl_cache_put.isra.0 up_write kfree" },
		},
		.providers = "exfnc",
		.drift = true,
	},
};

static char letter(const struct coverage *c)
{
	char l = "nxcerfeait"[c->provider];

	CHECK(c->evidence[0] && (c->provider == PROVIDER_NONE || c->target[0]));
	return c->inferred ? l - 'a' + 'A' : l;
}

static int drifted(void *ctx, const char *func, int n, const char *type)
{
	(void)ctx;
	(void)n;
	(void)type;
	return strcmp(func, "ovl_dir_release") ? 1 : 0;
}

static void check_probes(const struct plan *plan, const struct merged_plan_case *c)
{
	const char *line = c->probes ? c->probes : "";
	size_t i, k;

	for (i = 0; i < plan->nprobes; i++) {
		const struct plan_probe *p = &plan->probe[i];

		CHECK(!c->lacks || strcmp(c->lacks, program__name(p->prog)));
		CHECK(p->event < EVENT_MERGED_STORED ||
		      strncmp(p->func->name, "ovl_iterate_real", 16));
		for (k = 0; k < i; k++)
			CHECK(plan->probe[k].addr != p->addr || plan->probe[k].prog != p->prog);
	}
	for (; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\n"), found = 0;
		char text[160];

		for (i = 0; i < plan->nprobes; i++) {
			const struct plan_probe *p = &plan->probe[i];

			snprintf(text, sizeof(text), "%s %s@%s", program__name(p->prog),
				 p->callee ? p->callee->name : "", p->func->name);
			found += strlen(text) == n && !strncmp(text, line, n);
		}
		if (!CHECK(found))
			printf("#   probe: %.*s\n", (int)n, line);
	}
}

static void check_case(const struct merged_plan_case *c)
{
	const struct ovlw_layout layout = { .inode_cache = -32,
					    .inode_version = -16,
					    .inode_flags = -24,
					    .cache_version = 8,
					    .cache_entries = 16,
					    .file_cache = 8 };
	struct kern *k = calloc(1, sizeof(*k));
	struct plan *plan = calloc(1, sizeof(*plan)), *plain = calloc(1, sizeof(*plain));
	struct ovlw_layout without = layout;
	enum logical_event missing;
	char letters[6] = "";
	int i;

	kern__make(k, c->funcs);
	struct plan_input in = {
		.code = { &k->ks, kern__read, k, &insn_x86 },
		.btf_layout = c->no_layout ? &without : &layout,
		.merged = true,
		.fexit = !c->no_fexit,
		.no_kprobes = c->no_kprobes,
		.no_sites = c->no_kprobes,
		.costly = c->costly,
		.preemptible = c->preemptible,
		.arg_is = c->drift ? drifted : NULL,
	};

	without.file_cache = -1;
	plan__make(plan, &in);
	for (i = 0; i < 5; i++)
		letters[i] = letter(&plan->cover[EVENT_MERGED_STORED + i]);
	CHECK_STR(letters, c->providers);
	check_probes(plan, c);
	CHECK(plan->layout.file_cache == 8);
	CHECK(coverage__reports(EVENT_MERGED_PUT, plan->merged));
	/* without it nothing changes */
	in.merged = false;
	plan__make(plain, &in);
	CHECK(!plain->merged && !coverage__reports(EVENT_MERGED_PUT, plain->merged));
	CHECK_EQ(plan__complete(plan, &missing), c->complete && plan__complete(plain, &missing));
	CHECK(!c->complete || plan__complete(plain, &missing));
	CHECK(plain->nprobes < plan->nprobes);
	CHECK(!memcmp(plain->probe, plan->probe, plain->nprobes * sizeof(plain->probe[0])));
	kern__deinit(k);
	free(k);
	free(plan);
	free(plain);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = test_failures;

		check_case(&cases[i]);
		test_end("merged plan", cases[i].name, before);
	}
	return test_done();
}
