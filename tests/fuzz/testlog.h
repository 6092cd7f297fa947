/* SPDX-License-Identifier: GPL-2.0-only */
/* What a testlog reports; src/session/testlog.h. */
#ifndef OVLTRACE_TEST_FUZZ_TESTLOG_H
#define OVLTRACE_TEST_FUZZ_TESTLOG_H

#include "session/testlog.h"

struct seen;

struct seen *seen__new(void);
/* The callback of a testlog; ctx is a struct seen. */
void seen__test(void *ctx, const struct rec_test *test);
/* Checks what was reported in all forms of output, and frees it. Frees the log, too. */
void seen__end(struct seen *seen, struct testlog *log, uint64_t now);

#endif
