/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads and attaches bpf/stats/stats.bpf.c, the probes of EVENT_READDIR, and reads its
 * counters. The kernel detaches them when the process ends.
 */
#ifndef OVLTRACE_DIRSTAT_PROBE_H
#define OVLTRACE_DIRSTAT_PROBE_H

#include "model/dirstat.h"
#include "model/slow.h"
#include "probe/kernel.h"
#include "plan/plan.h"

struct dirstat_probe;

struct dirstat_probe_opts {
	const uint32_t *devs; /* only these mounts; the kernel's encoding of st_dev */
	size_t ndevs;
	/* a map of struct ovlf_member by process: only listings of these trees; 0: of all */
	int members;
	uint32_t trees;
	/* counts only listings by tasks of such a cgroup and comm; NULL: by all */
	bool (*wants)(void *ctx, const struct rec_task *task);
	/* called for each new directory or task, while it exists; may be NULL */
	void (*path)(void *ctx, const struct ovls_path *path);
	void *ctx;
	/* `slow`: called for each listing that takes longer than slow_ns; 0: for none */
	void (*slow)(void *ctx, const struct ovls_slow *listing);
	uint64_t slow_ns;
	struct refusals *refused; /* as in struct attach_opts */
	struct dirstat *into; /* filled by dirstat_probe__read(); outlives the probe */
};

/* Whether listings can be seen by that plan, with kprobes or without: 0, or -errno with why. */
int dirstat_probe__check(const struct plan *plan, bool no_kprobes, char why[256]);
/* As attach__new(). */
int dirstat_probe__new(struct dirstat_probe **out, struct kernel *k, const struct plan *plan,
		       const struct dirstat_probe_opts *opts, char why[256]);
/* As attach__try(). */
int dirstat_probe__try(struct kernel *k, const struct plan *plan,
		       const struct dirstat_probe_opts *opts, char why[256]);
void dirstat_probe__free(struct dirstat_probe *p);
void dirstat_probe__detach(struct dirstat_probe *p);
/* Ready to read when a directory is new. */
int dirstat_probe__fd(const struct dirstat_probe *p);
/* Reads new paths. To be called several times a second. */
void dirstat_probe__poll(struct dirstat_probe *p);
/* Resets all counters. */
void dirstat_probe__reset(struct dirstat_probe *p);
/* Reads all counters into the dirstat. */
void dirstat_probe__read(struct dirstat_probe *p);
/*
 * If the tables are nearly full, deletes the directories that were not listed in the
 * last interval, and their tasks.
 */
void dirstat_probe__tidy(struct dirstat_probe *p);
struct dirstat_probe_listings {
	uint64_t seen, slow; /* that have returned; of these, longer than slow_ns */
	uint64_t lost; /* of slow, those that were not passed on */
	uint64_t running; /* that had the lock and have not returned */
};

void dirstat_probe__listings(const struct dirstat_probe *p, struct dirstat_probe_listings *out);
/* What a plan shows with the types of this kernel. */
void dirstat_probe__sees(const struct kernel *k, const struct plan *plan, struct slow_sees *out);
/* Listings that were not counted, or only in part, or of which it is not known by whom. */
uint64_t dirstat_probe__missed(const struct dirstat_probe *p);

#endif
