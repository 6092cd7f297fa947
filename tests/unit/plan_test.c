// SPDX-License-Identifier: GPL-2.0-only
/* The plan, on kernels that differ in what the compiler made of readdir.c. */
#include <stdlib.h>

#include "kern.h"
#include "test.h"

enum { MAX_FUNCS = 12 };

struct plan_case {
	const char *name;
	struct kfunc funcs[MAX_FUNCS];
	struct {
		bool builtin, hidden, no_pfx, endless;
		const char *unreadable;
	} is;
	enum plan_lock_drop lock;
	/* "program callee@function", or "program @function" at an entry; each as
	 * often as it is here */
	const char *probes;
	const char *lacks; /* a program of which there must be no probe */
	const char *providers; /* one letter per event, see provider_letter() */
	bool complete;
};

/* n: none, x: code, c: call site, e: entry, r: return, f: fexit, a: after a call */
static char provider_letter(enum plan_provider p)
{
	return "nxcerfa"[p];
}

#define STOCK_READ "ovl_path_upper ovl_path_open iterate_dir"
#define STOCK                                                                                   \
	"ovl_dir_cache kfree kfree ovl_set_dir_cache " STOCK_READ " vfs_removexattr kfree "     \
	"ovl_set_dir_cache"
#define RACY_READ STOCK_READ " up_write dput down_write"
#define RACY                                                                                    \
	"ovl_dir_cache kfree kfree ovl_set_dir_cache " RACY_READ " vfs_removexattr kfree "      \
	"ovl_set_dir_cache"

