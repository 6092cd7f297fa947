/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_DOCTOR_OPTIONS_H
#define OVLTRACE_DOCTOR_OPTIONS_H

#include "cmd/options.h"

struct doctor_opts {
	bool json, proof, strict;
};

#endif
