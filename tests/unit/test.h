/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness: each check is counted, only what fails is printed, and each
 * test ends with one line of TAP. The plan comes last: its absence shows that a
 * program ended early.
 */
#ifndef OVLTRACE_TEST_H
#define OVLTRACE_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	TEST_MAX_SAID = 40, /* failures printed per program */
};

extern unsigned long test_checks, test_failures, test_failed, test_ended;

static inline bool test_check(bool good, const char *file, int line, const char *what)
{
	test_checks++;
	if (!good && test_failures++ < TEST_MAX_SAID)
		printf("# %s:%d: %s\n", file, line, what);
	return good;
}

#define CHECK(cond) test_check(cond, __FILE__, __LINE__, #cond)

/* Two integers; both are printed where they differ. */
#define CHECK_EQ(got, want)                                                              \
	({                                                                               \
		long long got_ = (long long)(got), want_ = (long long)(want);            \
		if (!test_check(got_ == want_, __FILE__, __LINE__, #got " == " #want) && \
		    test_failures <= TEST_MAX_SAID)                                      \
			printf("#   %lld, not %lld\n", got_, want_);                     \
		got_ == want_;                                                           \
	})

#define CHECK_STR(got, want)                                                      \
	({                                                                        \
		const char *got_ = (got), *want_ = (want);                        \
		bool same_ = test_check(!strcmp(got_, want_), __FILE__, __LINE__, \
					#got " is as it should be");              \
		if (!same_ && test_failures <= TEST_MAX_SAID)                     \
			printf("# got:\n%s\n# not:\n%s\n", got_, want_);          \
		same_;                                                            \
	})

/* Ends the test that began when test_failures was `before`. */
static inline void test_end(const char *group, const char *name, unsigned long before)
{
	test_failed += test_failures != before;
	printf("%s %lu - %s%s%s\n", test_failures == before ? "ok" : "not ok", ++test_ended, group,
	       *group ? ": " : "", name);
}

#define TEST(fn)                                       \
	({                                             \
		unsigned long before_ = test_failures; \
		fn();                                  \
		test_end("", #fn, before_);            \
	})

static inline void test_skip(const char *name, const char *why)
{
	printf("ok %lu - %s # SKIP %s\n", ++test_ended, name, why);
}

/* The exit status of the program. */
static inline int test_done(void)
{
	printf("# %lu checks\n1..%lu\n", test_checks, test_ended);
	return test_failed != 0;
}

#endif
