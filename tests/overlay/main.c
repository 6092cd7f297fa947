// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what users see of overlay directories, in KTAP.
 *
 * usage: overlay-tests [--list | TEST...]
 *
 * Needs root and overlayfs. Each test is announced before it runs, so that `ovltrace run --ktap`
 * names it in findings: docs/findings-by-test.md.
 */
#include <stdio.h>
#include <string.h>

#include "overlay.h"

static const struct test *const sets[] = { number_tests, entry_tests, stream_tests };

enum {
	SETS = sizeof(sets) / sizeof(sets[0]),
	SKIPPED = 4,
};

static bool is_wanted(const struct test *t, char **names, int n)
{
	while (n--)
		if (!strcmp(names[n], t->name))
			return true;
	return false;
}

/* Calls for each test, in their order; returns how many calls returned true. */
static int for_each(bool (*call)(const struct test *t, void *ctx), void *ctx)
{
	const struct test *t;
	int n = 0;
	size_t i;

	for (i = 0; i < SETS; i++)
		for (t = sets[i]; t->name; t++)
			n += call(t, ctx);
	return n;
}

struct wanted {
	char **names;
	int n, number, failed;
};

static bool count(const struct test *t, void *ctx)
{
	const struct wanted *w = ctx;

	return !w->n || is_wanted(t, w->names, w->n);
}

static bool print(const struct test *t, void *ctx)
{
	(void)ctx;
	return printf("%-20s %s%s\n", t->name, t->what, t->known ? " (only if named)" : "") > 0;
}

static bool run(const struct test *t, void *ctx)
{
	struct wanted *w = ctx;
	char why[256] = "";
	int status;

	if (!count(t, ctx))
		return false;
	w->number++;
	if (t->known && !w->n) {
		printf("ok %d %s # SKIP no released kernel passes it; it runs if it is named\n",
		       w->number, t->name);
		return true;
	}
	printf("  # Subtest: %s\n", t->name);
	status = area_run(t, why, sizeof(why));
	w->failed += status && status != SKIPPED;
	if (status == SKIPPED)
		printf("ok %d %s # SKIP %s\n", w->number, t->name, why);
	else if (status)
		printf("# %s: %s\nnot ok %d %s\n", t->what, why, w->number, t->name);
	else
		printf("ok %d %s\n", w->number, t->name);
	return true;
}

int main(int argc, char **argv)
{
	struct wanted w = { .names = argv + 1, .n = argc - 1 };

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for_each(print, NULL);
		return 0;
	}
	if (for_each(count, &w) < w.n) {
		fputs("usage: overlay-tests [--list | TEST...]\n", stderr);
		return 2;
	}
	printf("KTAP version 1\n1..%d\n", for_each(count, &w));
	for_each(run, &w);
	return w.failed ? 1 : 0;
}
