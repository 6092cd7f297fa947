/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a function returns: a probe there sees each return, which a kretprobe does not
 * if too many tasks are in the function. Pure.
 */
#ifndef OVLTRACE_RETURNS_H
#define OVLTRACE_RETURNS_H

#include "code/func.h"

enum {
	RETURNS_MAX = 16,
	RETURNS_FUNCS = 6,
};

struct returns {
	/* the function, and those of overlayfs that it leaves to by tail calls */
	const struct ksym *func[RETURNS_FUNCS];
	size_t nfuncs;
	struct {
		const struct ksym *in;
		uint64_t addr;
	} at[RETURNS_MAX];
	size_t n;
};

/*
 * Finds all instructions that return to the caller of sym. False: it may return
 * elsewhere, too, as in another function or in code that cannot be followed, or there
 * are too many.
 */
bool returns__find(struct returns *r, const struct code_source *src, const struct ksym *sym);

#endif
