// SPDX-License-Identifier: GPL-2.0-only
/*
 * The providers for the life of a merged directory's cache: run --merged.
 *
 * Kernel sources that this relies on: fs/overlayfs/readdir.c (ovl_iterate,
 * ovl_dir_llseek, ovl_dir_release, which are called through pointers, and
 * ovl_cache_get, ovl_cache_put, ovl_dir_read_merged below them), read at 6.1,
 * 6.12 and 7.3.
 */
#include "plan/internal.h"
#include "plan/later.h"

#include <stdlib.h>
#include <string.h>

#define ITERATE "ovl_iterate"
#define LLSEEK "ovl_dir_llseek"
#define RELEASE "ovl_dir_release"
#define PUT "ovl_cache_put"
#define READ_MERGED "ovl_dir_read_merged"

enum {
	ROOTS = 3,
};

/* All calls below each of the three functions. */
struct merged_code {
	struct code_graph of[ROOTS];
};

static const char *const root_names[ROOTS] = { ITERATE, LLSEEK, RELEASE };

static const struct callee_arg frees[] = {
	{ "kfree", 0 },		  { "kvfree", 0 },	    { "kfree_sensitive", 0 },
	{ "kvfree_call_rcu", 1 }, { "kmem_cache_free", 1 }, { NULL, 0 },
};

/* Impure directories have a graph of their own. NULL: no memory. */
static struct merged_code *code_make(const struct plan *plan, const struct plan_input *in)
{
	struct merged_code *mc = calloc(1, sizeof(*mc));
	size_t r;

	for (r = 0; mc && r < ROOTS; r++) {
		const struct ksym *root = ksyms__find(in->code.ks, root_names[r]);

		mc->of[r].watch = plan->graph.watch;

		if (root)
			code__add(&mc->of[r], &in->code, root, true, "ovl_iterate_real");
	}
	return mc;
}

/*
 * The function with that name, or a complete clone of it. A .part or .cold clone is
 * entered only sometimes. NULL: no caller.
 */
static const struct ksym *single_function(const struct code_graph *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->ncalls; i++) {
		const struct ksym *to = g->call[i].to;

		if (to->ovl && ksym__form(to->name, name) >= KSYM_CHANGED)
			return to;
	}
	return NULL;
}

/* Entry and return of one of the three: by trampolines, or by kprobes where they are better. */
static bool frame(struct plan *plan, const struct plan_input *in, enum logical_event ev,
		  const char *func, const enum program prog[4])
{
	bool typed = in->fexit && (!in->preemptible || in->no_kprobes);
	size_t from = plan->nprobes;

	if (typed && plan__typed(plan, in, HOOK(ev, PROVIDER_FENTRY, prog[0]), func) &&
	    plan__typed(plan, in, HOOK(ev, PROVIDER_FEXIT, prog[1]), func) &&
	    !plan__refused(plan, in, ev, from))
		return true;
	plan->nprobes = from;
	if (in->no_kprobes) {
		if (!in->fexit)
			SET_EVIDENCE(plan->cover[ev].evidence, "no trampolines, no kprobes");
		return false;
	}
	return plan__entry(plan, in, HOOK(ev, PROVIDER_ENTRY, prog[2]), func) &&
	       plan__entry(plan, in, HOOK(ev, PROVIDER_RETURN, prog[3]), func);
}

static bool may_drop(const struct merged_code *mc)
{
	const struct code_graph *g = &mc->of[0];
	size_t i;

	for (i = 0; i < g->ncalls; i++)
		if (plan__wanted(plan__unlocks, g->call[i].to->name) &&
		    !plan__is_foreign_lock(&g->call[i]))
			return true;
	return code__has_gap(g);
}

/* Other than a put, which empties the slot. */
static bool sets_slot(const struct code_graph *g)
{
	size_t i;

	for (i = 0; i < g->ncalls; i++)
		if (ksym__is_whole(g->call[i].to->name, "ovl_set_dir_cache") &&
		    !ksym__is(g->call[i].from->name, PUT))
			return true;
	return false;
}

