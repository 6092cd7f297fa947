/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of the judge. Pure. */
#ifndef OVLTRACE_CHECK_JUDGE_H
#define OVLTRACE_CHECK_JUDGE_H

#include "check/check.h"

#define JUDGE_UNREALIZED "the trace has not seen all windows that were meant"

/* As snprintf(), but returns what is in buf. */
__attribute__((format(printf, 3, 4))) size_t judge__set_text(char *buf, size_t size,
							     const char *fmt, ...);
void judge__set_sub(struct check_result *r, size_t i, enum check_state state, const char *why);
/* Combines the scenarios of a result: any failure, else any success, else skipped. */
void judge__combine(struct check_result *r);
/* The trace has seen the windows of the scenario that were meant, if any were. */
bool judge__is_realized(const struct check_facts *f, size_t i);
void judge__coverage(const struct check_facts *f, struct check_result *r);

#endif
