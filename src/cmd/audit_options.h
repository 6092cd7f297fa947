/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_AUDIT_OPTIONS_H
#define OVLTRACE_AUDIT_OPTIONS_H

#include "cmd/options.h"

struct audit_opts {
	bool json;
};

#endif
