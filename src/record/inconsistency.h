/* SPDX-License-Identifier: GPL-2.0-only */
/* Cross-checks during a trace. A failed one makes the verdict inconclusive. */
#ifndef OVLTRACE_INCONSISTENCY_H
#define OVLTRACE_INCONSISTENCY_H

enum inconsistency {
#define INCONSISTENCY(id, text) INCONSISTENT_##id,
#include "record/inconsistencies.def"
#undef INCONSISTENCY
	INCONSISTENCIES,
};

/* The text that recordings and reports use. */
const char *inconsistency__text(enum inconsistency which);

#endif
