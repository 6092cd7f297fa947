/* SPDX-License-Identifier: GPL-2.0-only */
/* Cross-checks that run along; one that fails makes the verdict inconclusive. */
#ifndef OVLTRACE_INCONSISTENCY_H
#define OVLTRACE_INCONSISTENCY_H

enum inconsistency {
#define INCONSISTENCY(id, text) INCONSISTENT_##id,
#include "record/inconsistencies.def"
#undef INCONSISTENCY
	INCONSISTENCIES,
};

/* What was found, as recordings and reports word it. */
const char *inconsistency__text(enum inconsistency which);

#endif
