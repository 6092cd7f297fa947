/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels that differ in what the compiler made of readdir.c, and their plans. */
#ifndef OVLTRACE_TEST_PLAN_CASES_H
#define OVLTRACE_TEST_PLAN_CASES_H

#include "kern.h"

enum {
	MAX_FUNCS = 12
};

struct plan_case {
	const char *name;
	struct kfunc funcs[MAX_FUNCS];
	struct {
		bool builtin, hidden, no_pfx, endless;
		const char *unreadable;
	} is;
	enum lock_drop lock;
	/* "program callee@function", or "program @function" at an entry; each as
	 * often as it is here */
	const char *probes;
	const char *lacks; /* a program of which there must be no probe */
	const char *providers; /* one letter per event, see provider_letter() */
	bool complete;
};

extern const struct plan_case plan_cases[]; /* NULL name ended */

#endif
