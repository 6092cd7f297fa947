// SPDX-License-Identifier: GPL-2.0-only
/* The text about listings: what it begins with, and what it leaves out. */
#include "audit/listing_report.h"

#include <stdlib.h>

#include "test.h"

enum {
	DIRS = 12,
};

static char *text(const struct listing_report *r)
{
	char *s = NULL;
	size_t len;
	FILE *f = open_memstream(&s, &len);

	listing_report__text(f, r);
	fclose(f);
	return s;
}

static size_t count(const char *s, const char *what)
{
	size_t n = 0;

	while ((s = strstr(s, what))) {
		s++;
		n++;
	}
	return n;
}

static void many(void)
{
	static char top[] = "/m", dir[] = "D";
	struct listing_result dirs[DIRS] = { 0 };
	struct listing_tree trees[5] = { 0 };
	struct listing_report r = { .v = trees, .n = 5 };
	size_t i;
	char *s;

	for (i = 0; i < DIRS; i++)
		dirs[i] = (struct listing_result){ .path = dir, .verdict = LISTING_WRONG };
	for (i = 0; i < 5; i++) {
		trees[i].path = top;
		snprintf(trees[i].within, sizeof(trees[i].within), "podman %zu", i);
		trees[i].of[LISTING_WRONG] = i ? 1 : 0;
	}
	trees[1].v = dirs;
	trees[1].n = trees[1].of[LISTING_WRONG] = trees[1].directories = DIRS;
	trees[1].causes[LISTING_HARD_LINK] = DIRS;
	s = text(&r);
	CHECK(strstr(s, "statx does not know, in podman 1, podman 2, podman 3 and 1 more; names"));
	CHECK(strstr(s, "\ncauses\n") < strstr(s, "\n/m "));
	CHECK_EQ(count(s, "\n  wrong "), 10);
	CHECK(strstr(s, "\n  and 2 more directories: -v shows all\n"));
	free(s);
	r.whole = true;
	s = text(&r);
	CHECK_EQ(count(s, "\n  wrong "), DIRS);
	CHECK(!strstr(s, "more directories"));
	free(s);
}

int main(void)
{
	TEST(many);
	return test_done();
}
