/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internals of the plan: placing an event's probes on calls and functions.
 */
#ifndef OVLTRACE_PLAN_INT_H
#define OVLTRACE_PLAN_INT_H

#include "plan/evidence.h"
#include "plan/plan.h"

struct callee_arg {
	const char *name;
	int arg; /* the index of the relevant argument */
};

struct site_spec {
	enum logical_event event;
	const struct callee_arg *callees;
	enum program prog;
	bool roots_only;
	bool through; /* also callers of a function that only makes this call */
	bool after; /* probe the instruction after the call */
};

#define DIR_CACHE_FREE "ovl_dir_cache_free"

/* One link of an event's chain; a chain ends with { 0 }. */
struct choice {
	enum provider provider; /* that it needs; PROVIDER_CODE: none */
	bool (*try)(struct plan *plan, const struct plan_input *in);
	bool costly; /* unrelated tasks hit its probes: only with --costly */
};

extern const struct choice *const plan__chains[EVENTS];
extern const struct choice plan__store_chain[], plan__free_chain[], plan__clear_chain[];
extern const struct choice plan__order_chain[], plan__returned_chain[], plan__served_chain[];
extern const struct choice plan__lookup_chain[], plan__ends_chain[];
extern const struct choice plan__modify_chain[], plan__op_chain[], plan__destroy_chain[];
extern const struct choice plan__stats_chain[];

struct op_hook {
	const char *func; /* NULL ends the table */
	enum ovlw_op op;
};

/* Directory operations that users call. */
extern const struct op_hook plan__ops[];
/* Functions that release the lock in their argument. */
extern const struct callee_arg plan__unlocks[];

/* The event of a probe, how it is attached, and its program. */
struct hook {
	enum logical_event event;
	enum provider provider;
	enum program prog;
};

#define HOOK(event, provider, prog) (&(const struct hook){ event, provider, prog })

/* NULL: there are too many, as the event's evidence says. */
struct plan_probe *plan__probe_add(struct plan *plan, const struct hook *hook,
				   const struct ksym *func, uint64_t addr);
/* Does a probe from index `from` on already run that program at addr? */
bool plan__has_probe_at(const struct plan *plan, size_t from, enum program prog, uint64_t addr);
void plan__cover(struct plan *plan, enum logical_event ev, enum provider how, const char *target);
const struct callee_arg *plan__wanted(const struct callee_arg *list, const char *name);
void plan__evidence_site(char *evidence, size_t size, const struct code_call *c);
void plan__evidence_addr(char *evidence, size_t size, const struct ksym *func, uint64_t addr);
bool plan__is_foreign_lock(const struct code_call *c);
/* True if the call cannot be probed; *cov says why. */
bool plan__is_refused(const struct code_graph *g, const struct code_call *c, struct coverage *cov);
/*
 * Probes every call of the listed functions. Returns their number; 0, with a reason as
 * the event's evidence, if one of them cannot be probed.
 */
size_t plan__sites(struct plan *plan, const struct site_spec *s);
/*
 * Probes the calls of the listed functions in nroots graphs, each address once.
 * Returns how many are probed.
 */
size_t plan__sites_in(struct plan *plan, const struct code_graph *root, size_t nroots,
		      const struct callee_arg *list, const struct hook *hook);
/* The same; true if there are sites. `none` is the reason if there is no better one. */
bool plan__sites_or(struct plan *plan, const struct site_spec *s, const char *none);
/* The function with that name: the only one, or the one that the impure path calls. */
const struct ksym *plan__function(const struct plan *plan, const struct plan_input *in,
				  const char *name);
/* Probes a function by name; false if it has no symbol. */
bool plan__entry(struct plan *plan, const struct plan_input *in, const struct hook *hook,
		 const char *func);
/* Adds a trampoline; its function must have BTF. */
bool plan__typed(struct plan *plan, const struct plan_input *in, const struct hook *hook,
		 const char *func);
/*
 * True if a probe from index `from` on reads an argument that contradicts its function's
 * prototype. The event's evidence says which.
 */
bool plan__contradicted(struct plan *plan, const struct plan_input *in, enum logical_event ev,
			size_t from);
/*
 * True if the kernel refused a probe from index `from` on, or its program. The event's
 * evidence and `refused` say which.
 */
bool plan__refused(struct plan *plan, const struct plan_input *in, enum logical_event ev,
		   size_t from);
/* src/plan/slow.c: if asked, adds the probes of the parts of a listing. */
void plan__slow(struct plan *plan, const struct plan_input *in, bool trampolines);
/*
 * src/plan/ends.c: adds the trampoline at the begin of an operation on entries. False: there
 * is none for that function, or its prototype is another one.
 */
bool plan__begin_typed(struct plan *plan, const struct plan_input *in, const char *func);
/* src/plan/early.c */
void plan__early(struct plan *plan, const struct plan_input *in);
/* src/plan/merged.c */
void plan__merged(struct plan *plan, const struct plan_input *in);
/* Does code in g write the slot other than by ovl_set_dir_cache()? */
bool plan__writes_slot(const struct code_graph *g);
/* Does a call of ovl_set_dir_cache() store a cache before its version? The event's evidence says which. */
bool plan__stamps_later(struct plan *plan, const struct plan_input *in);
/* Probes these instructions. False: there is none, or not all can be probed. */
bool plan__slot_writes(struct plan *plan, const struct plan_input *in, const struct code_graph *g,
		       enum logical_event ev);
/* The same for n graphs, each instruction once. */
bool plan__slot_writes_in(struct plan *plan, const struct plan_input *in,
			  const struct code_graph *g, size_t n, enum logical_event ev);
/*
 * Probes the instructions that clear the impure flag in the functions that list impure
 * directories. False: there is none, or not all can be probed.
 */
bool plan__flag_clears(struct plan *plan, const struct plan_input *in);
/* Does the impure path call that function? */
bool plan__called(const struct plan *plan, const char *name);
/* The same; also true if some of the path's code is unknown. */
bool plan__may_call(const struct plan *plan, const char *name);

#endif