static bool is_written(const struct merged_code *mc)
{
	int r;

	for (r = 0; r < ROOTS; r++)
		if (plan__writes_slot(&mc->of[r]))
			return true;
	return false;
}

/* Is ovl_set_dir_cache() probed already, or is it now? */
static bool setter_probed(struct plan *plan, const struct plan_input *in)
{
	size_t i;

	for (i = 0; i < plan->nprobes; i++)
		if (plan->probe[i].prog == PROG_in_set_dir_cache ||
		    plan->probe[i].prog == PROG_on_set_dir_cache)
			return true;
	return !in->no_kprobes &&
	       plan__entry(plan, in,
			   HOOK(EVENT_MERGED_STORED, PROVIDER_ENTRY, PROG_on_set_dir_cache),
			   "ovl_set_dir_cache");
}

/* The slot is written by a function of its own, by instructions, or by both. */
static bool stored(struct plan *plan, const struct plan_input *in, const struct merged_code *mc)
{
	struct coverage *cov = &plan->cover[EVENT_MERGED_STORED];
	bool sets = sets_slot(&mc->of[0]), writes = is_written(mc);

	if (!sets && !writes) {
		SET_EVIDENCE(cov->evidence, "%s is not seen to write the slot", ITERATE);
		return false;
	}
	if (sets && !setter_probed(plan, in))
		return false;
	if (writes)
		return plan__slot_writes_in(plan, in, mc->of, ROOTS, EVENT_MERGED_STORED);
	/* the same probe reports both */
	if (plan->cover[EVENT_CACHE_STORED].provider != PROVIDER_NONE)
		*cov = plan->cover[EVENT_CACHE_STORED];
	return true;
}

static bool got(struct plan *plan, const struct plan_input *in, const struct merged_code *mc)
{
	static const enum program prog[] = { PROG_m_in_iterate, PROG_m_out_iterate,
					     PROG_m_on_iterate, PROG_m_ret_iterate };
	struct coverage *cov = &plan->cover[EVENT_MERGED_GOT];
	bool drops = may_drop(mc);
	struct coverage was;
	size_t from;

	if (!frame(plan, in, EVENT_MERGED_GOT, ITERATE, prog))
		return false;
	SET_EVIDENCE(cov->evidence, "the stream's cache when %s begins and ends%s", ITERATE,
		     drops ? ", and when it may release the lock" : "");
	if (!drops)
		return true;
	/* other tasks can enter afterwards: a get must be reported before */
	was = *cov;
	from = plan->nprobes;
	if (in->no_kprobes || in->no_sites || code__has_gap(&mc->of[0]) ||
	    !plan__sites_in(plan, &mc->of[0], 1, plan__unlocks,
			    HOOK(EVENT_MERGED_GOT, PROVIDER_CALL_SITE, PROG_m_at_unlock)))
		was.inferred = true;
	if (plan__refused(plan, in, EVENT_MERGED_GOT, from)) {
		plan->nprobes = from;
		was.inferred = true;
		SET_EVIDENCE(was.refused, "%s", cov->refused);
	}
	*cov = was;
	return true;
}