static const struct plan_case cases[] = {
	{
		.name = "stock, all inlined",
		.funcs = { { "ovl_iterate_real", STOCK } },
		.lock = LOCK_DROP_ABSENT,
		.probes = "at_path_upper ovl_path_upper@ovl_iterate_real\n"
			  "at_read ovl_path_open@ovl_iterate_real\n"
			  "on_set_dir_cache @ovl_set_dir_cache\n"
			  "at_free kfree@ovl_iterate_real\n"
			  "at_free kfree@ovl_iterate_real\n"
			  "at_free kfree@ovl_iterate_real\n"
			  "at_destroy ovl_dir_cache_free@ovl_destroy_inode\n",
		.lacks = "at_unlock",
		.providers = "ccxxeccxxc",
		.complete = true,
	},
	{
		.name = "the lock is dropped, all inlined",
		.funcs = { { "ovl_iterate_real", RACY } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_path_upper ovl_path_upper@ovl_iterate_real\n"
			  "at_unlock up_write@ovl_iterate_real\n"
			  "at_lock down_write@ovl_iterate_real\n"
			  "at_locked down_write@ovl_iterate_real\n"
			  "after_dir_modified @ovl_dir_modified\n"
			  "on_op @ovl_rename\n"
			  "on_op @ovl_unlink\n",
		.lacks = "on_read_impure",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "part of the kernel, no __pfx_ symbols",
		.funcs = { { "ovl_iterate_real", RACY } },
		.is = { .builtin = true, .no_pfx = true },
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_unlock up_write@ovl_iterate_real\n"
			  "at_locked down_write@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "stock, part of the kernel",
		.funcs = { { "ovl_iterate_real", STOCK } },
		.is = { .builtin = true },
		.lock = LOCK_DROP_ABSENT,
		.providers = "ccxxeccxxc",
		.complete = true,
	},
	{
		.name = "nothing is inlined",
		.funcs = {
			{ "ovl_iterate_real", "ovl_cache_get_impure" },
			{ "ovl_cache_get_impure", "ovl_dir_cache ovl_dir_cache_free "
			  "ovl_set_dir_cache ovl_dir_read_impure kfree ovl_set_dir_cache" },
			{ "ovl_dir_read_impure", "ovl_path_upper ovl_dir_read up_write "
			  "ovl_cache_update_ino down_write ovl_cache_free" },
			{ "ovl_dir_read", "ovl_path_open iterate_dir" },
			{ "ovl_cache_update_ino", "dput" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "on_read_impure @ovl_dir_read_impure\n"
			  "on_read_impure_ret @ovl_dir_read_impure\n"
			  "at_read ovl_dir_read@ovl_dir_read_impure\n"
			  "at_unlock up_write@ovl_dir_read_impure\n"
			  "at_locked down_write@ovl_dir_read_impure\n"
			  "at_free kfree@ovl_cache_get_impure\n"
			  "on_dir_cache_free @ovl_dir_cache_free\n",
		.lacks = "at_path_upper",
		.providers = "eccaeeefec",
		.complete = true,
	},
	{
		.name = "a symbol that nobody calls is no provider",
		.funcs = {
			{ "ovl_iterate_real", STOCK },
			{ "ovl_dir_read_impure", STOCK_READ },
		},
		.lock = LOCK_DROP_ABSENT,
		.probes = "at_path_upper ovl_path_upper@ovl_iterate_real\n",
		.lacks = "on_read_impure",
		.providers = "ccxxeccxxc",
		.complete = true,
	},
	{
		.name = "clones: .isra and .part",
		.funcs = {
			{ "ovl_iterate_real.isra.0", "ovl_cache_get_impure.part.0" },
			{ "ovl_cache_get_impure.part.0", "kfree ovl_dir_read_impure.isra.0 kfree "
			  "ovl_set_dir_cache" },
			{ "ovl_dir_read_impure.isra.0", RACY_READ },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_path_upper ovl_path_upper@ovl_dir_read_impure.isra.0\n"
			  "at_read ovl_path_open@ovl_dir_read_impure.isra.0\n"
			  "at_unlock up_write@ovl_dir_read_impure.isra.0\n"
			  "at_locked down_write@ovl_dir_read_impure.isra.0\n",
		.lacks = "on_read_impure",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "the cold half releases the lock",
		.funcs = {
			{ "ovl_iterate_real", STOCK },
			{ "ovl_iterate_real.cold", "up_write printk down_write" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_unlock up_write@ovl_iterate_real.cold\n"
			  "at_locked down_write@ovl_iterate_real.cold\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "the cold half of a helper releases it",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_helper" },
			{ "ovl_helper", "dput" },
			{ "ovl_helper.cold", "up_write down_write" },
		},
		.lock = LOCK_DROP_UNKNOWN,
		.probes = "at_unlock up_write@ovl_helper.cold\n"
			  "at_locked down_write@ovl_helper.cold\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "a helper releases the lock: unknown, and still probed",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_cache_update" },
			{ "ovl_cache_update", "up_write dput down_write" },
		},
		.lock = LOCK_DROP_UNKNOWN,
		.probes = "at_unlock up_write@ovl_cache_update\n"
			  "at_lock down_write@ovl_cache_update\n"
			  "at_locked down_write@ovl_cache_update\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "ovl_check_whiteouts() has a lock of its own",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_dir_read" },
			{ "ovl_dir_read", "ovl_check_whiteouts" },
			{ "ovl_check_whiteouts", "down_write_killable dput up_write" },
		},
		.lock = LOCK_DROP_ABSENT,
		.lacks = "at_unlock",
		.providers = "ccxxeccxxc",
		.complete = true,
	},
	{
		.name = "ovl_check_whiteouts' lock is no retake",
		.funcs = {
			{ "ovl_iterate_real", STOCK " up_write ovl_check_whiteouts" },
			{ "ovl_check_whiteouts", "down_write_killable dput up_write" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_unlock up_write@ovl_iterate_real\n",
		.providers = "cccneccfec",
	},
	{
		.name = "calls into the padding",
		.funcs = { { "ovl_iterate_real", "-kfree -ovl_path_upper -ovl_path_open -up_write "
			     "-down_write -ovl_set_dir_cache" } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_path_upper ovl_path_upper@ovl_iterate_real\n"
			  "at_unlock up_write@ovl_iterate_real\n"
			  "at_locked down_write@ovl_iterate_real\n"
			  "at_free kfree@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "breakpoints of another tracer",
		.funcs = { { "ovl_iterate_real", "!kfree !ovl_path_upper !ovl_path_open !up_write "
			     "!down_write !ovl_set_dir_cache" } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_path_upper ovl_path_upper@ovl_iterate_real\n"
			  "at_unlock up_write@ovl_iterate_real\n"
			  "at_locked down_write@ovl_iterate_real\n"
			  "at_free kfree@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "jumps to kfree and up_write",
		.funcs = { { "ovl_iterate_real", STOCK_READ " down_write ovl_set_dir_cache "
			     "=kfree =up_write" } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_free kfree@ovl_iterate_real\n"
			  "at_unlock up_write@ovl_iterate_real\n"
			  "at_locked down_write@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "a jump to down_write: no place after it",
		.funcs = {
			{ "ovl_iterate_real", STOCK " up_write ovl_relock" },
			{ "ovl_relock", "=down_write" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_unlock up_write@ovl_iterate_real\n"
			  "at_lock down_write@ovl_relock\n",
		.lacks = "at_locked",
		.providers = "cccneccfec",
	},
	{
		.name = "the code can't be read: unknown, not absent",
		.funcs = { { "ovl_iterate_real", STOCK } },
		.is = { .unreadable = "ovl_iterate_real" },
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "nnnnennfec",
	},
	{
		.name = "a helper's code can't be read: unknown, not absent",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_helper" },
			{ "ovl_helper", "dput" },
		},
		.is = { .unreadable = "ovl_helper" },
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "ccnneccfec",
	},
	{
		.name = "where a function ends is unknown: unknown, not absent",
		.funcs = { { "ovl_iterate_real", STOCK } },
		.is = { .endless = true },
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "nnnnennfec",
	},
	{
		.name = "where a helper ends is unknown: unknown, not absent",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_helper" },
			{ "ovl_helper", "up_write down_write" },
		},
		.is = { .endless = true },
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "ccnneccfec",
	},
	{
		.name = "kallsyms hides the addresses",
		.funcs = { { "ovl_iterate_real", RACY } },
		.is = { .hidden = true },
		.lock = LOCK_DROP_UNKNOWN,
		.probes = "",
		.providers = "nnnnnnnnnn",
	},
	{
		.name = "no overlayfs at all",
		.funcs = {
			{ "ovl_path_upper", NULL }, { "ovl_path_open", NULL },
			{ "ovl_dir_cache", NULL }, { "ovl_set_dir_cache", NULL },
			{ "ovl_inode_version_get", NULL }, { "ovl_dir_modified", NULL },
			{ "ovl_cache_free", NULL }, { "ovl_dir_cache_free", NULL },
			{ "ovl_destroy_inode", NULL }, { "ovl_rename", NULL },
			{ "ovl_unlink", NULL },
		},
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "nnnnnnnnnn",
	},
	{
		.name = "no ovl_set_dir_cache",
		.funcs = {
			{ "ovl_iterate_real", STOCK_READ " kfree" },
			{ "ovl_set_dir_cache", NULL },
		},
		.lock = LOCK_DROP_ABSENT,
		.lacks = "on_set_dir_cache",
		.providers = "ccxxnccxxc",
	},
	{
		.name = "ovl_set_dir_cache is a symbol, yet nobody here calls it",
		.funcs = { { "ovl_iterate_real", STOCK_READ " kfree" } },
		.lock = LOCK_DROP_ABSENT,
		.providers = "ccxxnccxxc",
	},
	{
		.name = "nothing frees memory",
		.funcs = { { "ovl_iterate_real", STOCK_READ " ovl_set_dir_cache" } },
		.lock = LOCK_DROP_ABSENT,
		.lacks = "at_free",
		.providers = "ccxxennxxc",
	},
	{
		.name = "ovl_iterate() swallowed it all",
		.funcs = { { "ovl_iterate", RACY } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "at_path_upper ovl_path_upper@ovl_iterate\n"
			  "at_unlock up_write@ovl_iterate\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "more frees than probes: not complete",
		.funcs = { { "ovl_iterate_real", STOCK " *120 kfree" } },
		.lock = LOCK_DROP_ABSENT,
	},
	{
		.name = "more calls than the table holds: never absent",
		.funcs = { { "ovl_iterate_real", "*2100 dput up_write" },
			   { "ovl_unused", "" } },
		.lock = LOCK_DROP_UNKNOWN,
	},
};

/* How often line is in text, as a whole line. */
static int count_line(const char *text, const char *line, size_t n)
{
	int found = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		found += strcspn(text, "\n") == n && !strncmp(text, line, n);
	return found;
}

static void check_probe(const struct kern *k, const struct plan_probe *p)
{
	uint64_t at = p->addr - k->base;
	int32_t rel;

	CHECK(p->func->addr <= p->addr && p->addr < p->func->end);
	if (p->provider == PLAN_ENTRY || p->provider == PLAN_RETURN || p->provider == PLAN_FEXIT) {
		CHECK(p->addr == p->func->addr && !p->callee);
		return;
	}
	at -= p->provider == PLAN_AFTER_CALL ? 5 : 0;
	CHECK(k->text[at] == 0xe8 || k->text[at] == 0xe9 || k->text[at] == 0xcc);
	memcpy(&rel, k->text + at + 1, sizeof(rel));
	at = k->base + at + 5 + (int64_t)rel;
	CHECK(at <= p->callee->addr && p->callee->addr - at <= KERN_PAD);
	CHECK(OVLW_COOKIE_SITE(p->cookie) < OVLW_MAX_SITES);
}

static void check_probes(const struct kern *k, const struct plan *plan,
			 const struct plan_case *c)
{
	static char text[16384];
	const char *line;
	size_t i, len = 0;

	text[0] = 0;
	for (i = 0; i < plan->nprobes; i++) {
		const struct plan_probe *p = &plan->probe[i];

		check_probe(k, p);
		CHECK(!c->lacks || strcmp(c->lacks, p->prog));
		len += snprintf(text + len, sizeof(text) - len, "%s %s@%s\n", p->prog,
				p->callee ? p->callee->name : "", p->func->name);
	}
	for (line = c->probes ? c->probes : ""; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\n");

		if (!CHECK_EQ(count_line(text, line, n), count_line(c->probes, line, n)))
			printf("#   probe: %.*s\n", (int)n, line);
	}
	CHECK(!c->probes || *c->probes || !plan->nprobes);
}

static void check_coverage(const struct plan *plan, const struct plan_case *c)
{
	char letters[PLAN_EVENTS + 1] = { 0 };
	enum plan_event missing = PLAN_EVENTS;
	int i;

	for (i = 0; i < PLAN_EVENTS; i++) {
		const struct plan_coverage *cov = &plan->cover[i];

		letters[i] = provider_letter(cov->provider);
		/* none has a reason, everything else a target */
		if (!CHECK(cov->evidence[0] && (cov->provider == PLAN_NONE || cov->target[0])))
			printf("#   %s\n", plan_event__name(i));
	}
	if (c->providers)
		CHECK_STR(letters, c->providers);
	CHECK_EQ(plan__complete(plan, &missing), c->complete);
	CHECK(plan->lock_evidence[0]);
}

static void check_case(const struct plan_case *c)
{
	struct kern *k = calloc(1, sizeof(*k));
	struct plan *plan = calloc(1, sizeof(*plan));

	k->builtin = c->is.builtin;
	k->hidden = c->is.hidden;
	k->no_pfx = c->is.no_pfx;
	k->endless = c->is.endless;
	k->unreadable = c->is.unreadable;
	kern__make(k, c->funcs);
	kern__plan(k, plan);
	CHECK_EQ(k->ks.hidden, c->is.hidden);
	CHECK_STR(plan__lock_drop_name(plan), c->lock == LOCK_DROP_PRESENT ? "present" :
					      c->lock == LOCK_DROP_ABSENT  ? "absent" :
									     "unknown");
	check_probes(k, plan, c);
	check_coverage(plan, c);
	kern__deinit(k);
	free(k);
	free(plan);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = test_failures;

		check_case(&cases[i]);
		test_end("plan", cases[i].name, before);
	}
	return test_done();
}
