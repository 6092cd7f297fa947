/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads and attaches bpf/stats/stats.bpf.c, the probes of EVENT_READDIR, and reads
 * what it counts. Detached when the process ends, like all others.
 */
#ifndef OVLTRACE_DIRSTAT_PROBE_H
#define OVLTRACE_DIRSTAT_PROBE_H

#include "model/dirstat.h"
#include "probe/kernel.h"
#include "plan/plan.h"

struct dirstat_probe;

struct dirstat_probe_opts {
	const uint32_t *devs; /* these mounts only; the kernel's encoding of st_dev */
	size_t ndevs;
	const uint32_t *pids; /* listings of these processes only */
	size_t npids;
	/* a directory or a task that is new, while it is there; may be NULL */
	void (*path)(void *ctx, const struct ovls_path *path);
	void *ctx;
	struct dirstat *into; /* what dirstat_probe__read() fills; outlives the probe */
};

/* As attach__new(): -EOPNOTSUPP, trampolines are refused. */
int dirstat_probe__new(struct dirstat_probe **out, struct kernel *k, const struct plan *plan,
		       const struct dirstat_probe_opts *opts, char why[256]);
void dirstat_probe__free(struct dirstat_probe *p);
void dirstat_probe__detach(struct dirstat_probe *p);
/* Ready to read when a directory is new. */
int dirstat_probe__fd(const struct dirstat_probe *p);
/* Takes paths in. To be called several times a second. */
void dirstat_probe__poll(struct dirstat_probe *p);
/* Forgets all that was counted. */
void dirstat_probe__reset(struct dirstat_probe *p);
/* Everything as it is now, into the dirstat. */
void dirstat_probe__read(struct dirstat_probe *p);
/*
 * Makes room where the tables are nearly full: takes out directories that were
 * not listed in the last interval, and what is known of their tasks.
 */
void dirstat_probe__tidy(struct dirstat_probe *p);
/* Listings that were not counted, or not to their end. */
uint64_t dirstat_probe__missed(const struct dirstat_probe *p);

#endif