static bool content_read(struct plan *plan, const struct plan_input *in,
			 const struct merged_code *mc)
{
	struct coverage *cov = &plan->cover[EVENT_MERGED_READ];
	const struct ksym *read = single_function(&mc->of[0], READ_MERGED);
	size_t from = plan->nprobes;

	if (!may_drop(mc)) {
		plan__cover(plan, EVENT_MERGED_READ, PROVIDER_CODE, ITERATE);
		SET_EVIDENCE(cov->evidence,
			     "no release of a lock in the %zu functions that %s reaches: "
			     "the version when it begins",
			     mc->of[0].nfuncs, ITERATE);
		return true;
	}
	if (read && !in->no_kprobes) {
		if (!plan__probe_add(plan, HOOK(EVENT_MERGED_READ, PROVIDER_ENTRY, PROG_m_on_read),
				     read, read->addr))
			return false;
		plan__cover(plan, EVENT_MERGED_READ, PROVIDER_ENTRY, read->name);
		SET_EVIDENCE(cov->evidence, "symbol %s, which is called", read->name);
		if (!plan__refused(plan, in, EVENT_MERGED_READ, from))
			return true;
		plan->nprobes = from;
	}
	plan__cover(plan, EVENT_MERGED_READ, PROVIDER_CODE, ITERATE);
	cov->inferred = true;
	SET_EVIDENCE(cov->evidence,
		     "%s is %s, and the lock may be dropped before: the version when %s "
		     "begins",
		     READ_MERGED, *cov->refused ? "refused a probe" : "inlined", ITERATE);
	return true;
}

static bool put_frames(struct plan *plan, const struct plan_input *in)
{
	static const enum program release[] = { PROG_m_in_release, PROG_m_out_release,
						PROG_m_on_release, PROG_m_ret_release };
	static const enum program llseek[] = { PROG_m_in_llseek, PROG_m_out_llseek,
					       PROG_m_on_llseek, PROG_m_ret_llseek };

	return frame(plan, in, EVENT_MERGED_PUT, RELEASE, release) &&
	       frame(plan, in, EVENT_MERGED_PUT, LLSEEK, llseek);
}

/* A function that all three call. */
static bool put_entry(struct plan *plan, const struct plan_input *in, const struct merged_code *mc)
{
	struct coverage *cov = &plan->cover[EVENT_MERGED_PUT];
	const struct ksym *put = single_function(&mc->of[0], PUT);
	int r;

	for (r = 0; r < ROOTS; r++)
		if (!put || single_function(&mc->of[r], PUT) != put) {
			SET_EVIDENCE(cov->evidence, "%s is not called below %s", PUT,
				     root_names[r]);
			return false;
		}
	if (in->no_kprobes ||
	    !plan__probe_add(plan, HOOK(EVENT_MERGED_PUT, PROVIDER_ENTRY, PROG_m_on_put), put,
			     put->addr))
		return false;
	plan__cover(plan, EVENT_MERGED_PUT, PROVIDER_ENTRY, put->name);
	SET_EVIDENCE(cov->evidence, "symbol %s, called below %s, %s and %s", put->name, ITERATE,
		     LLSEEK, RELEASE);
	return true;
}

/* It is inlined somewhere: use the release of the lock that directly follows it. */
static bool put_sites(struct plan *plan, const struct plan_input *in, const struct merged_code *mc)
{
	char seek[sizeof(plan->cover[0].evidence)];
	struct coverage *cov = &plan->cover[EVENT_MERGED_PUT];

	if (in->no_kprobes || in->no_sites)
		return false;
	if (!plan__sites_in(plan, &mc->of[1], 1, plan__unlocks,
			    HOOK(EVENT_MERGED_PUT, PROVIDER_CALL_SITE, PROG_m_at_unlock)))
		return false;
	SET_EVIDENCE(seek, "%s", cov->evidence);
	if (!plan__sites_in(plan, &mc->of[2], 1, plan__unlocks,
			    HOOK(EVENT_MERGED_PUT, PROVIDER_CALL_SITE, PROG_m_at_unlock)))
		return false;
	evidence__set(seek + strlen(seek), sizeof(seek) - strlen(seek), " %s", cov->evidence);
	SET_EVIDENCE(cov->evidence, "%s", seek);
	return true;
}

