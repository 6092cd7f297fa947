/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_RUN_OPTIONS_H
#define OVLTRACE_RUN_OPTIONS_H

#include "cmd/options.h"

#define RUN_WIDEN_UNSET UINT64_MAX

struct run_opts {
	const char *output, *metrics, *btf, *text, *color;
	const char *user, *command_user;
	bool keep_privileges;
	uint64_t require_rebuilds; /* 0: the option was not given */
	double seconds;
	struct option_list mounts, pids, without, comms, cgroups, containers;
	bool quiet, allow_partial, hits, merged, costly, proof, no_proof, ktap, hash_addresses,
		no_paths, follow, stacks;
	uint64_t rotate_size, rotate_files; /* 0: the option was not given */
	uint64_t ring_bytes; /* 0: the default */
	uint64_t widen_us; /* RUN_WIDEN_UNSET: the option was not given */
};

#endif
