/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads what COMMAND's tests print: the kernel log, and with --ktap COMMAND's standard
 * output. src/session/testlog.h interprets it.
 */
#ifndef OVLTRACE_TESTWATCH_H
#define OVLTRACE_TESTWATCH_H

#include "session/testlog.h"
#include "util/writer.h"

struct testwatch;

/* NULL: no memory. A kernel log that cannot be read is ignored. */
struct testwatch *testwatch__new(testlog_fn fn, void *ctx);
void testwatch__free(struct testwatch *t);

/*
 * Creates a pipe for COMMAND's output, which will be copied to out_fd. Returns the write
 * end, or -errno.
 */
int testwatch__pipe(struct testwatch *t, int out_fd);
/* COMMAND has started: closes our write end. Returns the descriptor to poll. */
int testwatch__pipe_started(struct testwatch *t);
enum testwatch_pipe {
	TESTWATCH_OPEN,
	TESTWATCH_FULL, /* out_fd takes no more for now: COMMAND has to wait */
	TESTWATCH_CLOSED, /* end of file, or out_fd fails */
};

/* Copies and interprets some of the available output. Does not wait for out_fd. */
enum testwatch_pipe testwatch__pass(struct testwatch *t);
/* What writes to out_fd; NULL without a pipe. */
struct writer *testwatch__writer(const struct testwatch *t);

/* Reads new records of the kernel log. */
void testwatch__read(struct testwatch *t);
/* The same, if the log was not yet read up to at_ns. */
void testwatch__catch_up(struct testwatch *t, uint64_t at_ns);
/* The trace ends. */
void testwatch__end(struct testwatch *t);
const char *testwatch__at(const struct testwatch *t, uint64_t at_ns);

#endif