static bool put(struct plan *plan, const struct plan_input *in, const struct merged_code *mc)
{
	struct coverage *cov = &plan->cover[EVENT_MERGED_PUT];
	size_t from;

	if (!put_frames(plan, in))
		return false;
	from = plan->nprobes;
	if (put_entry(plan, in, mc) && !plan__refused(plan, in, EVENT_MERGED_PUT, from))
		return true;
	plan->nprobes = from;
	if (put_sites(plan, in, mc) && !plan__refused(plan, in, EVENT_MERGED_PUT, from))
		return true;
	plan->nprobes = from;
	plan__cover(plan, EVENT_MERGED_PUT, PROVIDER_FEXIT, RELEASE);
	cov->inferred = true;
	SET_EVIDENCE(cov->evidence, "when %s and %s have released the lock: the order is not exact",
		     RELEASE, LLSEEK);
	return true;
}

static bool freed(struct plan *plan, const struct plan_input *in, const struct merged_code *mc)
{
	struct coverage *cov = &plan->cover[EVENT_MERGED_FREED];
	size_t i, from = plan->nprobes;

	for (i = 0; i < ROOTS; i++) {
		const struct code_call *c = later__first(&mc->of[i]);

		if (!c)
			continue;
		SET_EVIDENCE(cov->evidence, "%s calls %s: a cache may be freed by another task",
			     c->from->name, c->to->name);
		return false;
	}
	if (!in->no_kprobes && !in->no_sites) {
		if (!plan__sites_in(plan, mc->of, ROOTS, frees,
				    HOOK(EVENT_MERGED_FREED, PROVIDER_CALL_SITE, PROG_m_at_free))) {
			SET_EVIDENCE(cov->evidence, "no call that frees memory below %s and %s",
				     ITERATE, RELEASE);
			return false;
		}
		for (i = from; i < plan->nprobes; i++)
			plan->probe[i].may_be_entry = true;
		return true;
	}
	if (!in->costly) {
		SET_EVIDENCE(cov->evidence,
			     "call sites cannot be probed; a system-wide probe could see it "
			     "(--costly)");
		return false;
	}
	if (!plan__entry(plan, in, HOOK(EVENT_MERGED_FREED, PROVIDER_TRACEPOINT, PROG_m_tp_kfree),
			 "kfree"))
		return false;
	cov->costly = true;
	SET_EVIDENCE(cov->evidence, "tracepoint kfree, filtered by task and known caches");
	return true;
}

static void set_coverage(struct plan *plan, const struct plan_input *in, enum logical_event ev,
			 size_t from, bool can)
{
	struct coverage *cov = &plan->cover[ev];

	if (can && !plan__contradicted(plan, in, ev, from) && !plan__refused(plan, in, ev, from)) {
		/* the offset in struct ovl_dir_file is guessed, and checked at stores */
		cov->inferred |= plan->layout.file_cache <= 0 &&
				 (ev == EVENT_MERGED_GOT || ev == EVENT_MERGED_PUT);
		return;
	}
	plan->nprobes = from;
	cov->provider = PROVIDER_NONE;
	cov->target[0] = 0;
	cov->inferred = cov->costly = false;
}

void plan__merged(struct plan *plan, const struct plan_input *in)
{
	static bool (*const way[])(struct plan * plan, const struct plan_input *in,
				   const struct merged_code *mc) = {
		stored, content_read, got, put, freed,
	};
	struct merged_code *mc = code_make(plan, in);
	int i;

	plan->merged = true;
	for (i = 0; i < EVENTS - EVENT_MERGED_STORED; i++) {
		enum logical_event ev = EVENT_MERGED_STORED + i;
		size_t from = plan->nprobes;

		memset(&plan->cover[ev], 0, sizeof(plan->cover[ev]));
		if (plan->shared)
			SET_EVIDENCE(
				plan->cover[ev].evidence,
				"readers share the lock: what they do to a cache has no order");
		else if (mc)
			set_coverage(plan, in, ev, from, way[i](plan, in, mc));
		else
			SET_EVIDENCE(plan->cover[ev].evidence, "out of memory");
	}
	free(mc);
	if (plan->layout.file_cache <= 0)
		plan->layout.file_cache = sizeof(void *);
}
