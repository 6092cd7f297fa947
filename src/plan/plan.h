/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The attach plan: for each logical event, where this kernel shows it, and the evidence
 * for that. Pure: struct plan_input describes the kernel, so that plans can be tested
 * with captured kernels.
 */
#ifndef OVLTRACE_PLAN_H
#define OVLTRACE_PLAN_H

#include "code/code.h"
#include "ovltrace/wire.h"
#include "plan/programs.h"
#include "plan/refusals.h"
#include "record/coverage.h"

/* One probe to attach. */
struct plan_probe {
	enum logical_event event;
	enum provider provider;
	enum program prog;
	const struct ksym *func; /* the function that the address is in */
	const struct ksym *callee; /* of a call site, else NULL */
	uint64_t addr;
	uint64_t cookie;
	uint64_t call; /* of a probe that is before its call: where that is; else 0 */
	uint64_t call_cookie; /* for the same program there */
	bool optional; /* the kernel may refuse it: its callers are probed, too */
	bool may_be_entry; /* a free whose argument may be a cache entry: see attach.h */
	bool later; /* attached when attach__arm() asks for it */
};

enum {
	PLAN_TRACE_PROBES = 96, /* of the events that a verdict rests on */
	PLAN_MAX_PROBES = PLAN_TRACE_PROBES + 48,
};

struct plan {
	struct plan_probe probe[PLAN_MAX_PROBES];
	size_t nprobes;
	struct coverage cover[EVENTS];
	enum lock_drop lock_drop;
	bool preemptible; /* as in struct plan_input */
	bool merged; /* it has the events of NEED_MERGED */
	bool shared; /* readers hold i_rwsem for reading only */
	bool interrupts; /* the handler of a kprobe may be interrupted by a free, which is then missed */
	bool late_frees; /* caches are also freed after the readdir that overwrote them */
	char lock_evidence[192];
	struct ovlw_layout layout;
	bool layout_known;
	char layout_evidence[96];
	struct code_graph graph;
};

struct plan_input {
	struct code_source code;
	const struct ovlw_layout *btf_layout; /* NULL: no BTF for overlayfs */
	bool hits; /* plan for EVENT_READDIR, which costs probes on the cached path */
	bool slow; /* with hits: also for the parts of a listing; every directory's listing hits a probe */
	bool merged; /* plan for the events of NEED_MERGED, which each open directory passes */
	bool costly; /* allow system-wide probes for events without another provider */
	bool no_sites, no_kprobes; /* the kernel has none, or they must not be used */
	bool quiet; /* there are no records: no names, no waits */
	bool plain_loads; /* programs read memory without helpers, so they can count entries anywhere */
	bool preemptible; /* kernel code can be preempted, so runs of trampolines may be skipped */
	bool counts_nested; /* the kernel counts probes that are hit within a kprobe's handler */
	bool fexit; /* trampolines (fentry, fexit) are available */
	const struct refusals *refused; /* NULL: nothing was refused so far */
	/* Does the function have BTF, as a trampoline needs? NULL: all functions have. */
	bool (*is_typed)(void *ctx, const char *func);
	/*
	 * Writes the indexes of the arguments of func that are struct dentry *, at most two,
	 * into arg[]. Returns their number, or -1 without a prototype. NULL: there are no
	 * prototypes.
	 */
	int (*dentry_args)(void *ctx, const char *func, int arg[2]);
	/*
	 * Is the argument with index n of func a pointer to struct `type`? 1 yes, 0 no, -1
	 * without a prototype. NULL: there are no prototypes.
	 */
	int (*arg_is)(void *ctx, const char *func, int n, const char *type);
	void *btf_ctx;
};

/* Always fills plan. Events that cannot be seen are PROVIDER_NONE, with the reason as evidence. */
void plan__make(struct plan *plan, const struct plan_input *in);

/* src/plan/stats.c: the first probe of EVENT_READDIR that runs that program; NULL if there is none. */
const struct plan_probe *plan__stats_prog(const struct plan *plan, enum program prog);

/* Does counting see lock drops, and which tasks outdate caches? */
bool plan__stats_sees_windows(const struct plan *plan);
bool plan__stats_sees_invalidations(const struct plan *plan);
/* The same of stores of caches. */
bool plan__stats_sees_stores(const struct plan *plan);
/* src/plan/slow.c: calls of iterate_dir(), and lookups of entries. */
bool plan__slow_sees_calls(const struct plan *plan);
bool plan__slow_sees_lookups(const struct plan *plan);

/* Does a trace see every return of a readdir? */
bool plan__sees_leaves(const struct plan *plan);

/* Does the plan need kprobes? */
bool plan__has_kprobes(const struct plan *plan);

/* Can all events that the verdict needs be seen? If not, *missing is the first gap. */
bool plan__complete(const struct plan *plan, enum logical_event *missing);

#endif
