/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what a system says about itself, and the plan for it, to what is short
 * and how to mend it. Pure.
 */
#ifndef OVLTRACE_DIAGNOSE_H
#define OVLTRACE_DIAGNOSE_H

#include "plan/plan.h"
#include "doctor/system.h"

enum {
	DIAGNOSE_MAX = 24,
};

struct shortfall {
	const char *id; /* a word that stays, for programs */
	bool blocks; /* nothing can be traced; else something less is seen */
	char what[200];
	char why[320]; /* why it matters */
	char remedy[200]; /* the one command or setting that mends it */
};

struct diagnosis {
	bool traceable;
	bool complete; /* all that a verdict needs can be seen */
	struct shortfall v[DIAGNOSE_MAX];
	size_t n;
};

struct diagnose_input {
	const struct system *sys;
	const struct plan *plan; /* NULL: the kernel could not be looked at */
	/* what a trace would be refused with, NULL if it would not; a remedy may be in it */
	const char *refusal;
};

void diagnose(struct diagnosis *d, const struct diagnose_input *in);

#endif
