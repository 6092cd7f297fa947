/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_AUDIT_OPTIONS_H
#define OVLTRACE_AUDIT_OPTIONS_H

#include "cmd/options.h"

enum {
	AUDIT_MAX_DIRS = 1000000, /* by default */
};

struct audit_opts {
	bool json;
	bool listings;
	uint64_t max_dirs; /* 0: not given */
};

#endif
