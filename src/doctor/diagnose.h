/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Derives shortfalls and their remedies from what a system reports about itself
 * and from the plan for it. Pure.
 */
#ifndef OVLTRACE_DIAGNOSE_H
#define OVLTRACE_DIAGNOSE_H

#include "plan/plan.h"
#include "doctor/system.h"

enum {
	DIAGNOSE_MAX = 32,
};

struct shortfall {
	const char *id; /* stable, for programs */
	bool blocks; /* nothing can be traced; else coverage is reduced */
	char what[200];
	char why[320]; /* why it matters */
	char remedy[200]; /* the command or setting that fixes it */
};

struct diagnosis {
	bool traceable;
	bool complete; /* everything that a verdict needs can be seen */
	struct shortfall v[DIAGNOSE_MAX];
	size_t n;
};

struct diagnose_input {
	const struct system *sys;
	const struct plan *plan; /* NULL: the kernel could not be examined */
	/* the error that a trace would end with, remedy included; NULL: none */
	const char *refusal;
	const struct refusals *refused; /* programs and probes; NULL: none */
};

void diagnose(struct diagnosis *d, const struct diagnose_input *in);

#endif
