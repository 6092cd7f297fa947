/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_BUGREPORT_OPTIONS_H
#define OVLTRACE_BUGREPORT_OPTIONS_H

#include "cmd/options.h"

struct bugreport_opts {
	const char *output;
	double seconds; /* 0: the default */
	uint64_t size; /* likewise */
	bool no_paths, stacks;
};

#endif
