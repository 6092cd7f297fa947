/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of ovltrace run, and what is wrong with them. */
#ifndef OVLTRACE_RUN_OPTS_H
#define OVLTRACE_RUN_OPTS_H

#include "cmd/options.h"
#include "session/session.h"

struct run_opts {
	const char *output, *metrics, *widen;
	double seconds;
	struct option_list mounts, pids;
	struct option_list without;
	const char *btf;
	bool quiet, allow_partial, hits, merged, costly, proof, no_proof, ktap;
	uint64_t ring_bytes;
	/* by run_opts__session() and run_opts__command() */
	uint32_t pid[OPTION_MAX_VALUES];
	uint32_t widen_us;
};

extern const struct option_spec run_options[];

/* Both return 0, or the exit status after a line about what is wrong. */
int run_opts__session(struct run_opts *o, struct session_opts *so);
/* What is about COMMAND only. */
int run_opts__command(struct run_opts *o, char **command);

#endif
