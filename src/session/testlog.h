/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which test was running when: from what tests say of themselves. Pure: text
 * and times come in, tests that begin and end go out.
 *
 * - fstests write "run fstests GROUP/NNN at DATE" into the kernel's log when a
 *   test begins; it ends when the next one does;
 * - KTAP says "ok 1 NAME" when one has ended. Where it was not announced
 *   ("# Subtest: NAME", kselftest's "# selftests: DIR: NAME"), it began when the
 *   one before it ended.
 *
 * All of it is text from outside: names are bounded, and hostile until escaped.
 */
#ifndef OVLTRACE_TESTLOG_H
#define OVLTRACE_TESTLOG_H

#include "record/record.h"

enum {
	TESTLOG_NAME = 192,
	TESTLOG_LINE = 1024, /* what of a line is looked at */
};

struct testlog;

/* A test begins (ended is false) or has ended. */
typedef void (*testlog_fn)(void *ctx, const struct rec_test *test);

struct testlog *testlog__new(testlog_fn fn, void *ctx);
void testlog__free(struct testlog *log);

/*
 * A record of /dev/kmsg: "PRIORITY,SEQ,USEC,FLAGS;TEXT\n". It was written after
 * empty_ns, when there was nothing to read, and before now. Its own clock is
 * not ours; it only says where in between.
 */
void testlog__kmsg(struct testlog *log, const char *record, size_t len, uint64_t empty_ns,
		   uint64_t now);
/* Records of it were overwritten before they could be read. */
void testlog__kmsg_lost(struct testlog *log, uint64_t now);
/* What COMMAND wrote to its standard output, in pieces of any size. */
void testlog__ktap(struct testlog *log, const char *bytes, size_t len, uint64_t now);
/* The trace ends: what still runs is told as ended, without a result. */
void testlog__end(struct testlog *log, uint64_t now);

/* The innermost test that ran then, as far as is known by now; NULL: none. */
const char *testlog__at(const struct testlog *log, uint64_t at_ns);

#endif
