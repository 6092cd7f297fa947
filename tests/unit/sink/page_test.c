// SPDX-License-Identifier: GPL-2.0-only
/* What goes into a page from outside, and the heaviest of many. */
#include "sink/page.h"

#include <stdlib.h>

#include "test.h"

static const char *escaped(const char *s, size_t len)
{
	static char buf[8192];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	html__text(f, s, len);
	fputc(0, f);
	fclose(f);
	return buf;
}

static void text(void)
{
	int i;

	CHECK_STR(escaped("a<b>&\"'", 7), "a&#60;b&#62;&#38;&#34;&#39;");
	CHECK_STR(escaped("\x1b[31m\n\xff", 7), "\\x1b[31m\\x0a\\xff");
	CHECK_STR(escaped("\xe2\x80\xae\xc3\xa4", 5), "\\u202e\xc3\xa4");
	CHECK_STR(escaped("\0", 1), "\\x00");
	for (i = 0; i < 256; i++) {
		char c = (char)i;

		CHECK(!strpbrk(escaped(&c, 1), "<>\"'`"));
	}
}

static void top(void)
{
	static struct heavy t;
	const struct heavy_entry *best[10];
	uint64_t i;

	/* two heavy ones among many light ones, one light one with a finding */
	for (i = 0; i < 20000; i++) {
		snprintf(heavy__add(&t, 1000 + i)->label, HEAVY_LABEL, "light");
		if (i % 20 == 0)
			snprintf(heavy__add(&t, 1)->label, HEAVY_LABEL, "heavy");
		if (i % 40 == 0)
			snprintf(heavy__add(&t, 2)->label, HEAVY_LABEL, "less");
	}
	heavy__add(&t, 19999 + 1000)->findings++;
	CHECK_EQ(heavy__best(&t, best, 10), 10);
	CHECK_STR(best[0]->label, "light");
	CHECK_EQ(best[0]->findings, 1);
	CHECK_STR(best[1]->label, "heavy");
	CHECK_STR(best[2]->label, "less");
	CHECK_EQ(heavy__best(&t, best, 1), 1);
	CHECK_EQ(best[0]->findings, 1);
}

/* A recording without any window has no array of them: NULL is no argument of memcpy(). */
static void no_windows(void)
{
	struct ovl_record rec = { .type = RECORD_REBUILD, .seq = 1 };
	struct timeline *t = timeline__new();

	timeline__note(t, &rec);
	CHECK(timeline__find(t, 1) != NULL);
	timeline__free(t);
}

int main(void)
{
	TEST(text);
	TEST(top);
	TEST(no_windows);
	return test_done();
}
