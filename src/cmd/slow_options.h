/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_SLOW_OPTIONS_H
#define OVLTRACE_SLOW_OPTIONS_H

#include "cmd/options.h"

struct slow_opts {
	double over, seconds; /* 0: not given */
	uint64_t lines;
	struct option_list mounts, pids, without, comms, cgroups, containers;
	const char *btf, *user, *output;
	bool json, keep_privileges;
};

#endif
