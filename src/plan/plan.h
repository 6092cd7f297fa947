/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The attach plan: for each logical event of a rebuild, where it can be seen
 * on this kernel, and what says so. Pure: what the kernel is comes in through
 * struct plan_input, so plans are tested from captured kernels.
 */
#ifndef OVLTRACE_PLAN_H
#define OVLTRACE_PLAN_H

#include "code/code.h"
#include "ovltrace/wire.h"

enum plan_event {
	PLAN_REBUILD_BEGIN,
	PLAN_CONTENT_READ,
	PLAN_LOCK_DROPPED,
	PLAN_LOCK_REACQUIRED,
	PLAN_CACHE_STORED,
	PLAN_CACHE_FREED,
	PLAN_IMPURE_CLEARED,
	PLAN_DIR_MODIFIED,
	PLAN_DIR_OPERATION,
	PLAN_INODE_DESTROYED,
	/* what must never happen: the verdict does without them */
	PLAN_COPY_UP_ORDER, /* a directory's copy-up: published before it is flagged? */
	PLAN_READDIR_RETURNED,
	PLAN_KIND_SERVED, /* a cache is served by the path that is for the other kind */
	PLAN_LOCKED_LOOKUP, /* a lookup takes the lock that the task holds */
	PLAN_READDIR, /* only if it is asked for; its probes are those of src/probe/dirstat_probe.c */
	/* of merged directories' caches, only if they are asked for: src/plan/merged.c */
	PLAN_MERGED_STORED,
	PLAN_MERGED_READ,
	PLAN_MERGED_GOT,
	PLAN_MERGED_PUT,
	PLAN_MERGED_FREED,
	PLAN_EVENTS,
};

enum plan_provider {
	PLAN_NONE, /* can't be seen */
	PLAN_CODE, /* can't happen: the kernel's own code has no such call */
	PLAN_CALL_SITE, /* kprobe on a call in the function it was inlined into */
	PLAN_ENTRY, /* kprobe on a function's entry */
	PLAN_RETURN, /* kretprobe */
	PLAN_FEXIT,
	PLAN_FENTRY,
	PLAN_AFTER_CALL, /* kprobe on the instruction after a call */
	PLAN_TRACEPOINT, /* one of the kernel's own */
	PLAN_OTHER, /* in a recording: what a newer version has */
};

enum plan_lock_drop {
	LOCK_DROP_UNKNOWN,
	LOCK_DROP_ABSENT,
	LOCK_DROP_PRESENT,
};

/* What the proof at run time says of an event: see src/session/proof.h. */
enum plan_proof {
	PLAN_NOT_PROVED, /* it was not run */
	PLAN_CONFIRMED,
	PLAN_CONTRADICTED, /* known operations made it do something else: it is not what it seems */
	PLAN_NOT_EXERCISED,
};

/* One probe to attach. */
struct plan_probe {
	enum plan_event event;
	enum plan_provider provider;
	const char *prog; /* the BPF program's name */
	const struct ksym *func; /* the function that the address is in */
	const struct ksym *callee; /* of a call site, else NULL */
	uint64_t addr;
	uint64_t cookie;
	bool optional; /* the kernel may refuse it: its callers are probed, too */
	bool may_be_entry; /* a free whose argument may be a cache entry: see attach.h */
	bool later; /* attached when attach__arm() asks for it */
};

struct plan_coverage {
	enum plan_provider provider;
	bool inferred; /* concluded from other events: not exact */
	bool costly; /* others run through its probes, too */
	bool partly; /* some may be missed without a word: none seen proves nothing */
	char target[96];
	char evidence[192];
	enum plan_proof proof;
	char proof_evidence[128]; /* "" where it was not run */
};

enum {
	PLAN_TRACE_PROBES = 96, /* of the events that a verdict rests on */
	PLAN_MAX_PROBES = PLAN_TRACE_PROBES + 48,
};

struct plan {
	struct plan_probe probe[PLAN_MAX_PROBES];
	size_t nprobes;
	struct plan_coverage cover[PLAN_EVENTS];
	enum plan_lock_drop lock_drop;
	bool preemptible; /* as in struct plan_input */
	bool merged; /* it has the PLAN_MERGED events; without, they are not told */
	char lock_evidence[192];
	struct ovlw_layout layout;
	bool layout_known;
	char layout_evidence[96];
	struct code_graph graph;
};

struct plan_input {
	const struct ksyms *ks;
	code_read_fn read;
	void *read_ctx;
	const struct ovlw_layout *btf_layout; /* NULL: no BTF for overlayfs */
	bool hits; /* plan for PLAN_READDIR, which costs probes on the cached path */
	bool merged; /* plan for the PLAN_MERGED events, which each open directory passes */
	bool costly; /* system-wide probes are allowed where nothing else can be had */
	bool no_sites, no_kprobes; /* the kernel has none, or they are not wanted */
	bool no_kinds; /* nothing of what must never happen: PLAN_COPY_UP_ORDER to PLAN_LOCKED_LOOKUP */
	bool quiet; /* nobody reads records: no names, no waits */
	bool preemptible; /* kernel code is, and then a trampoline's program: it may be passed over */
	bool fexit; /* trampolines (fentry, fexit) can be had */
	/* Has that function BTF, so that a trampoline can be put on it? NULL: all have. */
	bool (*is_typed)(void *ctx, const char *func);
	/*
	 * Writes into arg[] which arguments of func are struct dentry *, at most
	 * two, counted from 0; returns how many, or -1 where no prototype is known.
	 * NULL: none is.
	 */
	int (*dentry_args)(void *ctx, const char *func, int arg[2]);
	/*
	 * Is argument n of func, counted from 0, a pointer to struct `type`? 1 yes,
	 * 0 no, -1 where no prototype is known. NULL: none is.
	 */
	int (*arg_is)(void *ctx, const char *func, int n, const char *type);
	void *btf_ctx;
};

/* Always fills plan; what can't be had is PLAN_NONE with the reason as evidence. */
void plan__make(struct plan *plan, const struct plan_input *in);

/* src/plan/stats.c: the first probe of PLAN_READDIR that runs that program, NULL: there is none. */
const struct plan_probe *plan__stats_prog(const struct plan *plan, const char *prog);

/* Are the times without the lock seen, and who outdates caches? */
bool plan__stats_sees_windows(const struct plan *plan);
bool plan__stats_sees_invalidations(const struct plan *plan);

/* Does it need kprobes? */
bool plan__has_kprobes(const struct plan *plan);

/* Is the event one that this plan has a say in? */
bool plan__reports(const struct plan *plan, enum plan_event ev);
const char *plan_event__name(enum plan_event ev);
const char *plan_provider__name(enum plan_provider p);
const char *plan_proof__name(enum plan_proof p);
/* "exact", "inferred" or "none": how far a record that rests on this can be trusted. */
const char *plan_coverage__confidence(const struct plan_coverage *c);
/* What is in the way of a verdict: the contradiction if there is one, else the evidence. */
const char *plan_coverage__why(const struct plan_coverage *c);
const char *plan__lock_drop_name(const struct plan *plan);
/* Is everything there that the verdict needs? If not, *missing is the first gap. */
bool plan__complete(const struct plan *plan, enum plan_event *missing);

/* src/code/layout.c: the layout as the accessors' code shows it. 0 or -ENOENT. */
int layout__learn(struct ovlw_layout *l, const struct ksyms *ks, code_read_fn read, void *ctx);

#endif
