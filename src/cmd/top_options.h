/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_TOP_OPTIONS_H
#define OVLTRACE_TOP_OPTIONS_H

#include "cmd/options.h"
#include "model/dirstat.h"

struct top_sort_key {
	const char *name, *text;
};

/* Values of --by. */
#define TOP_BY_DIRECTORY "directory"
#define TOP_BY_CONTAINER "container"

extern const struct top_sort_key top_sort_keys[DIRSTAT_KEYS];

struct top_opts {
	double interval, seconds;
	uint64_t lines, iterations; /* 0: no limit of iterations */
	struct option_list mounts, pids, without, comms, cgroups, containers;
	const char *btf, *sort, *by, *user;
	bool once, keep_privileges;
};

#endif
