/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which test ran when, from what tests print. Pure: takes text and times, reports
 * starts and ends of tests.
 *
 * - fstests write "run fstests GROUP/NNN at DATE" into the kernel log when a test
 *   starts. It ends when the next one starts.
 * - KTAP has "ok 1 NAME" when a test has ended. If the test was not announced
 *   ("# Subtest: NAME", kselftest's "# selftests: DIR: NAME"), it started when the
 *   previous one ended.
 *
 * All of this text is untrusted: names are bounded, and must be escaped.
 */
#ifndef OVLTRACE_TESTLOG_H
#define OVLTRACE_TESTLOG_H

#include "record/record.h"

enum {
	TESTLOG_NAME = 192,
	TESTLOG_LINE = 1024, /* the rest of a longer line is ignored */
};

struct testlog;

/* A test has started (ended is false) or ended. */
typedef void (*testlog_fn)(void *ctx, const struct rec_test *test);

struct testlog *testlog__new(testlog_fn fn, void *ctx);
void testlog__free(struct testlog *log);

/*
 * A record of /dev/kmsg: "PRIORITY,SEQ,USEC,FLAGS;TEXT\n". It was written between
 * empty_ns, when the log was drained, and now. USEC is from another clock, and only
 * narrows this down.
 */
void testlog__kmsg(struct testlog *log, const char *record, size_t len, uint64_t empty_ns,
		   uint64_t now);
/* Records of /dev/kmsg were overwritten before they could be read. */
void testlog__kmsg_lost(struct testlog *log, uint64_t now);
/* A part, of any size, of what COMMAND wrote to its standard output. */
void testlog__ktap(struct testlog *log, const char *bytes, size_t len, uint64_t now);
/* The trace ends. Tests that still run are reported as ended, without a result. */
void testlog__end(struct testlog *log, uint64_t now);

/* The innermost test that ran at at_ns, as far as is known now; NULL: none. */
const char *testlog__at(const struct testlog *log, uint64_t at_ns);

#endif
