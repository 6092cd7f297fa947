/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_CHECK_OPTIONS_H
#define OVLTRACE_CHECK_OPTIONS_H

#include "cmd/options.h"

struct check_cmdline {
	double seconds;
	const char *format, *output, *records;
	struct option_list scenarios, skipped, configs;
	bool list, provoke, strict, hash_addresses, explore;
	const char *history, *schedule;
	uint64_t readers, modifications; /* 0: the default */
	uint64_t depth, jobs, from;
	uint64_t seed; /* 0: choose one */
	uint64_t widen_us;
};

#endif
