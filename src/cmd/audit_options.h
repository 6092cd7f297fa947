/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_AUDIT_OPTIONS_H
#define OVLTRACE_AUDIT_OPTIONS_H

#include "cmd/options.h"

struct audit_mounts;

enum {
	AUDIT_MAX_DIRS = 1000000, /* by default */
};

struct audit_opts {
	bool json;
	bool listings;
	uint64_t max_dirs; /* 0: not given */
	struct option_list comms, cgroups, containers;
};

/* Keeps the overlays that these options name. Returns 0 or an exit status. */
int audit_options__keep(const struct audit_opts *opts, struct audit_mounts *m);

#endif
