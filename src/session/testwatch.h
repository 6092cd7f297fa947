/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listens to what COMMAND's tests say of themselves: the kernel's log, and its
 * standard output if that goes through us. src/session/testlog.h knows what it means.
 */
#ifndef OVLTRACE_TESTWATCH_H
#define OVLTRACE_TESTWATCH_H

#include "session/testlog.h"

struct testwatch;

/* NULL: no memory. Where the kernel's log can't be read, nothing comes from it. */
struct testwatch *testwatch__new(testlog_fn fn, void *ctx);
void testwatch__free(struct testwatch *t);

/* Makes a pipe for COMMAND's output, which goes on to out_fd. Its end for COMMAND, or -errno. */
int testwatch__pipe(struct testwatch *t, int out_fd);
/* COMMAND runs: its end is its own. Returns what to wait for. */
int testwatch__pipe_started(struct testwatch *t);
/* Passes on what there is, and reads it. False: it has ended, or nobody takes it any more. */
bool testwatch__pass(struct testwatch *t);

/* Takes what the kernel's log has. */
void testwatch__read(struct testwatch *t);
/* The same, if what happened at at_ns may be later than what was read. */
void testwatch__catch_up(struct testwatch *t, uint64_t at_ns);
/* The trace ends. */
void testwatch__end(struct testwatch *t);
const char *testwatch__at(const struct testwatch *t, uint64_t at_ns);

#endif
