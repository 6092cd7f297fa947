/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_REPORT_OPTIONS_H
#define OVLTRACE_REPORT_OPTIONS_H

#include "cmd/options.h"

struct report_opts {
	const char *format, *output, *color; /* NULL: the default */
	struct option_list kinds, dirs;
	double since, until; /* 0: not given */
	bool hash_addresses;
};

#endif
