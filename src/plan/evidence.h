/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Evidence: the sentence in a coverage that says why the plan or the proof decided so.
 */
#ifndef OVLTRACE_PLAN_EVIDENCE_H
#define OVLTRACE_PLAN_EVIDENCE_H

#include <stddef.h>

/* snprintf() without the compiler's warning about truncation: evidence may be truncated. */
__attribute__((format(printf, 3, 4))) void evidence__set(char *buf, size_t size, const char *fmt,
							 ...);
#define SET_EVIDENCE(buf, ...) evidence__set(buf, sizeof(buf), __VA_ARGS__)

#endif
