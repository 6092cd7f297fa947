/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listens to what COMMAND's tests say of themselves: the kernel's log, and its
 * standard output if that goes through us. src/session/testlog.h knows what it means.
 */
#ifndef OVLTRACE_TESTS_H
#define OVLTRACE_TESTS_H

#include "session/testlog.h"

struct tests;

/* NULL: no memory. Where the kernel's log can't be read, nothing comes from it. */
struct tests *tests__new(testlog_fn fn, void *ctx);
void tests__free(struct tests *t);

/* Makes a pipe for COMMAND's output, which goes on to out_fd. Its end for COMMAND, or -errno. */
int tests__pipe(struct tests *t, int out_fd);
/* COMMAND runs: its end is its own. Returns what to wait for. */
int tests__pipe_started(struct tests *t);
/* Passes on what there is, and reads it. False: it has ended, or nobody takes it any more. */
bool tests__pass(struct tests *t);

/* Takes what the kernel's log has. */
void tests__read(struct tests *t);
/* The same, if what happened at at_ns may be later than what was read. */
void tests__catch_up(struct tests *t, uint64_t at_ns);
/* The trace ends. */
void tests__end(struct tests *t);
const char *tests__at(const struct tests *t, uint64_t at_ns);

#endif
