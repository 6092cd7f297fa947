/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Evidence: the sentence beside a coverage that says what the plan or the proof
 * rests on.
 */
#ifndef OVLTRACE_PLAN_EVIDENCE_H
#define OVLTRACE_PLAN_EVIDENCE_H

#include <stddef.h>

/* As snprintf(), of which the compiler does not ask that all fits: evidence may be cut. */
__attribute__((format(printf, 3, 4))) void evidence__set(char *buf, size_t size, const char *fmt,
							 ...);
#define SET_EVIDENCE(buf, ...) evidence__set(buf, sizeof(buf), __VA_ARGS__)

#endif
