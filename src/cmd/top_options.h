/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_TOP_OPTIONS_H
#define OVLTRACE_TOP_OPTIONS_H

#include "cmd/options.h"

struct top_opts {
	double interval, seconds;
	uint64_t lines, iterations; /* 0: no limit of iterations */
	struct option_list mounts, without;
	const char *btf;
	bool once;
};

#endif
